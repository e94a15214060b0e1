"""What the machine offers, found out at start: device, precision, rank. Nothing of it is edited into a config."""

from __future__ import annotations

import os

import torch

from monai_seg.errors import InputError

PRECISIONS = ("auto", "fp32", "bf16")


def find_device(wish: str = "auto") -> torch.device:
    """Return the device to compute on: ``wish`` itself, or for "auto" this process's GPU, else the processor.

    Raises:
        InputError: the wished device is not there.
    """
    if wish == "auto":
        return torch.device("cuda", local_rank()) if torch.cuda.is_available() else torch.device("cpu")
    try:
        device = torch.device(wish)
    except RuntimeError as error:
        raise InputError("device", f"{wish!r} is no device", "give auto, cpu, cuda or cuda:0") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise InputError("device", f"{wish!r} is asked for, but torch sees no GPU", "give --device cpu or auto")
    return device


def find_precision(wish: str, device: torch.device) -> torch.dtype | None:
    """Return the type for autocast, or None for plain fp32.

    "auto" is bf16 where the device computes faster in it: GPUs from compute capability 8.0 and processors with AMX or
    AVX-512 bf16 instructions. MONAI's ``amp`` flag knows CUDA alone and does nothing on a processor.

    Raises:
        InputError: ``wish`` is none of `PRECISIONS`.
    """
    if wish not in PRECISIONS:
        raise InputError("precision", f"{wish!r} is no precision", f"choose one of {', '.join(PRECISIONS)}")
    if wish == "fp32":
        return None
    return torch.bfloat16 if wish == "bf16" or _has_fast_bf16(device) else None


def local_rank() -> int:
    """Return this process's number on its machine, 0 without torchrun."""
    return int(os.environ.get("LOCAL_RANK", 0))


def rank() -> int:
    """Return this process's number among all, 0 without torchrun."""
    return int(os.environ.get("RANK", 0))


def local_count() -> int:
    """Return how many processes of this job share the machine, 1 without torchrun."""
    return int(os.environ.get("LOCAL_WORLD_SIZE", 1))


def usable_cores() -> int:
    """Return this process's share of the processor cores, which can be fewer than the machine has."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores // local_count())


def flush_denormals() -> None:
    """Let the processor round the tiniest numbers to zero: they cost it many times as long and say nothing."""
    torch.set_flush_denormal(True)


def _has_fast_bf16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    return device.type == "cpu" and torch.backends.mkldnn.is_available() and _mkldnn_bf16()


def _mkldnn_bf16() -> bool:
    probe = getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", None)
    return bool(probe is not None and probe() and _flags() & {"avx512_bf16", "amx_bf16", "avx10_1"})


def _flags() -> set[str]:
    try:
        with open("/proc/cpuinfo") as file:
            line = next((line for line in file if line.startswith(("flags", "Features"))), "")
    except OSError:
        return {"avx512_bf16"}  # no such list on this system: trust oneDNN's own answer
    return set(line.split())

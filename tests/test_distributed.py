from __future__ import annotations

import os

import pytest
import torch

from monai_seg import distributed
from monai_seg.distributed import find_device, find_precision, local_rank, rank, usable_cores
from monai_seg.errors import InputError

CPU = torch.device("cpu")


def test_auto_takes_this_processes_gpu_or_else_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_RANK", "3")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert find_device() == torch.device("cuda", 3)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert find_device() == CPU


def test_a_wish_is_kept_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert find_device("cpu") == CPU
    with pytest.raises(InputError, match=r"^device: 'cuda:0' is asked for, but torch sees no GPU; give --device cpu"):
        find_device("cuda:0")
    with pytest.raises(InputError, match=r"^device: 'gpu' is no device; give auto, cpu"):
        find_device("gpu")


def test_precision_is_a_choice() -> None:
    assert find_precision("fp32", CPU) is None
    assert find_precision("bf16", CPU) is torch.bfloat16
    with pytest.raises(InputError, match=r"^precision: 'fp16' is no precision; choose one of auto, fp32, bf16$"):
        find_precision("fp16", CPU)


@pytest.mark.parametrize(("supported", "flags", "expected"), [
    (True, {"avx2", "amx_bf16"}, torch.bfloat16),
    (True, {"avx512_bf16"}, torch.bfloat16),
    (True, {"avx2"}, None),  # oneDNN emulates bf16 there, slower than fp32
    (False, {"amx_bf16"}, None),
])  # fmt: skip
def test_auto_is_bf16_where_the_processor_has_it(
    monkeypatch: pytest.MonkeyPatch, supported: bool, flags: set[str], expected: torch.dtype | None
) -> None:
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: True)
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: supported)
    monkeypatch.setattr(distributed, "_flags", lambda: flags)
    assert find_precision("auto", CPU) is expected


CAPABILITIES = [((7, 5), None), ((8, 0), torch.bfloat16), ((9, 0), torch.bfloat16)]


@pytest.mark.parametrize(("capability", "expected"), CAPABILITIES)
def test_auto_is_bf16_from_compute_capability_8(
    monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int], expected: torch.dtype | None
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert find_precision("auto", torch.device("cuda", 0)) is expected


def test_usable_cores_are_those_of_the_process() -> None:
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)


def test_ranks_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RANK", raising=False)
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    assert (rank(), local_rank()) == (0, 0)
    monkeypatch.setenv("RANK", "9")
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert (rank(), local_rank()) == (9, 1)

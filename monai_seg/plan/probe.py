"""What this machine makes of a config: images per second, memory, batch size; measured by a few steps."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import torch
from monai.bundle import ConfigParser

from monai_seg.accumulate import is_out_of_memory
from monai_seg.distributed import find_device, usable_cores
from monai_seg.errors import InputError

WARM_UP, LEAST_STEPS, SECONDS = 2, 4, 4.0
VALIDATION_SHARE = 0.1  # of the time
EPOCH_COSTS_S = 0.35  # checkpoint, curves and lines at the end of an epoch
MOST_BATCH = 64
GAIN = 1.1  # by which twice the batch must be quicker to be taken


@dataclass(frozen=True)
class Pace:
    """What was measured.

    Args:
        machine: in words.
        batch_size: of the steps.
        train_per_s, predict_per_s: images per second of training steps, augmentation included, and of predictions.
        memory_mb: of weights, gradients, optimizer and what a step keeps for its way back; on a GPU as measured there.
    """

    machine: str
    batch_size: int
    train_per_s: float
    predict_per_s: float
    memory_mb: float

    def epoch_s(self, training: int) -> float:
        """Seconds of an epoch's steps; a batch that is not full is left out."""
        steps = max(1, training // self.batch_size)
        return steps * self.batch_size / self.train_per_s

    def val_interval(self, training: int, validation: float) -> int:
        """Return after how many epochs to validate, so that this takes less than `VALIDATION_SHARE` of the time."""
        costs = validation / self.predict_per_s + EPOCH_COSTS_S
        return max(1, math.ceil(costs / (VALIDATION_SHARE * self.epoch_s(training))))

    def epochs(self, minutes: float, training: int, validation: float) -> float:
        """Return about how many epochs ``minutes`` hold."""
        every = self.val_interval(training, validation)
        return 60 * minutes / (self.epoch_s(training) + validation / self.predict_per_s / every)


def measure_pace(config_file: Path, device: str = "auto", overrides: Mapping[str, Any] | None = None,
                 seconds: float = SECONDS) -> Pace:
    """Take steps with the network, loss, optimizer and augmentation of a train.json, on pixels that are noise.

    Raises:
        InputError: what the config's settings raise, or no such device.
    """
    parser = ConfigParser()
    parser.read_config(str(config_file))
    parser.update({"device": find_device(device), **(overrides or {})})
    return _measure(parser, seconds)


def best_batch(config_file: Path, device: str, start: int, most: int) -> int:
    """Return the batch size that a GPU is quickest with: doubled from ``start`` as long as that gains and fits, halved
    where not even that fits.

    Raises:
        InputError: not even one image fits.
    """
    best, batch, pace = 0, start, 0.0
    while batch <= min(most, MOST_BATCH):
        found = _pace_if_it_fits(config_file, device, batch)
        if found is None and not best and batch > 1:
            batch, most = batch // 2, batch // 2  # smaller ones alone are left to try
            continue
        if found is None or found < GAIN * pace:
            break
        best, pace, batch = batch, found, 2 * batch
    if not best:
        raise InputError(config_file, "the memory of the device does not hold one image", "plan with --device cpu")
    return best


def _pace_if_it_fits(config_file: Path, device: str, batch_size: int) -> float | None:
    """Return images per second; None where memory runs out."""
    try:
        return measure_pace(config_file, device, {"batch_size": batch_size}, 1.0).train_per_s
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
    if torch.cuda.is_available():
        torch.cuda.empty_cache()  # outside of except, where the traceback would keep the tensors
    return None


def _measure(parser: ConfigParser, seconds: float) -> Pace:
    get = parser.get_parsed_content
    network, loss, optimizer, device = get("network"), get("loss"), get("optimizer"), get("device")
    prepare = get("train::prepare_batch")
    size, batch_size = list(get("image_size")), int(get("batch_size"))
    noise = torch.Generator().manual_seed(0)
    classes = max(2, int(get("out_channels")))
    batch = {"image": torch.randint(0, 256, (batch_size, int(get("in_channels")), *size), generator=noise,
                                    dtype=torch.uint8),
             "label": torch.randint(0, classes, (batch_size, 1, *size), generator=noise, dtype=torch.uint8)}
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)

    def step(number: int) -> None:
        image, label = prepare({**batch, "seed": torch.arange(batch_size) + number * batch_size}, device)
        network.train()
        optimizer.zero_grad(set_to_none=True)
        loss(network(image), label).backward()
        optimizer.step()

    def predict(number: int) -> None:
        image, _ = prepare.__class__(prepare.intensity)(batch, device)
        network.eval()
        with torch.no_grad():
            network(image)

    train_s = _seconds_of(step, device, seconds)
    memory = torch.cuda.max_memory_allocated(device) / 1e6 if device.type == "cuda" else \
        step_memory_mb(network, loss, *prepare({**batch, "seed": torch.arange(batch_size)}, device))
    predict_s = _seconds_of(predict, device, seconds / 4)
    return Pace(machine_in_words(device), batch_size, batch_size / train_s, batch_size / predict_s, memory)


def _seconds_of(act: Any, device: torch.device, seconds: float) -> float:
    """Return the middle duration of one ``act``; the first ones warm up."""
    times: list[float] = []
    begin = perf_counter()
    while len(times) < WARM_UP + LEAST_STEPS or perf_counter() - begin < seconds:
        start = perf_counter()
        act(len(times))
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        times.append(perf_counter() - start)
    measured = sorted(times[WARM_UP:])
    return measured[len(measured) // 2]


def step_memory_mb(network: torch.nn.Module, loss: Any, image: torch.Tensor, label: torch.Tensor) -> float:
    """Return MB of weights, gradients, Adam's two moments, and of all that a step keeps for its way back."""
    kept: dict[int, int] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    network.train()
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        value = loss(network(image), label)
    del value
    weights = sum(parameter.nbytes for parameter in network.parameters())
    return (4 * weights + sum(kept.values())) / 1e6


def machine_in_words(device: torch.device) -> str:
    """Return what computes."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"processor with {usable_cores()} cores, {torch.get_num_threads()} threads"

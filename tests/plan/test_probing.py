"""What is measured of a machine: memory of a step against arithmetic, batch sizes of a GPU by what a probe says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.functional import mse_loss

from monai_seg.errors import InputError
from monai_seg.plan import explain, probe
from monai_seg.plan.new import Order, new_bundle
from monai_seg.plan.probe import Pace, best_batch, measure_pace, step_memory_mb

Write = Callable[..., tuple[Path, Path]]


def test_the_memory_of_a_step_is_its_weights_four_times_and_what_it_keeps():
    network = nn.Conv2d(1, 8, 3, padding=1, bias=False)  # keeps its input and weights; the loss keeps its two
    image, label = torch.zeros(2, 1, 16, 16), torch.zeros(2, 8, 16, 16)
    weights = 8 * 1 * 3 * 3 * 4
    kept = 2 * 16 * 16 * 4 + weights + 2 * (2 * 8 * 16 * 16 * 4)
    assert step_memory_mb(network, mse_loss, image, label) == pytest.approx((4 * weights + kept) / 1e6)


def paces(monkeypatch: pytest.MonkeyPatch, by_size: dict[int, float]) -> list[int]:
    """Let a probe find these images per second, and no memory for other sizes; return the sizes that it is asked."""
    asked: list[int] = []

    def measure(path: Path, device: str, overrides: dict[str, int], seconds: float) -> Pace:
        asked.append(overrides["batch_size"])
        if asked[-1] not in by_size:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return Pace("a GPU", asked[-1], by_size[asked[-1]], 1.0, 1.0)

    monkeypatch.setattr(probe, "measure_pace", measure)
    return asked


@pytest.mark.parametrize(("by_size", "most", "best", "asked"), [
    ({4: 10, 8: 19, 16: 20, 32: 21}, 99, 8, [4, 8, 16]),  # 16 gains too little
    ({4: 10, 8: 20, 16: 40}, 99, 16, [4, 8, 16, 32]),  # 32 does not fit
    ({4: 10, 8: 20, 16: 40}, 10, 8, [4, 8]),  # no more cases
    ({1: 3, 2: 5}, 99, 2, [4, 2]),  # not even the first fits
    ({4 << n: 2.0**n for n in range(9)}, 999, 64, [4, 8, 16, 32, 64]),
])  # fmt: skip
def test_the_batch_is_doubled_as_long_as_it_gains_and_fits(
    by_size: dict[int, float], most: int, best: int, asked: list[int], monkeypatch: pytest.MonkeyPatch
):
    found = paces(monkeypatch, by_size)
    assert best_batch(Path("train.json"), "cuda", 4, most) == best
    assert found == asked


def test_where_not_one_image_fits_a_line_says_so(monkeypatch: pytest.MonkeyPatch):
    asked = paces(monkeypatch, {})
    with pytest.raises(InputError, match=r"the memory of the device does not hold one image; plan with --device cpu"):
        best_batch(Path("train.json"), "cuda", 4, 99)
    assert asked == [4, 2, 1]


def test_other_errors_of_a_probe_are_not_taken_for_want_of_memory(monkeypatch: pytest.MonkeyPatch):
    def fail(*_: Any) -> Pace:
        raise RuntimeError("shapes differ")

    monkeypatch.setattr(probe, "measure_pace", fail)
    with pytest.raises(RuntimeError, match="shapes differ"):
        best_batch(Path("train.json"), "cuda", 4, 99)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
@pytest.mark.parametrize("device", ["cuda", "cuda:1"])
def test_a_gpu_that_is_not_there_is_told_in_a_line(device: str, root: Path, write: Write, quick: None):
    line = f"device: '{device}' is asked for, but torch sees no GPU; give --device cpu or auto"
    with pytest.raises(InputError, match=line):
        new_bundle(Order("mine", *write(), device=device), say=lambda _: None)
    assert not Path("data").exists() and not Path("bundles/mine").exists()
    new_bundle(Order("mine", *write()), say=lambda _: None)
    try:
        with pytest.raises(InputError, match=line):
            explain.run_explain(Path("bundles/mine"), None, None, device)
    finally:
        torch.set_flush_denormal(False)  # a start, as of a training, has small numbers flushed in the whole process
    with pytest.raises(InputError, match=line):
        measure_pace(Path("bundles/mine/train.json"), device)

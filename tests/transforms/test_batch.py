"""What all batch transforms promise, whatever they do to a picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from monai_seg.transforms import (
    BatchCompose,
    BatchTransform,
    RandAffineBatchd,
    RandBlurBatchd,
    RandColourBatchd,
    RandContrastBatchd,
    RandFlipBatchd,
    RandGammaBatchd,
    RandNoiseBatchd,
)
from monai_seg.transforms.batch import per_sample

ALL = {
    "affine": lambda prob: RandAffineBatchd(prob, rotate_deg=40, scale=(0.6, 1.6), shear=0.2, translate=0.2),
    "affine border": lambda prob: RandAffineBatchd(prob, rotate_deg=40, padding_mode="border"),
    "affine reflection": lambda prob: RandAffineBatchd(prob, rotate_deg=40, padding_mode="reflection"),
    "flip rows": lambda prob: RandFlipBatchd(prob, spatial_axis=0),
    "flip columns": lambda prob: RandFlipBatchd(prob, spatial_axis=1),
    "contrast": lambda prob: RandContrastBatchd(prob, factor=(0.3, 3), shift=0.4),
    "gamma": lambda prob: RandGammaBatchd(prob, gamma=(0.3, 3)),
    "noise": lambda prob: RandNoiseBatchd(prob, std=0.4),
    "blur": lambda prob: RandBlurBatchd(prob),
    "colour": lambda prob: RandColourBatchd(prob, strength=0.5),
}  # fmt: skip
GEOMETRIC = ("affine", "affine border", "affine reflection", "flip rows", "flip columns")
transforms = pytest.mark.parametrize("name", sorted(ALL))


def part(batch: dict[str, Any], chosen: list[int]) -> dict[str, Any]:
    return {key: value[chosen] for key, value in batch.items()}


def everything(prob: float) -> BatchCompose:
    return BatchCompose([make(prob) for make in ALL.values()])


@transforms
@pytest.mark.parametrize("prob", [0.5, 1.0])
def test_a_sample_does_not_depend_on_its_batch(name: str, prob: float, batch: Callable[..., dict[str, Any]]) -> None:
    whole = batch(7, channels=3, size=(33, 48))
    compose = BatchCompose([ALL[name](prob)])
    together = compose(whole)
    for chosen in ([0], [6, 2], [1, 3, 5]):
        apart = compose(part(whole, chosen))
        for place, i in enumerate(chosen):
            assert torch.equal(apart["image"][place], together["image"][i])
            assert torch.equal(apart["label"][place], together["label"][i])


@pytest.mark.parametrize("size", [(32, 32), (33, 48)])
def test_a_sample_of_the_whole_chain_does_not_depend_on_its_batch(
    size: tuple[int, int], batch: Callable[..., dict[str, Any]]
) -> None:
    whole = batch(6, size=size)
    together, reverse = everything(0.5)(whole), everything(0.5)(part(whole, [5, 4, 3, 2, 1, 0]))
    for i in range(6):
        assert torch.equal(everything(0.5)(part(whole, [i]))["image"][0], together["image"][i])
        assert torch.equal(reverse["image"][5 - i], together["image"][i])


@transforms
def test_prob_0_changes_nothing_and_prob_1_every_sample(name: str, batch: Callable[..., dict[str, Any]]) -> None:
    before = batch(8, channels=3)
    never, always = BatchCompose([ALL[name](0.0)])(before), BatchCompose([ALL[name](1.0)])(before)
    assert torch.equal(never["image"], before["image"])
    assert torch.equal(never["label"], before["label"])
    assert not any(torch.equal(always["image"][i], before["image"][i]) for i in range(8))


@transforms
def test_the_batch_that_is_given_stays_as_it_is(name: str, batch: Callable[..., dict[str, Any]]) -> None:
    before = batch(6, channels=3)
    copy = {key: value.clone() for key, value in before.items()}
    for prob in (0.5, 1.0):
        BatchCompose([ALL[name](prob)])(before)
    assert all(torch.equal(before[key], copy[key]) for key in copy)


@pytest.mark.parametrize("prob", [0.5, 1.0])
def test_a_chain_writes_into_nothing_it_is_given(prob: float, batch: Callable[..., dict[str, Any]]) -> None:
    given: list[dict[str, Any]] = []

    def look(batch: dict[str, Any], rngs: Any) -> dict[str, Any]:
        given.append({"held": batch, "was": {key: value.clone() for key, value in batch.items()}})
        return batch

    steps = [step for make in ALL.values() for step in (look, make(prob))]
    BatchCompose(steps)(batch(6, channels=3))
    assert len(given) == len(ALL)
    assert all(torch.equal(each["held"][key], each["was"][key]) for each in given for key in each["was"])


def test_a_chain_gives_what_its_transforms_give_one_after_the_other(
    rngs: Callable[..., Any], batch: Callable[..., dict[str, Any]]
) -> None:
    before, steps = batch(6, channels=3), [make(0.5) for make in ALL.values()]
    drawn, one_by_one = rngs(before), before
    for step in steps:
        one_by_one = step(one_by_one, drawn)
    for chain in (steps, [*steps[:4], lambda batch, rngs: steps[4](batch, rngs), *steps[5:]]):
        after = BatchCompose(chain)(before)
        assert all(torch.equal(after[key], one_by_one[key]) for key in before)


@transforms
def test_values_stay_in_range_and_labels_stay_classes(name: str, batch: Callable[..., dict[str, Any]]) -> None:
    before = batch(16, channels=3)
    after = BatchCompose([ALL[name](1.0)])(before)
    assert after["image"].min() >= 0
    assert after["image"].max() <= 1
    assert after["image"].dtype == torch.float32
    assert set(after["label"].unique().tolist()) <= {0, 1, 3}
    assert after["label"].dtype == torch.uint8
    assert after["image"].shape == before["image"].shape
    assert after["label"].shape == before["label"].shape


@transforms
def test_only_what_moves_pixels_touches_the_label(name: str, batch: Callable[..., dict[str, Any]]) -> None:
    before = batch(8, channels=3)
    after = BatchCompose([ALL[name](1.0)])(before)
    assert torch.equal(after["label"], before["label"]) is (name not in GEOMETRIC)


@transforms
def test_equal_seeds_give_equal_changes_and_others_give_others(
    name: str, batch: Callable[..., dict[str, Any]]
) -> None:
    before = batch(2, channels=3)
    before["image"][1] = before["image"][0]
    before["seed"][1] = before["seed"][0]
    same = BatchCompose([ALL[name](1.0)])(before)["image"]
    assert torch.equal(same[0], same[1])
    before["seed"][1] += 1
    other = BatchCompose([ALL[name](1.0)])(before)["image"]
    assert torch.equal(other[0], same[0])
    assert torch.equal(other[1], same[1]) is name.startswith("flip")  # a flip has nothing to draw


def test_prob_is_the_share_of_the_samples(batch: Callable[..., dict[str, Any]]) -> None:
    before = batch(1000, size=(2, 2))
    after = BatchCompose([RandFlipBatchd(0.3)])(before)
    changed = sum(not torch.equal(ours, theirs) for ours, theirs in zip(after["image"], before["image"], strict=True))
    assert changed / 1000 == pytest.approx(0.3, abs=0.06)  # 4 standard deviations


def test_other_entries_of_the_batch_pass(batch: Callable[..., dict[str, Any]]) -> None:
    before = {**batch(2), "index": torch.tensor([5, 6])}
    assert BatchCompose([RandFlipBatchd(1.0)])(before)["index"] is before["index"]


def test_a_transform_draws_once_for_all_its_keys(rngs: Callable[..., Any], batch: Callable[..., Any]) -> None:
    class Add(BatchTransform):
        def draw(self, rng: np.random.Generator) -> float:
            return rng.random()

        def apply(self, key: str, tensor: Tensor, drawn: list[float]) -> Tensor:
            return tensor + per_sample(drawn, tensor)

    before = {"image": torch.zeros(3, 1, 2, 2), "other": torch.zeros(3, 1, 4, 4), "seed": torch.arange(3)}
    after = Add(1.0, keys=("image", "other"))(before, rngs(before))
    assert torch.equal(after["image"][:, 0, 0, 0], after["other"][:, 0, 0, 0])
    assert len(after["image"].unique()) == 3


@pytest.mark.parametrize("prob", [-0.1, 1.1, float("nan")])
def test_prob_is_a_share(prob: float) -> None:
    with pytest.raises(ValueError, match="prob must be between 0 and 1, got"):
        RandFlipBatchd(prob)

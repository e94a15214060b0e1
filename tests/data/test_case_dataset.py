from __future__ import annotations

import pickle
import threading
from typing import Any

import pytest
import torch
from monai.data import MetaTensor
from monai.transforms import Compose, RandCoarseDropoutd, RandGaussianNoised, RandSpatialCropd, RandSpatialCropSamplesd
from torch import Tensor

from monai_seg.data.case_dataset import CaseDataset, Draw
from monai_seg.errors import InputError

CASES = [{"image": f"{i}.png", "label": f"{i}_mask.png"} for i in range(6)]
CASE_BYTES = 2 * 8 * 10  # image and label, (1, 8, 10) uint8 each


class Decode:
    """Stands for reading: image i is full of i + 1, every third label shows a lesion; counts its calls."""

    def __init__(self, bad: tuple[int, ...] = (), error: type[Exception] = InputError) -> None:
        self.calls, self.bad, self.error = 0, bad, error
        self.lock = threading.Lock()

    def __call__(self, case: dict[str, Any]) -> dict[str, Any]:
        with self.lock:
            self.calls += 1
        number = int(case["image"].split(".")[0])
        if number in self.bad:
            try:
                raise self.error(case["image"], "is cut short", "copy it again")
            except InputError as error:
                raise RuntimeError("applying transform") from error  # as MONAI does
        label = torch.full((1, 8, 10), number % 3 == 0, dtype=torch.uint8)
        return {"image": MetaTensor(torch.full((1, 8, 10), number + 1, dtype=torch.uint8)), "label": label, "name": "x"}


def kept_bytes(dataset: CaseDataset) -> int:
    return sum(tensor.nbytes for case in dataset._kept.values() for tensor in case.values())


def test_a_sample_is_plain_tensors_with_its_place_and_seed() -> None:
    sample = CaseDataset(CASES, Decode())[Draw(2, seed=99)]
    assert sample.keys() == {"image", "label", "index", "seed"}
    assert type(sample["image"]) is Tensor
    assert sample["image"].unique().tolist() == [3]
    assert sample["image"].dtype == sample["label"].dtype == torch.uint8
    assert (sample["index"], sample["seed"]) == (2, 99)


def test_a_case_is_decoded_once_while_the_budget_lasts() -> None:
    decode = Decode()
    dataset = CaseDataset(CASES, decode, cache_mb=3.5 * CASE_BYTES / 1e6)  # room for 3 of 6
    for _ in range(4):
        for index in range(6):
            assert dataset[index]["image"].unique().tolist() == [index + 1]
    assert decode.calls == 3 + 4 * 3
    assert kept_bytes(dataset) == 3 * CASE_BYTES


@pytest.mark.parametrize("room", [0, 1, 4, 6, 100])
def test_filling_keeps_within_the_budget(room: int) -> None:
    decode = Decode()
    dataset = CaseDataset(CASES, decode, cache_mb=room * CASE_BYTES / 1e6)
    dataset.fill()
    assert decode.calls == 6  # all, to find what is wrong
    assert kept_bytes(dataset) == min(room, 6) * CASE_BYTES
    assert dataset.fits_in_memory is (room >= 6)


def test_the_random_transform_gives_the_same_for_the_same_seed_only() -> None:
    dataset = CaseDataset(CASES, Decode(), Compose([RandGaussianNoised("image", prob=1.0, std=5.0)]))
    first, again, other = dataset[Draw(1, 5)], dataset[Draw(1, 5)], dataset[Draw(1, 6)]
    assert torch.equal(first["image"], again["image"])
    assert not torch.equal(first["image"], other["image"])


def test_what_is_kept_is_never_written_into() -> None:
    drop = RandCoarseDropoutd("image", holes=1, spatial_size=4, fill_value=200, prob=1.0)  # writes into what it gets
    dataset = CaseDataset(CASES, Decode(), drop)
    assert 200 in dataset[Draw(1, 5)]["image"]
    assert dataset.decoded(1)["image"].unique().tolist() == [2]


def test_a_list_of_one_sample_is_that_sample_and_several_are_refused() -> None:
    crop = RandSpatialCropSamplesd(["image", "label"], roi_size=(4, 4), num_samples=1, random_size=False)
    assert CaseDataset(CASES, Decode(), crop)[0]["image"].shape == (1, 4, 4)
    crops = RandSpatialCropSamplesd(["image", "label"], roi_size=(4, 4), num_samples=3, random_size=False)
    with pytest.raises(InputError, match=r"^random_transform: gives 3 samples of a case; set its num_samples to 1$"):
        CaseDataset(CASES, Decode(), crops)[0]


def test_image_and_label_are_cropped_alike() -> None:
    def ramp(case: Any) -> dict[str, Tensor]:
        ramp = torch.arange(80, dtype=torch.uint8).reshape(1, 8, 10)
        return {"image": ramp, "label": ramp.clone()}

    dataset = CaseDataset(CASES, ramp, RandSpatialCropd(["image", "label"], roi_size=(4, 4), random_size=False))
    corners = set()
    for seed in range(20):
        sample = dataset[Draw(0, seed)]
        assert torch.equal(sample["image"], sample["label"])
        corners.add(int(sample["image"][0, 0, 0]))
    assert len(corners) > 5


def test_filling_tells_the_first_bad_file_and_how_many_more() -> None:
    with pytest.raises(InputError, match=r"^2\.png: is cut short \(2 other cases cannot be used either, "
                       r"for the same cause\); copy it again$"):
        CaseDataset(CASES, Decode(bad=(5, 2, 4))).fill()
    with pytest.raises(InputError, match=r"^3\.png: is cut short; copy it again$"):
        CaseDataset(CASES, Decode(bad=(3,))).fill()


def test_filling_does_not_hide_our_own_faults() -> None:
    with pytest.raises(KeyError):
        CaseDataset(CASES, Decode(bad=(3,), error=KeyError)).fill()


def test_lesions_are_known_without_decoding_again() -> None:
    decode = Decode()
    dataset = CaseDataset(CASES, decode, cache_mb=0)
    dataset.decoded(4)
    assert dataset.has_lesion() == [True, False, False, True, False, False]
    assert dataset.has_lesion()[3]
    assert decode.calls == 6


def test_a_case_without_label_has_no_lesion() -> None:
    dataset = CaseDataset(CASES, lambda case: {"image": torch.zeros(1, 2, 2)})
    assert dataset.has_lesion() == [False] * 6
    assert "label" not in dataset[0]


class PickledDecode(Decode):
    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "lock": None}


def test_the_data_set_travels_to_other_processes_with_what_it_keeps() -> None:
    dataset = CaseDataset(CASES, PickledDecode())
    dataset.fill()
    copy = pickle.loads(pickle.dumps(dataset))
    copy.transform = None  # nothing is decoded again
    assert torch.equal(copy[3]["image"], dataset[3]["image"])


@pytest.mark.parametrize("cache_mb", ["much", -1, float("nan")])
def test_a_budget_is_an_amount(cache_mb: Any) -> None:
    with pytest.raises(InputError, match="is no amount of memory; give a number of MB, or auto"):
        CaseDataset(CASES, Decode(), cache_mb=cache_mb)

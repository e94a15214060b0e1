from __future__ import annotations

from typing import Any

import pytest
import torch
from monai.transforms import RandGaussianNoised
from torch import Tensor

from monai_seg.data import loader
from monai_seg.data.case_dataset import CaseDataset
from monai_seg.data.epoch_sampler import EpochSampler
from monai_seg.data.loader import case_loader, fill
from monai_seg.errors import InputError

SIZE = 10


def decode(case: dict[str, int]) -> dict[str, Tensor]:
    number = case["image"]
    if number < 0:
        raise InputError(str(number), "is cut short")
    label = torch.full((1, 4, 4), number < 2, dtype=torch.uint8)
    return {"image": torch.full((1, 4, 4), float(number)), "label": label}


def dataset(count: int = SIZE, cache_mb: float | str = "auto", noise: bool = False) -> CaseDataset:
    random_transform = RandGaussianNoised("image", prob=0.8, std=1.0) if noise else None
    return CaseDataset([{"image": i, "label": i} for i in range(count)], decode, random_transform, cache_mb)


def batches(cases: CaseDataset, epoch: int = 1, **options: Any) -> list[dict[str, Tensor]]:
    loaded = case_loader(cases, **{"batch_size": 3, "shuffle": True, "seed": 4, **options})
    assert isinstance(loaded.sampler, EpochSampler)
    loaded.sampler.set_epoch(epoch)
    return list(loaded)


@pytest.mark.filterwarnings("ignore:This DataLoader will create")  # on a machine with one core
@pytest.mark.parametrize("cache_mb", ["auto", 0])
def test_samples_are_the_same_bit_for_bit_for_any_number_of_workers(cache_mb: float | str) -> None:
    alone, *others = (batches(dataset(cache_mb=cache_mb, noise=True), num_workers=count) for count in (0, 1, 2))
    for other in others:
        assert len(alone) == len(other) == 3
        for ours, theirs in zip(alone, other, strict=True):
            assert all(torch.equal(ours[key], theirs[key]) for key in ("image", "label", "index", "seed"))


def test_samples_do_not_depend_on_the_epochs_before_or_on_torchs_seed() -> None:
    torch.manual_seed(1)
    first = batches(dataset(noise=True), epoch=5)
    torch.manual_seed(2)
    cases = dataset(noise=True)
    batches(cases, epoch=4)
    for ours, theirs in zip(first, batches(cases, epoch=5), strict=True):
        assert torch.equal(ours["image"], theirs["image"])


def test_a_last_batch_that_is_not_full_is_left_out_of_training_alone() -> None:
    assert [len(batch["index"]) for batch in batches(dataset())] == [3, 3, 3]
    assert [len(batch["index"]) for batch in batches(dataset(), shuffle=False)] == [3, 3, 3, 1]
    assert [len(batch["index"]) for batch in batches(dataset(2))] == [2]  # there is no full one
    assert [len(batch["index"]) for batch in batches(dataset(3))] == [3]


def test_seeds_arrive_whole() -> None:
    (batch,) = batches(dataset(3))
    assert batch["seed"].dtype == torch.int64
    assert int(batch["seed"].max()) > 2**32


def test_the_positive_share_reaches_the_batches() -> None:
    for batch in batches(dataset(), batch_size=4, positive_share=0.5):  # 2 of 10 cases show a lesion
        assert batch["label"].amax(dim=(1, 2, 3)).sum() == 2


@pytest.mark.parametrize(("cores", "workers"), [(1, 1), (2, 2), (64, 8)])
@pytest.mark.filterwarnings("ignore:This DataLoader will create")
def test_workers_are_asked_for_only_where_cases_do_not_fit_in_memory(
    monkeypatch: pytest.MonkeyPatch, cores: int, workers: int
) -> None:
    monkeypatch.setattr(loader, "usable_cores", lambda: cores)
    assert case_loader(dataset(), 2, shuffle=True).num_workers == 0
    assert case_loader(dataset(cache_mb=0), 2, shuffle=True).num_workers == workers
    assert case_loader(dataset(), 2, shuffle=True, num_workers=3).num_workers == 3


def test_refusals() -> None:
    with pytest.raises(InputError, match=r"^data set: no cases in it; point --dataset_dir"):
        case_loader(dataset(0), 2, shuffle=True)
    with pytest.raises(InputError, match=r"^batch_size: must be 1 or more, got 0; give --batch_size 8, say$"):
        case_loader(dataset(), 0, shuffle=True)


def test_filling_goes_through_all_data_sets() -> None:
    good, bad = dataset(), CaseDataset([{"image": -1, "label": 0}], decode)
    with pytest.raises(InputError, match=r"^-1: is cut short$"):
        fill([good, bad])
    assert len(good._kept) == SIZE

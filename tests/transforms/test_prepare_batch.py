from __future__ import annotations

from typing import Any

import pytest
import torch
from monai.data import MetaTensor
from monai.transforms import ScaleIntensityRanged

from monai_seg.transforms.prepare_batch import PrepareBatch

CPU = torch.device("cpu")
INTENSITY = ScaleIntensityRanged("image", a_min=0, a_max=255, b_min=0, b_max=1)


def loaded() -> dict[str, Any]:
    image = torch.tensor([0, 51, 255], dtype=torch.uint8).view(1, 1, 1, 3)
    label = torch.tensor([0, 1, 2], dtype=torch.uint8).view(1, 1, 1, 3)
    return {"image": image, "label": label, "seed": torch.tensor([7])}


def test_images_are_scaled_and_labels_are_floats() -> None:
    image, label = PrepareBatch(INTENSITY)(loaded(), CPU)
    assert image.flatten().tolist() == pytest.approx([0, 0.2, 1])
    assert image.dtype == label.dtype == torch.float32
    assert label.flatten().tolist() == [0, 1, 2]


def test_class_ids_are_int64_where_the_loss_wants_them() -> None:
    assert PrepareBatch(INTENSITY, label_dtype="int64")(loaded(), CPU)[1].dtype == torch.int64


def test_augmentation_gets_scaled_images_whole_labels_and_seeds() -> None:
    seen: dict[str, Any] = {}

    def augment(batch: dict[str, Any]) -> dict[str, Any]:
        seen.update(batch)
        return {**batch, "image": 1 - batch["image"], "label": batch["label"].flip(3)}

    image, label = PrepareBatch(INTENSITY, augment)(loaded(), CPU, non_blocking=True, extra="ignored")
    assert float(seen["image"].max()) == 1
    assert seen["label"].dtype == torch.uint8
    assert seen["seed"].tolist() == [7]
    assert image.flatten().tolist() == pytest.approx([1, 0.8, 0])
    assert label.flatten().tolist() == [2, 1, 0]


def test_what_the_network_gets_is_a_plain_tensor() -> None:
    batch = loaded()
    image, _ = PrepareBatch(INTENSITY)({**batch, "image": MetaTensor(batch["image"])}, CPU)
    assert type(image) is torch.Tensor


def test_the_loaded_batch_stays_as_it_is() -> None:
    batch = loaded()
    PrepareBatch(INTENSITY)(batch, CPU)
    assert torch.equal(batch["image"], loaded()["image"])


def test_a_classifier_s_truth_is_its_class_and_it_has_no_label() -> None:
    batch = {"image": loaded()["image"], "class": torch.tensor([2])}
    image, truth = PrepareBatch(INTENSITY, label_key="class", label_dtype="int64")(batch, CPU)
    assert image.flatten().tolist() == pytest.approx([0, 0.2, 1])
    assert truth.tolist() == [2] and truth.dtype == torch.int64

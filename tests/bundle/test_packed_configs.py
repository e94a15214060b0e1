from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from monai_seg.bundle.packing.configs import train_config

START = {"_target_": "monai_seg.networks.prepare_encoder", "weights": "@encoder_weights", "freeze": "@freeze_encoder"}


@pytest.mark.parametrize("encoder", [{}, {"encoder_weights": "/home/me/resnet18.pth", "freeze_encoder": 2}])
def test_a_packed_training_asks_for_no_file_of_the_author_s_machine(encoder: dict[str, Any]):
    config = {"bundle_root": "bundles/isic", "dataset_dir": "/home/me/data", "output_dir": "/home/me/run", **encoder,
              "train": {"handlers": []}, "initialize": [START] if encoder else [], "training": ["$1"], "run": ["$1"]}
    packed = train_config(SimpleNamespace(config=config), "isic")  # type: ignore[arg-type]
    assert "/home/me" not in str(packed)
    assert packed.get("freeze_encoder") == encoder.get("freeze_encoder")
    assert ("encoder_weights" in packed) is bool(encoder) and packed.get("encoder_weights") is None

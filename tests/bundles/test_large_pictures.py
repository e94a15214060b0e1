"""Masks drawn window by window: those of the inference command, byte for byte."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from commands import ROOT, Command, Outcome, snapshot
from PIL import Image

SIZES = {"below": (40, 30), "wide": (70, 211), "tall": (150, 64)}  # H, W; the window is 64
OVERLAYS = {"siim": "large_pictures", "tissue": "large_pictures_classes"}
NATIVE = {"fit": "native", "fit_image": "%transforms/picture.json::fit_image",
          "load_image": "%transforms/picture.json::load_image"}


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for seed, (name, size) in enumerate(SIZES.items()):
        grey = np.random.default_rng(seed).integers(0, 256, (size[0] // 5, size[1] // 5), dtype=np.uint8)
        Image.fromarray(grey).resize(size[::-1]).save(folder / f"{name}.png")
    return folder


def infer(run_module: Command, bundle: str, config: str, **options: object) -> Outcome:
    given = (part for key, value in options.items() for part in (f"--{key}", str(value)))
    return run_module("monai.bundle", "run", "inference", "--config_file", config, *given)


@pytest.mark.parametrize("fit", ["native", "whole"])
@pytest.mark.parametrize("bundle", OVERLAYS)
def test_the_masks_are_those_of_the_inference_alone(
    bundle: str, fit: str, run_module: Command, runs: dict[str, Path], pictures: Path, tmp_path: Path
):
    mode = "L" if bundle == "siim" else "RGB"
    alone = f"bundles/{bundle}/inference.json"
    assert (ROOT / f"bundles/engines/{OVERLAYS[bundle]}.json").is_file()
    options = {"dataset_dir": pictures, "run_dir": runs[bundle], "overlays": "true",
               **({**NATIVE, "image_mode": mode} if fit == "native" else {})}
    settings = {"decide_threshold": 0.05, "min_area_share": 0.01}
    configs = {"alone": alone, "drawn": f"['{alone}','bundles/engines/{OVERLAYS[bundle]}.json']"}
    for name, config in configs.items():
        done = infer(run_module, bundle, config, output_dir=tmp_path / name, **options, **settings)
        assert done.code == 0, done
        assert "Traceback" not in done.stderr
    assert snapshot(tmp_path / "drawn") == snapshot(tmp_path / "alone")
    assert len(list((tmp_path / "drawn").glob("*.png"))) == len(SIZES)

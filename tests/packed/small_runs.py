"""Run folders as a training leaves them, with untrained small networks; what runs packed bundles, and without us."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from collections.abc import Mapping
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from monai.bundle import ConfigParser
from PIL import Image

from monai_seg.bundle import flatten

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "HF_HUB_OFFLINE": "1"}
ENVIRONMENT.pop("PYTHONPATH", None)
SMALL_UNET = {"_target_": "monai.networks.nets.UNet", "spatial_dims": 2, "in_channels": "@in_channels",
              "out_channels": "@out_channels", "channels": [4, 8, 16], "strides": [2, 2], "num_res_units": 1}
SMALL_MULTITASK = {"_target_": "monai_seg.networks.MultiTaskUNet", "in_channels": "@in_channels",
                   "out_channels": "@out_channels", "num_classes": "@num_classes", "channels": [4, 8, 16],
                   "strides": [2, 2]}
POINT = {"decide_threshold": 0.4, "min_area_share": 0.001, "threshold": 0.5}
GATED = {"gate_classes": ["COVID", "Viral Pneumonia"]}
CLASS_GATE = 0.5713  # of the 50 pictures drawn here 3 get less for these classes, by 0.001 and more
MONAI_ALONE = {  # what pip installs for monai, pytorch-ignite, pillow and nibabel
    "monai", "torch", "numpy", "pytorch-ignite", "pillow", "nibabel", "packaging", "typing-extensions", "filelock",
    "sympy", "mpmath", "networkx", "jinja2", "markupsafe", "fsspec", "importlib-resources", "setuptools", "pyyaml",
    "fire", "termcolor",
}  # fmt: skip
ONNX_ALONE = {  # what pip installs for onnxruntime, pillow, typer and rich
    "pydantic", "pydantic-core", "annotated-types", "typing-inspection",
    "onnxruntime", "numpy", "flatbuffers", "packaging", "protobuf", "pillow", "typer", "click", "shellingham",
    "annotated-doc", "typing-extensions", "rich", "markdown-it-py", "mdurl", "pygments",
}  # fmt: skip


class Small(NamedTuple):
    """A bundle's training, small: ``mode`` of its pictures, ``variant`` behind the names of its configs."""

    bundle: str
    mode: str
    variant: str = ""
    network: Mapping[str, Any] = SMALL_UNET
    point: Mapping[str, float] = POINT
    settings: Mapping[str, Any] = {}


SMALL = {
    "siim": Small("siim", "L"),
    "tissue": Small("tissue", "RGB"),
    "covid_radiography_multitask": Small("covid_radiography", "L", "_multitask", SMALL_MULTITASK,
                                         {**POINT, "class_gate": CLASS_GATE}, GATED),
}


def small_run(name: str, folder: Path, **changes: Any) -> Path:
    """Write the folder of a run, with ids of its config changed, and return it."""
    small = SMALL[name]
    here = os.getcwd()
    os.chdir(ROOT)  # macros start there
    try:
        config = flatten(f"bundles/{small.bundle}/train{small.variant}.json")
    finally:
        os.chdir(here)
    config.update({"dataset_dir": str(folder / "data"), "output_dir": str(folder), "image_size": [64, 64],
                   "network_def": dict(small.network), **small.settings, **changes})
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config, indent=2))
    (folder / "operating_point.json").write_text(json.dumps(small.point))
    (folder / "run_card.json").write_text(json.dumps({
        "id": "0", "command": f"python -m monai.bundle run --output_dir {folder}", "seed": 0, "epochs": 1,
        "versions": {"monai": "1.6.1", "torch": "2.13.0+cpu"}, "scores": {"val_dice": 0.5}}))
    torch.manual_seed(0)
    asked = ("network_def", "in_channels", "out_channels", "image_mode", "num_classes", "image_classes")
    network = ConfigParser({id: config[id] for id in asked if id in config}).get_parsed_content("network_def")
    torch.save({"model": network.state_dict()}, folder / "model.pt")
    return folder


def draw_pictures(folder: Path, count: int, mode: str) -> Path:
    """Write pictures of odd sizes with a soft pattern and grain."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(5)
    for number in range(count):
        size = tuple(int(side) * 2 + 1 for side in random.integers(10, 100, 2))
        cells = random.integers(0, 256, (9, 9, 3), dtype=np.uint8)
        soft = np.asarray(Image.fromarray(cells).resize(size[::-1], Image.Resampling.BICUBIC)).astype(int)
        noisy = (soft + random.integers(-20, 21, soft.shape)).clip(0, 255).astype(np.uint8)
        Image.fromarray(noisy).convert(mode).save(folder / f"{number:02}.png")
    return folder


def environment_without_us(folder: Path, only: set[str] | None = None) -> str:
    """Make a virtual environment with this one's packages but monai_seg, or ``only`` those, and return its Python."""
    venv.create(folder, symlinks=True)
    [site] = folder.glob("lib/python*/site-packages")
    for package in distributions():
        name = package.metadata["Name"].lower().replace("_", "-")
        if name == "monai-seg" or (only is not None and name not in only):
            continue
        for top in {str(file).split("/")[0] for file in package.files or []} - {"..", "__pycache__"}:
            if not top.endswith(".pth") and not (site / top).exists():
                (site / top).symlink_to(package.locate_file(top))
    python = str(folder / "bin" / "python")
    done = subprocess.run([python, "-P", "-c", "import monai_seg"], capture_output=True, text=True, cwd=folder,
                          env=ENVIRONMENT)
    assert "No module named 'monai_seg'" in done.stderr
    return python


def run_config(python: str, bundle: Path, config: str, cwd: Path, **options: object) -> str:
    """Run a config of an unpacked bundle as its card says, and return what it printed."""
    command = [python, "-P", "-W", "ignore", "-m", "monai.bundle", "run", "--config_file",
               str(bundle / "configs" / f"{config}.json"), "--bundle_root", str(bundle),
               *(part for key, value in options.items() for part in (f"--{key}", str(value)))]
    done = subprocess.run(command, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def run_source(name: str, config: str, **options: object) -> str:
    """Run a bundle's config from the repository, and return what it printed."""
    small = SMALL[name]
    command = [sys.executable, "-W", "ignore", "-m", "monai.bundle", "run", "--config_file",
               f"bundles/{small.bundle}/{config}{small.variant}.json",
               *(part for key, value in options.items() for part in (f"--{key}", str(value)))]
    done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def masks_of(folder: Path) -> dict[str, np.ndarray]:
    """Return the pixels of every PNG below ``folder``: colours, so that palettes count, too."""
    found = {}
    for path in sorted(folder.rglob("*.png")):
        with Image.open(path) as image:
            found[str(path.relative_to(folder))] = np.array(image.convert("RGB"))
    return found

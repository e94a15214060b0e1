"""Small runs, packed once for all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from small_runs import (
    MONAI_ALONE,
    ONNX_ALONE,
    ROOT,
    SMALL,
    draw_pictures,
    environment_without_us,
    run_source,
    small_run,
)

from monai_seg.bundle import unpack
from monai_seg.bundle.packing import Packed, pack


class Handed(NamedTuple):
    """A bundle on both sides: the run it comes from, its zip, and the folder of the receiver."""

    name: str
    run: Path
    packed: Packed
    folder: Path
    pictures: Path


@pytest.fixture
def in_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.fixture(scope="session")
def handed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Handed]]:
    """Bundles that went through pack, check-bundle and unpack; to be read only."""
    root = tmp_path_factory.mktemp("packed")
    here = os.getcwd()
    os.chdir(ROOT)
    try:
        yield {name: _hand_over(name, root) for name in SMALL}
    finally:
        os.chdir(here)


def _hand_over(name: str, root: Path) -> Handed:
    small, run = SMALL[name], small_run(name, root / f"run_{name}")
    packed = pack(f"bundles/{small.bundle}", run, root / f"{name}.zip")
    unpack(packed.path, root / "unpacked" / name)
    return Handed(name, run, packed, root / "unpacked" / name, draw_pictures(root / f"pictures_{name}", 50, small.mode))


@pytest.fixture(scope="session")
def monai_alone(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Python of an environment with MONAI, Ignite, Pillow and what these need, and nothing else."""
    return environment_without_us(tmp_path_factory.mktemp("environments") / "alone", MONAI_ALONE)


@pytest.fixture(scope="session")
def onnx_alone(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Python of an environment with ONNX Runtime, Pillow, what draws the command line, and no torch."""
    return environment_without_us(tmp_path_factory.mktemp("environments") / "onnx", ONNX_ALONE)


@pytest.fixture(scope="session")
def source_masks(handed: dict[str, Handed], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders with what the source runs make of the pictures."""
    folder = tmp_path_factory.mktemp("source")
    for name, bundle in handed.items():
        run_source(name, "inference", run_dir=bundle.run, dataset_dir=bundle.pictures, output_dir=folder / name)
    return {name: folder / name for name in handed}


@pytest.fixture(scope="session")
def without_us(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Python of an environment with all that is installed here but monai_seg."""
    return environment_without_us(tmp_path_factory.mktemp("environments") / "without")

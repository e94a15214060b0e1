"""A repository root of its own, and small data sets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from discs import disc, picture
from numpy.typing import NDArray
from PIL import Image
from quick_plans import be_quick

ROOT = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a repository root with the fragments and forms, but without other bundles."""
    folder = tmp_path / "root"
    (folder / "bundles").mkdir(parents=True)
    (folder / "transforms").symlink_to(ROOT / "transforms")
    for part in ("engines", "networks", "isic", "tissue"):
        (folder / "bundles" / part).symlink_to(ROOT / "bundles" / part)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """See `quick_plans`."""
    be_quick(monkeypatch.setattr)

Write = Callable[..., tuple[Path, Path]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a data set and returns the folders of images and masks."""

    def make(
        count: int = 24, image: str = "c{}.png", mask: str = "c{}.png", folders: tuple[str, str] = ("images", "masks"),
        draw: Callable[[int], NDArray[np.uint8]] = disc, colour: bool = False,
    ) -> tuple[Path, Path]:
        places = [tmp_path / "set" / folder for folder in folders]
        for number in range(count):
            truth = draw(number)
            grey = picture(truth, number)
            pixels = np.stack([grey, grey // 2, grey // 3], axis=-1) if colour else grey
            for folder, name, content in ((places[0], image, pixels), (places[1], mask, truth)):
                path = folder / name.format(number)
                path.parent.mkdir(parents=True, exist_ok=True)
                Image.fromarray(content).save(path)
        return places[0], places[1]

    return make

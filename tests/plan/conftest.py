"""A repository root of its own, and small data sets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from discs import disc, picture
from numpy.typing import NDArray
from PIL import Image

from monai_seg.plan import new
from monai_seg.plan.probe import Pace

ROOT = Path(__file__).parents[2]
PACE = Pace("a machine of the test", 4, 20.0, 60.0, 75.0)


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
    """Take the pace as given instead of measuring it, and draw no sheet of samples."""
    monkeypatch.setattr(new, "measure_pace", lambda *_: PACE)
    monkeypatch.setattr(new, "preview", lambda config, out, overrides: out.write_bytes(b""))

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

"""Small data sets on disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

Save = Callable[[str, object], Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Return a function: path below the data set, array, image or bytes -> file."""

    def write(name: str, content: object) -> Path:
        path = tmp_path / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            (content if isinstance(content, Image.Image) else Image.fromarray(content)).save(path)  # type: ignore[arg-type]
        return path

    return write


@pytest.fixture
def pairs(save: Save, tmp_path: Path) -> Callable[..., Path]:
    """Return a function: number of pairs, changed files -> folder of the data set.

    Images are grain of 24 x 32, each another one; masks are 0 and 255, a square in the odd ones, empty in the even.
    """

    def write(count: int = 4, changes: Mapping[str, object] | None = None) -> Path:
        for number in range(count):
            save(f"images/c{number}.png", grain(number))
            save(f"masks/c{number}.png", square(number % 2 * 6))
        for name, content in (changes or {}).items():
            if content is None:
                (tmp_path / "set" / name).unlink()
            else:
                save(name, content)
        return tmp_path / "set"

    return write


def grain(seed: int, size: tuple[int, ...] = (24, 32)) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, size, dtype=np.uint8)


def square(side: int, value: int = 255, size: tuple[int, int] = (24, 32)) -> NDArray[np.uint8]:
    mask = np.zeros(size, np.uint8)
    mask[2 : 2 + side, 3 : 3 + side] = value
    return mask


@pytest.fixture(name="grain")
def _grain() -> Callable[..., NDArray[np.uint8]]:
    return grain


@pytest.fixture(name="square")
def _square() -> Callable[..., NDArray[np.uint8]]:
    return square

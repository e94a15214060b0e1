from __future__ import annotations

import os
from pathlib import Path

import pytest

from monai_seg.data.real_paths import RealPaths


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "a/b").mkdir(parents=True)
    for name in ("a/x.png", "a/b/y.png", "z.png"):
        (tmp_path / name).touch()
    (tmp_path / "a/out.png").symlink_to(tmp_path / "z.png")
    (tmp_path / "a/in.png").symlink_to("b/y.png")
    (tmp_path / "a/up").symlink_to("..")
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "a/loop").symlink_to("loop")
    return tmp_path


@pytest.mark.parametrize("name", [
    "a/x.png", "a/b/../x.png", "a/b/..", "a/.", "a/", "link/x.png", "link/b/../in.png", "a/up/z.png", "a/out.png",
    "a/missing.png", "missing/x.png", "a/loop", "a/up/a/up/link/in.png", "",
])  # fmt: skip
def test_it_finds_what_realpath_finds(name: str, tree: Path) -> None:
    real = RealPaths()
    for _ in range(2):
        assert real.of(f"{tree}/{name}") == os.path.realpath(f"{tree}/{name}")


@pytest.mark.parametrize(("name", "inside"), [
    ("x.png", True), ("b/../x.png", True), ("in.png", True), ("out.png", False), ("../z.png", False),
    ("up/z.png", False), ("up/a/x.png", True), ("../ab", False), ("", True),
])  # fmt: skip
def test_it_tells_what_lies_in_a_folder(name: str, inside: bool, tree: Path) -> None:
    assert RealPaths().is_inside(f"{tree}/a/{name}", f"{tree}/link") is inside


def test_a_folder_is_looked_at_once(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    realpath = os.path.realpath
    monkeypatch.setattr(os.path, "realpath", lambda path: seen.append(path) or realpath(path))
    real = RealPaths()
    for number in range(5):
        real.of(f"{tree}/link/{number}.png")
    assert seen == [f"{tree}/link"]

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from monai_seg.errors import InputError
from monai_seg.prepare.place import place_cases

Save = Callable[..., Path]


def test_files_stay_or_are_copied_once(tmp_path: Path, save: Save) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    case = {"image": save(raw / "i" / "a.png"), "label": [save(raw / "m" / "a.png")], "class": 3}
    assert place_cases(raw, None, "t", [case]) == (raw, [case])
    folder, placed = place_cases(raw, out, "t", [case])
    assert (folder, placed) == (out, [{"image": out / "i/a.png", "label": [out / "m/a.png"], "class": 3}])
    assert (out / "i/a.png").read_bytes() == (raw / "i/a.png").read_bytes()
    before = (out / "i/a.png").stat().st_ino
    place_cases(raw, out, "t", [case])
    assert (out / "i/a.png").stat().st_ino == before


def test_sizes_must_agree_unless_told(tmp_path: Path, save: Save) -> None:
    case = {"image": save(tmp_path / "i.png"), "label": save(tmp_path / "m.png", np.zeros((2, 2), np.uint8))}
    with pytest.raises(InputError, match=r"mask is \(2, 2\), image is \(4, 6\)"):
        place_cases(tmp_path, None, "t", [case])
    assert place_cases(tmp_path, None, "t", [case], same_size=False)[1] == [case]


def test_all_bad_files_are_counted(tmp_path: Path, save: Save) -> None:
    cases = [{"image": save(tmp_path / f"{name}.png"), "label": tmp_path / f"{name}_m.png"} for name in "abc"]
    for case in cases[:2]:
        case["label"].touch()
    save(cases[2]["label"])
    with pytest.raises(InputError, match=r"a_m\.png: the file is empty \(0 bytes\) \(and 1 more bad files"):
        place_cases(tmp_path, None, "t", cases)

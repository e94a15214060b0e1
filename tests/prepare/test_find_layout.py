from __future__ import annotations

from pathlib import Path

import pytest

from monai_seg.errors import InputError
from monai_seg.prepare.find_layout import find_layout


@pytest.mark.parametrize("wrapped", [".", "archive", "Data/Data", "a/b/c"])
def test_the_layout_is_found_below_wrapping_folders(tmp_path: Path, wrapped: str) -> None:
    (tmp_path / wrapped / "COVID" / "masks").mkdir(parents=True)
    assert find_layout(tmp_path, "COVID/masks", "") == tmp_path / wrapped


def test_none_or_two_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"not the layout of this data set \(COVID, each\)"):
        find_layout(tmp_path, "COVID/masks", "COVID, each")
    for name in "ab":
        (tmp_path / name / "COVID" / "masks").mkdir(parents=True)
    with pytest.raises(InputError, match="holds the layout twice"):
        find_layout(tmp_path, "COVID/masks", "")
    with pytest.raises(InputError, match="no such folder"):
        find_layout(tmp_path / "none", "COVID/masks", "")

from __future__ import annotations

from pathlib import Path

import pytest

from monai_seg.errors import InputError
from monai_seg.prepare.named_files import files_by_name, kind_of, split_suffix


def lay(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def test_names_lose_their_suffix_and_nothing_else(tmp_path: Path) -> None:
    lay(tmp_path, "1.2.276.png", "v.nii.gz", "p1/a.DCM", "notes.txt", ".hidden.png", ".x/b.png")
    assert sorted(files_by_name(tmp_path)) == ["1.2.276", "p1/a", "v"]


def test_a_pattern_tells_masks_from_images(tmp_path: Path) -> None:
    lay(tmp_path, "a.png", "a_mask.png", "b_mask.tif")
    assert sorted(files_by_name(tmp_path, "{name}_mask")) == ["a", "b"]
    assert sorted(files_by_name(tmp_path, "{name}_mask.png")) == ["a"]


def test_a_pattern_may_hold_folders_and_stars(tmp_path: Path) -> None:
    lay(tmp_path, "p1/img/ct_3.png", "p1/seg/ct_3.png", "p2/img/mr_1.png")
    assert sorted(files_by_name(tmp_path, "{name}/img/*")) == ["p1", "p2"]


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.png: has the case name of .*a\.jpg"):
        files_by_name(lay(tmp_path, "a.png", "a.jpg"))
    assert files_by_name(tmp_path, "{name}.jpg") == {"a": tmp_path / "a.jpg"}


@pytest.mark.parametrize("pattern", ["x.png", "{name}_{name}"])
def test_a_pattern_needs_one_name(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(InputError, match=r"does not hold \{name\} once"):
        files_by_name(tmp_path, pattern)


def test_a_missing_folder_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="none: no such folder"):
        files_by_name(tmp_path / "none")


def test_suffixes_are_known_by_their_longest_form() -> None:
    assert split_suffix("a.b.NII.GZ") == ("a.b", ".nii.gz")
    assert split_suffix("a.txt") == ("a.txt", "")
    assert [kind_of(Path(name)) for name in ("a.nii", "a.dcm", "a.png")] == ["volume", "dicom", "picture"]

from __future__ import annotations

from pathlib import Path

import pytest

from monai_seg.errors import InputError
from monai_seg.prepare.table import image_name, look_up, read_column


def table(folder: Path, text: str) -> Path:
    path = folder / "t.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_second_column_is_taken_and_names_lose_folder_and_suffix(tmp_path: Path) -> None:
    path = table(tmp_path, "\ufeffImageId, PatientId\nimages/a.png, P1\n1.2.840.7 ,P2\n\n")
    assert read_column(path) == {"a": "P1", "1.2.840.7": "P2"}


def test_columns_are_chosen_by_name(tmp_path: Path) -> None:
    path = table(tmp_path, 'age,file,"who, exactly"\n3,a.jpg,"P, 1"\n')
    assert read_column(path, "who, exactly", "file") == {"a": "P, 1"}


@pytest.mark.parametrize(("text", "match"), [
    ("ImageId,PatientId\n", "without rows"),
    ("ImageId\na\n", "has the one column 'ImageId'"),
    ("ImageId,PatientId\na,\n", "row 2 has no PatientId"),
    ("ImageId,PatientId\n,P1\n", "row 2 has no ImageId"),
    ("ImageId,PatientId\na\n", "row 2 has no PatientId"),
    ("ImageId,PatientId\na,P1\na.png,P2\n", "image a has two values of PatientId: P1 and P2"),
])  # fmt: skip
def test_what_is_wrong_with_a_table_is_told(tmp_path: Path, text: str, match: str) -> None:
    with pytest.raises(InputError, match=match):
        read_column(table(tmp_path, text))


def test_an_unknown_column_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no column 'Patient'; choose one of ImageId, PatientId"):
        read_column(table(tmp_path, "ImageId,PatientId\na,P1\n"), "Patient")


def test_a_missing_table_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.csv: not a readable CSV table"):
        read_column(tmp_path / "none.csv")


def test_lacking_rows_are_counted(tmp_path: Path) -> None:
    assert look_up(tmp_path, {"a": "1", "b": "2"}, ["b"]) == {"b": "2"}
    with pytest.raises(InputError, match=r"no row for 2 of 3 images \(c, d\)"):
        look_up(tmp_path, {"a": "1"}, ["a", "c", "d"])


@pytest.mark.parametrize(("cell", "name"), [
    ("a.PNG", "a"), ("1.2.276.44", "1.2.276.44"), ("x\\y\\a.dcm", "a"), ("a.b.jpeg", "a.b"), (".png", ".png"),
])  # fmt: skip
def test_names_keep_their_dots(cell: str, name: str) -> None:
    assert image_name(cell) == name

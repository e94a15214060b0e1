from __future__ import annotations

import os
from pathlib import Path

import pytest

from monai_seg.data.mask_encodings import decode_mask
from monai_seg.data.mask_reader import MaskReader
from monai_seg.data.rle_mask import RleRows
from monai_seg.data.rle_table import append_rle_rows, read_rle_rows, split_item
from monai_seg.errors import InputError

ENCODING = {"kind": "rle", "height": 2, "width": 3}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "train.csv"
    path.write_text("ImageId, EncodedPixels\n1.2.3, 0 1\n1.2.4, -1\n1.2.3, 5 1\n")
    return path


def test_the_public_file_with_its_blanks_is_read(table: Path) -> None:
    assert read_rle_rows(str(table), "1.2.3") == ("0 1", "5 1")
    assert read_rle_rows(str(table), "1.2.4") == ("-1",)


def test_rows_of_one_image_are_a_union(table: Path) -> None:
    reader = MaskReader(ENCODING)
    assert reader.get_data(reader.read(f"{table}::1.2.3"))[0].tolist() == [[1, 0, 0], [0, 0, 1]]
    assert reader.get_data(reader.read(f"{table}::1.2.4"))[0].tolist() == [[0, 0, 0], [0, 0, 0]]


def test_a_changed_table_is_read_anew_and_an_unchanged_one_is_not(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read_rle_rows(str(table), "1.2.4")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_text", lambda *args, **kwargs: pytest.fail("parsed twice"))
        assert read_rle_rows(str(table), "1.2.4") is before
    table.write_text(table.read_text().replace("-1", "2 "))  # of the same size
    os.utime(table, ns=(1, 1))
    assert read_rle_rows(str(table), "1.2.4") == ("2",)


def test_appending_keeps_what_is_there(table: Path) -> None:
    append_rle_rows(str(table), {"new": "1 1", "newer": "-1"})
    assert table.read_text() == (
        "ImageId, EncodedPixels\n1.2.3, 0 1\n1.2.4, -1\n1.2.3, 5 1\nnew,1 1\nnewer,-1\n"
    )
    assert read_rle_rows(str(table), "new") == ("1 1",)


def test_a_missing_table_is_made(tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    append_rle_rows(str(path), {"a": "-1"})
    assert path.read_text() == "ImageId,EncodedPixels\na,-1\n"


@pytest.mark.parametrize("image_id", ["1.2.3", "a,b", 'a"b', " a", ""])
def test_rows_that_would_not_come_back_are_refused(table: Path, image_id: str) -> None:
    before = table.read_text()
    with pytest.raises(InputError, match=r"has a row already|cannot stand in the table"):
        append_rle_rows(str(table), {image_id: "-1"})
    assert table.read_text() == before


def test_an_image_cannot_be_empty_and_not(table: Path) -> None:
    with pytest.raises(InputError, match=r"^train\.csv::a: one row says -1 \(empty\), another one has runs"):
        decode_mask(RleRows("train.csv::a", ("-1", "0 1")), ENCODING)


@pytest.mark.parametrize(("content", "message"), [
    ("", "the first line is not ImageId,EncodedPixels"),
    ("name,rle\na,-1\n", "the first line is not ImageId,EncodedPixels"),
    ("ImageId,EncodedPixels\na,-1,9\n", "line 2 has not two cells with content"),
    ("ImageId,EncodedPixels\n\na,\n", "line 3 has not two cells with content"),
    ("ImageId,EncodedPixels\nb,-1\n", r"no row of image 'a'; add one \(-1 for an empty mask\)"),
])
def test_a_wrong_table_is_told(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text(content)
    with pytest.raises(InputError, match=rf"wrong\.csv: {message}"):
        read_rle_rows(str(path), "a")


def test_a_missing_table_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.csv: no such table"):
        read_rle_rows(str(tmp_path / "none.csv"), "a")


def test_a_label_names_table_and_image() -> None:
    assert split_item("a/b.csv::1.2::3") == ("a/b.csv", "1.2::3")
    for item in ("a.csv", "a.csv::", "::a"):
        with pytest.raises(InputError, match='write the label as "<path of csv>::<image id>"'):
            split_item(item)

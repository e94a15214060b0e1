from __future__ import annotations

import numpy as np
import pytest

from monai_seg.errors import InputError
from monai_seg.figures.columns import read_columns


def test_columns_by_name_with_nan_for_empty_cells(tmp_path):
    (tmp_path / "m.csv").write_text("epoch,score\n1,0.5\n2,\n3,nan\n")
    columns = read_columns(tmp_path / "m.csv")
    assert columns["epoch"].tolist() == [1, 2, 3]
    np.testing.assert_array_equal(columns["score"], [0.5, np.nan, np.nan])


def test_a_line_that_is_being_written_is_left_out(tmp_path):
    (tmp_path / "m.csv").write_text("epoch,score\n1,0.5\n2,0.")
    assert read_columns(tmp_path / "m.csv")["epoch"].tolist() == [1]


def test_a_header_alone_gives_empty_columns(tmp_path):
    (tmp_path / "m.csv").write_text("epoch,score\n")
    assert {name: column.size for name, column in read_columns(tmp_path / "m.csv").items()} == {"epoch": 0, "score": 0}


@pytest.mark.parametrize("text, cause", [
    (None, "cannot be read"),
    ("", "is empty"),
    ("a,b\n1,2\n3\n", "line 3 has 1 cells, the header has 2"),
    ("a,b\n1,high\n", "line 2 has 'high' where a number belongs"),
])  # fmt: skip
def test_what_cannot_be_read_is_named(tmp_path, text, cause):
    if text is not None:
        (tmp_path / "m.csv").write_text(text)
    with pytest.raises(InputError, match=rf"m\.csv: {cause}"):
        read_columns(tmp_path / "m.csv")

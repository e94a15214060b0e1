from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from monai_seg.data.rle import decode_rle, encode_rle
from monai_seg.errors import InputError


def test_runs_go_down_the_columns_and_gaps_count_from_the_last_run() -> None:
    mask = decode_rle("1 2 2 3", height=4, width=2)  # column 0: skip 1, take 2, skip 1; column 1: skip 1, take 3
    assert mask.dtype == np.uint8
    assert mask.tolist() == [[0, 0], [1, 1], [1, 1], [0, 1]]


def test_encoding_by_hand() -> None:
    assert encode_rle(np.array([[0, 0], [1, 1], [1, 1], [0, 1]])) == "1 2 2 3"
    assert encode_rle(np.array([[1, 1]])) == "0 2"


def test_minus_one_is_empty() -> None:
    assert not decode_rle(" -1", 3, 5).any()
    assert encode_rle(np.zeros((3, 5))) == "-1"


@given(arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=9), elements=st.integers(0, 1)))
def test_decoding_undoes_encoding(mask: np.ndarray) -> None:
    assert np.array_equal(decode_rle(encode_rle(mask), *mask.shape), mask)


@pytest.mark.parametrize(("rle", "message"), [
    ("0 13", r"run lengths go beyond the 12 pixels of \(H, W\) \(3, 4\)"),
    ("9223372036854775807 9223372036854775807", "run lengths go beyond"),
    ("99999999999999999999 1", "the run lengths are not whole numbers"),
    ("1 x", "the run lengths are not whole numbers"),
    ("1 2 3", "3 numbers, expected pairs of gap and length"),
    ("", "0 numbers, expected pairs"),
    ("5 -2", "expected pairs of gap and length, none negative"),
])
def test_impossible_runs_are_refused(rle: str, message: str) -> None:
    with pytest.raises(InputError, match=f"^train.csv::a: .*{message}"):
        decode_rle(rle, 3, 4, "train.csv::a")

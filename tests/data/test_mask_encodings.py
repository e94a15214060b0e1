from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from monai_seg.data.mask_encodings import KINDS, decode_mask, encode_mask, parse_encoding
from monai_seg.errors import InputError


@pytest.mark.parametrize(("encoding", "message"), [
    ({}, "\"kind\" is None; choose one of 'binary', 'index', 'palette', 'colours', 'files', 'rle'"),
    ({"kind": "mask"}, "\"kind\" is 'mask'; choose one of"),
    ({"kind": ["binary"]}, r"\"kind\" is \['binary'\]"),
    ("binary", "\"kind\" is None"),
    ({"kind": "binary", "treshold": 9}, "no option 'treshold'; choose from foreground, threshold, alpha"),
    ({"kind": "index"}, 'kind "index" needs the option "classes"'),
    ({"kind": "rle", "height": 0, "width": 1}, '"height" is 0; give a whole number from 1'),
])
def test_impossible_encodings_are_told_in_one_line(encoding: Any, message: str) -> None:
    with pytest.raises(InputError, match=f"^mask encoding: .*{message}"):
        parse_encoding(encoding)


@pytest.mark.parametrize(("encoding", "classes"), [
    ({"kind": "binary"}, 2),
    ({"kind": "index", "classes": 4, "values": {"0": 0, "9": 1, "8": 2, "7": 3}}, 4),
    ({"kind": "palette", "classes": 5}, 5),
    ({"kind": "colours", "table": {"0": [0, 0, 0], "1": [1, 1, 1], "2": [2, 2, 2]}}, 3),
    ({"kind": "files", "per": "class", "classes": 3}, 3),
    ({"kind": "files", "per": "instance"}, 2),
    ({"kind": "rle", "height": 4, "width": 4}, 2),
])
def test_an_encoding_is_json_and_tells_its_classes(encoding: dict[str, Any], classes: int) -> None:
    assert parse_encoding(json.loads(json.dumps(encoding))).classes == classes


def test_every_kind_has_a_case_above() -> None:
    assert sorted(KINDS) == ["binary", "colours", "files", "index", "palette", "rle"]


@pytest.mark.parametrize(("mask", "message"), [
    (np.array([[0, 2]]), r"mask must hold class ids 0\.\.1, got 0\.\.2"),
    (np.array([[-1, 0]]), r"got -1\.\.0"),
    (np.array([[0.0, 1.0]]), "in whole numbers, got .* float64"),
    (np.zeros((1, 4, 4), int), r"must be \(H, W\) class ids .* got \(1, 4, 4\)"),
    (np.zeros((0, 4), int), r"got \(0, 4\)"),
])
def test_a_wrong_mask_is_the_callers_fault(mask: np.ndarray, message: str) -> None:
    for encoding in ({"kind": "binary"}, {"kind": "palette", "classes": 2}, {"kind": "rle", "height": 1, "width": 2}):
        with pytest.raises(ValueError, match=message) as caught:
            encode_mask(mask, encoding)
        assert not isinstance(caught.value, InputError)


def test_a_parsed_encoding_is_taken_as_well() -> None:
    kind = parse_encoding({"kind": "rle", "height": 1, "width": 2})
    assert decode_mask(encode_mask(np.array([[0, 1]]), kind), kind).tolist() == [[0, 1]]

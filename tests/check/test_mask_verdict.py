from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from PIL import Image

from monai_seg.check.mask_values import mask_values
from monai_seg.check.mask_verdict import classes_of
from monai_seg.data.mask_encodings import decode_mask
from monai_seg.data.picture import Picture, decode_picture
from monai_seg.errors import InputError

ENCODINGS: list[Mapping[str, Any]] = [
    {"kind": "binary"}, {"kind": "binary", "foreground": 1}, {"kind": "binary", "threshold": 127},
    {"kind": "index", "classes": 3}, {"kind": "index", "classes": 2, "values": {"0": 0, "255": 1, "254": 1}},
    {"kind": "palette", "classes": 3}, {"kind": "palette", "classes": 2},
    {"kind": "colours", "table": {"0": [0, 0, 0], "1": [255, 255, 255], "2": [128, 0, 0]}},
]  # fmt: skip


def pictures() -> dict[str, Image.Image]:
    ids = np.array([[0, 0, 1], [2, 1, 0]], np.uint8)
    palette = Image.fromarray(ids).convert("L")
    palette.putpalette([0, 0, 0, 128, 0, 0, 255, 255, 255])
    clear = np.full((2, 3, 4), 255, np.uint8)
    clear[0, 0, 3] = 0
    images = {"ids": ids, "zero": ids * 0, "white": (ids > 0) * np.uint8(255), "near white": (ids > 0) * np.uint8(254),
              "ones": (ids > 0).astype(np.uint8), "edges": np.array([0, 60, 200, 255], np.uint8)[ids[:, :2] + 1],
              "deep": ids.astype(np.uint16) * 300, "clear": clear, "bits": ids > 0}
    drawn = {name: Image.fromarray(image) for name, image in images.items()}
    red = Image.new("RGB", (3, 2), (128, 0, 0))
    return drawn | {"palette": palette, "red": red, "other red": Image.new("RGB", (3, 2), (129, 0, 0)),
                    "grey rgb": drawn["white"].convert("RGB"), "grey palette": drawn["white"].convert("P")}


def stored(image: Image.Image) -> Picture:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return decode_picture(buffer.getvalue(), "m.png")


@pytest.mark.parametrize("encoding", ENCODINGS, ids=str)
@pytest.mark.parametrize("name", list(pictures()))
def test_counts_and_refusals_are_those_of_the_decoder(name: str, encoding: Mapping[str, Any]) -> None:
    picture = stored(pictures()[name])
    try:
        truth = {value: int(count) for value, count in enumerate(np.bincount(decode_mask(picture, encoding).ravel()))
                 if count}
    except InputError as error:
        pixels = error.cause.split(" ")[0]
        with pytest.raises(InputError, match=r"m\.png: ") as told:
            classes_of(mask_values(picture), encoding, "m.png")
        if pixels.isdigit() and told.value.cause.split(" ")[0].isdigit():
            assert told.value.cause.split(" ")[0] == pixels
    else:
        assert classes_of(mask_values(picture), encoding, "m.png") == truth

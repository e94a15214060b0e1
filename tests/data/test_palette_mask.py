from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from monai_seg.data.mask_encodings import decode_mask, encode_mask, parse_encoding
from monai_seg.data.palette_mask import voc_colour
from monai_seg.data.picture import Picture
from monai_seg.errors import InputError

Decode = Callable[..., Picture]
COLOURS = [[0, 0, 0], [255, 0, 0], [0, 255, 0]]
IDS = np.array([[0, 1, 2, 1]], np.uint8)


def palette_image(colours: list[list[int]], ids: np.ndarray = IDS) -> Image.Image:
    image = Image.fromarray(ids)
    image.putpalette([part for colour in colours for part in colour])
    return image


def test_indices_are_the_classes_whatever_the_colours(picture: Decode) -> None:
    encoding = {"kind": "palette", "classes": 3}
    for colours in (COLOURS, COLOURS[::-1]):
        assert decode_mask(picture(palette_image(colours)), encoding).tolist() == IDS.tolist()
        see_through = picture(palette_image(colours), transparency=0)
        assert decode_mask(see_through, encoding).tolist() == IDS.tolist()


def test_declared_colours_are_written_and_checked(picture: Decode) -> None:
    encoding = {"kind": "palette", "classes": 3, "colours": COLOURS}
    image = encode_mask(IDS, encoding)
    assert image.mode == "P"
    assert image.getpalette()[:9] == [0, 0, 0, 255, 0, 0, 0, 255, 0]
    assert decode_mask(picture(image), encoding).tolist() == IDS.tolist()
    with pytest.raises(InputError, match=r"1 pixels of class 0 are shown in \[0, 255, 0\], declared is \[0, 0, 0\]"):
        decode_mask(picture(palette_image(COLOURS[::-1])), encoding)


def test_colours_of_classes_that_do_not_occur_do_not_matter(picture: Decode) -> None:
    encoding = {"kind": "palette", "classes": 3, "colours": COLOURS}
    ids = np.array([[0, 1]], np.uint8)
    read = picture(palette_image([*COLOURS[:2], [9, 9, 9]], ids))
    assert decode_mask(read, encoding).tolist() == ids.tolist()


def test_undeclared_indices_are_told_with_their_count(picture: Decode) -> None:
    with pytest.raises(InputError, match='1 pixels have undeclared indices: 2; declare more "classes" than 2'):
        decode_mask(picture(palette_image(COLOURS)), {"kind": "palette", "classes": 2})


def test_a_file_without_palette_is_refused(picture: Decode) -> None:
    with pytest.raises(InputError, match='expected a palette picture, got mode L; declare "kind": "index"'):
        decode_mask(picture(IDS), {"kind": "palette", "classes": 3})


def test_default_colours_are_those_of_pascal_voc() -> None:
    first = [(0, 0, 0), (128, 0, 0), (0, 128, 0), (128, 128, 0), (0, 0, 128)]
    assert [voc_colour(class_id) for class_id in range(5)] == first
    assert voc_colour(8) == (64, 0, 0)
    assert len({voc_colour(class_id) for class_id in range(255)}) == 255


@pytest.mark.parametrize(("options", "message"), [
    ({"classes": 2, "colours": COLOURS}, '"colours" is no list of 2 colours; give one per class'),
    ({"classes": 2, "colours": [[0, 0, 0], [0, 0]]}, r'"colours of 1" is \[0, 0\]; give red, green and blue'),
    ({"classes": 2, "colours": [[0, 0, 0], [0, 0, 256]]}, '"colours of 1" is 256; give a whole number from 0 to 255'),
])
def test_impossible_options_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_encoding({"kind": "palette", **options})

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from monai_seg.data.mask_encodings import decode_mask, parse_encoding
from monai_seg.data.picture import Picture
from monai_seg.errors import InputError

Decode = Callable[..., Picture]
TABLE = {"0": [0, 0, 0], "1": [255, 0, 0], "2": [0, 0, 200]}


def rgb(*colours: tuple[int, ...]) -> np.ndarray:
    return np.array([colours], np.uint8)


@pytest.mark.parametrize("image", [
    rgb((255, 0, 0), (0, 0, 0), (0, 0, 200)),
    rgb((255, 0, 0, 255), (0, 0, 0, 255), (0, 0, 200, 255)),
    Image.fromarray(rgb((255, 0, 0), (0, 0, 0), (0, 0, 200))).quantize(3),
], ids=["RGB", "RGBA", "P"])
def test_colours_are_classes_in_any_mode(picture: Decode, image: Any) -> None:
    assert decode_mask(picture(image), {"kind": "colours", "table": TABLE}).tolist() == [[1, 0, 2]]


def test_grey_and_palette_indices_are_not_confused_with_colours(picture: Decode) -> None:
    table = {"0": [0, 0, 0], "1": [7, 7, 7]}
    assert decode_mask(picture(np.array([[7, 0]], np.uint8)), {"kind": "colours", "table": table}).tolist() == [[1, 0]]


@pytest.mark.parametrize(("tolerance", "fits"), [(4.9, False), (5, True)])
def test_tolerance_is_euclidean(picture: Decode, tolerance: float, fits: bool) -> None:
    read = picture(rgb((0, 3, 4)))  # 5 from black, as 3² + 4² = 5²
    encoding = {"kind": "colours", "table": TABLE, "tolerance": tolerance}
    if fits:
        assert decode_mask(read, encoding).tolist() == [[0]]
    else:
        with pytest.raises(InputError, match=r"^mask.file: 1 pixels have undeclared colours: \(0, 3, 4\); add them"):
            decode_mask(read, encoding)


def test_the_nearest_wins_and_a_tie_goes_to_the_lower_id(picture: Decode) -> None:
    encoding = {"kind": "colours", "table": TABLE, "tolerance": 442}
    read = picture(rgb((0, 0, 99), (0, 0, 100), (0, 0, 101), (255, 255, 255)))
    assert decode_mask(read, encoding).tolist() == [[0, 0, 2, 1]]  # white: to red 2 * 255², to blue 2 * 255² + 55²


def test_undeclared_colours_are_told_with_their_count(picture: Decode) -> None:
    read = picture(rgb((0, 0, 0), (1, 2, 3), (1, 2, 3), (9, 9, 9)))
    with pytest.raises(InputError, match=r"3 pixels have undeclared colours: \(1, 2, 3\), \(9, 9, 9\)"):
        decode_mask(read, {"kind": "colours", "table": TABLE})


@pytest.mark.parametrize("seed", range(5))
def test_nearest_agrees_with_all_distances(picture: Decode, seed: int) -> None:
    random = np.random.default_rng(seed)
    colours = random.integers(0, 256, (5, 3))
    pixels = random.integers(0, 256, (9, 7, 3), dtype=np.uint8)
    table = {str(class_id): colour for class_id, colour in enumerate(colours.tolist())}
    distances = np.linalg.norm(pixels[..., None, :].astype(float) - colours, axis=-1)
    mask = decode_mask(picture(pixels), {"kind": "colours", "table": table, "tolerance": 442})
    assert np.array_equal(mask, distances.argmin(axis=-1))


@pytest.mark.parametrize(("options", "message"), [
    ({"table": {"0": [0, 0, 0]}}, '"table" has the class ids 0; give a colour to each of "0", "1"'),
    ({"table": {"0": [0, 0, 0], "2": [1, 1, 1]}}, '"table" has the class ids 0, 2'),
    ({"table": {"0": [0, 0, 0], "1": [0, 0, 0]}}, '"table" gives two classes the same colour'),
    ({"table": {"0": [0, 0, 0], "1": "red"}}, "\"table of 1\" is 'red'; give red, green and blue"),
    ({"table": TABLE, "tolerance": -1}, '"tolerance" is -1; give a number from 0 on'),
])
def test_impossible_options_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_encoding({"kind": "colours", **options})

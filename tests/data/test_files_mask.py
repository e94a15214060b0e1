from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from monai_seg.data.mask_encodings import decode_mask, parse_encoding
from monai_seg.data.mask_reader import MaskReader
from monai_seg.data.picture import Picture
from monai_seg.errors import InputError

Decode = Callable[..., Picture]
PER_CLASS = {"kind": "files", "per": "class", "classes": 3}
PER_INSTANCE = {"kind": "files", "per": "instance"}
LEFT, MIDDLE, RIGHT = (np.array([row], np.uint8) * 255 for row in ([1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1]))


def save(folder: Path, **masks: np.ndarray) -> list[str]:
    paths = [folder / f"{name}.png" for name in masks]
    for path, mask in zip(paths, masks.values(), strict=True):
        Image.fromarray(mask).save(path)
    return [str(path) for path in paths]


def read(item: Any, encoding: dict[str, Any]) -> list[list[int]]:
    reader = MaskReader(encoding)
    return reader.get_data(reader.read(item))[0].tolist()


def test_the_later_class_lies_on_top(picture: Decode) -> None:
    pictures = [picture(LEFT), picture(MIDDLE)]
    assert decode_mask(pictures, PER_CLASS).tolist() == [[1, 2, 2, 0]]
    assert decode_mask(pictures[::-1], PER_CLASS).tolist() == [[2, 2, 1, 0]]


def test_overlap_can_be_refused(picture: Decode) -> None:
    encoding = {**PER_CLASS, "overlap": "refuse"}
    assert decode_mask([picture(LEFT), picture(RIGHT)], encoding).tolist() == [[1, 1, 0, 2]]
    with pytest.raises(InputError, match='1 pixels have an earlier class too; mend the masks, or declare "overlap"'):
        decode_mask([picture(LEFT), picture(MIDDLE)], encoding)


def test_instances_are_a_union_from_a_list_or_a_folder(tmp_path: Path) -> None:
    paths = save(tmp_path, a=LEFT, b=MIDDLE, c=RIGHT)
    (tmp_path / ".DS_Store").write_bytes(b"x")
    assert read(paths, PER_INSTANCE) == [[1, 1, 1, 1]]
    assert read(paths[1:], PER_INSTANCE) == [[0, 1, 1, 1]]
    assert read(str(tmp_path), PER_INSTANCE) == [[1, 1, 1, 1]]
    assert read(paths[0], PER_INSTANCE) == [[1, 1, 0, 0]]


def test_the_files_are_binary_masks_as_declared(tmp_path: Path) -> None:
    paths = save(tmp_path, a=np.array([[0, 100, 200]], np.uint8))
    assert read(paths, {**PER_INSTANCE, "threshold": 127}) == [[0, 0, 1]]
    with pytest.raises(InputError, match=r"a\.png: 2 pixels are neither 0 nor 255"):
        read(paths, PER_INSTANCE)


def test_files_of_two_sizes_are_refused(tmp_path: Path) -> None:
    paths = save(tmp_path, a=LEFT, b=LEFT.T)
    with pytest.raises(InputError, match=r"b\.png: mask is \(H, W\) \(4, 1\), .*a\.png is \(1, 4\); re-export"):
        read(paths, PER_CLASS)


def test_a_wrong_number_of_files_is_refused(tmp_path: Path) -> None:
    paths = save(tmp_path, a=LEFT)
    with pytest.raises(InputError, match=r"1 mask files, expected 2 \(one per class, none for the background\)"):
        read(paths, PER_CLASS)
    with pytest.raises(InputError, match='a list of 2 files, this encoding takes one; declare "kind": "files"'):
        read([*paths, *paths], {"kind": "binary"})


def test_a_folder_without_masks_or_with_other_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no mask files in the folder; put an all-black mask there"):
        read(str(tmp_path), PER_INSTANCE)
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(InputError, match=r"notes\.txt: not a picture"):
        read(str(tmp_path), PER_INSTANCE)


@pytest.mark.parametrize(("options", "message"), [
    ({}, 'kind "files" needs the option "per"; declare it'),
    ({"per": "case"}, "\"per\" is 'case'; choose one of 'class', 'instance'"),
    ({"per": "instance", "classes": 3}, '"classes" is 3; give a whole number from 2 to 2'),
    ({"per": "class", "overlap": "first"}, "\"overlap\" is 'first'; choose one of 'later', 'refuse'"),
    ({"per": "class", "foreground": 0}, '"foreground" is 0'),
])
def test_impossible_options_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_encoding({"kind": "files", **options})

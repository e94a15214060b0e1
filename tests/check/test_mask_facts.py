from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from monai_seg.check.mask_facts import mask_facts
from monai_seg.data.mask_encodings import parse_encoding
from monai_seg.errors import InputError


def test_a_declared_mask_is_decoded_to_classes(save: Callable[..., Path], square: Callable) -> None:
    facts = mask_facts(str(save("m.png", square(6))), parse_encoding({"kind": "binary"}))
    assert (facts.classes, facts.size, facts.values) == ({0: 24 * 32 - 36, 1: 36}, (24, 32), None)
    with pytest.raises(InputError, match=r"m\.png"):
        mask_facts(str(save("m.png", square(6, 9))), parse_encoding({"kind": "binary"}))


def test_listed_files_are_classes_with_the_later_on_top(save: Callable[..., Path], square: Callable) -> None:
    files = tuple(str(save(f"{side}.png", square(side))) for side in (6, 4))
    facts = mask_facts(files, None)
    assert facts.values is not None
    assert (facts.files, facts.levels) == (2, (255,))
    assert facts.values.counts == {0: 24 * 32 - 36, 1: 36 - 16, 2: 16}


def test_files_of_a_folder_are_one_class(save: Callable[..., Path], square: Callable, tmp_path: Path) -> None:
    save("m/1.png", square(6))
    save("m/2.png", np.roll(square(4), 20, axis=1))
    facts = mask_facts(str(tmp_path / "set/m"), None)
    assert facts.values is not None
    assert facts.values.counts == {0: 24 * 32 - 52, 1: 36 + 16}


def test_what_is_wrong_with_one_of_several_files_is_told(save: Callable[..., Path], square: Callable,
                                                         tmp_path: Path) -> None:
    good = str(save("1.png", square(4)))
    with pytest.raises(InputError, match=r"2\.png: mask is \(H, W\) \(8, 8\)"):
        mask_facts((good, str(save("2.png", square(2, size=(8, 8))))), None)
    with pytest.raises(InputError, match=r"3\.png: is coloured"):
        mask_facts((good, str(save("3.png", np.eye(3, dtype=np.uint8)[None] * 9))), None)
    (tmp_path / "none").mkdir()
    with pytest.raises(InputError, match="no mask files"):
        mask_facts(str(tmp_path / "none"), None)


def test_a_row_of_a_table_must_be_there(tmp_path: Path) -> None:
    (tmp_path / "runs.csv").write_text("ImageId,EncodedPixels\na,1 2\n")
    assert mask_facts(f"{tmp_path}/runs.csv::a", None).storage == "rle"
    with pytest.raises(InputError, match="'b'"):
        mask_facts(f"{tmp_path}/runs.csv::b", None)

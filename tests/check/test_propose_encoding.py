from __future__ import annotations

from typing import Any

import pytest

from monai_seg.check.mask_facts import MaskFacts
from monai_seg.check.mask_values import MaskValues
from monai_seg.check.propose_encoding import propose_encoding
from monai_seg.data.mask_encodings import parse_encoding

RED, BLUE = 255, 255 * 65536


def propose(*values: MaskValues, **facts: Any) -> dict[str, Any] | None:
    masks = [MaskFacts("file", (), (10, 10), values=one) for one in values]
    proposal = propose_encoding(masks, [f"{number}.png" for number in range(len(masks))], [None] * len(masks))
    if proposal.encoding is not None:
        parse_encoding(proposal.encoding)  # what is proposed can be declared
    return proposal.encoding


def grey(*values: int, **options: Any) -> MaskValues:
    return MaskValues("grey", dict.fromkeys(values, 10), **options)


@pytest.mark.parametrize(("values", "encoding"), [
    ([grey(0, 255), grey(0)], {"kind": "binary"}),
    ([grey(0, 1), grey(0)], {"kind": "binary", "foreground": 1}),
    ([grey(0, 1, bits=1)], {"kind": "binary"}),
    ([grey(0)], {"kind": "binary"}),
    ([grey(0, 1, 2), grey(0, 2)], {"kind": "index", "classes": 3}),
    ([grey(0, 128), grey(0, 255)], {"kind": "index", "classes": 3, "values": {"0": 0, "128": 1, "255": 2}}),
    ([grey(*range(256))], None),
    ([MaskValues("grey", {0: 900, 255: 90, 3: 9, 250: 9, 100: 1}, is_lossy=True)],
     {"kind": "binary", "threshold": 127}),
    ([MaskValues("palette", {0: 9, 3: 1}, shown={0: 0, 3: RED})], {"kind": "palette", "classes": 4}),
    ([MaskValues("colours", {0: 9, RED: 1})], {"kind": "colours", "table": {"0": [0, 0, 0], "1": [255, 0, 0]}}),
    ([MaskValues("colours", {BLUE: 9, RED: 1})], {"kind": "colours", "table": {"0": [0, 0, 255], "1": [255, 0, 0]}}),
    ([MaskValues("colours", {}, beyond=100)], None),
])  # fmt: skip
def test_the_encoding_follows_from_the_values(values: list[MaskValues], encoding: dict | None) -> None:
    assert propose(*values) == encoding


def test_colours_of_pascal_voc_keep_their_order() -> None:
    dark_red, dark_green, olive = 128, 128 << 8, 128 | 128 << 8
    encoding = propose(MaskValues("colours", {0: 1, olive: 50, dark_green: 5, dark_red: 9}))
    assert encoding is not None
    assert encoding["table"] == {"0": [0, 0, 0], "1": [128, 0, 0], "2": [0, 128, 0], "3": [128, 128, 0]}


def test_one_odd_mask_among_many_is_no_evidence() -> None:
    assert propose(*[grey(0, 255)] * 30, grey(0, 7, 255)) == {"kind": "binary"}
    assert propose(grey(0, 255), grey(0, 7, 255)) == {"kind": "index", "classes": 3,
                                                      "values": {"0": 0, "7": 1, "255": 2}}


def test_one_coloured_mask_among_grey_ones_is_no_evidence() -> None:
    assert propose(*[grey(0, 255)] * 5, MaskValues("colours", {0: 5, RED: 5})) == {"kind": "binary"}


@pytest.mark.parametrize(("levels", "labels", "encoding"), [
    ((255,), ["a", "b"], {"kind": "files", "per": "instance"}),
    ((1,), ["a", "b"], {"kind": "files", "per": "instance", "foreground": 1}),
    ((3, 250), ["a", "b"], {"kind": "files", "per": "instance", "threshold": 127}),
    ((255,), [("a", "b"), ("c", "d")], {"kind": "files", "per": "class", "classes": 3}),
])  # fmt: skip
def test_masks_in_several_files(levels: tuple[int, ...], labels: list, encoding: dict) -> None:
    facts = [MaskFacts("files", (), (10, 10), values=grey(0, 1), files=2, levels=levels)] * 2
    assert propose_encoding(facts, labels, [None, None]).encoding == encoding


def test_run_lengths_take_the_one_size_of_the_images() -> None:
    facts = [MaskFacts("rle", (), None)] * 2
    assert propose_encoding(facts, ["r::a", "r::b"], [(4, 6), (4, 6)]).encoding == {"kind": "rle", "height": 4,
                                                                                    "width": 6}
    assert propose_encoding(facts, ["r::a", "r::b"], [(4, 6), (6, 4)]).encoding is None

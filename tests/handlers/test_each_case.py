from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch
from monai.data import MetaTensor

from monai_seg.errors import InputError
from monai_seg.handlers.each_case import each_case, of_all_processes

MASK = torch.zeros(1, 2, 2)


def engine(batch: Any, output: Any) -> Any:
    return SimpleNamespace(state=SimpleNamespace(batch=batch, output=output))


def test_decollated_cases_are_named_by_their_image() -> None:
    items = [{"image": MetaTensor(MASK, meta={"filename_or_obj": f"{name}.png"})} for name in "ab"]
    found = list(each_case(engine(items, [{"label": MASK}, {"label": MASK + 1}])))
    assert [(name, float(output["label"].max())) for name, _, output in found] == [("a.png", 0), ("b.png", 1)]


def test_a_batch_that_was_not_decollated_is_taken_apart_and_named_by_place() -> None:
    batch = {"image": torch.zeros(3, 1, 2, 2), "index": torch.tensor([0, 10, 9])}
    output = {"label": torch.arange(3.0)[:, None, None, None].expand(3, 1, 2, 2)}
    found = [(name, float(output["label"].max())) for name, _, output in each_case(engine(batch, output))]
    assert found == [("000000000", 0), ("000000010", 1), ("000000009", 2)]


def test_a_case_without_label_is_told() -> None:
    item = {"image": MetaTensor(MASK, meta={"filename_or_obj": "a.png"})}
    with pytest.raises(InputError, match=r"a\.png: has no label to be scored by; evaluate a split with labels"):
        list(each_case(engine([item], [{"pred": MASK}])))


def test_a_case_that_cannot_be_told_from_others_is_refused() -> None:
    with pytest.raises(ValueError, match="neither an image path nor an index"):
        list(each_case(engine([{"image": MASK}], [{"label": MASK}])))


def test_one_process_has_them_all_sorted() -> None:
    assert list(of_all_processes({"b": 1, "a": 2}).items()) == [("a", 2), ("b", 1)]

from __future__ import annotations

import pytest

from monai_seg.errors import InputError
from monai_seg.metrics.class_names import class_suffixes


def test_names_become_parts_of_score_names() -> None:
    assert class_suffixes(3, ["Background", "Ground-glass opacity ", "Lung"]) == [
        "background", "ground_glass_opacity", "lung"]  # fmt: skip
    assert class_suffixes(3, None) == ["0", "1", "2"]


@pytest.mark.parametrize(("names", "told"), [
    (["background"], "class_names: 1 names for 3 classes; name each class once, the background first"),
    (["background", "Lung", "lung"], "class_names: 'lung' makes no name for the scores of a class"),
    (["background", "positive", "lung"], "'positive' makes no name .* that is none of positive, pooled"),
    (["background", "!", "lung"], "'!' makes no name"),
    (["background", "lung", "small lung"], "'small lung' makes no name .* not one of them before another class's"),
])  # fmt: skip
def test_names_that_would_mean_something_else_are_refused(names: list[str], told: str) -> None:
    with pytest.raises(InputError, match=told):
        class_suffixes(3, names)

"""A small form of `make metrics-check`."""

from __future__ import annotations

import pytest
from agreement import CLASSES, Differences, compare_all


def test_every_score_agrees_with_independent_ones() -> None:
    found = compare_all(40, seed=1)
    assert {row.name: row.difference for row in found if row.judged and not row.difference <= 1e-6} == {}
    assert len(found) > 55
    cases = {row.name: row.count for row in found}["confusion matrix, scikit-learn"]
    assert cases == 40 + 5 * len(CLASSES)


@pytest.mark.parametrize(("ours", "theirs", "same"), [
    (0.5, 0.5, True), (0.5, 0.500002, False), (float("nan"), float("nan"), True), (float("nan"), 1.0, False),
    (1.0, float("nan"), False),
])  # fmt: skip
def test_the_comparison_can_fail(ours: float, theirs: float, same: bool) -> None:
    differences = Differences()
    differences.add("score", ours, theirs)
    assert (differences.rows()[0].difference <= 1e-6) is same

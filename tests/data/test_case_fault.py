from __future__ import annotations

import pytest

from monai_seg.data.case_fault import told_together
from monai_seg.errors import InputError

CUT, GONE, SMALL = "is cut off: it ends at byte 12", "no such file", "has 7 pixels"


def errors(*causes: str) -> list[InputError]:
    return [InputError(f"{number}.png", cause, "mend it") for number, cause in enumerate(causes)]


@pytest.mark.parametrize(("causes", "told"), [
    ([CUT], CUT),
    ([CUT, CUT], f"{CUT} (1 other case cannot be used either, for the same cause)"),
    ([CUT, "is cut off: it ends at byte 9,300", CUT],
     f"{CUT} (2 other cases cannot be used either, for the same cause)"),
    ([CUT, GONE], f"{CUT} (1 other case cannot be used either: 1 {GONE})"),
    ([CUT, GONE, CUT, GONE],
     f"{CUT} (3 other cases cannot be used either: 2 {GONE}, 1 for the same cause)"),
    ([CUT, GONE, GONE, SMALL, SMALL, "a", "b", "c"],
     f"{CUT} (7 other cases cannot be used either: 2 {GONE}, 2 {SMALL}, 1 a, 2 for other causes)"),
    (["'a.png' is damaged"] * 2 + ["'b.png' is damaged"],
     "'a.png' is damaged (2 other cases cannot be used either, for the same cause)"),
])
def test_others_are_counted_by_cause(causes: list[str], told: str) -> None:
    assert str(told_together(errors(*causes))) == f"0.png: {told}; mend it"

from __future__ import annotations

from monai_seg.check.finding import ERROR, NOTE, WARNING, Finding, from_error, worst_first
from monai_seg.errors import InputError


def test_a_finding_is_worded_as_the_error_of_training() -> None:
    error = InputError("a.png", "is damaged", "copy it again")
    assert from_error("unreadable", error).line == str(error) == "a.png: is damaged; copy it again"


def test_a_line_break_in_a_name_does_not_break_the_line() -> None:
    assert Finding(NOTE, "k", "a\nb.png", "c", "m").line.count("\n") == 0


def test_errors_come_first_whatever_their_name() -> None:
    findings = [Finding(severity, kind, "x", "c", "m") for severity, kind in
                ((NOTE, "a"), (WARNING, "b"), (ERROR, "z"), (ERROR, "c"))]
    assert [(found.severity, found.kind) for found in worst_first(findings)] == [
        (ERROR, "c"), (ERROR, "z"), (WARNING, "b"), (NOTE, "a")]

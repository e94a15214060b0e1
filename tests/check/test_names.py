from __future__ import annotations

from monai_seg.check.names import colliding_names


def test_case_and_accents_do_not_tell_names_apart() -> None:
    found = colliding_names(["/d/a.png", "/d/A.png", "/d/\u00e9.png", "/d/e\u0301.png", "/d/b.png", "/e/a.png"])
    assert [finding.where for finding in found] == ["/d/A.png", "/d/e\u0301.png"]
    assert "a.png" in found[0].cause

from __future__ import annotations

import pytest

from monai_seg.errors import InputError
from monai_seg.switch import as_switch


@pytest.mark.parametrize(("value", "expected"), [(True, True), (False, False), ("true", True), ("False", False)])
def test_a_switch_may_come_as_text(value: object, expected: bool):
    assert as_switch("overwrite", value) is expected


def test_other_words_need_to_be_allowed():
    assert as_switch("resume", "auto", ("auto",)) == "auto"
    with pytest.raises(InputError, match="overwrite: 'auto' is no choice; give true or false"):
        as_switch("overwrite", "auto")


@pytest.mark.parametrize("value", [0, 1, None, "", "yes"])
def test_what_merely_counts_as_true_or_false_is_refused(value: object):
    with pytest.raises(InputError, match=r"resume: .* is no choice; give true, false or auto"):
        as_switch("resume", value, ("auto",))

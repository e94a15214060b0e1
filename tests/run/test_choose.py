from __future__ import annotations

import pytest

from monai_seg.errors import InputError
from monai_seg.run import choose

CHOICES = {"_desc_": "For upright pictures.", "none": None, "light": 1, "strong": 2}


def test_a_choice_is_what_stands_under_its_name() -> None:
    assert choose("augment", "strong", CHOICES) == 2
    assert choose("augment", "none", CHOICES) is None


@pytest.mark.parametrize("name", ["medium", "_desc_", "", None])
def test_any_other_name_is_told_with_the_choices(name: str) -> None:
    with pytest.raises(InputError, match=rf"^augment: {name!r} is no choice; choose one of none, light, strong$"):
        choose("augment", name, CHOICES)

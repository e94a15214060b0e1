from __future__ import annotations

import pytest

from monai_seg.errors import InputError
from monai_seg.run.command_line import refuse_dropped_values

PROGRAM = "/usr/lib/python3/site-packages/monai/bundle/__main__.py"


@pytest.mark.parametrize("words", [["--prior", "None"], ["--prior=None"], ["--seed", "1", "--prior", "None"]])
def test_none_is_refused_as_monai_would_drop_it(words: list[str]):
    with pytest.raises(InputError, match=r"^prior: MONAI's command line drops None.*--prior '\$None'"):
        refuse_dropped_values([PROGRAM, "run", "training", *words])


@pytest.mark.parametrize("words", [[PROGRAM, "run", "--prior", "$None"], [PROGRAM, "run", "--name", "None of them"],
                                   ["/usr/bin/pytest", "--prior", "None"], [PROGRAM], []])
def test_other_words_are_left_alone(words: list[str]):
    refuse_dropped_values(words)

"""What makes cases unusable: all of it for a report, or one error that tells the first and counts the others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from monai_seg.errors import InputError

MOST_CAUSES = 3


class CaseFault(NamedTuple):
    """A fault of a list of cases.

    Args:
        kind: short name, one for all faults alike, say "mask without image".
        error: the fault in words.
        cases: places of the cases concerned; the first is the one to look at.
    """

    kind: str
    error: InputError
    cases: tuple[int, ...] = ()


def told_together(errors: Sequence[InputError]) -> InputError:
    """Return the first of ``errors``, one or more; its cause also counts the others, by cause where causes differ.

    Causes that differ in numbers and quoted names alone are one cause.
    """
    first, others = errors[0], errors[1:]
    if not others:
        return first
    causes = Counter(map(_shape, others))
    words = {_shape(error): error.cause for error in reversed(others)} | {_shape(first): "for the same cause"}
    told = [f"{count:,} {words[shape]}" for shape, count in causes.most_common(MOST_CAUSES)]
    rest = len(others) - sum(count for _, count in causes.most_common(MOST_CAUSES))
    told += [f"{rest:,} for other causes"] if rest else []
    by_cause = f": {', '.join(told)}" if set(causes) != {_shape(first)} else ", for the same cause"
    cases = "1 other case" if len(others) == 1 else f"{len(others):,} other cases"
    return InputError(first.where, f"{first.cause} ({cases} cannot be used either{by_cause})", first.mend)


def _shape(error: InputError) -> str:
    return re.sub(r"'[^']*'|\"[^\"]*\"|[0-9][0-9.,]*|\S+\.\w+", "…", error.cause)

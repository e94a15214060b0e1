"""Which cases are shown as pictures: of thousands, those that teach most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from monai_seg.report.scored_case import KINDS, ScoredCase, kind_of


class Sample(NamedTuple):
    """Cases to be shown under a heading, and how many there are of their kind."""

    title: str
    text: str
    cases: list[ScoredCase]
    total: int


def sample_cases(cases: Sequence[ScoredCase], count: int) -> list[Sample]:
    """Return the failures, kind by kind, then the worst, the middle and the best; no case twice.

    Worst, middle and best are taken from the cases with a lesion, where there are any: a score of 1 for rightly finding
    nothing shows nothing.

    Args:
        cases: of one split.
        count: most of them under each heading.
    """
    samples = []
    shown: set[str] = set()
    for kind, meaning in KINDS.items():
        of_kind = [case for case in cases if any(kind_of(failure) == kind for failure in case.failures)]
        chosen = _first(sorted(of_kind, key=lambda case: (-case.severity, case.image)), count, shown)
        samples.append(Sample(kind.capitalize(), meaning, chosen, len(of_kind)))
    with_lesion = [case for case in cases if case.has_lesion]
    ranked = sorted(with_lesion or cases, key=lambda case: (case.score, case.image))
    whose = f"of {len(ranked):,} cases with a lesion" if with_lesion else f"of {len(ranked):,} cases"
    middle = sorted(range(len(ranked)), key=lambda place: (abs(place - (len(ranked) - 1) / 2), place))
    for title, order in (("Worst", ranked), ("Median", [ranked[place] for place in middle]), ("Best", ranked[::-1])):
        chosen = _first(order, count, shown)
        again = "; those among the failures stand above" if title == "Worst" else ""
        samples.append(Sample(title, whose + again, chosen, len(ranked)))
    return [sample for sample in samples if sample.cases]


def _first(cases: Sequence[ScoredCase], count: int, shown: set[str]) -> list[ScoredCase]:
    chosen = [case for case in cases if case.image not in shown][:count]
    shown.update(case.image for case in chosen)
    return chosen

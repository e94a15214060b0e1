"""The same image twice, exactly or nearly; worst where it is in two splits."""

from __future__ import annotations

from collections.abc import Sequence

from monai_seg.check.case import CaseList, CheckedCase
from monai_seg.check.finding import ERROR, WARNING, Finding
from monai_seg.check.near_duplicates import near_pairs
from monai_seg.check.scan import CaseFacts


def duplicate_images(cases: CaseList, facts: Sequence[CaseFacts]) -> list[Finding]:
    """Return a finding for each image that shows the same as an earlier one; a leak where they are in two splits."""
    first: dict[str, int] = {}
    findings = []
    for number, fact in enumerate(facts):
        if fact.image is None or fact.image.is_blank:
            continue
        before = first.setdefault(fact.image.digest, number)
        if before != number and cases.cases[before].image != cases.cases[number].image:
            findings.append(_finding(cases, before, number, "exact copy", "duplicate"))
    return findings + _near(cases, facts, sorted(first.values()))


def _near(cases: CaseList, facts: Sequence[CaseFacts], numbers: Sequence[int]) -> list[Finding]:
    thumbs = [image.thumb for number in numbers if (image := facts[number].image) is not None]
    copied: set[int] = set()
    findings = []
    for first, second, how in near_pairs(thumbs):
        if second not in copied:  # of three alike, the third is named once
            copied.add(second)
            findings.append(_finding(cases, numbers[first], numbers[second], how, "near duplicate"))
    return findings


def _finding(cases: CaseList, first: int, second: int, how: str, kind: str) -> Finding:
    one, other = cases.cases[first], cases.cases[second]
    if one.split == other.split:
        return Finding(WARNING, kind, str(other.image), f"{how} of {one.name}, both in {one.split}",
                       "keep one of them, or give both the same group", (second, first))
    return Finding(ERROR, "image in two splits", str(other.image), f"{how} of {one.name}; this one is in "
                   f"{other.split}, that one in {one.split}", _mend(cases, one), (second, first))


def _mend(cases: CaseList, case: CheckedCase) -> str:
    return "keep one of them, or give both the same group in one split" + (
        "" if cases.source.endswith(".json") else " of a datalist.json")

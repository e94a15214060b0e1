"""Check a data set in one pass over all its files, and propose the settings that read it right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from monai_seg.check.case import CaseList
from monai_seg.check.class_folders import classes_in_folders
from monai_seg.check.duplicates import duplicate_images
from monai_seg.check.finding import ERROR, Finding, from_error, worst_first
from monai_seg.check.listed import read_cases
from monai_seg.check.mask_facts import GREY_LEVELS
from monai_seg.check.mask_values import grey_counts
from monai_seg.check.mask_verdict import classes_of
from monai_seg.check.names import colliding_names
from monai_seg.check.paired import pair_cases
from monai_seg.check.propose_encoding import Proposal, propose_encoding
from monai_seg.check.scan import CaseFacts, scan
from monai_seg.check.settings import Setting, propose_settings
from monai_seg.check.sizes import check_sizes
from monai_seg.check.summary import Summary, summarise
from monai_seg.check.whole_set import check_images, check_masks
from monai_seg.data.list_rules import LIST_NAME
from monai_seg.data.mask_encodings import parse_encoding
from monai_seg.data.mask_pixels import named_values
from monai_seg.errors import InputError

Classes = list[Mapping[int, int] | None]


@dataclass(frozen=True)
class Report:
    """All that is known after a check; findings come worst first.

    Args:
        cases: the cases and where they come from.
        facts: what was read of each case.
        classes: pixels per class id of each case, None where its mask could not be read.
        findings: what is wrong or worth knowing.
        summary: numbers of the whole set.
        encoding: declared or proposed; None where none fits.
        settings: lines for the bundle's config.
    """

    cases: CaseList
    facts: Sequence[CaseFacts]
    classes: Classes
    findings: Sequence[Finding]
    summary: Summary
    encoding: Mapping[str, Any] | None
    settings: Sequence[Setting]

    @property
    def has_errors(self) -> bool:
        return any(finding.severity == ERROR for finding in self.findings)


def list_cases(folder: Path) -> CaseList:
    """Return the cases of ``folder``: of its ``datalist.json``, or paired by name.

    Raises:
        InputError: no such folder, no list of cases, or no pairs at all.
    """
    if not folder.is_dir():
        raise InputError(folder.absolute(), "no data set here", "name the folder of the data set")
    path = folder.absolute() / LIST_NAME
    return read_cases(path) if path.is_file() else pair_cases(folder)


def check_data(
    cases: CaseList,
    encoding: Mapping[str, Any] | None = None,
    workers: int | None = None,
    progress: Callable[[], object] = lambda: None,
) -> Report:
    """Read every file of ``cases`` once and return the report.

    Args:
        cases: see `list_cases`.
        encoding: the declared mask encoding; None to propose one from the values found.
        workers, progress: see `scan`.

    Raises:
        InputError: the encoding is impossible. What is wrong with files is in the report.
    """
    facts = scan(cases.cases, encoding, workers, progress)
    findings = [*cases.findings, *classes_in_folders(cases), *colliding_names(cases.files())]
    for number, fact in enumerate(facts):
        findings += [from_error(kind, error, (number,)) for kind, error in fact.errors]
    proposal = Proposal(dict(encoding), "declared") if encoding is not None else _propose(cases, facts)
    classes, misfits = _classes(cases, facts, proposal)
    size_findings, mask_resize = check_sizes(cases, facts)
    is_binary = proposal.encoding is not None and parse_encoding(proposal.encoding).classes == 2
    findings += [*misfits, *size_findings, *duplicate_images(cases, facts), *check_images(cases, facts),
                 *check_masks(cases, classes, is_binary)]
    summary = summarise(cases, facts, classes)
    settings = propose_settings(facts, summary, proposal.encoding, proposal.evidence, mask_resize)
    return Report(cases, facts, classes, worst_first(findings), summary, proposal.encoding, settings)


def _propose(cases: CaseList, facts: Sequence[CaseFacts]) -> Proposal:
    told = [(fact.mask, case.label, fact.image.size if fact.image else None)
            for fact, case in zip(facts, cases.cases, strict=True) if fact.mask is not None and case.label is not None]
    return propose_encoding([mask for mask, _, _ in told], [label for _, label, _ in told],
                            [size for _, _, size in told])


def _classes(cases: CaseList, facts: Sequence[CaseFacts], proposal: Proposal) -> tuple[Classes, list[Finding]]:
    """Return the pixels per class of each case, and the masks that the encoding does not read."""
    encoding = proposal.encoding
    if encoding is None:
        return [None] * len(facts), [Finding(ERROR, "no encoding fits", str(cases.folder), proposal.evidence,
                                             "declare how masks are stored with --encoding")]
    classes: Classes = []
    findings: list[Finding] = []
    for number, (fact, case) in enumerate(zip(facts, cases.cases, strict=True)):
        counts = None
        try:
            counts = _read(fact, case.label, encoding)
        except InputError as error:
            findings.append(from_error("mask does not fit", error, (number,)))
        classes.append(counts)
    return classes, findings


def _read(fact: CaseFacts, label: Any, encoding: Mapping[str, Any]) -> Mapping[int, int] | None:
    mask = fact.mask
    if mask is None or mask.classes is not None:
        return mask.classes if mask is not None else None
    if mask.storage == "rle" or (mask.storage == "files" and encoding["kind"] != "files"):
        return _decode(label, encoding)
    assert mask.values is not None
    if encoding["kind"] == "files" and mask.storage != "files":
        raise InputError(str(label), "is one file, the other masks are in several", "store it as they are")
    foreground = encoding.get("foreground", GREY_LEVELS)
    wrong = [] if "threshold" in encoding else [level for level in mask.levels if level != foreground]
    if wrong:
        raise InputError(_first(label), f"or a file with it holds {named_values(np.array(wrong))} beside 0 and "
                         f"{foreground}", "export the files as 0 and 255")
    return classes_of(mask.values, encoding, str(label))


def _first(label: Any) -> str:
    return str(label) if isinstance(label, str) else str(label[0])


def _decode(label: Any, encoding: Mapping[str, Any]) -> Mapping[int, int]:
    kind = parse_encoding(encoding)
    return grey_counts(kind.decode(kind.load(label)))

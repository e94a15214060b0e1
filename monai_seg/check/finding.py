"""One thing that is wrong or worth knowing about a data set, told in one line: file, cause, mend."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from monai_seg.errors import InputError

SEVERITIES = ("error", "warning", "note")
ERROR, WARNING, NOTE = SEVERITIES


@dataclass(frozen=True)
class Finding:
    """A finding.

    Args:
        severity: "error" (training would stop, or learn what is wrong), "warning" (look at it) or "note".
        kind: short name of what was found, one for all findings alike, say "orphan image".
        where: the file or the list at fault.
        cause: what was expected and what came instead.
        mend: what the user can do about it.
        cases: places of the cases concerned in the list of cases; the first is the one to look at.
    """

    severity: str
    kind: str
    where: str
    cause: str
    mend: str
    cases: tuple[int, ...] = ()

    @property
    def line(self) -> str:
        """The finding in one line, worded as the `InputError` that training would raise."""
        return str(InputError(self.where, self.cause, self.mend))

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "cases": list(self.cases)}


def from_error(kind: str, error: InputError, cases: tuple[int, ...] = ()) -> Finding:
    """Return the finding that ``error`` tells."""
    return Finding(ERROR, kind, error.where, error.cause, error.mend, cases)


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return ``findings`` by severity, then kind and place, so that equal data give equal reports."""
    return sorted(findings, key=lambda found: (SEVERITIES.index(found.severity), found.kind, found.where, found.cause))

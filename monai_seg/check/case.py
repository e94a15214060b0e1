"""A case to be checked, as the list or the names of files give it; nothing is read yet."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from monai_seg.check.finding import Finding
from monai_seg.data.rle_table import MARK

Label = str | tuple[str, ...]


@dataclass(frozen=True)
class CheckedCase:
    """One image with its label.

    Args:
        name: path of the image below the data set; of the mask where there is no image.
        image: path of the image, or None for a mask without image.
        label: path of the mask, of the folder that holds its files, or a row of a table; several paths for a mask in
            several files; None for an image without mask.
        split: "training", "validation" or "test".
        group: patient, or None.
    """

    name: str
    image: str | None
    label: Label | None
    split: str = "training"
    group: str | None = None


@dataclass(frozen=True)
class CaseList:
    """The cases of a data set, and what was wrong with their list; ``source`` says where they come from."""

    folder: Path
    source: str
    cases: tuple[CheckedCase, ...]
    findings: tuple[Finding, ...] = field(default=())

    def with_findings(self, findings: list[Finding]) -> CaseList:
        return replace(self, findings=(*self.findings, *findings))

    def files(self) -> list[str]:
        """Return the paths of all files that the cases name, each once, in order."""
        named: dict[str, None] = {}
        for case in self.cases:
            labels = (case.label,) if isinstance(case.label, str) else case.label or ()
            for path in (case.image, *labels):
                if path is not None:
                    named[path.split(MARK)[0]] = None
        return list(named)

"""Names that are one on a disk that takes no notice of case (macOS, Windows) or of how accents are written."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

from monai_seg.check.finding import WARNING, Finding


def colliding_names(files: Sequence[str]) -> list[Finding]:
    """Return a finding for each of ``files`` that an earlier one would overwrite on such a disk."""
    first: dict[str, str] = {}
    findings = []
    for file in files:
        before = first.setdefault(unicodedata.normalize("NFC", file).casefold(), file)
        if before != file:
            findings.append(Finding(WARNING, "colliding names", file, f"is the same name as {Path(before).name} on a "
                                    "disk that ignores case", "rename one of them"))
    return findings

"""Mask folders whose files look like classes: read as instances, all of them would become one class."""

from __future__ import annotations

from pathlib import Path

from monai_seg.check.case import CaseList
from monai_seg.check.finding import WARNING, Finding

FEWEST = 2  # folders that must be alike


def classes_in_folders(cases: CaseList) -> list[Finding]:
    """Return a finding where all masks are folders of the same names, which are no mere numbers."""
    folders = [Path(case.label) for case in cases.cases if isinstance(case.label, str) and Path(case.label).is_dir()]
    names = {tuple(sorted(path.stem for path in folder.glob("[!.]*"))) for folder in folders}
    if len(folders) < FEWEST or len(names) != 1:
        return []
    (parts,) = names
    if len(parts) < 2 or any(part.isdecimal() for part in parts):
        return []
    options = " ".join(f"--part {part!r}" for part in parts)
    return [Finding(WARNING, "classes in folders", str(folders[0].parent), f"all {len(folders)} mask folders hold the "
                    f"same names ({', '.join(parts)}), which look like classes; read as instances they become one",
                    f"list them, the first class first: tools/prepare_folder.py IMAGES MASKS OUT {options}")]

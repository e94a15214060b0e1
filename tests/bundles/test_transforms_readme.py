"""The contract table of transforms/README.md says what the fragments are and need."""

from __future__ import annotations

import json
import re

from commands import ROOT

from monai_seg.bundle.flatten import walk


def needed(fragment: object) -> set[str]:
    """Ids that a fragment refers to; in its ``_desc_`` an @ is but text."""
    values = [value for where, value in walk({"": fragment}) if isinstance(value, str) and "_desc_" not in where]
    return {name for value in values if value.startswith(("@", "$")) for name in re.findall(r"@\w+", value)}


def test_each_fragment_is_a_row_with_the_ids_that_it_needs():
    table = {}
    for line in (ROOT / "transforms" / "README.md").read_text().splitlines():
        if line.startswith("| `"):
            name, needs = line.split("|")[1:3]
            table[name.strip().strip("`")] = set(re.findall(r"@\w+", needs))
    files = {path.name: json.loads(path.read_text()) for path in (ROOT / "transforms").glob("*.json")}
    fragments = {f"{name}::{id}": needed(value) for name, content in files.items() for id, value in content.items()}
    assert len(fragments) >= 9
    assert table == fragments

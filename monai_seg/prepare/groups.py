"""Which group (patient, slide) each image belongs to: a column of a table, or a part of the image's name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from monai_seg.errors import InputError
from monai_seg.prepare.orphans import first_names
from monai_seg.prepare.table import look_up, read_column


@dataclass(frozen=True)
class Groups:
    """Where groups come from; at most one of table and regex.

    Args:
        table: a CSV file with image names and groups; None without.
        column: its column of groups, None for the second; that of image names is the first.
        regex: a regular expression that is found in each image's name; its first bracket is the group, or all of what
            it finds where it has no bracket.
        must_match: a name in which ``regex`` is not found is an error; otherwise such an image is a group by itself.

    Raises:
        InputError: table and regex; or the expression is none.
    """

    table: Path | None = None
    column: str | None = None
    regex: str | None = None
    must_match: bool = True

    def __post_init__(self) -> None:
        if self.table is not None and self.regex is not None:
            raise InputError("groups", "given both by a table and by a regular expression", "choose one of them")
        if self.regex is not None:
            try:
                re.compile(self.regex)
            except re.error as error:
                raise InputError("--group-regex", f"{self.regex!r} is no regular expression ({error})",
                                 r"write, say, '^(patient\d+)_'") from error

    def of(self, names: Iterable[str]) -> dict[str, str]:
        """Return image name -> group; names without a group are left out.

        Raises:
            InputError: the table lacks a name; the expression is not found in one, and ``must_match``.
        """
        if self.table is not None:
            return look_up(self.table, read_column(self.table, self.column), names)
        if self.regex is None:
            return {}
        names = list(names)
        found = {name: match for name in names if (match := re.search(self.regex, name))}
        if len(found) < len(names) and self.must_match:
            lacking = [name for name in names if name not in found]
            raise InputError("--group-regex", f"{self.regex!r} is not found in {len(lacking):,} of {len(names):,} "
                             f"names ({first_names(lacking)})", "mend it, or name the groups in a table (--groups)")
        return {name: match.group(1 if match.re.groups else 0) or name for name, match in found.items()}


def group_entry(groups: dict[str, str], name: str) -> dict[str, str]:
    """Return what the case of image ``name`` gets for its group: nothing where it has none."""
    return {"group": groups[name]} if name in groups else {}

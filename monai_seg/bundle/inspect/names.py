"""Names of files that mean one and the same file on every system, inside the bundle's folder."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from monai_seg.bundle.inspect.finding import Finding
from monai_seg.bundle.inspect.limits import FOLDERS_DEEP, NAME_LETTERS

PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+-]*", re.ASCII)
RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
MEND = "pack the bundle again from files with plain names"


def name_problems(name: str) -> Iterator[str]:
    """Yield what is wrong with the path of a member."""
    parts = name.split("/")
    if "\\" in name:
        yield "holds a backslash, which is a folder on some systems"
    elif name.startswith("/"):
        yield "is an absolute path"
    elif re.match(r"[A-Za-z]:", name):
        yield "names a drive"
    elif ".." in parts or "." in parts:
        yield "climbs out of its folder by .."
    elif "" in parts:
        yield "is a folder of its own or has an empty part"
    elif any(RESERVED.fullmatch(part) for part in parts):
        yield "is a device on Windows"
    elif len(name) > NAME_LETTERS or len(parts) > FOLDERS_DEEP:
        yield f"is longer than {NAME_LETTERS} letters or deeper than {FOLDERS_DEEP} folders"
    elif not all(PLAIN.fullmatch(part) and not part.endswith(".") for part in parts):
        yield "is not made of plain letters, digits, _ . + and - alone"


def check_names(bundle: str, names: Sequence[str]) -> Iterator[Finding]:
    """Refuse names that are unsafe, and names that some system takes for one."""
    for name in names:
        for problem in name_problems(name):
            yield Finding(name, "", f"has a name that {problem}", MEND)
    seen: dict[str, str] = {}
    for name in names:
        folded = fold(name)
        if folded not in seen:
            seen[folded] = name
        elif seen[folded] == name:
            yield Finding(name, "", "is there twice", MEND)
        else:
            yield Finding(name, "", f"is the same file as {seen[folded]!r} on some systems", MEND)
    for name in names:
        parents = name.split("/")[:-1]
        clash = next((above for count in range(1, len(parents) + 1)
                      if (above := "/".join(parents[:count])) and fold(above) in seen), None)
        if clash:
            yield Finding(name, "", f"lies below {clash!r}, which is a file", MEND)


def fold(name: str) -> str:
    """Return what is equal for names that differ by case or by how their letters are composed alone."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())

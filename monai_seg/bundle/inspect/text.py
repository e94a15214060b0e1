"""Texts that a person reads: nothing hidden, nothing that runs in a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

from monai_seg.bundle.inspect.finding import Finding
from monai_seg.bundle.inspect.limits import TEXT_BYTES

ACTIVE = re.compile(r"<\s*(script|iframe|object|embed|svg|meta|base|form|link|style)\b"
                    r"|<[^<>]*\bon[a-z]+\s*=|&\#x?[0-9a-f]+|(java|vb)script\s*:|data\s*:\s*text/html", re.IGNORECASE)
BINARY = (b"PK", b"\x7fELF", b"MZ", b"\x1f\x8b", b"BZh", b"%PDF", b"\x89PNG", b"GIF8")
MEND = "write it as plain text"


def read_text(file: str, data: memoryview, most: int = TEXT_BYTES) -> tuple[str, list[Finding]]:
    """Return a text in UTF-8, and what makes it none."""
    if len(data) > most:
        return "", [Finding(file, "", f"is longer than {most} bytes", MEND)]
    raw = bytes(data)
    if raw.startswith(BINARY):
        return "", [Finding(file, "", "is another kind of file than its name says", MEND)]
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return "", [Finding(file, "", "is no text in UTF-8", MEND)]
    hidden = next((letter for letter in text if not letter.isprintable() and letter not in "\n\r\t\xa0\u3000"), None)
    if hidden:
        return text, [Finding(file, f"line {text[:text.index(hidden)].count(chr(10)) + 1}",
                              f"holds the hidden character U+{ord(hidden):04X}", MEND)]
    return text, []


def check_text(file: str, data: memoryview) -> Iterator[Finding]:
    """Refuse hidden characters, and in Markdown what a browser would run."""
    text, findings = read_text(file, data)
    yield from findings
    found = ACTIVE.search(text)
    if found:
        yield Finding(file, f"line {text[:found.start()].count(chr(10)) + 1}",
                      f"holds {found.group()!r}, which a browser may run", MEND)

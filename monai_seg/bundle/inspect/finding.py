"""What a check has to say about one place in a bundle."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """A refusal, or a note that refuses nothing.

    Args:
        file: path in the bundle; the bundle's own name for what concerns the whole.
        where: id in a config, offset, name of a record; empty where the file says it all.
        cause: what is wrong, or worth knowing.
        mend: what to do about it.
        is_refusal: False for a note.
    """

    file: str
    where: str
    cause: str
    mend: str
    is_refusal: bool = True

    def line(self) -> str:
        """Return the finding in one line without control characters: the texts may come from the bundle."""
        place = f"{self.file}: {self.where}" if self.where else self.file
        return printable(f"{place}: {self.cause}; {self.mend}")


def printable(text: str) -> str:
    """Return ``text`` in one line that neither moves a cursor nor turns the direction of writing."""
    return "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text)

"""What one check of a bundle found, and how a check says that something does not hold."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """One check.

    Args:
        check: its name.
        holds: whether the bundle does what it promises.
        told: what was found, in a line.
    """

    check: str
    holds: bool
    told: str


class DoesNotHold(Exception):
    """A promise is broken; the text says which and how."""

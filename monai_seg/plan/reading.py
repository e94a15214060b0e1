"""What can be read in two ways, and how it was decided: by what the whole set shows, or by the person who was asked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from monai_seg.errors import InputError


@dataclass(frozen=True)
class Reading:
    """A decision between readings.

    Args:
        question: what can be read in two ways.
        answer: the name of the reading that was chosen.
        evidence: the count that decided it.
        choices: name -> what it means for the plan, the chosen one among them.
    """

    question: str
    answer: str
    evidence: str
    choices: Mapping[str, Any]

    @property
    def line(self) -> str:
        return f"{self.question} {self.answer}: {self.evidence}"

    @property
    def chosen(self) -> Any:
        return self.choices[self.answer]


Ask = Callable[[Reading], Reading]


def keep(reading: Reading) -> Reading:
    """Take the reading that the evidence speaks for."""
    return reading


def ask_at_terminal(reading: Reading) -> Reading:
    """Ask which reading is right; Enter takes the one that the evidence speaks for, and any other word asks again.

    Raises:
        InputError: the input ends, as where nobody sits at it.
    """
    import typer

    if len(reading.choices) < 2:
        return reading
    typer.echo(reading.line)
    names = list(reading.choices)
    try:
        answer = typer.prompt(f"  which is it: {' / '.join(names)}", default=reading.answer,
                              value_proc=partial(answer_meant, names))
    except typer.Abort:
        if sys.stdin.isatty():
            raise
        raise InputError("--ask", "got no answer, the input has ended",
                         "answer at a terminal, or leave it out") from None
    if answer == reading.answer:
        return reading
    return Reading(reading.question, answer, f"as answered ({reading.evidence})", reading.choices)


def answer_meant(names: Sequence[str], text: str) -> str:
    """Return the one of ``names`` that ``text`` is, or begins.

    Raises:
        typer.BadParameter: it is none, or more than one.
    """
    import typer

    word = text.strip().lower()
    meant = [name for name in names if name.lower() == word] or \
        [name for name in names if word and name.lower().startswith(word)]
    if len(meant) != 1:
        raise typer.BadParameter(f"{text!r} is not one of {' / '.join(names)}")
    return meant[0]

"""What can be read in two ways, and how it was decided: by what the whole set shows, or by the person who was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


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
    """Ask which reading is right; Enter takes the one that the evidence speaks for."""
    import click
    import typer

    typer.echo(reading.line)
    names = list(reading.choices)
    answer = typer.prompt("  which is it", default=reading.answer, type=click.Choice(names), show_choices=True)
    if answer == reading.answer:
        return reading
    return Reading(reading.question, answer, f"as answered ({reading.evidence})", reading.choices)

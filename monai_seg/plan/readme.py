"""The README of a planned bundle: fingerprint, pictures, and the reason for each choice."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from monai_seg.plan.choices import Choice
from monai_seg.plan.fingerprint import Fingerprint
from monai_seg.plan.probe import Pace
from monai_seg.plan.reading import Reading

HEAD = ("id", "value", "reason", "measured")
MOST_VALUE = 90


def readme(
    name: str, task: str, place: str, how_paired: str, fingerprint: Fingerprint, readings: Sequence[Reading],
    choices: Sequence[Choice], pace: Pace, minutes: float, pictures: Sequence[tuple[str, str]],
) -> str:
    """Return the text; ``pictures`` are file names with what they show."""
    epochs = pace.epochs(minutes, fingerprint.training, fingerprint.validation_windows)
    summary = fingerprint.report.summary
    parts = [
        f"# {name}: {task[0].lower()}{task[1:]}",
        f"Planned by `python -m monai_seg new {name} --minutes {minutes:g}` from the data set's fingerprint. Nothing "
        "here was tuned by training; every line below can be changed.",
        f"**Data.** {summary.cases:,} cases, paired by {how_paired}; {place}.",
        "**Use.** From the repository root:\n\n"
        f"    python -m monai.bundle run training   --config_file bundles/{name}/train.json\n"
        f"    python -m monai.bundle run evaluation --config_file bundles/{name}/evaluate.json\n"
        f"    python -m monai.bundle run inference  --config_file bundles/{name}/inference.json --dataset_dir "
        "<picture or folder>\n"
        f"    python -m monai_seg explain bundles/{name}",
        f"**Time.** Training takes {minutes:g} min on any machine (`--schedule_minutes`), the rate annealed to "
        f"their end; reading the data before and the search of thresholds after come on top. On the machine of the "
        f"plan ({pace.machine}) that is about {epochs:.0f} epochs at {pace.train_per_s:.1f} images per second; a "
        f"slower one gets fewer and needs {60 * minutes * pace.train_per_s:,.0f} images for the same. "
        "`schedule.json` in the run's folder, and the command in its `run_card.json`, repeat a run to the bit.",
        f"**To beat.** Calling every pixel foreground gives Dice {fingerprint.all_foreground_dice:.3f}.",
        "## Fingerprint", table(("what", "found"), fingerprint.rows()),
        "## What could be read in two ways",
        table(("question", "answer", "what decided"), [(one.question, one.answer, one.evidence) for one in readings])
        if readings else "Nothing.",
        "## Choices and their reasons",
        table(HEAD, [(f"`{choice.id}`", short(choice.value), choice.reason, choice.measured) for choice in choices]),
        "## Pictures", "The sheet shows training images: take it out where these must not be passed on.",
        *(f"![{text}]({path})" for path, text in pictures),
    ]
    return "\n\n".join(parts) + "\n"


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows)


def short(value: Any) -> str:
    """Return ``value`` as the config has it, cut where it is long."""
    if isinstance(value, dict) and isinstance(value.get("loss"), dict):
        value = value["loss"]
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else re.split("/|::", value)[-1]
    return text if len(text) <= MOST_VALUE else text[: MOST_VALUE - 1] + "…"


def reasons_in(path: Path) -> list[Choice]:
    """Return the choices that the README at ``path`` tells, in the form of the table that all bundles have."""
    if not path.is_file():
        return []
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) in (3, 4) and cells[0].startswith("`"):
            for id in re.findall(r"`([^`]+)`", cells[0]):
                found.append(Choice(id, cells[1], cells[2], cells[3] if len(cells) == 4 else ""))
    return found

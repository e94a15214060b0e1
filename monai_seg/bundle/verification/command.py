"""What ``python -m monai_seg verify`` does: check, print, write, and tell by the exit code."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from monai_seg.bundle.verification.verify import verify
from monai_seg.durable import write_text_durably


def run_verify(bundle: Path, json_out: Path | None, allow_torchscript: bool, allow_code: bool) -> int:
    """Verify ``bundle`` and return the exit code: 1 where something does not hold, else 0."""
    outcomes = verify(bundle, allow_torchscript=allow_torchscript, allow_code=allow_code)
    holds = all(outcome.holds for outcome in outcomes)
    if json_out is not None:
        content = {"bundle": str(bundle), "holds": holds, "checks": [asdict(outcome) for outcome in outcomes]}
        write_text_durably(json_out, json.dumps(content, indent=2) + "\n")
    table = Table("check", "", "found")
    for outcome in outcomes:
        table.add_row(outcome.check, "holds" if outcome.holds else "BROKEN", Text(outcome.told))
    console = Console()
    console.print(table)
    broken = sum(not outcome.holds for outcome in outcomes)
    console.print(Text(f"{bundle}: " + (f"{broken} of {len(outcomes)} checks do not hold" if broken
                                        else f"all {len(outcomes)} checks hold")), soft_wrap=True)
    return int(not holds)

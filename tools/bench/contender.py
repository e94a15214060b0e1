"""One contender, alone in this process: ``python tools/bench/contender.py <name> <JSON of its options>``.

Its last line is a JSON object of figures. To those that the contender tells, ``peak_mb``, the most memory that the
process had, and ``cpu_s``, the processor time it took, are added: on a machine with other work, ratios of processor
time say more than those of the clock.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
Figures = dict[str, float]


def main() -> None:
    """Run the contender that the arguments name."""
    name, options = sys.argv[1], json.loads(sys.argv[2])
    sys.path.insert(0, str(ROOT / "tools"))
    from bench import elsewhere, inference, training

    contenders: dict[str, Callable[..., Figures]] = {
        "bare": training.bare, "bundle": training.bundle, "plain": training.plain, "zoo": training.zoo,
        "matrix": training.matrix, "start": training.start, "accuracy": training.accuracy,
        "ours": inference.ours, "per_core": inference.per_core, "monai": inference.monai,
        "help": elsewhere.help_text, "check": elsewhere.check_data,
    }  # fmt: skip
    figures = contenders[name](**options)
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    figures |= {"peak_mb": max(each.ru_maxrss for each in spent) / 1e3,  # Linux counts in KB
                "cpu_s": time.process_time() + spent[1].ru_utime + spent[1].ru_stime}
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()

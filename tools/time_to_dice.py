"""Seconds of training to a test Dice: a planned bundle and a model-zoo style configuration, on one real set.

    python tools/time_to_dice.py lungs_xray --target 0.92
    python tools/time_to_dice.py nuclei                      the target is zoo's best within --minutes

Contenders, data and scores are those of tools/compare_plans.py, one thread each, one after the other. *zoo* has no end
of its own: it trains until a score on the way reaches the target, the test split scored every --every seconds, which
does not count. A planned bundle is trained for a time that is said beforehand and ends annealed: it is planned and
trained anew for each of --budgets, the shortest first, until its test Dice reaches the target; that time, validations
included, is told, and what the shorter ones reached. Reading the data counts for neither.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import tempfile
from pathlib import Path

from compare_plans import SETS, plan_root, run_python, train_plan, train_zoo

ROOT = Path(__file__).resolve().parents[1]
BUDGETS = (0.25, 0.375, 0.5, 0.75, 1, 1.5, 2, 3, 5, 7.5, 10)


def main() -> None:
    """Run both contenders and print the seconds and their ratio."""
    options = _options()
    if options.train_zoo:
        config, data = map(Path, options.train_zoo)
        print(json.dumps(train_zoo(config, data, options.minutes, options.every, options.target)))
        return
    real = Path(os.environ.get("MONAI_SEG_REAL_DATA", ROOT.parent / "shared" / "data")) / options.set
    with tempfile.TemporaryDirectory() as folder:
        root = plan_root(Path(folder))
        data = root / "held_out"
        run_python(["tools/hold_out.py", str(real / "images"), str(real / "masks"), str(data)], ROOT)
        _new(root, data, options.minutes, options.core)
        target = [] if options.target == math.inf else ["--target", str(options.target)]
        zoo = json.loads(run_python(
            [__file__, options.set, "--train-zoo", "bundles/planned/train.json", str(data), "--minutes",
             str(options.minutes), "--every", str(options.every), *target], root, options.core).splitlines()[-1])
        print(f"zoo {options.set}: {_told(zoo['curve'])}", flush=True)
        goal = options.target if target else max(dice for _, dice in zoo["curve"])
        zoo_s = next((seconds for seconds, dice in zoo["curve"] if dice >= goal), math.nan)
        plan_s = _planned(root, data, goal, options)
    print(f"{options.set}, test Dice {goal:.4f}: plan {plan_s:.0f} s, zoo {zoo_s:.0f} s, ratio {plan_s / zoo_s:.2f}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", choices=SETS)
    parser.add_argument("--target", type=float, default=math.inf)
    parser.add_argument("--minutes", type=float, default=10.0, help="the most that zoo is given")
    parser.add_argument("--every", type=float, default=10.0, help="seconds between two scores of zoo")
    parser.add_argument("--budgets", type=float, nargs="+", default=BUDGETS, help="minutes")
    parser.add_argument("--core", type=int, default=-1, help="the core that all runs are pinned to")
    parser.add_argument("--train-zoo", nargs=2, help=argparse.SUPPRESS)
    return parser.parse_args()


def _new(root: Path, data: Path, minutes: float, core: int) -> None:
    run_python(["-m", "monai_seg", "new", "planned", "--images", str(data / "images"), "--masks", str(data / "masks"),
                "--minutes", str(minutes)], root, core)


def _planned(root: Path, data: Path, goal: float, options: argparse.Namespace) -> float:
    """Return the seconds of the shortest budget that reaches ``goal``; NaN where none does."""
    for minutes in sorted(options.budgets):
        for made in ("bundles/planned", "runs/planned"):
            shutil.rmtree(root / made, ignore_errors=True)
        _forget(root / "data")
        _new(root, data, minutes, options.core)
        found = train_plan(root, "planned", options.core)
        print(f"plan {options.set}: {60 * minutes:.0f} s {found['plan']:.3f} ({found['plan_steps']} steps)", flush=True)
        if found["plan"] >= goal:
            return 60 * minutes
    return math.nan


def _forget(data: Path) -> None:
    """Remove what a plan before this one made to find the data by."""
    if data.is_dir():
        for made in data.iterdir():
            made.unlink() if made.is_symlink() else shutil.rmtree(made)


def _told(curve: list[list[float]]) -> str:
    """Return the scores that were higher than all before them."""
    told, best = [], -1.0
    for seconds, dice in curve:
        if dice > best:
            told.append(f"{seconds:.0f} s {dice:.3f}")
            best = dice
    return ", ".join(told)


if __name__ == "__main__":
    main()

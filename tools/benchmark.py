"""Speed and memory side by side with what else could be picked, as ratios from one session.

    python tools/benchmark.py [--only training inference_4096] [--quick] [--rounds 3] [--json runs/benchmark.json]

A row is a few contenders, one process each, run in turn (A B C A B C …). Medians of each figure and the median of each
round's ratio are printed, drawn, and merged into the JSON file: rows that are not run again stay, so that long rows may
be measured at another time. Each ratio is of one session. docs/performance.md explains the rows.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.picture import draw
from bench.rows import QUICK, ROWS, Row
from bench.stage import Stage

ROOT = Path(__file__).resolve().parents[1]
CONTENDER = ROOT / "tools/bench/contender.py"
Rounds = dict[str, list[dict[str, float]]]


def main() -> None:
    """Measure the rows, print them, and merge them into the JSON file."""
    options = _options()
    path = options.json
    known: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    path.parent.mkdir(parents=True, exist_ok=True)
    chosen = options.only or (QUICK if options.quick else ROWS)
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), 32 if options.quick else options.cases, 2 if options.quick else options.epochs,
                      options.minutes)
        for name in chosen:
            known[name] = _measured(name, ROWS[name], stage, 1 if options.quick else options.rounds, options.gpu)
            path.write_text(json.dumps(known, indent=2) + "\n")
            print("\n".join(_told(name, known[name])), flush=True)
    draw(known, path.with_suffix(".png"))
    print(f"{path} and {path.with_suffix('.png')}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=tuple(ROWS), metavar="ROW", help=f"of {', '.join(ROWS)}")
    parser.add_argument("--quick", action="store_true", help="one round of the short rows on a small twin")
    parser.add_argument("--gpu", action="store_true", help="let contenders see the GPU, where there is one")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cases", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--minutes", type=float, default=10, help="the most that a training towards a score takes")
    parser.add_argument("--json", type=Path, default=ROOT / "runs/benchmark.json")
    return parser.parse_args()


def _measured(name: str, row: Row, stage: Stage, rounds: int, gpu: bool) -> dict[str, Any]:
    contenders = row.contenders(stage)
    found: Rounds = {label: [] for label in contenders}
    for _ in range(rounds):
        for label, (contender, options) in contenders.items():
            found[label].append(_run(contender, options, gpu))
            print(f"  {name} {label}: " + _figures(found[label][-1]), flush=True)
    return {
        "measured": time.strftime("%Y-%m-%d %H:%M"), "load": os.getloadavg()[0], "rounds": found,
        "threads": os.environ.get("OMP_NUM_THREADS", str(os.cpu_count())),
        "medians": {label: {figure: statistics.median(each[figure] for each in each_round) for figure in each_round[0]}
                    for label, each_round in found.items()},
        "ratios": {ratio.name: {"median": statistics.median(
            over[ratio.over[1]] / under[ratio.under[1]]
            for over, under in zip(found[ratio.over[0]], found[ratio.under[0]], strict=True)), "target": ratio.target}
            for ratio in row.ratios},
    }  # fmt: skip


def _run(contender: str, options: dict[str, Any], gpu: bool) -> dict[str, float]:
    environment = dict(os.environ) if gpu else {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run([sys.executable, str(CONTENDER), contender, json.dumps(options)], cwd=ROOT, env=environment,
                          capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{contender} {options} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def _told(name: str, row: dict[str, Any]) -> list[str]:
    lines = [f"{name} ({row['measured']}, load {row['load']:.1f}, {row['threads']} threads)"]
    lines += [f"  {label:10s} {_figures(figures)}" for label, figures in row["medians"].items()]
    return lines + [f"  {ratio}: {value['median']:.2f}" + (f", wanted {value['target']}" if value["target"] else "")
                    for ratio, value in row["ratios"].items()]


def _figures(figures: dict[str, float]) -> str:
    return "  ".join(f"{figure} {value:.4g}" for figure, value in figures.items())


if __name__ == "__main__":
    main()

"""Try every kind of bad input, and everything that must not be mistaken for it; kill, stop and spoil trainings.

    make faults
    python tools/faults.py input
    python tools/faults.py training --kills 20 --save_kills 50 --stops 12
    python tools/faults.py processes --process_kills 10

Prints one line per question, what failed below it, and exits with 1 where anything did. The definitions stand in
tests/faults; the test suite runs a small form of the same.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / "faults"), str(ROOT / "tests")]

import catalogue  # noqa: E402
from bit_flips import flip_bits  # noqa: E402
from false_alarms import check_clean_sets  # noqa: E402
from fault import CLEAR, SILENT, UNCLEAR, verdict  # noqa: E402
from planted import plant_copies, plant_groups  # noqa: E402
from round_trips import round_trips  # noqa: E402

FLIPS, CLEAN_PAIRS, PAIRS_PER_SET, COPIES_PER_KIND, GROUPS, TRIPS = 2000, 1000, 20, 14, 50, 500
MOST_SHOWN = 20


def main() -> int:
    """Ask the questions; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("about", nargs="?", choices=("all", "input", "training", "processes"), default="all")
    for name, count, told in (("kills", 20, "trainings killed at a random moment"),
                              ("save_kills", 50, "saves killed within"), ("stops", 12, "trainings told to stop"),
                              ("process_kills", 10, "jobs of two processes of which one is killed")):
        parser.add_argument(f"--{name}", type=int, default=count, help=f"{told} (default {count})")
    parser.add_argument("--seed", type=int, default=0, help="of the random moments")
    options = parser.parse_args()
    start, failed = time.perf_counter(), 0
    with tempfile.TemporaryDirectory() as name:
        if options.about in ("all", "input"):
            failed += _input(Path(name))
        if options.about in ("all", "training"):
            failed += _training(Path(name) / "training", options)
        if options.about in ("all", "processes"):
            failed += _processes(Path(name) / "processes", options)
    print(f"{time.perf_counter() - start:.0f} s")
    return int(failed > 0)


def _input(folder: Path) -> int:
    return sum([_faults(folder / "faults"), _flips(), _clean(folder / "clean"), _planted(folder),
                _trips(folder / "trips")])


def _training(folder: Path, options: argparse.Namespace) -> int:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when torch is imported
    from training_faults import Trainings  # a few seconds, and nothing that the questions about input need

    folder.mkdir()
    logging.disable(logging.WARNING)  # of those warnings there are hundreds, as there should be
    trainings = Trainings(folder, options.seed)
    return _ask(trainings.restored, trainings.disk_faults, lambda: trainings.save_kills(options.save_kills),
                lambda: trainings.kills(options.kills), lambda: trainings.stops(options.stops), trainings.not_a_number,
                trainings.workers, trainings.again)


def _processes(folder: Path, options: argparse.Namespace) -> int:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from process_faults import Jobs

    logging.disable(logging.WARNING)
    jobs = Jobs(folder, options.seed)
    return _ask(jobs.against_one, jobs.not_a_number, jobs.stops, lambda: jobs.kills(options.process_kills))


def _ask(*questions: Callable[[], Any]) -> int:
    """Print the figure that each of ``questions`` gives; return how often it did not go well."""
    failed = 0
    for question in questions:
        figure = question()
        print(f"{figure.what} {figure.good}/{figure.of}", flush=True)
        for note in figure.notes:
            print(f"    {note}", flush=True)
        failed += figure.of - figure.good
    return failed


def _faults(folder: Path) -> int:
    faults = catalogue.all_faults()
    told = [(fault.name, *verdict(fault, folder / str(number))) for number, fault in enumerate(faults)]
    count = {answer: sum(given == answer for _, given, _ in told) for answer in (CLEAR, UNCLEAR, SILENT)}
    unclear = f", unclear {count[UNCLEAR]}" if count[UNCLEAR] else ""
    print(f"tried {len(faults)}, clear {count[CLEAR]}{unclear}, silent {count[SILENT]}", flush=True)
    return _show([f"{answer}: {name}: {text}" for name, answer, text in told if answer != CLEAR])


def _flips() -> int:
    result = flip_bits(FLIPS)
    print(f"bit flips in PNG pairs {result.flips}, refused {result.refused}, same pixels {result.harmless}, "
          f"other pixels {len(result.wrong)}", flush=True)
    return _show(result.wrong)


def _clean(folder: Path) -> int:
    result = check_clean_sets(folder, CLEAN_PAIRS, PAIRS_PER_SET)
    print(f"clean pairs {result.pairs}, false alarms {len(result.alarms)}, misread by the proposed settings "
          f"{len(result.misread)}", flush=True)
    return _show([*result.alarms, *result.misread])


def _planted(folder: Path) -> int:
    copies, groups = plant_copies(folder / "copies", COPIES_PER_KIND), plant_groups(folder / "groups", GROUPS)
    for what, result in (("copies", copies), ("patients in two splits", groups)):
        print(f"planted {what} {result.planted}, found {result.planted - len(result.missed)}, false "
              f"{len(result.false)}", flush=True)
    return _show([*copies.missed, *copies.false, *groups.missed, *groups.false])


def _trips(folder: Path) -> int:
    result = round_trips(folder, TRIPS)
    print(f"round trips {result.trips}, equal pixels {result.trips - len(result.changed)}", flush=True)
    return _show(result.changed)


def _show(failures: Sequence[str]) -> int:
    for failure in failures[:MOST_SHOWN]:
        print(f"    {failure}")
    return len(failures)


if __name__ == "__main__":
    sys.exit(main())

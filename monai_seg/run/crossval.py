"""Cross-validation: one ordinary run per fold, each scored on cases that it never saw, then all of them together."""

from __future__ import annotations

import csv
import io
import logging
import math
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from monai_seg.durable import make_folder, write_text_durably
from monai_seg.errors import InputError

logger = logging.getLogger(__name__)


def cross_validate(
    bundle: str | Path,
    output_dir: str | Path,
    folds: int = 5,
    only: int | None = None,
    overrides: Sequence[str] = (),
) -> Path | None:
    """Train and evaluate the folds that are not finished, and write the summary when all of them are.

    Each fold in turn is the test split; validation data, for early stopping and thresholds, are taken from the others.
    The data set's own test split takes no part. A fold that was stopped goes on where it was.

    Args:
        bundle: folder with train.json and evaluate.json.
        output_dir: gets fold_0, fold_1 …, ``cases.csv`` and ``summary.csv``.
        folds: how many.
        only: this fold alone, say one job of many; whoever finishes last writes the summary.
        overrides: words as ``--dataset_dir data/mine`` for the trainings; ``--dataset_dir`` for the evaluations, too.

    Returns:
        The summary, or None while folds are missing.

    Raises:
        InputError: no such bundle or fold, or a fold's command failed.
    """
    bundle, output_dir = Path(bundle), make_folder(output_dir)
    for name in ("train.json", "evaluate.json"):
        if not (bundle / name).is_file():
            raise InputError(bundle / name, "no such file", "name the folder of a bundle, such as bundles/siim")
    if folds < 2 or (only is not None and not 0 <= only < folds):
        raise InputError("folds", f"fold {only} of {folds}", "give 2 folds or more, and a fold from 0 up below that")
    for fold in range(folds) if only is None else [only]:
        _train_and_evaluate(bundle, output_dir / f"fold_{fold}", fold, folds, overrides)
    missing = [fold for fold in range(folds) if not _is_finished(output_dir / f"fold_{fold}")]
    if missing:
        logger.info(f"{output_dir}: {len(missing)} of {folds} folds are not finished: {missing}")
        return None
    return _summarise(output_dir, folds)


def _train_and_evaluate(bundle: Path, run_dir: Path, fold: int, folds: int, overrides: Sequence[str]) -> None:
    if _is_finished(run_dir):
        logger.info(f"{run_dir}: finished already")
        return
    _run("training", bundle / "train.json", ["--output_dir", str(run_dir), "--fold", str(fold), "--folds", str(folds),
                                             "--resume", "auto", *overrides])
    data = [word for name, value in _pairs(overrides) if name == "--dataset_dir" for word in (name, value)]
    _run("evaluation", bundle / "evaluate.json", ["--run_dir", str(run_dir), "--split", "test", *data])


def _pairs(words: Sequence[str]) -> list[tuple[str, str]]:
    split = [part for word in words for part in (word.split("=", 1) if word.startswith("--") else [word])]
    return list(zip(split[::2], split[1::2], strict=False))


def _run(run_id: str, config: Path, words: Sequence[str]) -> None:
    command = [sys.executable, "-m", "monai.bundle", "run", run_id, "--config_file", str(config), *words]
    code = subprocess.run(command, check=False).returncode
    if code:
        raise InputError(config, f"{run_id} ended with exit code {code}",
                         "mend what its last line says; finished folds are not trained again")


def _is_finished(run_dir: Path) -> bool:
    return any(row["split"] == "test" for row in _rows(run_dir / "summary.csv"))


def _summarise(output_dir: Path, folds: int) -> Path:
    cases, scores = [], {}
    for fold in range(folds):
        run_dir = output_dir / f"fold_{fold}"
        cases += [{"fold": fold, **row} for row in _rows(run_dir / "cases.csv") if row["split"] == "test"]
        scores[fold] = {row["score"]: row["value"] for row in _rows(run_dir / "summary.csv") if row["split"] == "test"}
    _write(output_dir / "cases.csv", cases)
    rows = []
    for name in dict.fromkeys(name for of_fold in scores.values() for name in of_fold):
        values = [_number(of_fold.get(name, "")) for of_fold in scores.values()]
        known = [value for value in values if not math.isnan(value)]
        rows.append({
            "score": name,
            "mean": statistics.fmean(known) if known else "",
            "sd": statistics.stdev(known) if len(known) > 1 else "",
            "folds": len(known),
            **{f"fold_{fold}": value if not math.isnan(value) else "" for fold, value in enumerate(values)},
        })
    summary = output_dir / "summary.csv"
    _write(summary, rows)
    for row in rows:
        if row["score"] in ("test_dice", "test_dice_positive") and row["mean"] != "":
            logger.info(f"{row['score']}: mean {row['mean']:.4f} over {row['folds']} folds, sd {row['sd']:.4f}")
    return summary


def _number(text: str) -> float:
    return float(text) if text else math.nan


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _write(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text_durably(path, text.getvalue())

"""The scores of each case and their summary, as CSV in the run folder."""

from __future__ import annotations

import csv
import io
import logging
import math
from pathlib import Path
from typing import Any

from ignite.engine import Engine, Events
from monai.utils import ImageMetaKey

from monai_seg.durable import make_folder, write_text_durably
from monai_seg.metrics.overlap import overlap_scores, summarise

logger = logging.getLogger(__name__)


class CaseScores:
    """Writes ``cases.csv`` (one row per image) and ``summary.csv`` (one per score), each with a column ``split``.

    Rows of other splits that the files hold already are kept.

    Args:
        output_dir: the run folder.
        split: name of what is evaluated; the scores are called ``<split>_dice`` and so on.
    """

    def __init__(self, output_dir: str | Path, split: str) -> None:
        self.output_dir, self.split = make_folder(output_dir), split
        self.cases: list[dict[str, Any]] = []

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.STARTED, lambda _: self.cases.clear())
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._collect)
        engine.add_event_handler(Events.COMPLETED, self._write)

    def _collect(self, engine: Engine) -> None:
        state: Any = engine.state
        for item, output in zip(state.batch, state.output, strict=True):
            name = str(item["image"].meta[ImageMetaKey.FILENAME_OR_OBJ])
            scores = overlap_scores(output["pred"], output["label"])
            self.cases.append({"split": self.split, "image": name, **scores})

    def _write(self, engine: Engine) -> None:
        summary = summarise(self.cases)
        named = {f"{self.split}_{score}": value for score, value in summary.items()}
        self._replace_rows("cases.csv", self.cases)
        self._replace_rows("summary.csv", [{"split": self.split, "score": score, "value": value}
                                           for score, value in named.items()])
        logger.info("  ".join(f"{score} {_number(value)}" for score, value in named.items()))
        logger.info(f"written: {self.output_dir / 'cases.csv'} and {self.output_dir / 'summary.csv'}")

    def _replace_rows(self, name: str, rows: list[dict[str, Any]]) -> None:
        path = self.output_dir / name
        kept = [row for row in _read(path) if row.get("split") != self.split]
        columns = list(dict.fromkeys(key for row in [*rows, *kept] for key in row))  # another version's may differ
        text = io.StringIO()
        writer = csv.DictWriter(text, columns)
        writer.writeheader()
        writer.writerows([*kept, *({key: _number(value) for key, value in row.items()} for row in rows)])
        write_text_durably(path, text.getvalue())


def _read(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _number(value: Any) -> Any:
    """Return numbers as they shall be read: six places, and nothing where a score is not defined."""
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.6f}".rstrip("0").rstrip(".")
    return value

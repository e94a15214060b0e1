"""The scores of a classifier, image by image and together, as CSV and picture in the run folder."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from ignite.engine import Engine, Events

from monai_seg.durable import make_folder
from monai_seg.errors import InputError
from monai_seg.figures.confusion import draw_confusion
from monai_seg.handlers.class_reliability import write_class_reliability
from monai_seg.handlers.class_rows import class_columns
from monai_seg.handlers.each_case import each_case, is_first_process, of_all_processes
from monai_seg.handlers.split_rows import cell, replace_rows
from monai_seg.handlers.summary_files import write_summary
from monai_seg.metrics.class_calibration import top_label_bins
from monai_seg.metrics.class_names import class_suffixes
from monai_seg.metrics.classification import classification_report
from monai_seg.metrics.classifier_scores import ClassifiedImages, classifier_scores, confusions

LOGGED = ("images", "accuracy", "f1", "precision", "recall", "auc", "ece")
logger = logging.getLogger(__name__)


class Classified(NamedTuple):
    """What is kept of an image."""

    group: str
    truth: int
    probability: list[float]


class ClassScores:
    """Writes the scores of a classifier's evaluation; each CSV has a column ``split``, rows of other splits are kept.

    ``cases.csv`` has a row per image: class, prediction, probability of each class. ``summary.csv`` has one per score
    with its 95 % interval, ``confusion.csv`` and ``confusion_<split>.png`` say which class became which,
    ``classification_report.csv`` gives precision, recall, F1 and support of each class. ``class_calibration.csv`` and
    ``reliability_<split>.png`` say whether it is as sure as it is right. ``summary.json`` has the scores and the bins
    for programs.

    The engine's output holds ``pred``, probabilities (K,), and ``label``, the class id. Under several processes each
    scores its share, and the first writes what all of them found.

    Args:
        output_dir: the run folder.
        split: name of what is evaluated; the scores are called ``<split>_f1`` and so on.
        class_names: the classes in the order of their ids.
        resamples: of the bootstrap.

    Raises:
        InputError: names that make no score names; later: a class or a probability that is none; no case at all.
    """

    def __init__(
        self, output_dir: str | Path, split: str, class_names: Sequence[str], resamples: int = 1000
    ) -> None:
        self.suffixes = class_suffixes(len(class_names), class_names)
        self.output_dir, self.split, self.resamples = make_folder(output_dir), split, resamples
        self.class_names = list(class_names)
        self.found: dict[str, Classified] = {}

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.STARTED, lambda _: self.found.clear())
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._collect)
        engine.add_event_handler(Events.COMPLETED, self._write)

    def _collect(self, engine: Engine) -> None:
        for name, item, output in each_case(engine):
            truth = int(output["label"])
            if not 0 <= truth < len(self.class_names):
                raise InputError(name, f"has the class {truth}, class_names has {len(self.class_names)}",
                                 "name all classes")
            group = item.get("group")
            self.found[name] = Classified(name if group is None else str(group), truth,
                                          output["pred"].flatten().tolist())

    def _write(self, engine: Engine) -> None:
        found = of_all_processes(self.found)
        if not found:
            raise InputError(f"split {self.split!r}", "no case was scored", "evaluate a split that has cases")
        if not is_first_process():
            return
        rows = [self._row(name, case) for name, case in found.items()]  # proves the probabilities, too
        images = ClassifiedImages(list(found), [case.group for case in found.values()],
                                  np.array([case.truth for case in found.values()], np.int64),
                                  np.array([case.probability for case in found.values()], np.float64))
        scores = classifier_scores(images, self.suffixes, resamples=self.resamples)
        matrix = confusions(images).sum(axis=0)
        self._replace("cases.csv", rows)
        bins = top_label_bins(images.probability, images.truth).sum(axis=0)
        table = write_class_reliability(self.output_dir, self.split, bins, f"reliability_{self.split}.png")
        self._replace("confusion.csv", [
            {"truth": truth, "prediction": prediction, "count": int(matrix[i, j])}
            for i, truth in enumerate(self.class_names) for j, prediction in enumerate(self.class_names)])
        self._replace("classification_report.csv", classification_report(matrix, self.class_names))
        draw_confusion(matrix, self.class_names, self.output_dir / f"confusion_{self.split}.png", title=self.split)
        write_summary(self.output_dir, self.split, scores, {"class_calibration": table})  # last: now all is there
        logger.info("  ".join(f"{self.split}_{score.name} {cell(score.value)}" for score in scores
                              if score.name in LOGGED))
        logger.info(f"written: {self.output_dir / 'cases.csv'} and {self.output_dir / 'summary.csv'}")

    def _row(self, name: str, case: Classified) -> dict[str, Any]:
        try:
            columns = class_columns(case.probability, self.class_names, self.suffixes)
        except ValueError as error:
            raise InputError(name, str(error), "mend the network or class_names") from error
        return {"image": name, "class": self.class_names[case.truth], **columns}

    def _replace(self, name: str, rows: list[dict[str, Any]]) -> None:
        replace_rows(self.output_dir / name, self.split, rows)

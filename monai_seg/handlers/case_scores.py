"""The scores of each case and their summary, as CSV in the run folder."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ignite.engine import Engine, Events

from monai_seg.durable import make_folder
from monai_seg.errors import InputError
from monai_seg.figures.confusion import draw_confusion
from monai_seg.handlers.class_reliability import write_class_reliability
from monai_seg.handlers.each_case import each_case, is_first_process, of_all_processes
from monai_seg.handlers.split_rows import cell, replace_rows
from monai_seg.handlers.summary_files import write_summary
from monai_seg.metrics.calibration import reliability_table
from monai_seg.metrics.case_measures import CaseMeasures, Cases, measure_case, stack_cases
from monai_seg.metrics.case_rows import case_rows
from monai_seg.metrics.class_names import class_suffixes
from monai_seg.metrics.class_summary import class_bins, image_confusions
from monai_seg.metrics.classification import classification_report
from monai_seg.metrics.summary import summarise

logger = logging.getLogger(__name__)

LOGGED = ("images", "images_positive", "dice", "dice_positive", "iou", "iou_positive", "false_alarm_rate", "miss_rate",
          "class_accuracy", "class_f1")


class CaseScores:
    """Writes the scores of an evaluation; each file has a column ``split``, and rows of other splits are kept.

    ``cases.csv`` has a row per image, ``summary.csv`` one per score with its 95 % interval. ``confusion.csv`` and
    ``classification_report.csv`` count pixels, and images where there is a class branch, and
    ``confusion_<split>_<pixels or images>.png`` shows them; with probabilities ``calibration.csv`` says whether they
    mean what they say, of a class branch ``class_calibration.csv`` and ``reliability_<split>_images.png``.
    ``summary.json`` has scores and bins for programs. What each score is, stands in docs/metrics.md.

    The engine's output holds ``pred`` and ``label`` as class ids, (1, H, W), and may hold ``prob`` (probabilities),
    ``class_pred`` (probabilities (K,) of a class branch) and ``class`` (the true one; the batch may hold it instead).
    Under several processes each scores its share, and the first writes what all of them found.

    Args:
        output_dir: the run folder.
        split: name of what is evaluated; the scores are called ``<split>_dice`` and so on.
        num_classes: of the masks, the background included.
        class_names: of these classes, the background's first.
        groups: group (patient) of each image by its path; by default the ``group`` of the data list's case, else each
            image stands for itself. Intervals draw whole groups.
        image_classes: names of the class branch's classes.
        tolerance_px: of the surface Dice.
        resamples: of the bootstrap.

    Raises:
        InputError: class names that do not fit; later: a case without label, or with values that are no class ids;
            an evaluation without any case.
    """

    def __init__(
        self,
        output_dir: str | Path,
        split: str,
        num_classes: int = 2,
        class_names: Sequence[str] | None = None,
        groups: Mapping[str, str] | None = None,
        image_classes: Sequence[str] | None = None,
        tolerance_px: float = 2.0,
        resamples: int = 1000,
    ) -> None:
        self.suffixes = class_suffixes(num_classes, class_names)
        self.class_suffixes = class_suffixes(len(image_classes), image_classes, "image_classes") \
            if image_classes else []
        self.output_dir, self.split, self.num_classes = make_folder(output_dir), split, num_classes
        self.names = list(class_names) if class_names else [f"class {id}" for id in range(num_classes)]
        self.image_classes = list(image_classes or [])
        self.groups, self.tolerance_px, self.resamples = groups or {}, tolerance_px, resamples
        self.measured: dict[str, CaseMeasures] = {}

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.STARTED, lambda _: self.measured.clear())
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._collect)
        engine.add_event_handler(Events.COMPLETED, self._write)

    def _collect(self, engine: Engine) -> None:
        for name, item, output in each_case(engine):
            truth = output.get("class", item.get("class"))
            try:
                self.measured[name] = measure_case(
                    name, output["pred"], output["label"], self.num_classes,
                    group=self.groups.get(name, item.get("group")), prob=output.get("prob"),
                    class_truth=None if truth is None or "class_pred" not in output else int(truth),
                    class_probability=output.get("class_pred"), tolerance_px=self.tolerance_px,
                )  # fmt: skip
            except ValueError as error:
                raise InputError(name, str(error), "mend the mask, or the config's classes and post-processing") \
                    from error

    def _write(self, engine: Engine) -> None:
        measured = of_all_processes(self.measured)
        if not measured:
            raise InputError(f"split {self.split!r}", "no case was scored", "evaluate a split that has cases")
        if not is_first_process():
            return
        cases = stack_cases(list(measured.values()))
        scores = summarise(cases, self.suffixes, self.class_suffixes, resamples=self.resamples)
        self._replace("cases.csv", case_rows(cases, self.suffixes, self.class_suffixes))
        self._write_confusions(cases)
        write_summary(self.output_dir, self.split, scores, self._write_calibrations(cases))  # last: now all is there
        logger.info("  ".join(f"{self.split}_{score.name} {cell(score.value)}" for score in scores
                              if score.name in LOGGED))
        logger.info(f"written: {self.output_dir / 'cases.csv'} and {self.output_dir / 'summary.csv'}")

    def _write_calibrations(self, cases: Cases) -> dict[str, list[dict[str, Any]]]:
        written = {}
        if cases.calibration is not None:
            written["calibration"] = reliability_table(cases.calibration.sum(axis=0))
            self._replace("calibration.csv", written["calibration"])
        bins = class_bins(cases)
        if bins is not None and bins.any():
            name = f"reliability_{self.split}_images.png"
            written["class_calibration"] = write_class_reliability(self.output_dir, self.split, bins, name)
        return written

    def _write_confusions(self, cases: Cases) -> None:
        found = {"pixels": (cases.confusion.sum(axis=0), self.names)}
        matrices = image_confusions(cases)
        if matrices is not None:
            numbers = [f"class {id}" for id in range(matrices.shape[1])]
            found["images"] = matrices.sum(axis=0), self.image_classes or numbers
        self._replace("confusion.csv", [
            {"of": of, "truth": names[i], "pred": names[j], "count": int(matrix[i, j])}
            for of, (matrix, names) in found.items() for i in range(len(names)) for j in range(len(names))])
        self._replace("classification_report.csv", [
            {"of": of, **row} for of, (matrix, names) in found.items() for row in classification_report(matrix, names)])
        for of, (matrix, names) in found.items():
            draw_confusion(matrix, names, self.output_dir / f"confusion_{self.split}_{of}.png",
                           title=f"{self.split}: {of}")

    def _replace(self, name: str, rows: list[dict[str, Any]]) -> None:
        replace_rows(self.output_dir / name, self.split, rows)

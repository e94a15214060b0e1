"""Precision against recall, and score against threshold, after every validation in TensorBoard."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from ignite.engine import Engine, Events
from torch import Tensor

from monai_seg.figures.threshold_curve import threshold_picture
from monai_seg.handlers.main_process import is_main_process
from monai_seg.handlers.summary_writer import LazySummaryWriter
from monai_seg.metrics.threshold_counts import (
    THRESHOLDS,
    ThresholdCounts,
    counts_by_threshold,
    probability_histogram,
)
from monai_seg.processes import of_all

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter


class TensorBoardCurves:
    """Write the curves of each class, of all validation pixels (of a classifier: images) of all processes together.

    - ``precision_recall/<class>``: TensorBoard's own curve;
    - ``thresholds/curves``: a picture of Dice against threshold and of precision against recall;
    - ``thresholds/best_<class>`` and ``thresholds/dice_<class>``: the threshold with the highest Dice, and that Dice.

    These are of the probabilities alone, before any gate, and with all pixels in one sum: large lesions weigh more than
    in ``val/val_dice``. A class that no case of the validation shows has no curve. The step is the evaluator's epoch,
    which `monai.handlers.ValidationHandler` sets to the trainer's.

    Args:
        class_names: of class 0, 1, …; by default numbers. The background of masks has no curve.
        summary_writer: a writer to share with other handlers, or None.
        log_dir: folder of the event files where no writer is given.

    Shape:
        The output holds ``logits`` or, where there is none, ``pred``: (B, 1, H, W) for a sigmoid, (B, C, H, W) for a
        softmax, (B, K) of a classifier; of a list or tuple the first counts. label: (B, 1, H, W) or (B,) class ids.

    Raises:
        ValueError: neither a writer nor a folder is given.
    """

    def __init__(
        self,
        class_names: Sequence[str] | None = None,
        summary_writer: SummaryWriter | None = None,
        log_dir: str | Path | None = None,
    ) -> None:
        self._summary = LazySummaryWriter(summary_writer, log_dir)
        self.class_names = list(class_names or [])
        self._sums: dict[int, Tensor] = {}  # (2, THRESHOLDS) by class

    def attach(self, engine: Engine) -> None:
        """Register with the evaluator, in every process."""
        engine.add_event_handler(Events.STARTED, lambda _: self._sums.clear())
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._collect)
        engine.add_event_handler(Events.COMPLETED, self._write)

    def _collect(self, engine: Engine) -> None:
        output: Any = engine.state.output
        for id, (probability, truth) in _by_class(output).items():
            counted = probability_histogram(probability, truth)
            self._sums[id] = self._sums[id] + counted if id in self._sums else counted

    def _write(self, engine: Engine) -> None:
        found = of_all({id: counted.cpu().numpy() for id, counted in self._sums.items()})
        self._sums.clear()
        if not is_main_process():
            return
        ids = sorted({id for part in found for id in part})
        curves = {self._name(id): counts_by_threshold(np.sum([part[id] for part in found if id in part], axis=0))
                  for id in ids}
        shown = {name: counts for name, counts in curves.items() if counts.tp[0] > 0}
        if not shown:
            return
        writer, step = self._summary.writer, engine.state.epoch
        for name, counts in shown.items():
            _write_curve(writer, name, counts, step)
        picture = threshold_picture(
            next(iter(shown.values())).threshold,
            {name: (counts.dice, counts.precision, counts.recall) for name, counts in shown.items()})
        writer.add_image("thresholds/curves", picture, step, dataformats="HWC")
        writer.flush()

    def _name(self, id: int) -> str:
        return str(self.class_names[id]) if id < len(self.class_names) else f"class {id}"


def _by_class(output: dict[str, Any]) -> dict[int, tuple[Tensor, Tensor]]:
    """Return probability and truth of each class, in equal shapes."""
    logits, label = output.get("logits", output["pred"]), output["label"]
    while isinstance(logits, list | tuple):
        logits = logits[0]
    logits = torch.as_tensor(logits).detach().float()
    label = label if logits.ndim == 2 else label[:, 0]
    if logits.ndim == 4 and logits.shape[1] == 1:
        return {1: (logits[:, 0].sigmoid(), label > 0)}
    probability = logits.softmax(dim=1)
    return {id: (probability[:, id], label == id) for id in range(logits.ndim != 2, logits.shape[1])}


def _write_curve(writer: SummaryWriter, name: str, counts: ThresholdCounts, step: int) -> None:
    writer.add_pr_curve_raw(f"precision_recall/{name}", counts.tp, counts.fp, counts.tn, counts.fn, counts.precision,
                            counts.recall, step, num_thresholds=THRESHOLDS)
    best = int(np.nanargmax(counts.dice))
    writer.add_scalar(f"thresholds/best_{name}", counts.threshold[best], step)
    writer.add_scalar(f"thresholds/dice_{name}", counts.dice[best], step)

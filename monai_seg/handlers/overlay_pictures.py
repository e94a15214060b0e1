"""The same few validation cases after every epoch, as pictures in TensorBoard."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from ignite.engine import Engine, Events
from torch import Tensor

from monai_seg.figures import captioned_overlay
from monai_seg.figures.panels import Picture
from monai_seg.handlers.case_choice import CaseChoice
from monai_seg.handlers.main_process import is_main_process
from monai_seg.handlers.summary_writer import LazySummaryWriter

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter


class OverlayPictures:
    """Write image, truth, prediction and errors of a few cases under the tags ``validation/<name>``.

    The cases are chosen in the first validation by `CaseChoice`, from those that this process validates, and stay the
    same, also after a resume. The step is the trainer's epoch. Attach it to an evaluator with ``decollate=False`` whose
    batch holds ``image`` and ``index``, the place of each case in the validation list, and whose output holds ``label``
    and ``pred`` as class ids. A float image that exceeds [0, 1] is shown from its lowest value to its highest.

    Args:
        names: name of each case of the validation list.
        summary_writer: a writer to share with other handlers, or None.
        log_dir: folder of the event files where no writer is given.
        count: number of cases.
        class_names: name of class 0, 1, ... for the legend.
        max_side_px: longest side of a panel.
        trainer: engine whose epoch is the step. By default the evaluator's own, which
            `monai.handlers.ValidationHandler` sets to the trainer's.

    Shape:
        image: (B, C, H, W) with C 1 or 3.  label, pred: (B, 1, H, W).  index: (B,).

    Raises:
        ValueError: names are repeated, ``count`` is below 1, or neither a writer nor a folder is given; in the first
            validation: the engine's data are not as above.
    """

    def __init__(
        self,
        names: Sequence[str],
        summary_writer: SummaryWriter | None = None,
        log_dir: str | Path | None = None,
        count: int = 8,
        class_names: Sequence[str] | None = None,
        max_side_px: int = 384,
        trainer: Engine | None = None,
    ) -> None:
        self.names = list(names)
        if len(set(self.names)) < len(self.names):
            repeated = sorted({name for name in self.names if self.names.count(name) > 1})
            raise ValueError(f"names must differ, repeated: {', '.join(repeated[:5])}")
        self.class_names, self.max_side_px, self.trainer = class_names, max_side_px, trainer
        self._summary = LazySummaryWriter(summary_writer, log_dir)
        self._choice = CaseChoice(count)
        self._chosen: list[int] | None = None
        self._pictures: dict[int, Picture] = {}

    def attach(self, engine: Engine) -> None:
        """Register with the evaluator; does nothing in other processes than the first."""
        if is_main_process():
            engine.add_event_handler(Events.EPOCH_STARTED, self._start)
            engine.add_event_handler(Events.ITERATION_COMPLETED, self._collect)
            engine.add_event_handler(Events.EPOCH_COMPLETED, self._write)

    def _start(self, engine: Engine) -> None:
        self._pictures = {}

    def _collect(self, engine: Engine) -> None:
        batch, output = _checked(engine, len(self.names))
        indices = [int(index) for index in batch["index"]]
        for row in self._wanted(indices, output["label"]):
            self._pictures[indices[row]] = captioned_overlay(
                _as_uint8(batch["image"][row]),
                output["label"][row].cpu().numpy(),
                output["pred"][row].cpu().numpy(),
                max_side_px=self.max_side_px,
                class_names=self.class_names,
            )

    def _wanted(self, indices: Sequence[int], label: Tensor) -> list[int]:
        """Return the rows of the batch to draw."""
        if self._chosen is not None:
            return [row for row, index in enumerate(indices) if index in self._chosen]
        has_lesion = (label > 0).flatten(1).any(dim=1).tolist()
        return [row for row, index in enumerate(indices) if self._choice.offer(index, has_lesion[row])]

    def _write(self, engine: Engine) -> None:
        if self._chosen is None:
            self._chosen = self._choice.chosen()
        step = engine.state.epoch if self.trainer is None else self.trainer.state.epoch
        for index in self._chosen:
            if index in self._pictures:
                tag = f"validation/{self.names[index]}"
                self._summary.writer.add_image(tag, self._pictures[index], step, dataformats="HWC")
        self._summary.writer.flush()
        self._pictures = {}


def _checked(engine: Engine, cases: int) -> tuple[dict[str, Any], dict[str, Any]]:
    batch, output = engine.state.batch, engine.state.output
    if not (isinstance(batch, dict) and isinstance(output, dict)):
        raise ValueError("OverlayPictures needs batches as dictionaries: give the evaluator decollate: false")
    for name, keys, present in (("batch", ("image", "index"), batch), ("output", ("label", "pred"), output)):
        missing = [key for key in keys if key not in present]
        if missing:
            raise ValueError(f"OverlayPictures: the {name} lacks {', '.join(missing)}; it has {', '.join(present)}")
    highest = int(torch.as_tensor(batch["index"]).max())
    if highest >= cases:
        raise ValueError(f"OverlayPictures: index {highest} has no name, names has {cases}; name every validation case")
    return batch, output


def _as_uint8(image: Tensor) -> Any:
    """Return the (C, H, W) image as a uint8 array, stretched from its lowest to its highest value if not in [0, 1]."""
    if image.dtype == torch.uint8:
        return image.cpu().numpy()
    values = torch.nan_to_num(image.detach().float())
    low, high = values.min(), values.max()
    if low < 0 or high > 1:
        values = (values - low) / (high - low).clamp(min=1e-12)
    return (values * 255).round().to(torch.uint8).cpu().numpy()

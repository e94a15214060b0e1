"""The operating point and the class gate that suit validation data best together, for networks with a class branch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from monai_seg.handlers.operating_point import OperatingPoint
from monai_seg.handlers.validation_search import Found
from monai_seg.metrics.arrays import as_array
from monai_seg.metrics.gated_search import gate_candidates, search_gated
from monai_seg.metrics.operating_point import CaseSizes


class GatedOperatingPoint(OperatingPoint):
    """As `OperatingPoint`, and ``class_gate`` is searched together with the three.

    ``operating_point.json`` and ``.csv`` hold it, too: 0 where no ``gate_classes`` are given.

    Args:
        output_dir, split: as of `OperatingPoint`.
        class_gate: the value that the run has had so far; tried, too.
        gate_classes: the classes that have a lesion; None for no gate.
        gate_key: of their probability (1,) in the output.
        options: the others of `OperatingPoint`.

    Raises:
        InputError: as of `OperatingPoint`.
    """

    def __init__(
        self,
        output_dir: str | Path,
        split: str,
        class_gate: float = 0.0,
        gate_classes: Sequence[str] | None = None,
        gate_key: str = "gate_prob",
        **options: Any,
    ) -> None:
        super().__init__(output_dir, split, **options)
        self.class_gate, self.gate_classes, self.gate_key = class_gate, gate_classes, gate_key
        if gate_classes is not None:
            self.keys = (*self.keys, gate_key)

    def measure(self, output: Mapping[str, Any]) -> CaseSizes:
        sizes = super().measure(output)
        if self.gate_classes is None:
            return sizes
        return sizes._replace(gate_prob=float(as_array(output[self.gate_key]).item()))

    def search(self, measured: list[CaseSizes]) -> Found:
        gates = [0.0]
        if self.gate_classes is not None:
            prob, label = (np.array([getattr(case, name) for case in measured]) for name in ("gate_prob", "label"))
            gates = sorted({*gate_candidates(prob, label > 0), self.class_gate})
        gated = search_gated(measured, self.grid, self.default, self.score, gates)
        each = [self.told(measured, found) for found in gated.found]
        best, gate = each[gated.best], {"class_gate": gated.gates[gated.best]}
        searched = best.content.pop("searched")
        content = {**gate, **best.content, "searched": {
            **searched, "default": {"class_gate": self.class_gate, **searched["default"]}, "class_gate": gates}}
        rows = [f"{tried},{row}" for tried, found in zip(gates, each, strict=True)
                for row in found.table.splitlines()[1:]]
        header = f"class_gate,{best.table.splitlines()[0]}"
        return Found(content, "\n".join([header, *rows]) + "\n", {**gate, **best.told})

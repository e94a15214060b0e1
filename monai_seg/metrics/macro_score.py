"""Mean over classes of precision, recall or F1, as an Ignite metric; classification.py has the rule for absent ones.

Ignite's own `Precision`, `Recall` and `Fbeta` count a class that neither occurs nor is predicted as 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from ignite.metrics import ConfusionMatrix

from monai_seg.errors import InputError
from monai_seg.metrics.classification import CLASS_SCORES, class_scores, macro


class MacroScore(ConfusionMatrix):
    """Macro score of the most probable classes.

    Args:
        score: one of `CLASS_SCORES`.
        num_classes: number of classes.
        output_transform: from an engine's output to (scores (B, K), class ids (B,)).

    Raises:
        InputError: no such score.
    """

    def __init__(
        self, score: str, num_classes: int, output_transform: Callable[[Any], Any] = lambda output: output
    ) -> None:
        if score not in CLASS_SCORES:
            raise InputError("score", f"{score!r} is no choice", f"choose one of {', '.join(CLASS_SCORES)}")
        self.score = score
        super().__init__(num_classes, output_transform=output_transform)

    def compute(self) -> float:
        matrix = torch.as_tensor(super().compute()).cpu().numpy()
        return float(macro(class_scores(matrix)[self.score]))

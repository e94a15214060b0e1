"""Scores whose rule for empty masks is part of their name."""

from monai_seg.metrics.both_tasks import both_tasks, count_images
from monai_seg.metrics.logits_and_classes import logits_and_classes
from monai_seg.metrics.macro_score import MacroScore
from monai_seg.metrics.overlap import overlap_scores
from monai_seg.metrics.summary import summarise

__all__ = ["MacroScore", "both_tasks", "count_images", "logits_and_classes", "overlap_scores", "summarise"]

"""Scores whose rule for empty masks is part of their name."""

from monai_seg.metrics.overlap import overlap_scores, summarise

__all__ = ["overlap_scores", "summarise"]

"""Losses that MONAI lacks."""

from monai_seg.losses.multitask import MultiTaskLoss

__all__ = ["MultiTaskLoss"]

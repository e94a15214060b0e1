"""Bundles as files: resolved into one dictionary, and checked without being run."""

from monai_seg.bundle.dialect import config_problems
from monai_seg.bundle.flatten import flatten
from monai_seg.bundle.metadata import metadata_problems

__all__ = ["config_problems", "flatten", "metadata_problems"]

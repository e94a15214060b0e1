"""Look into a bundle without running anything of it, with the standard library alone: torch and MONAI stay away."""

from monai_seg.bundle.inspect.check_bundle import BundleReport, CheckedFile, check_bundle
from monai_seg.bundle.inspect.finding import Finding

__all__ = ["BundleReport", "CheckedFile", "Finding", "check_bundle"]

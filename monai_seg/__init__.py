"""monai_seg: from a folder of 2D medical PNG images and masks to a MONAI bundle that other teams can trust and run."""

__version__ = "0.1.0"

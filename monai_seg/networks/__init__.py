"""Networks that MONAI lacks, and what makes MONAI's fit any image and device."""

from monai_seg.networks.segmentation_network import SegmentationNetwork, find_divisor

__all__ = ["SegmentationNetwork", "find_divisor"]

"""From files to batches: lists of cases, reading, decoding, caching, sampling."""

from monai_seg.data.case_dataset import CaseDataset, Draw
from monai_seg.data.datalist import DataList
from monai_seg.data.epoch_sampler import EpochSampler
from monai_seg.data.image_reader import PictureReader
from monai_seg.data.loader import case_loader, fill
from monai_seg.data.mask_reader import MaskReader
from monai_seg.data.mask_writer import write_mask
from monai_seg.data.picture_folder import find_pictures

__all__ = [
    "CaseDataset",
    "DataList",
    "Draw",
    "EpochSampler",
    "MaskReader",
    "PictureReader",
    "case_loader",
    "fill",
    "find_pictures",
    "write_mask",
]

"""From files to batches: lists of cases, reading, decoding, caching, sampling.

Names are imported when they are asked for (PEP 562): what feeds a network needs MONAI and PyTorch, which take seconds
to import, and the pictures, masks and lists that `check-data` and the preparations read need neither.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from monai_seg.data.batch_shares import own_share
    from monai_seg.data.case_dataset import CaseDataset, Draw
    from monai_seg.data.class_list import class_cases, image_names
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
    "class_cases",
    "fill",
    "find_pictures",
    "image_names",
    "own_share",
    "write_mask",
]
_MODULE_OF = {
    "CaseDataset": "case_dataset",
    "DataList": "datalist",
    "Draw": "case_dataset",
    "EpochSampler": "epoch_sampler",
    "MaskReader": "mask_reader",
    "PictureReader": "image_reader",
    "case_loader": "loader",
    "class_cases": "class_list",
    "fill": "loader",
    "find_pictures": "picture_folder",
    "image_names": "class_list",
    "own_share": "batch_shares",
    "write_mask": "mask_writer",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)

"""Dictionary transforms that MONAI lacks: whole batches at once, on the device."""

from monai_seg.transforms.batch import BatchCompose, BatchTransform
from monai_seg.transforms.batch_intensity import (
    RandBlurBatchd,
    RandColourBatchd,
    RandContrastBatchd,
    RandGammaBatchd,
    RandNoiseBatchd,
)
from monai_seg.transforms.batch_spatial import RandAffineBatchd, RandFlipBatchd
from monai_seg.transforms.gate_by_class import GateByClassd
from monai_seg.transforms.match_label import MatchLabeld
from monai_seg.transforms.prepare_batch import PrepareBatch
from monai_seg.transforms.split_tasks import SplitTasksd

__all__ = [
    "BatchCompose",
    "BatchTransform",
    "GateByClassd",
    "MatchLabeld",
    "PrepareBatch",
    "RandAffineBatchd",
    "RandBlurBatchd",
    "RandColourBatchd",
    "RandContrastBatchd",
    "RandFlipBatchd",
    "RandGammaBatchd",
    "RandNoiseBatchd",
    "SplitTasksd",
]

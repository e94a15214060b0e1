"""Ignite handlers that MONAI and Ignite lack."""

from monai_seg.handlers.case_scores import CaseScores
from monai_seg.handlers.checkpoints import Checkpoints
from monai_seg.handlers.early_stop import EarlyStop
from monai_seg.handlers.inference_progress import InferenceProgress
from monai_seg.handlers.learning_curves import LearningCurves
from monai_seg.handlers.losses_csv import LossesCsv
from monai_seg.handlers.metrics_csv import MetricsCsv
from monai_seg.handlers.overlay_pictures import OverlayPictures
from monai_seg.handlers.progress import Progress
from monai_seg.handlers.repeatable_randomness import RepeatableRandomness
from monai_seg.handlers.tensorboard_scalars import TensorBoardScalars
from monai_seg.handlers.throughput import Throughput

__all__ = [
    "CaseScores",
    "Checkpoints",
    "EarlyStop",
    "InferenceProgress",
    "LearningCurves",
    "LossesCsv",
    "MetricsCsv",
    "OverlayPictures",
    "Progress",
    "RepeatableRandomness",
    "TensorBoardScalars",
    "Throughput",
]

"""Ignite handlers that MONAI and Ignite lack."""

from monai_seg.handlers.annealing import Annealing
from monai_seg.handlers.case_scores import CaseScores
from monai_seg.handlers.checkpoints import Checkpoints
from monai_seg.handlers.class_gate import ClassGate
from monai_seg.handlers.class_scores import ClassScores
from monai_seg.handlers.class_table import ClassTable
from monai_seg.handlers.early_stop import EarlyStop
from monai_seg.handlers.finite_values import FiniteValues
from monai_seg.handlers.gated_operating_point import GatedOperatingPoint
from monai_seg.handlers.in_turn import InTurn
from monai_seg.handlers.inference_progress import InferenceProgress
from monai_seg.handlers.interruptions import Interruptions
from monai_seg.handlers.learning_curves import LearningCurves
from monai_seg.handlers.losses_csv import LossesCsv
from monai_seg.handlers.metrics_csv import MetricsCsv
from monai_seg.handlers.mlflow_scores import MlflowScores
from monai_seg.handlers.mlflow_search import MlflowSearch
from monai_seg.handlers.mlflow_training import MlflowTraining
from monai_seg.handlers.operating_point import OperatingPoint
from monai_seg.handlers.overlay_pictures import OverlayPictures
from monai_seg.handlers.progress import Progress
from monai_seg.handlers.repeatable_randomness import RepeatableRandomness
from monai_seg.handlers.run_card import RunCard
from monai_seg.handlers.tensorboard_curves import TensorBoardCurves
from monai_seg.handlers.tensorboard_run import TensorBoardRun
from monai_seg.handlers.tensorboard_scalars import TensorBoardScalars
from monai_seg.handlers.throughput import Throughput

__all__ = [
    "Annealing",
    "CaseScores",
    "Checkpoints",
    "ClassGate",
    "ClassScores",
    "ClassTable",
    "EarlyStop",
    "FiniteValues",
    "GatedOperatingPoint",
    "InTurn",
    "InferenceProgress",
    "Interruptions",
    "LearningCurves",
    "LossesCsv",
    "MetricsCsv",
    "MlflowScores",
    "MlflowSearch",
    "MlflowTraining",
    "OperatingPoint",
    "OverlayPictures",
    "Progress",
    "RepeatableRandomness",
    "RunCard",
    "TensorBoardCurves",
    "TensorBoardRun",
    "TensorBoardScalars",
    "Throughput",
]

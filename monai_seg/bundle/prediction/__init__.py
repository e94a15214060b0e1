"""Masks by ONNX Runtime and numpy alone: neither torch nor MONAI is imported."""

from monai_seg.bundle.prediction.predict import predict

__all__ = ["predict"]

"""Networks that MONAI lacks, and what makes MONAI's fit any image and device."""

from monai_seg.networks.classification_network import ClassificationNetwork
from monai_seg.networks.clip_zero_shot import ClipZeroShot
from monai_seg.networks.deeplabv3plus import DeepLabV3Plus
from monai_seg.networks.hub_classifier import HubClassifier, log_parameters, save_description
from monai_seg.networks.resnet_unet import ResNetUNet
from monai_seg.networks.resnet_unet_aspp import ResNetUNetASPP
from monai_seg.networks.segmentation_network import SegmentationNetwork, find_divisor

__all__ = [
    "ClassificationNetwork",
    "ClipZeroShot",
    "DeepLabV3Plus",
    "HubClassifier",
    "ResNetUNet",
    "ResNetUNetASPP",
    "SegmentationNetwork",
    "find_divisor",
    "log_parameters",
    "save_description",
]

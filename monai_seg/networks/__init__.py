"""Networks that MONAI lacks, and what makes MONAI's fit any image and device."""

from monai_seg.networks.classification_network import ClassificationNetwork
from monai_seg.networks.clip_zero_shot import ClipZeroShot
from monai_seg.networks.data_parallel import data_parallel
from monai_seg.networks.deeplabv3plus import DeepLabV3Plus
from monai_seg.networks.freeze import prepare_encoder
from monai_seg.networks.hub_classifier import HubClassifier, log_parameters, save_description
from monai_seg.networks.multitask_unet import MultiTaskUNet
from monai_seg.networks.parameter_groups import parameter_groups
from monai_seg.networks.resnet_unet import ResNetUNet
from monai_seg.networks.resnet_unet_aspp import ResNetUNetASPP
from monai_seg.networks.segmentation_network import SegmentationNetwork, find_divisor

__all__ = [
    "ClassificationNetwork",
    "ClipZeroShot",
    "DeepLabV3Plus",
    "HubClassifier",
    "MultiTaskUNet",
    "ResNetUNet",
    "ResNetUNetASPP",
    "SegmentationNetwork",
    "data_parallel",
    "find_divisor",
    "log_parameters",
    "parameter_groups",
    "prepare_encoder",
    "save_description",
]

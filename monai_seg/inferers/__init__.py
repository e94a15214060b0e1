"""What becomes of predictions: masks and overlays beside them."""

from monai_seg.inferers.averaged import AveragedInferer
from monai_seg.inferers.drawn_windows import DrawnWindows
from monai_seg.inferers.mask_and_class import MaskAndClassInferer
from monai_seg.inferers.mask_drawing import DrawBinary, DrawClasses
from monai_seg.inferers.save_mask import SaveMaskd
from monai_seg.inferers.save_overlay import SaveOverlayd

__all__ = [
    "AveragedInferer",
    "DrawBinary",
    "DrawClasses",
    "DrawnWindows",
    "MaskAndClassInferer",
    "SaveMaskd",
    "SaveOverlayd",
]

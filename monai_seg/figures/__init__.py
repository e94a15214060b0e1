"""Pictures of cases and of training, from arrays and CSV files; numpy, Pillow and matplotlib only."""

from monai_seg.figures.curves import draw_curves
from monai_seg.figures.overlay import captioned_overlay, overlay, write_overlay
from monai_seg.figures.palette import OKABE_ITO, Palette

__all__ = ["OKABE_ITO", "Palette", "captioned_overlay", "draw_curves", "overlay", "write_overlay"]

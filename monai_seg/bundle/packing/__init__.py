"""From a run to a zip: configs written out, in plain words where there are such, with weights, card and manifest."""

from monai_seg.bundle.packing.pack import Packed, pack

__all__ = ["Packed", "pack"]

"""Writes a picture with its prediction drawn in, for the eye."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from monai.transforms import Transform

from monai_seg.durable import make_folder
from monai_seg.figures import write_overlay


class SaveOverlayd(Transform):
    """Writes ``picture`` with ``pred``, and ``label`` where there is one, to the file named under ``overlay``."""

    def __call__(self, data: Mapping[str, Any]) -> dict[str, Any]:
        path = Path(data["overlay"])
        make_folder(path.parent)
        picture = np.asarray(data["picture"])
        picture = (picture / 257 if picture.max(initial=0) > 255 else picture).round().astype(np.uint8)  # of 16 bits
        label = None if data.get("label") is None else np.asarray(data["label"])
        write_overlay(path, picture, label, np.asarray(data["pred"]))
        return dict(data)

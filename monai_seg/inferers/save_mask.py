"""Writes a predicted mask in the data set's own encoding."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from monai.transforms import MapTransform

from monai_seg.data import write_mask
from monai_seg.durable import make_folder


class SaveMaskd(MapTransform):
    """Writes ``pred`` to the file that the case names under ``output``; the mask has the prediction's own size.

    Args:
        encoding: how masks are encoded in files, as the config declares it for reading.
        keys: entry with the (1, H, W) class ids.
        path_key: entry with the path.
    """

    def __init__(self, encoding: Mapping[str, Any], keys: str = "pred", path_key: str = "output") -> None:
        super().__init__(keys)
        self.encoding, self.path_key = encoding, path_key

    def __call__(self, data: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
        path = Path(data[self.path_key])
        make_folder(path.parent)
        for key in self.key_iterator(data):
            write_mask(path, np.asarray(data[key][0]).astype(np.uint8, copy=False), self.encoding)
        return dict(data)

"""Batch augmentation that moves pixels: flips and affine maps, the same for image and label."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from monai_seg.transforms.batch import BatchTransform

IMAGE_AND_LABEL = ("image", "label")


class RandFlipBatchd(BatchTransform):
    """Mirrors samples along one axis.

    Args:
        prob: share of the samples.
        spatial_axis: 0 flips rows (top and bottom change places), 1 flips columns (left and right).
    """

    def __init__(self, prob: float = 0.5, spatial_axis: int = 1, keys: Sequence[str] = IMAGE_AND_LABEL) -> None:
        super().__init__(prob, keys)
        if spatial_axis not in (0, 1):
            raise ValueError(f"spatial_axis must be 0 (rows) or 1 (columns), got {spatial_axis}")
        self.spatial_axis = spatial_axis

    def draw(self, rng: np.random.Generator) -> bool:
        return True

    def apply(self, key: str, tensor: Tensor, drawn: list[bool]) -> Tensor:
        return tensor.flip(self.spatial_axis + 2)


class RandAffineBatchd(BatchTransform):
    """Turns, scales, shears and shifts samples, in one resampling.

    Args:
        prob: share of the samples.
        rotate_deg: largest turn to either side in degrees.
        scale: (smallest, largest) magnification.
        shear: largest shear to either side, as a share of the image.
        translate: largest shift to either side, as a share of the image's height and width.
        padding_mode: what comes in from outside: "zeros", "border" or "reflection". The label gets what the image gets.

    Images are resampled bilinearly, labels by the nearest pixel.
    """

    def __init__(
        self,
        prob: float = 0.5,
        rotate_deg: float = 15.0,
        scale: tuple[float, float] = (0.85, 1.15),
        shear: float = 0.0,
        translate: float = 0.05,
        padding_mode: str = "zeros",
        keys: Sequence[str] = IMAGE_AND_LABEL,
    ) -> None:
        super().__init__(prob, keys)
        if padding_mode not in ("zeros", "border", "reflection"):
            raise ValueError(f"padding_mode must be one of zeros, border, reflection, got {padding_mode!r}")
        self.rotate_deg, self.scale, self.shear = rotate_deg, tuple(scale), shear
        self.translate, self.padding_mode = translate, padding_mode

    def draw(self, rng: np.random.Generator) -> dict[str, float]:
        turn, lean, down, right = rng.uniform(-1, 1, size=4)
        return {
            "angle": math.radians(self.rotate_deg) * turn,
            "zoom": math.exp(rng.uniform(math.log(self.scale[0]), math.log(self.scale[1]))),
            "lean": self.shear * lean,
            "down": 2 * self.translate * down,  # grid coordinates run from -1 to 1
            "right": 2 * self.translate * right,
        }

    def together(self, drawn: list[dict[str, float]], like: Tensor) -> Tensor:
        theta = torch.tensor([_theta(one, *like.shape[-2:]) for one in drawn], dtype=torch.float32,
                             device=like.device)
        return grid_of(theta, *like.shape[-2:])

    def apply(self, key: str, tensor: Tensor, grid: Tensor) -> Tensor:
        mode = "nearest" if key == "label" else "bilinear"
        moved = grid_sample(tensor.float(), grid, mode=mode, padding_mode=self.padding_mode, align_corners=False)
        return moved.to(tensor.dtype)


def grid_of(theta: Tensor, height: int, width: int) -> Tensor:
    """Return (N, H, W, 2) places by (N, 2, 3) maps, as torch's `affine_grid` does without `align_corners`.

    A row's part and a column's part are added, x and y as one complex number, in place of a product of matrices for
    each pixel: a thirtieth of the time on a processor.
    """
    columns, rows = ((2 * torch.arange(length, dtype=theta.dtype, device=theta.device) + 1) / length - 1
                     for length in (width, height))
    along = theta[:, None, :, 0] * columns[:, None] + theta[:, None, :, 2]  # (N, W, 2)
    down = theta[:, None, :, 1] * rows[:, None]  # (N, H, 2)
    return torch.view_as_real(torch.view_as_complex(down)[:, :, None] + torch.view_as_complex(along)[:, None])


def _theta(drawn: dict[str, float], height: int, width: int) -> list[list[float]]:
    """Return the (2, 3) map from output to input in grid coordinates (x right, y down), free of aspect distortion."""
    cos, sin, zoom = math.cos(drawn["angle"]), math.sin(drawn["angle"]), drawn["zoom"]
    aspect = height / width
    return [
        [cos / zoom, (-sin + drawn["lean"]) * aspect / zoom, drawn["right"]],
        [sin / aspect / zoom, cos / zoom, drawn["down"]],
    ]

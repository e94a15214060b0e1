"""Sliding windows whose result is the mask: for pictures of which a map of numbers would not fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import torch
from monai.data import MetaTensor
from monai.data.utils import compute_importance_map, dense_patch_slices
from monai.inferers import Inferer
from torch import Tensor

from monai_seg.errors import InputError
from monai_seg.inferers.mask_drawing import DrawBinary, DrawClasses, Drawing

Window = tuple[int, int, int]  # image, top, left


class DrawnWindows(Inferer):
    """MONAI's `SlidingWindowInferer` and what post.json makes of its result, in one go over the image.

    Windows, their order, weights and sums are MONAI's, so the logits are bit for bit the same. As soon as no window
    will touch a row any more, the row is drawn and its logits are dropped. Beside image and mask, the memory is that
    of a row of windows; and for several classes that of the pixels whose class may turn out not to be shown, one byte
    per class and eight for each such pixel.

    Args:
        roi_size: (H, W) of a window; an image must be as large at least.
        draw: makes the mask.
        intensity: dictionary transform that turns pixels of ``image`` into what the network takes, element by element;
            it is applied to windows, so that the image stays as small as it is in its file.
        sw_batch_size: windows that the network gets at a time.
        overlap: share of a window that the next one covers again.
        mode: "gaussian" or "constant" weights.

    Shape:
        Input (B, C, H, W); the network's logits (n, classes, h, w). Result (B, 1, H, W) uint8 class ids in memory.

    Raises:
        InputError: the image is smaller than the window.
    """

    def __init__(
        self,
        roi_size: Sequence[int],
        draw: DrawBinary | DrawClasses,
        intensity: Callable[[dict[str, Any]], Mapping[Any, Any]] | None = None,
        sw_batch_size: int = 4,
        overlap: float = 0.25,
        mode: str = "gaussian",
    ) -> None:
        super().__init__()
        self.size, self.draw, self.intensity = (int(roi_size[0]), int(roi_size[1])), draw, intensity
        self.batch_size, self.overlap = sw_batch_size, overlap
        self._weights = compute_importance_map(self.size, mode=mode, sigma_scale=0.125)[None].float()

    def __call__(self, inputs: Tensor, network: Callable[..., Any], *args: Any, **kwargs: Any) -> Tensor:
        image = inputs.as_tensor() if isinstance(inputs, MetaTensor) else inputs
        height, width = image.shape[-2:]
        if height < self.size[0] or width < self.size[1]:
            raise InputError("image_size", f"the window is (H, W) {self.size}, the image {(height, width)}",
                             "pad images to the window, as fit: native does")
        masks: list[Tensor] = []
        for number, windows in _by_image(self._logits(image, network, *args, **kwargs)):
            bands = _Bands(self.draw.begin(height, width), self._weights.to(image.device), width)
            for top, left, logits in windows:
                bands.add(top, left, logits)
            assert number == len(masks)
            masks.append(bands.finish())
        drawn = masks[0][None] if len(masks) == 1 else torch.stack(masks)
        return MetaTensor(drawn).copy_meta_from(inputs, copy_attr=False) if isinstance(inputs, MetaTensor) else drawn

    def _logits(
        self, image: Tensor, network: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> Iterator[tuple[Window, Tensor]]:
        interval = tuple(max(1, int(side * (1 - self.overlap))) for side in self.size)
        places = dense_patch_slices(tuple(image.shape[-2:]), self.size, interval)
        windows = [(number, rows.start, columns.start) for number in range(len(image)) for rows, columns in places]
        height, width = self.size
        for start in range(0, len(windows), self.batch_size):
            some = windows[start : start + self.batch_size]
            pixels = torch.stack([image[number, :, top : top + height, left : left + width]
                                  for number, top, left in some])
            yield from zip(some, network(self._scaled(pixels), *args, **kwargs), strict=True)

    def _scaled(self, pixels: Tensor) -> Tensor:
        if self.intensity is None:
            return pixels
        scaled = self.intensity({"image": pixels})["image"]
        return scaled.as_tensor() if isinstance(scaled, MetaTensor) else scaled


class _Bands:
    """Rows that windows still add to: weighted logits, and the sum of their weights."""

    def __init__(self, drawing: Drawing, weights: Tensor, width: int) -> None:
        self.drawing, self.weights, self.width = drawing, weights, width
        self.top = 0
        self.sums = self.counts = torch.zeros(0)

    def add(self, top: int, left: int, logits: Tensor) -> None:
        height, width = logits.shape[-2:]
        if len(self.sums) == 0:
            self.sums = logits.new_zeros(len(logits), height, self.width)
            self.counts = logits.new_zeros(1, height, self.width)
        elif top > self.top:
            self._draw(top - self.top)
            self.sums, self.counts = (_moved_up(rows, top - self.top) for rows in (self.sums, self.counts))
        self.top = top
        self.sums[..., left : left + width] += logits * self.weights
        self.counts[..., left : left + width] += self.weights

    def finish(self) -> Tensor:
        self._draw(self.sums.shape[1])
        return self.drawing.finish()

    def _draw(self, rows: int) -> None:
        self.drawing.add(self.top, self.sums[:, :rows] / self.counts[:, :rows])


def _moved_up(rows: Tensor, by: int) -> Tensor:
    moved = torch.zeros_like(rows)
    moved[:, : rows.shape[1] - by] = rows[:, by:]
    return moved


def _by_image(
    windows: Iterator[tuple[Window, Tensor]],
) -> Iterator[tuple[int, Iterator[tuple[int, int, Tensor]]]]:
    for number, group in groupby(windows, key=lambda item: item[0][0]):
        yield number, ((top, left, logits) for (_, top, left), logits in group)

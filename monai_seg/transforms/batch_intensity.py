"""Batch augmentation of grey values and colours in [0, 1]: what scanners, exposure and compression do to a picture."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from monai_seg.transforms.batch import BatchTransform, per_sample


class RandContrastBatchd(BatchTransform):
    """Stretches grey values about the image's mean and shifts them: x -> mean + factor * (x - mean) + shift.

    Args:
        prob: share of the samples.
        factor: (smallest, largest) stretch.
        shift: largest shift up or down.
    """

    def __init__(self, prob: float = 0.5, factor: tuple[float, float] = (0.75, 1.25), shift: float = 0.1) -> None:
        super().__init__(prob)
        self.factor, self.shift = tuple(factor), shift

    def draw(self, rng: np.random.Generator) -> tuple[float, float]:
        factor = math.exp(rng.uniform(math.log(self.factor[0]), math.log(self.factor[1])))
        return factor, rng.uniform(-self.shift, self.shift)

    def apply(self, key: str, tensor: Tensor, drawn: list[tuple[float, float]]) -> Tensor:
        factor = per_sample([one[0] for one in drawn], tensor)
        shift = per_sample([one[1] for one in drawn], tensor)
        mean = tensor.mean(dim=(1, 2, 3), keepdim=True)
        return torch.addcmul(mean * (1 - factor) + shift, tensor, factor).clamp_(0, 1)


class RandGammaBatchd(BatchTransform):
    """Bends the grey scale: x -> x ** gamma, as another exposure or display curve would.

    Args:
        prob: share of the samples.
        gamma: (smallest, largest) exponent.
    """

    def __init__(self, prob: float = 0.3, gamma: tuple[float, float] = (0.7, 1.5)) -> None:
        super().__init__(prob)
        self.gamma = tuple(gamma)

    def draw(self, rng: np.random.Generator) -> float:
        return math.exp(rng.uniform(math.log(self.gamma[0]), math.log(self.gamma[1])))

    def apply(self, key: str, tensor: Tensor, drawn: list[float]) -> Tensor:
        return tensor.clamp(0, 1) ** per_sample(drawn, tensor)


class RandNoiseBatchd(BatchTransform):
    """Adds Gaussian noise.

    Args:
        prob: share of the samples.
        std: largest standard deviation, in units of the [0, 1] scale.
    """

    def __init__(self, prob: float = 0.15, std: float = 0.05) -> None:
        super().__init__(prob)
        self.std = std

    def draw(self, rng: np.random.Generator) -> tuple[float, int]:
        return rng.uniform(0, self.std), int(rng.integers(2**62))

    def apply(self, key: str, tensor: Tensor, drawn: list[tuple[float, int]]) -> Tensor:
        noise = torch.stack([_noise(seed, tensor[0]) for _, seed in drawn])
        return (tensor + noise * per_sample([std for std, _ in drawn], tensor)).clamp_(0, 1)


class RandBlurBatchd(BatchTransform):
    """Loses detail: shrinks the image by a factor and enlarges it again.

    Args:
        prob: share of the samples.
        factor: (smallest, largest) shrinking of height and width, 1 is none.
    """

    def __init__(self, prob: float = 0.1, factor: tuple[float, float] = (1.5, 2.5)) -> None:
        super().__init__(prob)
        self.smallest, self.largest = factor

    def draw(self, rng: np.random.Generator) -> float:
        return rng.uniform(self.smallest, self.largest)

    def apply(self, key: str, tensor: Tensor, drawn: list[float]) -> Tensor:
        return torch.cat([_blur(tensor[i : i + 1], factor) for i, factor in enumerate(drawn)])


class RandColourBatchd(BatchTransform):
    """Scales each colour channel by a factor of its own: another stain, lamp or white balance. Grey images stay.

    Args:
        prob: share of the samples.
        strength: largest change of a channel, as a share.
    """

    def __init__(self, prob: float = 0.5, strength: float = 0.15) -> None:
        super().__init__(prob)
        self.strength = strength

    def draw(self, rng: np.random.Generator) -> Sequence[float]:
        return (1 + rng.uniform(-self.strength, self.strength, size=4)).tolist()  # as many as channels may be

    def apply(self, key: str, tensor: Tensor, drawn: list[Sequence[float]]) -> Tensor:
        channels = tensor.shape[1]
        if channels == 1:
            return tensor
        factors = torch.tensor([one[:channels] for one in drawn], dtype=tensor.dtype, device=tensor.device)
        return (tensor * factors[:, :, None, None]).clamp_(0, 1)


def _noise(seed: int, like: Tensor) -> Tensor:
    generator = torch.Generator(like.device).manual_seed(seed)
    return torch.randn(like.shape, generator=generator, device=like.device, dtype=like.dtype)


def _blur(image: Tensor, factor: float) -> Tensor:
    height, width = image.shape[-2:]
    small = interpolate(image, size=(max(1, round(height / factor)), max(1, round(width / factor))), mode="area")
    return interpolate(small, size=(height, width), mode="bilinear", align_corners=False)

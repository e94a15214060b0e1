"""A MONAI network made fit for any image size and for the device's best precision.

MONAI's networks want height and width that their strides divide, return a list, a stack or a tensor by their kind and
mode, and leave precision to the caller. Around any of them this module gives one behaviour:

    logits (B, C, H, W) float32 of the input's size; in training a list of them where the network is deeply supervised,
    the finest first; where the network has a class branch, the pair of these and of its logits (B, K) float32.

What is frozen of the network stays in eval mode.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from monai.networks.nets import BasicUNetPlusPlus
from torch import Tensor, nn
from torch.nn.functional import interpolate, pad

from monai_seg.distributed import find_precision
from monai_seg.errors import InputError
from monai_seg.networks.freeze import frozen_parts
from monai_seg.networks.quick_convolution import channels_last
from monai_seg.networks.quicken import quicken

DIVISORS = (1, 2, 4, 8, 16, 32, 64, 128)


class SegmentationNetwork(nn.Module):
    """Runs ``network`` on images of any height and width from 32 up.

    The weights stay those of ``network``: save and load its state dict, not this one's.

    Args:
        network: takes (B, in_channels, H, W), gives logits of the same H and W.
        in_channels: channels of the images; checked against the network before any data is read.
        out_channels: channels of the logits; checked likewise.
        device: where it runs.
        precision: "auto", "fp32" or "bf16", see `find_precision`. The logits are float32 in every case.
        prior: share of pixels that the untrained network shall take for foreground, set by the bias of its last
            convolution that an evaluation calls. Rare lesions need it: from a bias of 0 some hundred steps go into
            nothing but lowering it. None leaves the bias as the network was made. For one sigmoid channel.
        divisor: what H and W are padded to a multiple of; found by trying where it is not given.
        num_classes: logits of the class branch; checked like the channels. None takes a network with or without one.

    Shape:
        Input (B, in_channels, H, W); result (B, out_channels, H, W), with a class branch a pair of that and (B, K).

    Raises:
        InputError: the network's channels or classes are not those of the data, or it accepts no size that was tried;
            ``prior`` is not between 0 and 1, or there is no bias to hold it.
    """

    def __init__(
        self,
        network: nn.Module,
        in_channels: int,
        out_channels: int,
        device: torch.device | str = "cpu",
        precision: str = "auto",
        prior: float | None = None,
        divisor: int | None = None,
        num_classes: int | None = None,
    ) -> None:
        super().__init__()
        self.divisor = divisor or find_divisor(network, in_channels, out_channels)
        if num_classes is not None:
            _check_classes(network, num_classes, _trial_image(in_channels, self.divisor))
        if prior is not None:
            set_prior(network, prior, _trial_image(in_channels, self.divisor))
        self.device = torch.device(device)
        quicken(network)
        self.network = network.to(self.device)
        self.dtype = find_precision(precision, self.device)

    def forward(self, image: Tensor) -> Any:
        height, width = image.shape[-2:]
        below, right = self._missing(height), self._missing(width)
        if below or right:
            image = pad(image, (0, right, 0, below), mode="replicate")
        if self.device.type == "cpu":
            image = channels_last(image)
        with torch.autocast(self.device.type, dtype=self.dtype or torch.bfloat16, enabled=self.dtype is not None):
            outputs = self.network(image)
        masks, classes = split_tasks(outputs)
        levels = _levels(self.network, masks, image.ndim)
        if not self.training:
            del levels[1:]
        levels = [_enlarged(level, (height + below, width + right))[..., :height, :width].float() for level in levels]
        logits = levels if len(levels) > 1 else levels[0]
        return logits if classes is None else (logits, classes.float())

    def train(self, mode: bool = True) -> SegmentationNetwork:
        super().train(mode)
        for part in frozen_parts(self.network) if mode else ():
            part.eval()
        return self

    def _missing(self, length: int) -> int:
        """Return how many pixels ``length`` lacks to a multiple of the divisor: two at least, as norms need pixels."""
        return max(-length % self.divisor, 2 * self.divisor - length)


def split_tasks(outputs: Any) -> tuple[Any, Tensor | None]:
    """Return the mask logits, in whatever form the network gives them, and the class logits (B, K) if it gives any."""
    if isinstance(outputs, tuple | list) and len(outputs) == 2 and getattr(outputs[1], "ndim", 0) == 2:
        return outputs[0], outputs[1]
    return outputs, None


def set_prior(network: nn.Module, prior: float, image: Tensor) -> None:
    """Set the bias of the last convolution so that the mean logit stands for probability ``prior``.

    That is the last that ``network`` calls for ``image`` on the way to its mask logits: the last that it lists may be a
    head of a lower level, or belong to a class branch.

    Raises:
        InputError: ``prior`` is not between 0 and 1, or the last convolution has no bias.
    Source:
        Lin et al. 2017, section 4.1, https://arxiv.org/abs/1708.02002.
    """
    if not 0 < prior < 1:
        raise InputError("prior", f"must be between 0 and 1, got {prior}", "give the share of lesion pixels, or null")
    last = _last_convolution(network, image)
    if last is None or last.bias is None:
        raise InputError("prior", "the network's last convolution has no bias to hold it", "set prior to null")
    nn.init.constant_(last.bias, math.log(prior / (1 - prior)))


def find_divisor(network: nn.Module, in_channels: int, out_channels: int) -> int:
    """Return the smallest power of two that H and W must be multiples of for ``network``, by trying without data.

    Raises:
        InputError: see `SegmentationNetwork`.
    """
    with _evaluating(network):
        return _smallest_divisor(network, in_channels, out_channels)


@contextmanager
def _evaluating(network: nn.Module) -> Iterator[None]:
    was_training = network.training
    network.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        network.train(was_training)


def _last_convolution(network: nn.Module, image: Tensor) -> nn.Conv2d | nn.ConvTranspose2d | None:
    called: list[Any] = []
    kinds = (nn.Conv2d, nn.ConvTranspose2d)
    hooks = [module.register_forward_pre_hook(lambda module, _: called.append(module))
             for module in network.modules() if isinstance(module, kinds)]
    try:
        with _evaluating(network):
            with torch.enable_grad():
                masks, classes = split_tasks(network(image))
            if classes is not None:
                called = _leading_to(_levels(network, masks, image.ndim)[0], called)
    finally:
        for hook in hooks:
            hook.remove()
    return called[-1] if called else None


@torch.enable_grad()
def _leading_to(logits: Tensor, called: list[Any]) -> list[Any]:
    """Return those of ``called`` on which ``logits`` depend."""
    trained = [module for module in called if module.weight.requires_grad]
    gradients = torch.autograd.grad(logits.sum(), [module.weight for module in trained], allow_unused=True)
    return [module for module, gradient in zip(trained, gradients, strict=True) if gradient is not None]


def _check_classes(network: nn.Module, num_classes: int, image: Tensor) -> None:
    with _evaluating(network):
        _, classes = split_tasks(network(image))
    if classes is None or classes.shape[1] != num_classes:
        found = "no class logits" if classes is None else f"{classes.shape[1]} class logits"
        raise InputError("network_def", f"the network gives {found}, the data have {num_classes} classes of images",
                         "choose %bundles/networks/multitask_unet.json, its num_classes @num_classes")


def _smallest_divisor(network: nn.Module, in_channels: int, out_channels: int) -> int:
    reason = ""
    for divisor in DIVISORS:
        image = _trial_image(in_channels, divisor)
        try:
            logits = _levels(network, split_tasks(network(image))[0], image.ndim)[0]
        except (RuntimeError, ValueError, AssertionError, IndexError) as error:
            reason = str(error).split("\n")[0]
            continue
        if logits.shape[-2:] != image.shape[-2:]:
            reason = f"input {tuple(image.shape[-2:])} gives logits {tuple(logits.shape[-2:])}"
            continue
        if logits.shape[1] != out_channels:
            raise InputError("network_def", f"the network gives {logits.shape[1]} channels, the data have "
                             f"{out_channels}", "set its out_channels to @out_channels")
        return divisor
    raise InputError("network_def", f"the network takes no (1, {in_channels}, H, W) image: {reason}",
                     "set its in_channels to @in_channels and its spatial_dims to 2")


def _trial_image(in_channels: int, divisor: int) -> Tensor:
    height = max(3 * divisor, 32 + divisor)  # an odd multiple of the divisor, and of nothing larger
    return torch.zeros(1, in_channels, height, height + divisor)


def _levels(network: nn.Module, outputs: Any, image_ndim: int) -> list[Tensor]:
    """Return the outputs, the finest first, of a tensor, a list, or DynUNet's stack (B, levels, C, H, W)."""
    if isinstance(outputs, Tensor):
        return list(outputs.unbind(dim=1)) if outputs.ndim == image_ndim + 1 else [outputs]
    return list(outputs)[::-1] if isinstance(network, BasicUNetPlusPlus) else list(outputs)  # UNet++ ends with its best


def _enlarged(level: Tensor, size: tuple[int, int]) -> Tensor:
    """Return a lower level's logits at the padded image's size, so that the crop cuts off what was padded."""
    return level if level.shape[-2:] == size else interpolate(level, size, mode="bilinear", align_corners=False)

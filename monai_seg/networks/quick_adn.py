"""MONAI's block of norm, dropout and activation, gone through one image at a time on a processor."""

from __future__ import annotations

from monai.networks.blocks import ADN
from torch import Tensor, nn

from monai_seg.networks.quick_instance_norm import QuickInstanceNorm2d


class QuickADN(ADN):
    """MONAI's ADN; instance norm and an activation with one slope, nothing dropped between, are done together."""

    def forward(self, input: Tensor) -> Tensor:
        steps = [step for step in self if not _does_nothing(step)]
        if len(steps) == 2 and isinstance(norm := steps[0], QuickInstanceNorm2d) and norm.is_quick(input):
            slope = _slope(steps[1])
            if slope is not None:
                return norm.then(input, slope)
        return super().forward(input)


def _does_nothing(step: nn.Module) -> bool:
    return isinstance(step, nn.Dropout | nn.Dropout2d | nn.AlphaDropout) and (not step.training or step.p == 0)


def _slope(activation: nn.Module) -> Tensor | float | None:
    if isinstance(activation, nn.PReLU) and activation.num_parameters == 1:
        return activation.weight
    if isinstance(activation, nn.LeakyReLU):
        return activation.negative_slope
    return 0.0 if isinstance(activation, nn.ReLU) else None

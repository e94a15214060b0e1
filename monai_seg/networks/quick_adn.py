"""MONAI's block of norm, dropout and activation, gone through one image at a time on a processor."""

from __future__ import annotations

from monai.networks.blocks import ADN
from torch import Tensor, nn

from monai_seg.networks.quick_instance_norm import QuickInstanceNorm2d


class QuickADN(ADN):
    """MONAI's ADN; instance norm and an activation with one slope are done together.

    Dropout between them follows after them, which is the same: it multiplies by 0 or by more than 1, and such an
    activation of a multiple is the multiple of the activation.
    """

    def forward(self, input: Tensor) -> Tensor:
        return self.normed(input) if self.is_quick(input) else super().forward(input)

    def is_quick(self, image: Tensor) -> bool:
        """Return whether ``image`` can take the quick way: its steps are an instance norm, dropout, an activation."""
        norm, *between, activation = self if len(self) > 1 else (None, None)
        return (
            isinstance(norm, QuickInstanceNorm2d)
            and _slope(activation) is not None
            and all(isinstance(step, nn.Dropout | nn.Dropout2d) for step in between)
            and norm.is_quick(image)
        )

    def normed(self, image: Tensor, left_out: Tensor | None = None) -> Tensor:
        """Return what the quick way makes of ``image``; ``left_out`` as for `QuickInstanceNorm2d.then`."""
        norm, *between, activation = self
        assert isinstance(norm, QuickInstanceNorm2d)
        output = norm.then(image, _slope(activation), left_out)
        for dropout in between:
            output = dropout(output)
        return output


def _slope(activation: nn.Module | None) -> Tensor | float | None:
    if isinstance(activation, nn.PReLU) and activation.num_parameters == 1:
        return activation.weight
    if isinstance(activation, nn.LeakyReLU):
        return activation.negative_slope
    return 0.0 if isinstance(activation, nn.ReLU) else None

"""MONAI's block of DynUNet: instance norm and the activation behind it are done together on a processor."""

from __future__ import annotations

from monai.networks.blocks.dynunet_block import UnetBasicBlock
from torch import Tensor, nn

from monai_seg.networks.quick_instance_norm import QuickInstanceNorm2d


class QuickBasicBlock(UnetBasicBlock):
    """MONAI's UnetBasicBlock, norm by norm."""

    def forward(self, inp: Tensor) -> Tensor:
        return self._after(self.norm2, self.conv2(self._after(self.norm1, self.conv1(inp))))

    def _after(self, norm: nn.Module, image: Tensor) -> Tensor:
        if isinstance(norm, QuickInstanceNorm2d) and isinstance(self.lrelu, nn.LeakyReLU) and norm.is_quick(image):
            return norm.then(image, self.lrelu.negative_slope)
        return self.lrelu(norm(image))

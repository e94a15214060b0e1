"""ResNet as an encoder, layer by layer what torchvision's is, so that weights trained on ImageNet fit it.

MONAI's own encoder (`monai.networks.nets.resnet.ResNetEncoder`) has torchvision's layout from ResNet-50 up. For
ResNet-18 and 34 its shortcuts pad with zeros where torchvision's have a convolution, and no gradient passes them; nor
can it trade stride for dilation, which DeepLab needs.
"""

from __future__ import annotations

from monai.networks.nets.resnet import ResNet, ResNetEncoder, get_inplanes, resnet_params
from torch import Tensor, nn

from monai_seg.errors import InputError

BACKBONES = dict(zip(ResNetEncoder.get_encoder_names(), ResNetEncoder.num_channels_per_output(), strict=True))
OUTPUT_STRIDES = {32: (1, 1), 16: (1, 2), 8: (2, 4)}  # dilation of layer3 and layer4


class ResNetPyramid(ResNet):
    """MONAI's ResNet without its head, giving what its stem and each of its four layers give.

    Args:
        backbone: resnet10, 18, 34, 50, 101, 152 or 200.
        in_channels: channels of the image.
        output_stride: how many times smaller the last features are than the image: 32, 16 or 8. Below 32 the last
            layers keep their size and dilate their convolutions; parameters and their names stay the same.

    Shape:
        Input (B, in_channels, H, W); result five tensors (B, channels[i], H / s, W / s) with strides s of 2, 4, 8, 16
        and 32, none above ``output_stride``.

    Raises:
        InputError: no such backbone or output stride.
    Source:
        He et al. 2016, https://arxiv.org/abs/1512.03385; dilations as in Chen et al. 2017, section 3.1,
        https://arxiv.org/abs/1706.05587, without its multi-grid.
    """

    def __init__(self, backbone: str, in_channels: int, output_stride: int = 32) -> None:
        if backbone not in BACKBONES:
            raise InputError("network_def", f"backbone must be one of {', '.join(BACKBONES)}, got {backbone!r}",
                             "name one of these")
        if output_stride not in OUTPUT_STRIDES:
            raise InputError("network_def", f"output_stride must be 32, 16 or 8, got {output_stride!r}",
                             "give one of these")
        block, layers, *_ = resnet_params[backbone]
        super().__init__(
            block, layers, get_inplanes(), spatial_dims=2, n_input_channels=in_channels, conv1_t_stride=2,
            shortcut_type="B", bias_downsample=False, feed_forward=False,
        )  # fmt: skip
        self.channels: tuple[int, ...] = BACKBONES[backbone]
        before = 1
        for layer, dilation in zip((self.layer3, self.layer4), OUTPUT_STRIDES[output_stride], strict=True):
            if dilation > 1:
                _dilate(layer, before, dilation)
            before = dilation

    def forward(self, image: Tensor) -> list[Tensor]:  # type: ignore[override]  # as MONAI's ResNetFeatures
        features = [self.act(self.bn1(self.conv1(image)))]
        features.append(self.layer1(self.maxpool(features[0])))
        for layer in (self.layer2, self.layer3, self.layer4):
            features.append(layer(features[-1]))
        return features


def _dilate(layer: nn.Sequential, first: int, others: int) -> None:
    """Take the stride out of ``layer``: the convolution that had it sees as far as before, those after it further.

    So every second row and column of the result is what the strided layer gives.
    """
    dilation = first
    for module in layer.modules():
        if isinstance(module, nn.Conv2d):
            module.stride = (1, 1)
            if module.kernel_size == (3, 3):
                module.dilation = module.padding = (dilation, dilation)
                dilation = others

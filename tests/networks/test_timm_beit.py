"""BEiTv2 in timm's names gives what its definition gives, written down here once more in plain PyTorch."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tiny_backbones import MEAN, STD, timm_beit_weights, write_timm_beit
from torch import Tensor
from torch.nn.functional import conv2d, gelu, layer_norm, linear

from monai_seg.errors import InputError
from monai_seg.networks.hub_classifier import HubClassifier
from monai_seg.networks.timm_beit import is_timm_beit, translate_timm_beit

Weights = dict[str, Tensor]


def relative_index(side: int) -> Tensor:
    """Row of the table for each pair of tokens, the class token first: its last three rows are for pairs with it."""
    rows = (2 * side - 1) ** 2 + 3
    index = torch.zeros(side * side + 1, side * side + 1, dtype=torch.long)
    for one in range(side * side):
        for other in range(side * side):
            down, right = one // side - other // side, one % side - other % side
            index[one + 1, other + 1] = (down + side - 1) * (2 * side - 1) + right + side - 1
    index[0, :], index[:, 0], index[0, 0] = rows - 3, rows - 2, rows - 1
    return index


def beit_features(weights: Weights, pixels: Tensor, heads: int = 2, blocks: int = 2, patch: int = 8) -> Tensor:
    """The normed mean of the patches, by the weights in timm's names."""
    patches = conv2d(pixels, weights["patch_embed.proj.weight"], weights["patch_embed.proj.bias"], stride=patch)
    side, (batch, channels) = patches.shape[-1], patches.shape[:2]
    x = torch.cat([weights["cls_token"].expand(batch, -1, -1), patches.flatten(2).transpose(1, 2)], dim=1)
    index = relative_index(side)
    for block in range(blocks):
        own = {name.removeprefix(f"blocks.{block}."): value for name, value in weights.items()}
        normed = layer_norm(x, (channels,), own["norm1.weight"], own["norm1.bias"], 1e-6)
        bias = torch.cat([own["attn.q_bias"], torch.zeros(channels), own["attn.v_bias"]])
        query, key, value = (part.unflatten(-1, (heads, -1)).transpose(1, 2)
                             for part in linear(normed, own["attn.qkv.weight"], bias).chunk(3, dim=-1))
        scores = query @ key.transpose(-1, -2) * (channels // heads) ** -0.5
        scores = scores + own["attn.relative_position_bias_table"][index].permute(2, 0, 1)
        found = (scores.softmax(-1) @ value).transpose(1, 2).flatten(2)
        x = x + own["gamma_1"] * linear(found, own["attn.proj.weight"], own["attn.proj.bias"])
        normed = layer_norm(x, (channels,), own["norm2.weight"], own["norm2.bias"], 1e-6)
        wide = gelu(linear(normed, own["mlp.fc1.weight"], own["mlp.fc1.bias"]))
        x = x + own["gamma_2"] * linear(wide, own["mlp.fc2.weight"], own["mlp.fc2.bias"])
    return layer_norm(x[:, 1:].mean(dim=1), (channels,), weights["fc_norm.weight"], weights["fc_norm.bias"], 1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_timm_s_weights_give_their_own_features(seed: int, tmp_path: Path) -> None:
    weights = timm_beit_weights(seed)
    network = HubClassifier(write_timm_beit(tmp_path / "beitv2", weights), 4).eval()
    image = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(seed))
    pixels = (image - torch.tensor(MEAN).view(1, 3, 1, 1)) / torch.tensor(STD).view(1, 3, 1, 1)
    head = network.model.classifier
    expected = linear(beit_features(weights, pixels), head.weight, head.bias)
    assert torch.allclose(network(image), expected, atol=1e-5)


def test_all_weights_are_the_file_s_but_the_new_head(tmp_path: Path) -> None:
    network = HubClassifier(write_timm_beit(tmp_path / "beitv2", timm_beit_weights()), 4, freeze=True)
    trained = {name for name, parameter in network.named_parameters() if parameter.requires_grad}
    assert trained == {"model.classifier.weight", "model.classifier.bias"}


def test_a_weight_without_place_is_refused() -> None:
    with pytest.raises(InputError, match=r"model.bin: blocks.0.mlp.w12.weight has no place in BEiT"):
        translate_timm_beit({"blocks.0.mlp.w12.weight": torch.zeros(1)}, "model.bin")


@pytest.mark.parametrize(("description", "is_it"), [
    ({"architecture": "beitv2_base_patch16_224"}, True),
    ({"architecture": "beit_large_patch16_384"}, True),
    ({"architecture": "vit_base_patch16_224"}, False),
    ({"architecture": "beitv2_base_patch16_224", "model_type": "beit"}, False),
    ({"model_type": "swin"}, False),
])  # fmt: skip
def test_timm_s_beits_are_told_by_their_description(description: dict, is_it: bool) -> None:
    assert is_timm_beit(description) is is_it

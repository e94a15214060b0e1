"""BEiT and BEiTv2 as timm publishes them on the hub, for transformers' BEiT.

BEiTv2 is BEiT with another pre-training: the network is the same, but its weights are on the hub in timm's names alone
(``timm/beitv2_base_patch16_224.in1k_ft_in22k``); ``microsoft/beit-…`` are all of the first BEiT. timm itself needs
torchvision, so its names are translated here. The head is left out.

Source:
    Bao et al. 2021, https://arxiv.org/abs/2106.08254 (BEiT); Peng et al. 2022, https://arxiv.org/abs/2208.06366 (v2).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from monai_seg.errors import InputError
from monai_seg.networks.hub_backbone import import_transformers, read_json

ARCHITECTURE = re.compile(r"beit(v2)?_(?P<width>base|large)_patch(?P<patch>\d+)_(?P<side>\d+)")
WIDTHS = {"base": (768, 12, 12), "large": (1024, 24, 16)}  # channels, blocks, heads
BLOCK = {
    "gamma_1": "lambda_1", "gamma_2": "lambda_2",
    "norm1.weight": "layernorm_before.weight", "norm1.bias": "layernorm_before.bias",
    "norm2.weight": "layernorm_after.weight", "norm2.bias": "layernorm_after.bias",
    "attn.q_bias": "attention.attention.query.bias", "attn.v_bias": "attention.attention.value.bias",
    "attn.relative_position_bias_table":
        "attention.attention.relative_position_bias.relative_position_bias_table",
    "attn.proj.weight": "attention.output.dense.weight", "attn.proj.bias": "attention.output.dense.bias",
    "mlp.fc1.weight": "intermediate.dense.weight", "mlp.fc1.bias": "intermediate.dense.bias",
    "mlp.fc2.weight": "output.dense.weight", "mlp.fc2.bias": "output.dense.bias",
}  # fmt: skip
OUTSIDE = {
    "cls_token": "embeddings.cls_token",
    "patch_embed.proj.weight": "embeddings.patch_embeddings.projection.weight",
    "patch_embed.proj.bias": "embeddings.patch_embeddings.projection.bias",
    "fc_norm.weight": "pooler.layernorm.weight", "fc_norm.bias": "pooler.layernorm.bias",
}  # fmt: skip
LEFT_OUT = re.compile(r"head\..*|mask_token|.*relative_position_index|.*k_bias")  # k_bias is always 0


def is_timm_beit(description: Mapping[str, Any]) -> bool:
    """Return whether a ``config.json`` is timm's, of a BEiT."""
    return "model_type" not in description and bool(ARCHITECTURE.match(str(description.get("architecture", ""))))


def timm_beit_config(folder: Path, num_classes: int) -> Any:
    """Return transformers' config for the timm BEiT in ``folder``; ``model_args`` there replace the published sizes."""
    description = read_json(folder / "config.json")
    named = ARCHITECTURE.match(description["architecture"])
    assert named is not None  # is_timm_beit was asked
    channels, blocks, heads = WIDTHS[named["width"]]
    args = {"embed_dim": channels, "depth": blocks, "num_heads": heads, "img_size": int(named["side"]),
            "patch_size": int(named["patch"]), **(description.get("model_args") or {})}
    return import_transformers().BeitConfig(
        hidden_size=args["embed_dim"], num_hidden_layers=args["depth"], num_attention_heads=args["num_heads"],
        intermediate_size=4 * args["embed_dim"], image_size=args["img_size"], patch_size=args["patch_size"],
        use_relative_position_bias=True, layer_scale_init_value=1e-5, layer_norm_eps=1e-6, use_mean_pooling=True,
        num_labels=num_classes,
    )  # fmt: skip


def read_timm_beit(folder: Path) -> dict[str, Tensor]:
    """Return the weights of the timm BEiT in ``folder`` by transformers' names.

    Raises:
        InputError: a weight has no place in BEiT.
    """
    path = folder / "model.safetensors"
    if path.is_file():
        from safetensors.torch import load_file

        weights = load_file(path)
    else:
        path = folder / "pytorch_model.bin"
        weights = torch.load(path, map_location="cpu", weights_only=True)
    return translate_timm_beit(weights, path)


def translate_timm_beit(weights: Mapping[str, Tensor], where: str | Path = "weights") -> dict[str, Tensor]:
    """Return ``weights`` by the names that transformers' BEiT has on the hub; ``where`` is named in errors."""
    translated: dict[str, Tensor] = {}
    for name, value in weights.items():
        block = re.fullmatch(r"blocks\.(\d+)\.(.+)", name)
        if LEFT_OUT.fullmatch(name):
            continue
        if block and block[2] == "attn.qkv.weight":
            for part, rows in zip(("query", "key", "value"), value.chunk(3), strict=True):
                translated[f"beit.encoder.layer.{block[1]}.attention.attention.{part}.weight"] = rows.clone()
        elif block and block[2] in BLOCK:
            translated[f"beit.encoder.layer.{block[1]}.{BLOCK[block[2]]}"] = value
        elif name in OUTSIDE:
            translated[f"beit.{OUTSIDE[name]}"] = value
        else:
            raise InputError(where, f"{name} has no place in BEiT", "name another backbone")
    return translated

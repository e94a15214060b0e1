"""Backbones of a few thousand weights in the folders that transformers, or timm, would write; nothing is fetched."""

from __future__ import annotations

import json
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

SIDE = 32
VIT = {"hidden_size": 16, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 32}
MEAN, STD = (0.5, 0.4, 0.3), (0.2, 0.3, 0.4)


def write_backbone(kind: str, folder: Path, seed: int = 0) -> Path:
    """Write the tiny backbone ``kind``, one of `KINDS`, with random weights that ``seed`` gives."""
    from transformers import AutoModel
    from transformers.utils import logging

    logging.disable_progress_bar()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = AutoModel.from_config(KINDS[kind]())
        for parameter in model.parameters():  # norms and biases, too, so that none of them can be mixed up unseen
            parameter.data += 0.1 * torch.randn_like(parameter)
        model.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(
        {"image_mean": MEAN, "image_std": STD, "do_center_crop": True, "crop_size": {"height": 30, "width": 30}}))
    return folder


def _swin() -> Any:
    from transformers import SwinConfig

    return SwinConfig(image_size=SIDE, patch_size=2, embed_dim=12, depths=[1, 2], num_heads=[2, 2], window_size=4)


def _vit() -> Any:
    from transformers import ViTConfig

    return ViTConfig(image_size=SIDE, patch_size=8, hidden_dropout_prob=0.3, **VIT)


def _dinov2() -> Any:
    from transformers import Dinov2Config

    return Dinov2Config(image_size=56, patch_size=14, drop_path_rate=0.3,
                        **{key: value for key, value in VIT.items() if key != "intermediate_size"})


def _beit() -> Any:
    from transformers import BeitConfig

    return BeitConfig(image_size=SIDE, patch_size=8, use_relative_position_bias=True, **VIT)


KINDS: dict[str, Callable[[], Any]] = {"swin": _swin, "vit": _vit, "dinov2": _dinov2, "beit": _beit}


def timm_beit_weights(seed: int = 0, channels: int = 16, blocks: int = 2, heads: int = 2) -> dict[str, Tensor]:
    """Return random weights by timm's names of a BEiTv2 for images of 32 x 32 in patches of 8 x 8."""
    random = torch.Generator().manual_seed(seed)
    side = SIDE // 8
    shapes: dict[str, tuple[int, ...]] = {
        "cls_token": (1, 1, channels), "patch_embed.proj.weight": (channels, 3, 8, 8), "patch_embed.proj.bias":
        (channels,), "fc_norm.weight": (channels,), "fc_norm.bias": (channels,), "head.weight": (7, channels),
        "head.bias": (7,)}
    for block in range(blocks):
        shapes |= {f"blocks.{block}.{name}": shape for name, shape in {
            "gamma_1": (channels,), "gamma_2": (channels,), "norm1.weight": (channels,), "norm1.bias": (channels,),
            "norm2.weight": (channels,), "norm2.bias": (channels,), "attn.q_bias": (channels,),
            "attn.v_bias": (channels,), "attn.relative_position_bias_table": ((2 * side - 1) ** 2 + 3, heads),
            "attn.qkv.weight": (3 * channels, channels), "attn.proj.weight": (channels, channels),
            "attn.proj.bias": (channels,), "mlp.fc1.weight": (4 * channels, channels), "mlp.fc1.bias": (4 * channels,),
            "mlp.fc2.weight": (channels, 4 * channels), "mlp.fc2.bias": (channels,)}.items()}
    return {name: torch.randn(shape, generator=random) * 0.3 for name, shape in shapes.items()}


def write_timm_beit(folder: Path, weights: dict[str, Tensor]) -> Path:
    """Write ``weights`` as timm's hub folders have them."""
    folder.mkdir(parents=True)
    save_file(weights, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps({
        "architecture": "beitv2_base_patch8_32", "num_classes": 7,
        "model_args": {"embed_dim": 16, "depth": 2, "num_heads": 2},
        "pretrained_cfg": {"mean": MEAN, "std": STD},
    }))  # fmt: skip
    return folder


def write_clip(folder: Path, seed: int = 0) -> Path:
    """Write a tiny CLIP with a tokenizer that takes a text letter by letter, 40 tokens at most."""
    from transformers import CLIPConfig, CLIPModel
    from transformers.utils import logging

    logging.disable_progress_bar()
    letters = string.ascii_lowercase + string.digits + ",.-"
    tokens = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    half = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        CLIPModel(CLIPConfig(
            text_config={**half, "vocab_size": len(tokens), "max_position_embeddings": 40,
                         "bos_token_id": len(tokens) - 2, "eos_token_id": len(tokens) - 1},
            vision_config={**half, "image_size": SIDE, "patch_size": 8}, projection_dim=8,
        )).save_pretrained(folder)  # fmt: skip
    (folder / "vocab.json").write_text(json.dumps({token: id for id, token in enumerate(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "CLIPTokenizer"}))
    (folder / "preprocessor_config.json").write_text(json.dumps({"image_mean": MEAN, "image_std": STD}))
    return folder

"""Reading a file, or a folder, of weights into names and tensors, without running anything that it holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from monai_seg.errors import InputError

IN_FOLDER = ("model.safetensors", "pytorch_model.bin")
NESTED = ("state_dict", "model", "model_state_dict", "network")  # where programs keep the weights in their checkpoints
MEND = "give a .pth or .safetensors of weights, or a folder with config.json and model.safetensors"


def read_weights(path: Path) -> dict[str, Tensor]:
    """Return the weights in ``path``: a state dict of torch, a safetensors file, or a folder of transformers.

    Raises:
        InputError: no such file, or it holds no weights; a ResNet whose stride lies elsewhere than torchvision's.
    """
    if path.is_dir():
        path = _file_in(path)
    if not path.is_file():
        raise InputError(path, "no file or folder of weights here", MEND)
    content = _read_safetensors(path) if path.suffix == ".safetensors" else _read_torch(path)
    weights = {str(name): value for name, value in content.items() if isinstance(value, Tensor)}
    if not weights:
        raise InputError(path, f"holds no weights ({', '.join(map(str, list(content)[:5])) or 'nothing'})", MEND)
    return weights


def _file_in(folder: Path) -> Path:
    found = next((folder / name for name in IN_FOLDER if (folder / name).is_file()), None)
    if found is None:
        raise InputError(folder, f"holds none of {', '.join(IN_FOLDER)}", MEND)
    config = folder / "config.json"
    try:
        told = json.loads(config.read_text(encoding="utf-8")) if config.is_file() else {}
    except (OSError, ValueError) as error:
        raise InputError(config, f"not a readable JSON file ({error})", "fetch the folder anew") from error
    for key in ("downsample_in_bottleneck", "downsample_in_first_stage"):
        if isinstance(told, dict) and told.get(key):
            raise InputError(config, f"{key} is true: the same weights would mean another network here",
                             "give a ResNet with torchvision's strides")
    return found


def _read_safetensors(path: Path) -> dict[str, Any]:
    try:
        from safetensors.torch import load_file
    except ImportError as error:
        mend = "install the extra hub (pip install 'monai_seg[hub]')"
        raise InputError(path, "needs the package safetensors", mend) from error
    try:
        return dict(load_file(path))
    except Exception as error:  # safetensors has a kind of its own for each fault
        raise InputError(path, f"not a safetensors file ({_first_line(error)})", MEND) from error


def _read_torch(path: Path) -> dict[str, Any]:
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch and pickle raise whatever the bytes lead them to
        raise InputError(path, f"not a file of weights ({type(error).__name__})", MEND) from error
    while isinstance(content, dict) and (inner := [key for key in NESTED if isinstance(content.get(key), dict)]):
        content = content[inner[0]]
    if not isinstance(content, dict):
        raise InputError(path, f"holds a {type(content).__name__}, not a state dict", MEND)
    return content


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]

"""Where a pretrained backbone lies: a folder on this machine, or an id of the Hugging Face hub.

A backbone is a folder as transformers writes it: ``config.json``, ``model.safetensors`` (or ``pytorch_model.bin``) and,
where there is one, ``preprocessor_config.json``. Code that such a folder may hold is never run.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from monai_seg.errors import InputError

HUB_ID = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
WEIGHTS = ("model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json")
NEEDS_HUB = "install the extra hub (pip install 'monai_seg[hub]')"
logger = logging.getLogger(__name__)


def find_backbone(backbone: str | Path, pretrained: bool = True) -> Path:
    """Return the folder of ``backbone``, fetched from the hub or its cache where it is no folder here.

    Args:
        backbone: a folder, or an id such as ``microsoft/swin-tiny-patch4-window7-224``.
        pretrained: whether the weights are needed as well as the description.

    Raises:
        InputError: neither a folder nor to be had from the hub; or it has no description, or no weights.
    """
    folder = Path(backbone)
    if not folder.is_dir():
        if folder.exists() or not HUB_ID.fullmatch(str(backbone)):
            raise InputError(folder.absolute(), "no folder of a backbone, and no id of the hub (owner/name) either",
                             "point --backbone at a folder with config.json and model.safetensors")
        folder = _fetched(str(backbone), folder, pretrained)
    if not (folder / "config.json").is_file():
        raise InputError(folder, "holds no config.json, so no backbone", "point --backbone at one that transformers "
                         "wrote")
    if pretrained and not any((folder / name).is_file() for name in WEIGHTS):
        raise InputError(folder, f"holds none of {', '.join(WEIGHTS)}",
                         "complete it, or give --pretrained false to begin with random weights")
    return folder


def read_json(path: Path) -> dict[str, Any]:
    """Return the JSON object in ``path``.

    Raises:
        InputError: it is none.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(path, f"not a readable JSON file ({error})", "fetch the backbone anew") from error
    if not isinstance(content, dict):
        raise InputError(path, f"holds a {type(content).__name__}, not an object", "fetch the backbone anew")
    return content


def import_transformers() -> Any:
    """Return the package transformers, imported now: it takes seconds, and other commands do not need it.

    Raises:
        InputError: it is not installed.
    """
    try:
        import transformers
    except ImportError as error:
        raise InputError("transformers", "is not installed, and backbones of the hub need it", NEEDS_HUB) from error
    return transformers


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Keep transformers from printing bars and reports of keys; what matters in them is told in our words."""
    told = import_transformers().utils.logging
    level, bars = told.get_verbosity(), told.is_progress_bar_enabled()
    told.set_verbosity_error()
    told.disable_progress_bar()
    try:
        yield
    finally:
        told.set_verbosity(level)
        if bars:
            told.enable_progress_bar()


def _fetched(name: str, folder: Path, pretrained: bool) -> Path:
    try:
        from huggingface_hub import constants, snapshot_download
    except ImportError as error:
        raise InputError("huggingface_hub", "is not installed, and hub ids need it", NEEDS_HUB) from error
    described = ["*.json", "*.txt"]
    try:
        found = Path(snapshot_download(name, allow_patterns=described))
        for pattern in ("model*.safetensors", "pytorch_model*.bin") if pretrained else ():
            if not any((found / weights).is_file() for weights in WEIGHTS):
                found = Path(snapshot_download(name, allow_patterns=[*described, pattern]))
    except (OSError, ValueError) as error:  # all errors of the hub's client are one of these
        reason = type(error).__name__ if not str(error) else str(error).splitlines()[0].rstrip(".:")
        raise InputError(
            f"backbone {name}", f"is no folder here ({folder.absolute()}), not in the cache "
            f"({constants.HF_HUB_CACHE}), and not to be had from the hub ({reason})",
            f"where there is a network run: hf download {name} --local-dir backbone, and give --backbone backbone",
        ) from error
    logger.info(f"backbone {name} at commit {found.name}")
    return found

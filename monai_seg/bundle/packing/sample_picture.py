"""A generated picture and what the packed bundle makes of it, so that others can see whether theirs makes the same."""

from __future__ import annotations

import io
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from monai_seg.bundle.packing.network import mask_logits, probabilities

PICTURE, MASK, PROBABILITY = "samples/picture.png", "samples/mask.png", "samples/probability.png"
GRAIN = 9  # cells of the random pattern along a side


def draw_picture(image_size: tuple[int, int], mode: str, seed: int = 0) -> bytes:
    """Return a PNG with a soft random pattern: not square, of odd sides, smaller than the network's window.

    Args:
        image_size: (H, W) of the window.
        mode: "L" or "RGB".
        seed: equal seeds give equal pictures.
    """
    height, width = int(image_size[0] * 0.6) | 1, int(image_size[1] * 0.9) | 1
    shape = (GRAIN, GRAIN) if mode == "L" else (GRAIN, GRAIN, 3)
    cells = np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(cells).resize((width, height), Image.Resampling.BICUBIC).save(file, "PNG")
    return file.getvalue()


def predict_picture(config: Mapping[str, Any], bundle_root: Path, picture: bytes) -> tuple[bytes, NDArray[np.uint8]]:
    """Return the mask's PNG, and the probability of any foreground at the working size in steps of 1/255, (H, W).

    Args:
        config: inference.json of a packed bundle.
        bundle_root: folder with its ``models/model.pt``.
        picture: PNG.
    """
    import torch
    from monai.bundle import ConfigParser

    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (pictures := Path(scratch, "pictures")).mkdir()
        (pictures / "picture.png").write_bytes(picture)
        parser = ConfigParser({**config, "bundle_root": str(bundle_root), "dataset_dir": str(pictures),
                               "output_dir": str(Path(scratch, "masks")), "device": "$torch.device('cpu')"})
        parser.get_parsed_content("evaluator").run()
        case = parser.get_parsed_content("preprocessing")({"image": str(pictures / "picture.png")})
        network = parser.get_parsed_content("network").eval()
        with torch.no_grad():
            found = probabilities(mask_logits(network, network(case["image"].as_tensor()[None])))[0]
        foreground = found[0] if len(found) == 1 else 1 - found[0]
        return Path(scratch, "masks", "picture.png").read_bytes(), (foreground * 255).round().byte().numpy()


def grey_png(pixels: NDArray[np.uint8]) -> bytes:
    """Return (H, W) grey pixels as PNG."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()

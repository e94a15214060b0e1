"""Clean synthetic data sets in every legal mode of images and masks, none of whose pairs deserves a finding."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from png_parts import deep_png, stored

from monai_seg.data import write_mask

SIDE = 48
VOC = [0, 0, 0, 128, 0, 0, 0, 128, 0, 128, 128, 0]
Pixels = NDArray[np.uint8]


def draw_image(rng: np.random.Generator, side: int = SIDE) -> Pixels:
    """Return a grey picture (H, W), H = 3/4 W, of soft shapes and grain; no two draws are alike."""
    rows, columns = np.mgrid[: side * 3 // 4, :side] / side
    picture = np.zeros(rows.shape)
    for _ in range(12):
        y, x, width = rng.uniform(0, 0.75), rng.uniform(0, 1), rng.uniform(0.04, 0.3)
        picture += rng.uniform(-1, 1) * np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (2 * width**2))
    picture = (picture - picture.min()) / np.ptp(picture) * 215 + 20 + rng.normal(0, 4, picture.shape)
    return np.rint(picture.clip(0, 255)).astype(np.uint8)


def draw_mask(rng: np.random.Generator, classes: int, side: int = SIDE) -> Pixels:
    """Return class ids (H, W); every fourth mask of two classes is empty."""
    rows, columns = np.mgrid[: side * 3 // 4, :side]
    mask = np.zeros(rows.shape, np.uint8)
    if classes == 2 and rng.random() < 0.25:
        return mask
    for class_id in range(1, classes):
        y, x, radius = rng.uniform(0, side * 0.75), rng.uniform(0, side), rng.uniform(4, 10)
        mask[(rows - y) ** 2 + (columns - x) ** 2 < radius**2] = class_id
    return mask


def _rgb(pixels: Pixels) -> Pixels:
    return np.stack([pixels, np.roll(pixels, 1, 0), 255 - pixels], axis=-1)


def _alpha(pixels: Pixels) -> Pixels:
    colour = pixels if pixels.ndim == 3 else pixels[..., None]
    return np.concatenate([colour, np.full((*pixels.shape[:2], 1), 255, np.uint8)], axis=-1)


IMAGES: Mapping[str, tuple[str, Callable[[Pixels], bytes]]] = {
    "L": ("png", stored),
    "L of 16 bits": ("png", lambda pixels: deep_png(pixels.astype(np.uint16) * 16)),
    "LA": ("png", lambda pixels: stored(_alpha(pixels))),
    "LA of 16 bits": ("png", lambda pixels: deep_png(_alpha(pixels).astype(np.uint16) * 257)),
    "P": ("png", lambda pixels: stored(Image.fromarray(_rgb(pixels)).quantize(64))),
    "RGB": ("png", lambda pixels: stored(_rgb(pixels))),
    "RGB of 16 bits": ("png", lambda pixels: deep_png(_rgb(pixels).astype(np.uint16) * 257)),
    "grey RGB": ("png", lambda pixels: stored(np.repeat(pixels[..., None], 3, axis=-1))),
    "RGBA": ("png", lambda pixels: stored(_alpha(_rgb(pixels)))),
    "RGBA of 16 bits": ("png", lambda pixels: deep_png(_alpha(_rgb(pixels)).astype(np.uint16) * 257)),
    "JPEG": ("jpg", lambda pixels: stored(Image.fromarray(_rgb(pixels)), "JPEG")),
    "grey JPEG": ("jpeg", lambda pixels: stored(pixels, "JPEG")),
    "BMP": ("bmp", lambda pixels: stored(_rgb(pixels), "BMP")),
    "TIFF": ("tif", lambda pixels: stored(_rgb(pixels), "TIFF")),
    "TIFF of 16 bits": ("tiff", lambda pixels: stored(pixels.astype(np.uint16) * 257, "TIFF")),
    "GIF": ("gif", lambda pixels: stored(pixels, "GIF")),
}


def _palette(mask: Pixels) -> bytes:
    image = Image.fromarray(mask).convert("L")
    image.putpalette(VOC)
    return stored(image)


def _colours(mask: Pixels) -> bytes:
    return stored(np.array(VOC, np.uint8).reshape(4, 3)[mask])


def _edged(mask: Pixels) -> bytes:
    image = Image.fromarray(mask * 255)
    large = image.resize((image.width * 2, image.height * 2), Image.Resampling.BICUBIC)
    return stored(large.resize(image.size, Image.Resampling.BILINEAR))


MASKS: Mapping[str, tuple[int, str, Callable[[Pixels], bytes]]] = {  # classes, ending of the name, content
    "0 and 255": (2, ".png", lambda mask: stored(mask * 255)),
    "0 and 1": (2, ".png", stored),
    "1 bit": (2, "_mask.png", lambda mask: stored(Image.fromarray(mask * 255).convert("1"))),
    "grey RGB": (2, "_segmentation.png", lambda mask: stored(np.repeat(mask[..., None] * 255, 3, axis=-1))),
    "opaque RGBA": (2, ".png", lambda mask: stored(_alpha(np.repeat(mask[..., None] * 255, 3, axis=-1)))),
    "BMP": (2, ".bmp", lambda mask: stored(mask * 255, "BMP")),
    "JPEG": (2, ".jpg", lambda mask: stored(mask * 255, "JPEG", quality=95)),
    "grey edges": (2, "_label.png", _edged),
    "class ids": (4, ".png", stored),
    "spread values": (3, ".png", lambda mask: stored(np.array([0, 128, 255], np.uint8)[mask])),
    "values of 16 bits": (3, ".png", lambda mask: deep_png(np.array([0, 500, 1000], np.uint16)[mask])),
    "palette": (4, ".png", _palette),
    "colours": (4, ".png", _colours),
    "opaque colours": (4, ".png", lambda mask: stored(_alpha(np.array(VOC, np.uint8).reshape(4, 3)[mask]))),
}
LISTED = ("files per class", "files per instance", "run lengths")


def write_set(folder: Path, image_kind: str, mask_kind: str, pairs: int, seed: int) -> list[Pixels]:
    """Write ``pairs`` images and masks into ``folder`` and return the masks' class ids, in order of the names."""
    rng = np.random.default_rng(seed)
    ending, encode = IMAGES[image_kind]
    classes = MASKS[mask_kind][0] if mask_kind in MASKS else 3 if mask_kind == "files per class" else 2
    (folder / "images").mkdir(parents=True)
    (folder / "masks").mkdir()
    masks, cases = [], []
    for number in range(pairs):
        name, mask = f"case_{number:04d}", draw_mask(rng, classes)
        (folder / "images" / f"{name}.{ending}").write_bytes(encode(draw_image(rng)))
        label = _write_label(folder, name, mask, mask_kind)
        cases.append({"image": f"images/{name}.{ending}", "label": label, "group": name})
        masks.append(mask)
    if mask_kind in LISTED:
        fifth = len(cases) // 5
        content = {"training": cases[2 * fifth:], "validation": cases[:fifth], "test": cases[fifth:2 * fifth]}
        (folder / "datalist.json").write_text(json.dumps(content))
        masks = masks[2 * fifth:] + masks[:2 * fifth]
    return masks


def _write_label(folder: Path, name: str, mask: Pixels, kind: str) -> Any:
    if kind == "run lengths":
        encoding = {"kind": "rle", "height": mask.shape[0], "width": mask.shape[1]}
        write_mask(f"{folder}/masks/runs.csv::{name}", mask, encoding)
        return f"masks/runs.csv::{name}"
    if kind == "files per class":
        files = [f"masks/{name}_{class_id}.png" for class_id in (1, 2)]
        write_mask([folder / file for file in files], mask, {"kind": "files", "per": "class", "classes": 3})
        return files
    if kind == "files per instance":
        (folder / "masks" / name).mkdir()
        for number in (0, 1):
            (folder / "masks" / name / f"{number}.png").write_bytes(stored(mask * 255))
        return f"masks/{name}"
    _, ending, encode = MASKS[kind]
    (folder / "masks" / f"{name}{ending}").write_bytes(encode(mask))
    return ""

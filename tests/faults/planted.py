"""Copies and leaks planted into clean sets, and how many of them check-data finds."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from clean_sets import draw_image, draw_mask
from PIL import Image
from png_parts import deep_png, stored

from monai_seg.check import check_data, list_cases

FOUND_AS = ("duplicate", "near duplicate", "image in two splits")
Grey = np.ndarray
COPIES: Mapping[str, tuple[str, Callable[[Grey], bytes]]] = {
    "same bytes": (".png", stored),
    "another compression": (".png", lambda grey: stored(grey, "PNG", compress_level=1)),
    "BMP": (".bmp", lambda grey: stored(grey, "BMP")),
    "JPEG": (".jpg", lambda grey: stored(grey, "JPEG", quality=85)),
    "16 bits": (".png", lambda grey: deep_png(grey.astype(np.uint16) * 257)),
    "12 of 16 bits": (".png", lambda grey: deep_png(grey.astype(np.uint16) * 16)),
    "RGB": (".png", lambda grey: stored(np.repeat(grey[..., None], 3, axis=-1))),
    "RGBA": (".png", lambda grey: stored(Image.fromarray(grey).convert("RGBA"))),
    "mirrored": (".png", lambda grey: stored(np.ascontiguousarray(grey[:, ::-1]))),
    "upside down": (".png", lambda grey: stored(np.ascontiguousarray(grey[::-1]))),
    "turned by half": (".png", lambda grey: stored(np.ascontiguousarray(grey[::-1, ::-1]))),
    "mirrored JPEG": (".jpg", lambda grey: stored(np.ascontiguousarray(grey[:, ::-1]), "JPEG", quality=85)),
    "half the size": (".png", lambda grey: stored(Image.fromarray(grey).reduce(2))),
    "less contrast": (".png", lambda grey: stored((grey * 0.7 + 20).astype(np.uint8))),
}


class PlantResult(NamedTuple):
    """Copies and leaks planted, those missed, and findings of copies that nobody planted."""

    planted: int
    missed: list[str]
    false: list[str]


def plant_copies(folder: Path, per_kind: int, seed: int = 0) -> PlantResult:
    """Plant ``per_kind`` copies of each kind among as many clean pairs again, half of them in another split."""
    rng = np.random.default_rng(seed)
    (folder / "images").mkdir(parents=True)
    (folder / "masks").mkdir()
    splits: dict[str, list[dict[str, str]]] = {"training": [], "validation": [], "test": []}
    planted: dict[str, tuple[str, bool]] = {}
    for number in range(2 * per_kind * len(COPIES)):
        grey = draw_image(rng, 96)
        _add(folder, splits["training"], f"case_{number:04d}.png", stored(grey), rng, grey.shape)
        if number % 2:
            continue
        kind = list(COPIES)[number // 2 % len(COPIES)]
        is_leak = number // 2 // len(COPIES) % 2 == 1
        name = f"copy_{number:04d}{COPIES[kind][0]}"
        content = COPIES[kind][1](grey)
        shape = np.asarray(Image.open(io.BytesIO(content))).shape[:2]
        _add(folder, splits["test" if is_leak else "training"], name, content, rng, shape)
        planted[name] = kind, is_leak
    (folder / "datalist.json").write_text(json.dumps(splits))
    return _compare(folder, planted)


def _add(
    folder: Path, cases: list[dict[str, str]], name: str, content: bytes, rng: np.random.Generator,
    shape: tuple[int, ...],
) -> None:
    mask = np.resize(draw_mask(rng, 2) * np.uint8(255), shape)
    (folder / "images" / name).write_bytes(content)
    (folder / "masks" / f"{name}.png").write_bytes(stored(mask))
    cases.append({"image": f"images/{name}", "label": f"masks/{name}.png"})


def _compare(folder: Path, planted: Mapping[str, tuple[str, bool]]) -> PlantResult:
    report = check_data(list_cases(folder), workers=1)
    names = [case.name.removeprefix("images/") for case in report.cases.cases]
    found: dict[str, str] = {}
    false = []
    for finding in report.findings:
        if finding.kind in FOUND_AS:
            second, first = (names[number] for number in finding.cases)
            copy = second if second in planted else first
            if {first, second} == {copy, f"{copy.replace('copy', 'case').rsplit('.', 1)[0]}.png"}:
                found[copy] = finding.kind
            else:
                false.append(finding.line)
    missed = [f"{kind}: {name}" for name, (kind, is_leak) in planted.items()
              if name not in found or is_leak != (found[name] == "image in two splits")]
    return PlantResult(len(planted), missed, false)


def plant_groups(folder: Path, count: int) -> PlantResult:
    """Plant ``count`` patients who have images in two splits, among as many who have not."""
    rng = np.random.default_rng(7)
    (folder / "images").mkdir(parents=True)
    (folder / "masks").mkdir()
    splits: dict[str, list[dict[str, str]]] = {"training": [], "test": []}
    for number in range(2 * count):
        for split, cases in splits.items():
            grey = draw_image(rng)
            _add(folder, cases, f"{number}_{split}.png", stored(grey), rng, grey.shape)
            cases[-1]["group"] = f"patient {number}" if number < count else f"patient {number} {split}"
    (folder / "datalist.json").write_text(json.dumps(splits))
    report = check_data(list_cases(folder), workers=1)
    lines = [finding.line for finding in report.findings if finding.kind == "group in two splits"]
    missed = [f"patient {number}" for number in range(count)
              if not any(f"'patient {number}' is in training and in test" in line for line in lines)]
    return PlantResult(count, missed, lines[count:])

"""A sheet of what training will see: augmented samples with the outline of their label, one case per row."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from monai.bundle import ConfigParser
from numpy.typing import NDArray
from PIL import Image
from torch.utils.data import default_collate

from monai_seg.data.case_dataset import CaseDataset, Draw, sample_seed
from monai_seg.durable import write_durably
from monai_seg.errors import InputError
from monai_seg.figures.panels import draw_panels

MAX_SIDE_PX = 320
GAP_PX = 4


def preview(
    config_file: str | Path, path: str | Path, overrides: Mapping[str, Any], cases: int = 4, draws: int = 5
) -> None:
    """Write the sheet as the PNG ``path``: in each row a case as it is read, then ``draws`` of its samples.

    The samples are those that the run itself draws in its first epochs.

    Args:
        config_file: a bundle's train.json.
        path: the picture.
        overrides: ids and values that replace the config's, as on the command line of a training.
        cases: number of training cases, spread evenly over the list.
        draws: samples of each.

    Raises:
        InputError: what the config's data and settings raise; ``cases`` or ``draws`` is below 1.
    """
    if cases < 1 or draws < 1:
        raise InputError("preview", f"cases and draws must be 1 or more, got {cases} and {draws}", "give --cases 4")
    parser = ConfigParser()
    parser.read_config(str(config_file))
    parser.update({**overrides, "cache_dir": None})  # a sheet writes nothing but itself
    dataset = parser.get_parsed_content("train::dataset")
    prepare = parser.get_parsed_content("train::prepare_batch")
    seed = int(parser.get_parsed_content("seed"))
    chosen = np.unique(np.linspace(0, len(dataset) - 1, min(cases, len(dataset))).round().astype(int)).tolist()
    rows = [_row(dataset, prepare, seed, index, draws) for index in chosen]
    sheet = _stacked(rows)
    write_durably(path, lambda file: Image.fromarray(sheet).save(file, format="png"))


def _row(dataset: CaseDataset, prepare: Any, seed: int, index: int, draws: int) -> list[NDArray[np.uint8]]:
    drawn = [Draw(index, sample_seed(seed, epoch, index)) for epoch in range(1, draws + 1)]
    batch = default_collate([dataset[draw] for draw in drawn])
    image, label = prepare(batch, torch.device("cpu"))
    case = dataset.decoded(index)
    plain = prepare.intensity({"image": case["image"]})["image"]
    return [_tile(plain, case["label"]), *(_tile(*sample) for sample in zip(image, label, strict=True))]


def _tile(image: torch.Tensor, label: torch.Tensor) -> NDArray[np.uint8]:
    height, width = image.shape[-2:]
    shrink = max(1.0, max(height, width) / MAX_SIDE_PX)
    ids = label.numpy().astype(np.int32)
    panel = draw_panels(np.asarray(image).clip(0, 1), None, ids, outline_px=max(1, math.ceil(1.5 * shrink)))
    size = (max(1, round(width / shrink)), max(1, round(height / shrink)))  # (W, H) in Pillow
    picture = panel["prediction"]
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX) if shrink > 1 else picture)


def _stacked(rows: list[list[NDArray[np.uint8]]]) -> NDArray[np.uint8]:
    height = max(tile.shape[0] for row in rows for tile in row)
    width = max(tile.shape[1] for row in rows for tile in row)
    size = (len(rows) * (height + GAP_PX) - GAP_PX, len(rows[0]) * (width + GAP_PX) - GAP_PX)
    sheet = np.full((*size, 3), 255, np.uint8)
    for i, row in enumerate(rows):
        for j, tile in enumerate(row):
            top, left = i * (height + GAP_PX), j * (width + GAP_PX)
            sheet[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
    return sheet

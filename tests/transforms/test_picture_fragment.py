"""transforms/picture.json as a config uses it: files of 8 and of 16 bits to the numbers a network is fed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from monai.bundle import ConfigParser
from numpy.typing import NDArray
from PIL import Image

from monai_seg.errors import find_input_error

FRAGMENTS = json.loads((Path(__file__).parents[2] / "transforms/picture.json").read_text(encoding="utf-8"))


def config(**changes: Any) -> ConfigParser:
    settings: dict[str, Any] = {"image_mode": "L", "image_size": [256, 256], "fit": "native"}
    names = {"load_image": "load_image", "fit_image": "fit_image", "intensity": "intensity"}
    fragments = {id: FRAGMENTS[changes.pop(id, name)] for id, name in names.items()}
    return ConfigParser({**settings, **fragments, **changes})


def stored_and_fed(parser: ConfigParser, path: Path) -> tuple[torch.Tensor, torch.Tensor]:
    stored = parser.get_parsed_content("fit_image")(parser.get_parsed_content("load_image")({"image": str(path)}))
    batch = {"image": torch.utils.data.default_collate([stored["image"].as_tensor()])}
    return batch["image"][0], parser.get_parsed_content("intensity")(batch)["image"][0]


def save(path: Path, pixels: NDArray) -> Path:
    Image.fromarray(pixels).save(path)
    return path


EVERY_LEVEL = np.arange(65536, dtype=np.uint16).reshape(256, 256)


def test_all_levels_of_16_bits_reach_the_network(tmp_path: Path) -> None:
    parser = config(load_image="load_image_16")
    stored, fed = stored_and_fed(parser, save(tmp_path / "x.png", EVERY_LEVEL))
    assert stored.dtype == torch.int32
    assert np.array_equal(stored[0].numpy(), EVERY_LEVEL)
    assert (fed.dtype, fed.min(), fed.max()) == (torch.float32, 0, 1)
    assert fed.unique().numel() == 65536
    assert np.array_equal(np.rint(fed[0].numpy() * 65535), EVERY_LEVEL)


def test_16_bits_are_resized_without_falling_to_8(tmp_path: Path) -> None:
    parser = config(load_image="load_image_16", fit="whole", image_size=[64, 64])
    stored, _ = stored_and_fed(parser, save(tmp_path / "x.png", EVERY_LEVEL))
    assert stored.shape == (1, 64, 64)
    assert stored.unique().numel() > 2000
    expected = EVERY_LEVEL.reshape(64, 4, 64, 4).mean(axis=(1, 3))
    assert np.abs(stored[0].numpy() - expected)[4:-4, 4:-4].max() <= 257  # a level of 8 bits; the borders are smoothed


def test_8_bits_stay_bytes(tmp_path: Path) -> None:
    pixels = np.arange(256, dtype=np.uint8).reshape(16, 16).repeat(16, 0).repeat(16, 1)
    stored, fed = stored_and_fed(config(), save(tmp_path / "x.png", pixels))
    assert stored.dtype == torch.uint8
    assert np.array_equal(stored[0].numpy(), pixels)
    assert np.allclose(fed[0].numpy(), pixels / 255)


def test_an_8_bit_file_has_the_same_brightness_at_either_depth(tmp_path: Path) -> None:
    path = save(tmp_path / "x.png", np.full((256, 256), 100, np.uint8))
    assert torch.equal(stored_and_fed(config(), path)[1], stored_and_fed(config(load_image="load_image_16"), path)[1])


def test_a_16_bit_file_is_refused_where_8_are_declared_and_the_mend_is_told(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError) as caught:
        stored_and_fed(config(), save(tmp_path / "x.png", EVERY_LEVEL))
    assert str(find_input_error(caught.value)).endswith(
        "x.png: has 16 bits per sample, 8 are declared; declare depth 16 "
        "(--load_image %transforms/picture.json::load_image_16)")

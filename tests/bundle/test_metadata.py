from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from monai_seg.bundle import metadata_problems

SOUND = json.loads((Path(__file__).parents[2] / "bundles" / "siim" / "metadata.json").read_text())
IMAGE = "network_data_format::inputs::image"


def changed(where: str, value: Any) -> dict[str, Any]:
    metadata = copy.deepcopy(SOUND)
    *above, key = where.split("::")
    inner = metadata
    for part in above:
        inner = inner[part]
    inner[key] = value
    return metadata


@pytest.mark.parametrize("key", sorted(SOUND))
def test_no_key_may_be_missing(key: str):
    problems = metadata_problems({name: value for name, value in SOUND.items() if name != key})
    assert any(problem.startswith(f"{key}: ") for problem in problems)


@pytest.mark.parametrize("key", sorted(SOUND["network_data_format"]["inputs"]["image"]))
def test_no_part_of_a_tensor_may_be_missing(key: str):
    metadata = copy.deepcopy(SOUND)
    del metadata["network_data_format"]["inputs"]["image"][key]
    assert metadata_problems(metadata) == [f"{IMAGE}::{key}: is missing; write it"]


@pytest.mark.parametrize(("where", "value", "problem"), [
    ("version", "0.2.0", "changelog: has no entry for version 0.2.0"),
    ("monai_version", "newest", "monai_version: 'newest' is no version"),
    ("schema", "file.json", "schema: 'file.json' is no address"),
    ("task", " ", "task: is ' '; write it as text"),
    ("required_packages_version", {"pillow": 13}, "required_packages_version: pillow has 13"),
    ("eval_metrics", {"test_dice": "good"}, "eval_metrics: test_dice is 'good'; write a number"),
    ("references", "a paper", "references: is no list of texts"),
    ("network_data_format::outputs", {}, "network_data_format::outputs: has no pred"),
    (f"{IMAGE}::type", "picture", f"{IMAGE}::type: is 'picture'; choose one of image"),
    (f"{IMAGE}::format", "grey", f"{IMAGE}::format: is 'grey'"),
    (f"{IMAGE}::dtype", "float", f"{IMAGE}::dtype: is 'float'"),
    (f"{IMAGE}::spatial_shape", ["*", "*"], f"{IMAGE}::spatial_shape: is"),  # MONAI would try a size of 1
    (f"{IMAGE}::spatial_shape", [256], f"{IMAGE}::spatial_shape: is"),
    (f"{IMAGE}::value_range", [1, 0], f"{IMAGE}::value_range: is"),
    (f"{IMAGE}::is_patch_data", "false", f"{IMAGE}::is_patch_data: is"),
    (f"{IMAGE}::num_channels", 3, f"{IMAGE}::channel_def: does not name the channels 0 to 2"),
    (f"{IMAGE}::num_channels", 0, f"{IMAGE}::num_channels: is 0"),
])
def test_what_is_wrong_is_named(where: str, value: Any, problem: str):
    problems = metadata_problems(changed(where, value))
    assert len(problems) == 1 and problems[0].startswith(problem), problems


@pytest.mark.parametrize("shape", [[256, 512], ["32*n", "32 * n"], ["2**p*n", "2**p"], ["64", 64]])
def test_shapes_that_monai_can_try_pass(shape: list[Any]):
    assert metadata_problems(changed(f"{IMAGE}::spatial_shape", shape)) == []


def test_the_old_name_of_a_key_is_told():
    assert metadata_problems({**SOUND, "optional_packages_version": {}}) == [
        "optional_packages_version: is the old name; write required_packages_version"]

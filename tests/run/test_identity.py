from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path
from typing import IO, Any

import numpy as np
import pytest
import torch
from PIL import Image

from monai_seg.data import DataList, file_hashes
from monai_seg.data.decoded_cache import DecodedCache
from monai_seg.run import identity
from monai_seg.run.identity import Identity, config_changes, values_that_count

CONFIG = {"seed": 1, "batch_size": 4, "max_epochs": 9, "output_dir": "runs/a", "resume": False,
          "network_def": {"_target_": "UNet", "_desc_": "small", "channels": [4, 8]},
          "transforms": [{"_target_": "Flip"}, "@crop"]}  # fmt: skip


@pytest.fixture(autouse=True)
def config(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    config = json.loads(json.dumps(CONFIG))
    monkeypatch.setattr(identity, "recorded_config", lambda: config)
    return config


def make_set(folder: Path, count: int = 6) -> Path:
    for number in range(count):
        for kind in ("images", "masks"):
            path = folder / kind / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full((4, 4), number * (kind == "images"), np.uint8)).save(path)
    return folder


def made(folder: Path) -> Identity:
    return Identity(DataList(folder), seed=1)


def test_a_record_survives_a_checkpoint_and_equals_itself(tmp_path: Path) -> None:
    folder = make_set(tmp_path / "set")
    torch.save(made(folder).record(), tmp_path / "record.pt")
    saved = torch.load(tmp_path / "record.pt", weights_only=True)
    assert made(folder).differences(saved) == []
    assert saved["seed"] == 1
    assert saved["versions"]["torch"] == torch.__version__


def test_a_data_set_that_moved_is_the_same(tmp_path: Path) -> None:
    saved = made(make_set(tmp_path / "set")).record()
    shutil.copytree(tmp_path / "set", tmp_path / "elsewhere")  # other times of change as well
    (tmp_path / "elsewhere" / "images" / "0.png").touch()
    other = made(tmp_path / "elsewhere")
    assert other.differences(saved) == []
    assert other.record()["list_sha256"] == saved["list_sha256"]
    assert other.record()["files_sha256"] == saved["files_sha256"]


def test_added_removed_and_edited_cases_are_counted_and_named(tmp_path: Path) -> None:
    folder = make_set(tmp_path / "set", 40)  # so many that the hash alone deals them into the splits
    saved = made(folder).record()
    make_set(folder, 42)
    for kind in ("images", "masks"):
        (folder / kind / "2.png").unlink()
    Image.fromarray(np.full((4, 4), 255, np.uint8)).save(folder / "masks" / "3.png")
    found = made(folder).differences(saved)
    assert found == ["2 cases added (images/40.png, images/41.png)", "1 cases removed (images/2.png)",
                     "1 files with another content (masks/3.png)"]


def test_a_case_that_changes_its_split_is_told(tmp_path: Path) -> None:
    folder = make_set(tmp_path / "set")
    cases = [{"image": f"images/{number}.png", "label": f"masks/{number}.png"} for number in range(6)]

    def write(training: int) -> None:
        splits = {"training": cases[:training], "validation": cases[training:]}
        (folder / "datalist.json").write_text(json.dumps(splits))

    write(3)
    saved = made(folder).record()
    write(4)
    assert made(folder).differences(saved) == ["1 cases with another split, label or group (images/3.png)"]


def test_an_unchanged_file_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_set(tmp_path / "set")
    saved = made(folder).record()
    again = made(folder)
    monkeypatch.setattr("builtins.open", lambda *_: pytest.fail("a file is read"))
    assert again.differences(saved) == []


@pytest.mark.parametrize(("id", "value", "told"), [
    ("batch_size", 8, ["batch_size 4 -> 8"]),
    ("network_def", {"_target_": "UNet", "channels": [4, 16]}, ["network_def::channels [4, 8] -> [4, 16]"]),
    ("transforms", [{"_target_": "Flip", "prob": 1}, "@crop"], ["transforms::0::prob nothing -> 1"]),
    ("max_epochs", 20, []), ("output_dir", "runs/b", []), ("resume", "auto", []),
    ("network_def", {"_target_": "UNet", "_desc_": "other words", "channels": [4, 8]}, []),
])  # fmt: skip
def test_values_that_count_are_told_old_and_new(
    tmp_path: Path, config: dict[str, Any], id: str, value: Any, told: list[str]
) -> None:
    folder = make_set(tmp_path / "set")
    saved = made(folder).record()
    config[id] = value
    assert made(folder).differences(saved) == told


def test_many_changes_are_counted() -> None:
    old, new = ({f"id{number}": str(value) for number in range(9)} for value in (1, 2))
    assert config_changes(old, new)[-1] == "4 more ids"
    assert len(config_changes(old, new)) == 6


def test_descriptions_and_places_do_not_count() -> None:
    config = {"_desc_": "x", "dataset_dir": "y", "a": {"_desc_": "z", "b": [1, 2]}}
    assert values_that_count(config) == {"a::b": "[1, 2]"}


def test_other_versions_are_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = make_set(tmp_path / "set")
    saved = made(folder).record()
    saved["versions"] = {**saved["versions"], "torch": "1.0"}
    with caplog.at_level(logging.WARNING):
        assert made(folder).differences(saved) == []
    assert f"torch 1.0 -> {torch.__version__}" in caplog.text


def test_a_file_is_read_once_while_its_hash_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, disk = make_set(tmp_path / "set"), DecodedCache(tmp_path / "cache", "", 1)
    read: list[str] = []

    def opened(path: str, mode: str) -> IO[bytes]:
        read.append(path)
        return open(path, mode)

    monkeypatch.setattr(file_hashes, "open", opened, raising=False)

    def start() -> dict[str, Any]:
        del read[:]
        return Identity(DataList(folder), 1, disk).record()

    first = start()
    assert len(read) == 12
    assert start()["files_sha256"] == first["files_sha256"] == made(folder).record()["files_sha256"]
    assert start() and read == []
    Image.fromarray(np.full((4, 4), 77, np.uint8)).save(folder / "images" / "0.png")
    assert start()["files_sha256"] != first["files_sha256"] and len(read) == 1

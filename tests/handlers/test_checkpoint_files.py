from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import torch

from monai_seg.handlers.checkpoint_files import (
    age,
    checkpoint_name,
    link,
    list_checkpoints,
    newest_sound_checkpoint,
    prune,
    write_checkpoint,
)

IN_ORDER = ["epoch_0002_iteration_7.pt", "epoch_0002_iteration_10.pt", "epoch_0002.pt", "epoch_9999.pt",
            "epoch_10000_iteration_1.pt", "epoch_10000.pt"]  # fmt: skip


def write_all(folder: Path, names: list[str]) -> list[Path]:
    for name in names:
        write_checkpoint(folder / name, {"name": name})
    return [folder / name for name in names]


def test_checkpoints_are_ordered_by_the_time_of_training(tmp_path: Path) -> None:
    write_all(tmp_path, sorted(IN_ORDER))
    (tmp_path / "epoch_x.pt").touch()
    assert [path.name for path in list_checkpoints(tmp_path)] == IN_ORDER[::-1]
    with pytest.raises(ValueError, match=r"epoch_x\.pt is no checkpoint's name"):
        age(tmp_path / "epoch_x.pt")


def test_names() -> None:
    assert [checkpoint_name(2, 7), checkpoint_name(12345)] == ["epoch_0002_iteration_7.pt", "epoch_12345.pt"]


@pytest.mark.parametrize("count", range(len(IN_ORDER)))
def test_the_newest_that_is_sound_is_found_and_the_reasons_are_told(
    tmp_path: Path, count: int, caplog: pytest.LogCaptureFixture
) -> None:
    paths = write_all(tmp_path, IN_ORDER)
    bad = paths[len(paths) - count :]
    for path in bad:
        path.write_bytes(path.read_bytes()[:-1])
    found = newest_sound_checkpoint(tmp_path)
    assert found is not None
    assert found[1] == {"name": IN_ORDER[-count - 1]}
    told = [record.message for record in caplog.records]
    assert told == [f"{path}: passed over, its checksum does not hold" for path in reversed(bad)]


def test_pruning_keeps_what_it_should(tmp_path: Path) -> None:
    paths = write_all(tmp_path, IN_ORDER)
    prune(tmp_path, paths[4], keep=2, unsound=[paths[3]])  # the last is later, and stays
    assert [path.name for path in list_checkpoints(tmp_path)] == [IN_ORDER[5], IN_ORDER[4], IN_ORDER[2]]
    assert len(list(tmp_path.glob("*.sha256"))) == 3


def test_the_link_follows(tmp_path: Path) -> None:
    for path in write_all(tmp_path, IN_ORDER[:2]):
        link(tmp_path / "last.pt", path)
        assert torch.load(tmp_path / "last.pt", weights_only=True) == {"name": path.name}


def test_what_could_not_be_loaded_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(pickle.UnpicklingError):
        write_checkpoint(tmp_path / "epoch_0001.pt", {"path": Path("x")}, prove=True)
    assert list(tmp_path.iterdir()) == []

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from monai_seg.data import on_all_cores
from monai_seg.data.case_dataset import CaseDataset
from monai_seg.data.decoded_cache import HASH_BYTES, Decoded, DecodedCache
from monai_seg.data.loader import case_loader
from monai_seg.errors import InputError

KEYS = ("image", "label")
TYPES = [torch.uint8, torch.int32, torch.float32]


@pytest.fixture
def cases(tmp_path: Path) -> list[dict[str, Any]]:
    for index in range(5):
        for kind in KEYS:
            (tmp_path / f"{kind}{index}").write_bytes(bytes([index]))
    return [{kind: str(tmp_path / f"{kind}{index}") for kind in KEYS} for index in range(5)]


class Decode:
    """Stands for reading: a case's tensors are full of the byte in its files; counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, case: dict[str, Any]) -> dict[str, Tensor]:
        self.calls += 1
        return {kind: torch.full((1, 8, 10), Path(case[kind]).read_bytes()[0], dtype=torch.uint8) for kind in KEYS}


def filled(cases: list[dict[str, Any]], cache: DecodedCache | None) -> tuple[int, list[dict[str, Tensor]], list[bytes]]:
    """How many cases a new data set decodes, what it holds then, and its digests."""
    decode = Decode()
    dataset = CaseDataset(cases, decode, disk=cache)
    dataset.fill()
    known = [*dataset.digests(), *(bytes([shows]) for shows in dataset.has_lesion())]
    decoded = [dataset.decoded(index) for index in range(len(cases))]
    return decode.calls, decoded, known


def cache_in(tmp_path: Path, settings: str = "a", budget_mb: float = 1) -> DecodedCache:
    return DecodedCache(tmp_path / "cache", settings, budget_mb)


def files_of(tmp_path: Path) -> list[Path]:
    return sorted(path for path in (tmp_path / "cache").rglob("*") if path.is_file())


def test_the_second_start_decodes_nothing_and_holds_the_same(cases: list[dict[str, Any]], tmp_path: Path) -> None:
    plain = filled(cases, None)
    first, second = filled(cases, cache_in(tmp_path)), filled(cases, cache_in(tmp_path))
    assert (first[0], second[0]) == (5, 0)
    for found in (first, second):
        assert found[2] == plain[2]
        for mine, expected in zip(found[1], plain[1], strict=True):
            assert mine.keys() == expected.keys()
            assert all(torch.equal(mine[key], expected[key]) and mine[key].dtype == torch.uint8 for key in KEYS)


def test_what_is_changed_is_decoded_anew(cases: list[dict[str, Any]], tmp_path: Path) -> None:
    filled(cases, cache_in(tmp_path))
    label = Path(cases[2]["label"])
    stat = label.stat()
    label.write_bytes(bytes([9]))  # of the same size
    os.utime(label, ns=(stat.st_atime_ns, stat.st_mtime_ns + 1))
    calls, decoded, _ = filled(cases, cache_in(tmp_path))
    assert calls == 1
    assert decoded[2]["label"].unique().tolist() == [9]
    assert filled(cases, cache_in(tmp_path, "other settings"))[0] == 5
    assert filled([{**case, "class": "x"} for case in cases], cache_in(tmp_path))[0] == 5


@pytest.mark.parametrize("damage", ["cut short", "empty", "a flipped bit", "other bytes"])
def test_a_damaged_entry_is_made_again(damage: str, cases: list[dict[str, Any]], tmp_path: Path) -> None:
    expected = filled(cases, cache_in(tmp_path))
    for file in files_of(tmp_path):
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes({"cut short": content[:-40], "empty": b"", "a flipped bit": content,
                          "other bytes": bytes(100)}[damage])
    calls, decoded, digests = filled(cases, cache_in(tmp_path))
    assert (calls, digests) == (5, expected[2])
    assert all(torch.equal(mine[key], other[key]) for mine, other in zip(decoded, expected[1], strict=True)
               for key in KEYS)
    assert filled(cases, cache_in(tmp_path))[0] == 0


def test_the_second_start_reads_cases_when_they_are_asked_for(
    cases: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(cases, cache_in(tmp_path))
    read: list[str] = []
    load = DecodedCache.load
    monkeypatch.setattr(DecodedCache, "load", lambda self, case, keys: read.append(case["image"])
                        or load(self, case, keys))
    dataset = CaseDataset(cases, Decode(), disk=cache_in(tmp_path))
    dataset.fill()
    assert (dataset.has_lesion(), len(dataset.digests()), len(read)) == ([False] + [True] * 4, 5, 1)
    assert dataset.fits_in_memory and len(read) == 1
    assert dataset.decoded(3)["image"].unique().tolist() == [3] and read[1:] == [cases[3]["image"]]
    case_loader(dataset, 2, shuffle=True, num_workers=1)  # its process would read them by itself
    assert sorted(read) == [case["image"] for case in cases]

    small = CaseDataset(cases, Decode(), cache_mb=3 * 160 / 1e6, disk=cache_in(tmp_path))  # room for three
    del read[:]
    small.fill()
    assert len(read) == 5
    case_loader(small, 2, shuffle=True, num_workers=1)
    assert len(read) == 5, "what does not fit is not read again before training"


def test_a_head_that_is_damaged_is_not_believed(cases: list[dict[str, Any]], tmp_path: Path) -> None:
    filled(cases[:1], cache_in(tmp_path))
    file, = files_of(tmp_path)
    content = bytearray(file.read_bytes())
    facts = cache_in(tmp_path).facts(cases[0], KEYS)
    assert facts is not None and facts.lesion is False
    for place in range(4, content.index(b"}}") + 2 + HASH_BYTES):
        file.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert cache_in(tmp_path).facts(cases[0], KEYS) is None
    file.write_bytes(content + b"x")
    assert cache_in(tmp_path).facts(cases[0], KEYS) is None


@pytest.mark.parametrize("dtype", TYPES)
def test_types_and_shapes_come_back(dtype: torch.dtype, cases: list[dict[str, Any]], tmp_path: Path) -> None:
    tensors = {"image": (torch.rand(3, 5, 7) * 200).to(dtype), "class": torch.tensor(3)}
    cache_in(tmp_path).save(cases[0], KEYS, Decoded(tensors, True, b"\x01\xff"))
    found = cache_in(tmp_path).load(cases[0], KEYS)
    assert found is not None and (found.lesion, found.digest) == (True, b"\x01\xff")
    assert all(torch.equal(found.tensors[key], tensors[key]) and found.tensors[key].dtype == tensors[key].dtype
               for key in tensors)
    assert cache_in(tmp_path).load(cases[0], ("image", "label", "class")) is None  # other keys, another sample


def test_the_budget_holds_and_what_was_not_used_for_longest_goes(
    cases: list[dict[str, Any]], tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_all_cores, "usable_cores", lambda: 1)  # one after the other, so that the order is known
    filled(cases[:1], cache_in(tmp_path))
    entry_mb = files_of(tmp_path)[0].stat().st_size / 1e6
    three = 3.5 * entry_mb
    with caplog.at_level(logging.INFO):
        assert filled(cases, cache_in(tmp_path, budget_mb=three))[0] == 4
    assert sum("is full" in record.message for record in caplog.records) == 1
    assert len(files_of(tmp_path)) == 3
    old = {file.name for file in files_of(tmp_path)}
    filled(cases[:3], cache_in(tmp_path, "newer settings", three))
    assert len(files_of(tmp_path)) == 3 and not old & {file.name for file in files_of(tmp_path)}


def test_room_is_made_by_one_look_at_the_folder(
    cases: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(cases, cache_in(tmp_path))
    entry_mb = files_of(tmp_path)[0].stat().st_size / 1e6
    looks: list[int] = []
    entries = DecodedCache._entries
    monkeypatch.setattr(DecodedCache, "_entries", lambda self: looks.append(1) or entries(self))
    assert filled(cases, cache_in(tmp_path, "newer settings", 5.5 * entry_mb))[0] == 5
    assert len(looks) == 2 and len(files_of(tmp_path)) == 5  # to count, and to sort
    assert filled(cases, cache_in(tmp_path, "newer settings", 5.5 * entry_mb))[0] == 0


def test_a_file_that_goes_while_the_folder_is_looked_at_is_no_harm(
    cases: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As another thread's does, when it gets its name."""
    filled(cases[:1], cache_in(tmp_path))
    passing = files_of(tmp_path)[0].with_name("x.tmp")
    scandir = os.scandir

    def scan(path: Any) -> Any:
        passing.touch()
        found = list(scandir(path))
        passing.unlink()
        return found

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", scan)
        filled(cases, cache_in(tmp_path))
    assert caplog.records == [] and len(files_of(tmp_path)) == 5


def test_several_may_write_one_folder(cases: list[dict[str, Any]], tmp_path: Path) -> None:
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(filled(cases, cache_in(tmp_path)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and all(each[2] == found[0][2] for each in found)
    assert filled(cases, cache_in(tmp_path))[0] == 0
    assert [file.suffix for file in files_of(tmp_path)] == 5 * [".case"]


def test_where_nothing_can_be_written_training_goes_on(
    cases: list[dict[str, Any]], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with caplog.at_level(logging.WARNING):
        assert filled(cases, cache_in(tmp_path))[0] == 5
    assert [record.message.split(": ")[1].split(" (")[0] for record in caplog.records] == ["decoded cases are not kept"]


def test_a_folder_among_the_files_is_not_kept(cases: list[dict[str, Any]], tmp_path: Path) -> None:
    cache = cache_in(tmp_path)
    cache.save({"image": cases[0]["image"], "label": str(tmp_path)}, KEYS, Decoded({}, False, b""))
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("budget", [-1, "lots", float("nan"), True])
def test_a_budget_that_is_none_is_refused(budget: Any, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cache_disk_mb: .* is no amount of disk"):
        DecodedCache(tmp_path, "", budget)

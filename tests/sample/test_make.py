from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from monai_seg.errors import InputError
from monai_seg.sample import TWINS, make_twin


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", TWINS)
def test_equal_arguments_give_equal_bytes(name: str, tmp_path: Path):
    for folder in ("a", "b"):
        make_twin(name, tmp_path / folder, cases=3, seed=7, size=64)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


@pytest.mark.parametrize("name", TWINS)
def test_another_seed_gives_other_pictures(name: str, tmp_path: Path):
    for seed in (0, 1):
        make_twin(name, tmp_path / str(seed), cases=2, seed=seed, size=64)
    pictures = [{path.read_bytes() for path in (tmp_path / str(seed)).rglob("*.[pj][np]g")} for seed in (0, 1)]
    films = [{data for data in part if len(data) > 1000} for part in pictures]  # empty masks may well be equal
    assert films[0] and not films[0] & films[1]


@pytest.mark.parametrize("name", TWINS)
def test_more_cases_leave_the_earlier_ones_as_they_are(name: str, twins: Callable[..., Path]):
    few, many = contents(twins(name, 4)), contents(twins(name, 7))
    pictures = {path for path in few if path.endswith((".png", ".jpg"))}
    assert len(pictures) >= 8
    assert all(few[path] == many[path] for path in pictures)


def test_a_finished_twin_is_left_alone(tmp_path: Path):
    make_twin("siim", tmp_path, cases=2, size=64)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    make_twin("siim", tmp_path, cases=2, size=64)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_the_note_tells_how_the_twin_was_made(twins: Callable[..., Path]):
    note = json.loads((twins("siim", 4) / "twin.json").read_text())
    assert {key: note[key] for key in ("name", "cases", "seed", "size")} == dict(name="siim", cases=4, seed=0, size=64)
    assert note["version"] >= 1


@pytest.mark.parametrize("name", TWINS)
def test_an_interrupted_twin_is_completed(name: str, twins: Callable[..., Path], tmp_path: Path):
    def stop(done: int, cases: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_twin(name, tmp_path, cases=4, size=64, progress=stop)
    assert not (tmp_path / "twin.json").exists()
    make_twin(name, tmp_path, cases=4, size=64)
    assert contents(tmp_path) == contents(twins(name, 4))


def test_an_interrupted_twin_is_not_completed_as_another(tmp_path: Path):
    def stop(done: int, cases: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_twin("siim", tmp_path, cases=4, size=64, progress=stop)
    with pytest.raises(InputError, match=r"holds another twin, .*cases=4.*, not .*cases=5"):
        make_twin("siim", tmp_path, cases=5, size=64)


def test_a_foreign_folder_is_refused_and_not_touched(tmp_path: Path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="is not empty and holds no twin; remove it or name another folder"):
        make_twin("siim", tmp_path, cases=2)
    assert contents(tmp_path) == {"thesis.txt": b"mine"}


@pytest.mark.parametrize("change", [{"cases": 3}, {"seed": 1}, {"size": 65}, {"name": "tissue"}])
def test_another_twin_is_refused(change: dict, tmp_path: Path):
    make_twin("siim", tmp_path, cases=2, size=64)
    before = contents(tmp_path)
    with pytest.raises(InputError, match="holds another twin"):
        make_twin(**{"name": "siim", "folder": tmp_path, "cases": 2, "size": 64} | change)
    assert contents(tmp_path) == before


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path):
    (tmp_path / "twin").write_text("")
    with pytest.raises(InputError, match="is a file"):
        make_twin("siim", tmp_path / "twin", cases=2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "siimm"}, "no twin 'siimm'; choose one of siim, covid_qu_ex, covid_radiography, isic, tissue"),
        ({"cases": 0}, "at least 1 case, got 0"),
        ({"seed": -1}, "0 or more, got -1"),
        ({"size": 63}, "64 pixels or more, got 63"),
    ],
)
def test_arguments_out_of_range_are_refused(change: dict, message: str, tmp_path: Path):
    with pytest.raises(InputError, match=message):
        make_twin(**{"name": "siim", "folder": tmp_path / "twin", "cases": 2} | change)
    assert not (tmp_path / "twin").exists()


@pytest.mark.parametrize("name", TWINS)
def test_progress_counts_every_case_once(name: str, tmp_path: Path):
    seen: list[tuple[int, int]] = []
    make_twin(name, tmp_path, cases=3, size=64, progress=lambda done, cases: seen.append((done, cases)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_nothing_is_left_half_written(twins: Callable[..., Path]):
    names = {path.name for path in twins("siim", 4).rglob("*") if path.is_file()}
    assert not [name for name in names if name.endswith(".part") or "unfinished" in name]


def test_the_package_is_light_to_import():
    code = "import sys, monai_seg.sample; print(sorted({'numpy', 'PIL', 'scipy', 'torch', 'monai'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"

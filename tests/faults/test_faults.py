from __future__ import annotations

from pathlib import Path

import pytest
from bit_flips import flip_bits
from catalogue import all_faults
from clean_sets import IMAGES, LISTED, MASKS
from false_alarms import check_clean_sets
from fault import CLEAR, SILENT, UNCLEAR, Fault, duplicate_names, verdict
from planted import COPIES, plant_copies, plant_groups
from round_trips import ENCODINGS, MODES, round_trips

from monai_seg.errors import InputError

FAULTS = all_faults()


def test_there_are_many_kinds_and_each_has_its_name() -> None:
    assert len(FAULTS) >= 60
    assert duplicate_names(FAULTS) == set()


@pytest.mark.parametrize("fault", [pytest.param(fault, id=fault.name) for fault in FAULTS])
def test_bad_input_is_told_in_one_line(fault: Fault, tmp_path: Path) -> None:
    answer, told = verdict(fault, tmp_path / "x")
    assert answer == CLEAR, told


def _raise(error: Exception) -> None:
    raise error


@pytest.mark.parametrize(("error", "answer"), [
    (InputError("a.png", "is damaged", "copy it again"), CLEAR),
    (InputError("b.png", "is damaged", "copy it again"), UNCLEAR),  # names another file
    (InputError("a.png", "is damaged"), UNCLEAR),  # no mend
    (OSError("a.png is damaged; copy it again"), UNCLEAR),
])  # fmt: skip
def test_the_verdict_sees_what_is_unclear(error: Exception, answer: str, tmp_path: Path) -> None:
    assert verdict(Fault("x", lambda folder: _raise(error), "a.png"), tmp_path / "x")[0] == answer


def test_the_verdict_sees_silence(tmp_path: Path) -> None:
    assert verdict(Fault("x", lambda folder: None, "a.png"), tmp_path / "x")[0] == SILENT


def test_flipped_bits_never_load_as_other_pixels() -> None:
    result = flip_bits(200)
    assert result.wrong == []
    assert result.refused + result.harmless == 200


def test_clean_sets_in_all_modes_raise_no_alarm(tmp_path: Path) -> None:
    sets = max(len(IMAGES), len(MASKS) + len(LISTED))
    result = check_clean_sets(tmp_path, 5 * sets, 5)
    assert result.alarms == []
    assert result.misread == []


def test_every_planted_copy_is_found_and_no_other(tmp_path: Path) -> None:
    result = plant_copies(tmp_path, 2, seed=1)
    assert result.planted == 2 * len(COPIES)
    assert (result.missed, result.false) == ([], [])


def test_every_patient_in_two_splits_is_found_and_no_other(tmp_path: Path) -> None:
    assert plant_groups(tmp_path, 4) == (4, [], [])


def test_pixels_survive_the_way_through_files(tmp_path: Path) -> None:
    assert round_trips(tmp_path, 4 * len([*MODES, *ENCODINGS])).changed == []

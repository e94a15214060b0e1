from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from monai_seg.check import check_data, list_cases
from monai_seg.check.scan import scan
from monai_seg.errors import InputError

Pairs = Callable[..., Path]


def kinds(folder: Path, **options: object) -> Counter[str]:
    report = check_data(list_cases(folder), **options)  # type: ignore[arg-type]
    return Counter(finding.kind for finding in report.findings)


def test_a_clean_set_has_no_findings_and_its_numbers(pairs: Pairs) -> None:
    report = check_data(list_cases(pairs(4)))
    assert (list(report.findings), report.has_errors) == ([], False)
    assert report.encoding == {"kind": "binary"}
    assert report.summary.areas.tolist() == pytest.approx([0, 36 / 768, 0, 36 / 768])
    assert report.summary.empty_share == 0.5
    assert report.summary.class_pixels == pytest.approx((1 - 72 / 3072, 72 / 3072))
    assert report.summary.class_images == (4, 2)


def test_everything_wrong_is_found_in_one_pass(pairs: Pairs, grain: Callable, square: Callable) -> None:
    deep = Image.fromarray(grain(60).astype(np.uint16) * 257)
    folder = pairs(40, {
        "images/c1.png": b"rubbish", "masks/c2.png": b"", "masks/c3.png": None, "images/c4.png": None,
        "masks/c5.png": square(6, 7), "masks/c6.png": np.ascontiguousarray(square(6).T),
        "masks/c7.png": square(6, size=(12, 16)), "images/c8.png": grain(9), "images/c10.png": grain(0) * 0 + 9,
        "masks/c11.png": np.full((24, 32), 255, np.uint8), "images/c12.png": deep,
        "images/C13.png": grain(50), "masks/C13.png": square(0), "images/c14.png": np.fliplr(grain(15)).copy(),
    })  # fmt: skip
    found = kinds(folder)
    copies = found.pop("duplicate", 0) + found.pop("near duplicate", 0) + found.pop("image in two splits", 0)
    assert copies == 2  # which of the three depends on the splits
    assert found == {
        "unreadable image": 1, "unreadable mask": 1, "image without mask": 1, "mask without image": 1,
        "mask does not fit": 1, "mask transposed": 1, "size mismatch": 1, "blank image": 1, "full mask": 1,
        "mixed depths": 1, "colliding names": 2,
    }  # fmt: skip


def test_a_declared_encoding_is_not_second_guessed(pairs: Pairs, square: Callable) -> None:
    folder = pairs(3, {f"masks/c{number}.png": square(6, 1) for number in range(3)})
    assert kinds(folder) == {}
    assert kinds(folder, encoding={"kind": "binary"}) == {"mask does not fit": 3}
    assert kinds(folder, encoding={"kind": "index", "classes": 2}) == {}
    with pytest.raises(InputError, match="kind"):
        kinds(folder, encoding={"kind": "bitmap"})


def test_leaks_are_errors_and_copies_within_a_split_warnings(pairs: Pairs, grain: Callable) -> None:
    folder = pairs(4, {"images/c2.png": grain(1), "images/c3.png": grain(0)})
    cases = [{"image": f"images/c{number}.png", "label": f"masks/c{number}.png"} for number in range(4)]
    (folder / "datalist.json").write_text(json.dumps({"training": cases[:3], "test": cases[3:]}))
    report = check_data(list_cases(folder))
    assert [(found.severity, found.kind, found.cases) for found in report.findings] == [
        ("error", "image in two splits", (3, 0)), ("warning", "duplicate", (2, 1))]


def test_a_group_in_two_splits_is_found(pairs: Pairs) -> None:
    folder = pairs(3)
    cases = [{"image": f"images/c{number}.png", "label": f"masks/c{number}.png", "group": "p1" if number else "p2"}
             for number in range(3)]
    (folder / "datalist.json").write_text(json.dumps({"training": cases[:2], "test": cases[2:]}))
    (finding,) = check_data(list_cases(folder)).findings
    assert (finding.kind, finding.cases) == ("group in two splits", (1, 2))


def test_masks_that_are_all_empty_are_an_error(pairs: Pairs) -> None:
    assert kinds(pairs(3, {"masks/c1.png": np.zeros((24, 32), np.uint8)})) == {"all masks empty": 1}


def test_masks_that_no_encoding_fits_are_told_once(pairs: Pairs, grain: Callable) -> None:
    assert kinds(pairs(3, {f"masks/c{number}.png": grain(number + 50) for number in range(3)})) == {
        "no encoding fits": 1}


def test_run_lengths_are_decoded_and_checked(pairs: Pairs) -> None:
    folder = pairs(2)
    (folder / "runs.csv").write_text("ImageId,EncodedPixels\na,0 5\nb,700 900\n")
    cases = [{"image": f"images/c{number}.png", "label": f"runs.csv::{name}"} for number, name in enumerate("ab")]
    (folder / "datalist.json").write_text(json.dumps({"training": cases}))
    report = check_data(list_cases(folder))
    assert report.encoding == {"kind": "rle", "height": 24, "width": 32}
    assert report.classes == [{0: 763, 1: 5}, None]
    assert [finding.kind for finding in report.findings] == ["mask does not fit"]


def test_the_number_of_processes_changes_nothing(pairs: Pairs) -> None:
    cases = list_cases(pairs(9, {"images/c1.png": b"rubbish"})).cases
    ticks: list[int] = []
    one, two = scan(cases, workers=1), scan(cases, workers=2, progress=lambda: ticks.append(1))
    assert len(ticks) == 9
    assert [fact.image.digest if fact.image else str(fact.errors) for fact in one] == [
        fact.image.digest if fact.image else str(fact.errors) for fact in two]
    assert [fact.mask for fact in one] == [fact.mask for fact in two]


def test_no_folder_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere"):
        list_cases(tmp_path / "nowhere")


def test_the_splits_add_up_to_the_cases(pairs: Pairs) -> None:
    summary = check_data(list_cases(pairs(20, {"masks/c3.png": None, "images/c4.png": None}))).summary
    assert summary.cases == sum(summary.splits.values()) == 18

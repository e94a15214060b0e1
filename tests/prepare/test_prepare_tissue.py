from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from monai_seg.data.splits import SPLITS
from monai_seg.prepare import Groups, prepare_tissue

Twin = Callable[[str, int], Path]
Listed = Callable[[Path], dict[str, Any]]
Save = Callable[..., Path]


def groups_of(content: dict[str, Any]) -> dict[str, Any]:
    return {Path(case["image"]).stem: case.get("group") for split in SPLITS for case in content[split]}


def test_the_slide_is_the_group(twin: Twin, listed: Listed) -> None:
    raw = twin("tissue", 10)  # 8 tiles of the first slide, 2 of the second
    prepare_tissue(raw)
    groups = groups_of(listed(raw))
    assert len(groups) == 10
    assert all(group == name[: len("slide_001")] for name, group in groups.items())


def test_names_without_slide_are_told_and_alone(tmp_path: Path, save: Save, listed: Listed) -> None:
    for name in ("case7-patch-3", "case7-patch-4", "other"):
        save(tmp_path / "images" / f"{name}.png")
        save(tmp_path / "masks" / f"{name}.png")
    report = prepare_tissue(tmp_path)
    assert "the names of 1 images tell no slide" in report
    assert groups_of(listed(tmp_path)) == {"case7-patch-3": "case7", "case7-patch-4": "case7", "other": None}


def test_another_expression_can_be_given(tmp_path: Path, save: Save, listed: Listed) -> None:
    save(tmp_path / "images" / "A_1.png")
    save(tmp_path / "masks" / "A_1.png")
    prepare_tissue(tmp_path, groups=Groups(regex="^[A-Z]"))
    assert groups_of(listed(tmp_path)) == {"A_1": "A"}

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monai_seg.data.splits import SPLITS
from monai_seg.errors import InputError
from monai_seg.prepare import Dealing, prepare_covid_radiography
from monai_seg.prepare.covid_radiography import CLASS_NAMES

Twin = Callable[[str, int], Path]
Listed = Callable[[Path], dict[str, Any]]


def test_the_class_is_the_folder_in_alphabetical_order(twin: Twin, listed: Listed) -> None:
    raw = twin("covid_radiography", 20)
    prepare_covid_radiography(raw)
    content = listed(raw)
    cases = [case for split in SPLITS for case in content[split]]
    assert list(CLASS_NAMES) == sorted(CLASS_NAMES) == content["class_names"]
    assert all(case["image"].split("/")[0] == CLASS_NAMES[case["class"]] for case in cases)
    assert all(case["label"] == case["image"].replace("/images/", "/masks/") for case in cases)
    assert Counter(case["class"] for case in cases) == {0: 4, 1: 5, 2: 8, 3: 3}


def test_adding_images_moves_none(twin: Twin, listed: Listed) -> None:
    raw = twin("covid_radiography", 20)
    moved = [raw / "Normal" / part / "Normal-1.png" for part in ("images", "masks")]
    held = [path.rename(path.with_suffix(".away")) for path in moved]
    prepare_covid_radiography(raw, dealing=Dealing(seed=5, folds=2))
    before = listed(raw)
    for path in held:
        path.rename(path.with_suffix(".png"))
    prepare_covid_radiography(raw, dealing=Dealing(seed=5, folds=2))
    after = listed(raw)
    for split in SPLITS:
        assert before[split] == [case for case in after[split] if "Normal-1.png" not in case["image"]]


def test_another_seed_does_not_deal_a_list_anew(twin: Twin) -> None:
    raw = twin("covid_radiography", 20)
    prepare_covid_radiography(raw)
    with pytest.raises(InputError, match="of its cases would move"):
        prepare_covid_radiography(raw, dealing=Dealing(seed=1))


def test_another_data_set_is_refused(twin: Twin) -> None:
    with pytest.raises(InputError, match="not the layout of this data set"):
        prepare_covid_radiography(twin("tissue", 2))

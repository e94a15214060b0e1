from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from monai_seg.data.mask_encodings import parse_encoding
from monai_seg.errors import InputError
from monai_seg.prepare import prepare_covid_qu_ex
from monai_seg.prepare.covid_qu_ex import CLASS_NAMES, ENCODING

Twin = Callable[[str, int], Path]
Listed = Callable[[Path], dict[str, Any]]


def test_published_splits_and_both_masks_are_listed(twin: Twin, listed: Listed) -> None:
    raw = twin("covid_qu_ex", 15)
    prepare_covid_qu_ex(raw)
    content = listed(raw)
    assert [len(content[split]) for split in ("training", "validation", "test")] == [9, 3, 3]
    for split, folder in (("training", "Train"), ("validation", "Val"), ("test", "Test")):
        for case in content[split]:
            kind = f"{folder}/{CLASS_NAMES[case['class']]}"
            name = Path(case["image"]).name
            assert case["image"] == f"{kind}/images/{name}"
            assert case["label"] == [f"{kind}/lung masks/{name}", f"{kind}/infection masks/{name}"]


def test_the_encoding_lays_the_infection_over_the_lung(twin: Twin, listed: Listed) -> None:
    raw = twin("covid_qu_ex", 15)
    prepare_covid_qu_ex(raw)
    case = next(case for case in listed(raw)["training"] if case["class"] == 0)
    lung, infection = (np.asarray(Image.open(raw / path)) > 0 for path in case["label"])
    kind = parse_encoding(ENCODING)
    mask = kind.decode(kind.load([str(raw / path) for path in case["label"]]))
    assert infection.any()
    assert np.array_equal(mask, np.where(infection, 2, lung))


def test_the_folder_of_the_download_will_do(twin: Twin, tmp_path: Path, listed: Listed) -> None:
    wrapped = tmp_path / "download" / "Infection Segmentation Data"
    wrapped.mkdir(parents=True)
    twin("covid_qu_ex", 15).rename(wrapped / "Infection Segmentation Data")
    prepare_covid_qu_ex(tmp_path / "download", folds=3)
    first = listed(tmp_path / "download")["training"][0]
    assert first["image"].startswith("Infection Segmentation Data/Infection Segmentation Data/Train/")
    assert first["fold"] in (0, 1, 2)


def test_orphans_of_all_folders_are_told_together(twin: Twin) -> None:
    raw = twin("covid_qu_ex", 15)
    next((raw / "Val" / "Normal" / "lung masks").iterdir()).unlink()
    next((raw / "Test" / "COVID-19" / "images").iterdir()).unlink()
    lung, infection = (rf"1 {kind} mask without image \(Test/COVID-19/" for kind in ("lung", "infection"))
    with pytest.raises(InputError, match=rf"1 image without lung mask \(Val/Normal/.*\), {lung}.*\), {infection}"):
        prepare_covid_qu_ex(raw)

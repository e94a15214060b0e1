from __future__ import annotations

import subprocess
import sys

import pytest

import monai_seg.data


@pytest.mark.parametrize("name", monai_seg.data.__all__)
def test_each_public_name_is_there(name: str) -> None:
    assert getattr(monai_seg.data, name).__name__ == name


def test_other_names_are_not() -> None:
    with pytest.raises(AttributeError, match=r"module 'monai_seg\.data' has no attribute 'CaseDatasets'"):
        _ = monai_seg.data.CaseDatasets  # type: ignore[attr-defined]


@pytest.mark.parametrize("module", ["monai_seg.data", "monai_seg.data.mask_encodings", "monai_seg.data.datalist",
                                    "monai_seg.check.command", "monai_seg.prepare", "monai_seg.sample"])
def test_pictures_and_lists_need_no_pytorch(module: str) -> None:
    code = f"import {module}, sys; print([name for name in ('torch', 'monai', 'ignite') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"

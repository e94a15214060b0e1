from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from monai_seg.figures.confusion import draw_confusion


def test_counts_and_shares_of_each_true_class_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    figures: list[Figure] = []
    save = Figure.savefig
    monkeypatch.setattr(Figure, "savefig", lambda self, *a, **k: (figures.append(self), save(self, *a, **k))[1])
    draw_confusion([[1500, 500], [0, 0]], ["background", "lesion"], tmp_path / "a.png", title="test: pixels")
    axes = figures[0].axes[0]
    assert [text.get_text() for text in axes.texts] == ["75.0%\n1,500", "25.0%\n500", "0.0%\n0", "0.0%\n0"]
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_title()) == ("prediction", "truth", "test: pixels")
    assert [text.get_text() for text in axes.get_yticklabels()] == ["background", "lesion"]
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.format == "PNG"


def test_another_number_of_names_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"matrix must be \(K, K\) for 2 names, got \(3, 3\)"):
        draw_confusion(np.eye(3), ["a", "b"], tmp_path / "a.png")

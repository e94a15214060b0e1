from __future__ import annotations

import sys

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from monai_seg.errors import InputError
from monai_seg.figures import draw_curves
from monai_seg.figures.curves import position_in_epochs

HEADER = "epoch,iteration,seconds,train_loss,learning_rate,images_per_second"


@pytest.fixture
def drawn(monkeypatch):
    """The figures that were saved, to look into."""
    figures = []
    save = Figure.savefig
    monkeypatch.setattr(Figure, "savefig", lambda self, *a, **k: (figures.append(self), save(self, *a, **k))[1])
    return figures


def write(tmp_path, metrics, losses=None):
    (tmp_path / "metrics.csv").write_text(metrics)
    if losses is not None:
        (tmp_path / "losses.csv").write_text(losses)
    return tmp_path / "metrics.csv", tmp_path / "losses.csv", tmp_path / "curves.png"


METRICS = (
    f"{HEADER},val_dice,val_dice_positive,val_iou,val_loss\n"
    "1,2,1.0,1.5,0.1,,0.5,0.4,0.3,2.0\n"
    "2,4,2.0,1.0,0.1,,,,,\n"
    "3,6,3.0,0.8,0.05,,0.9,0.6,0.7,1.0\n"
    "4,8,4.0,0.7,0.05,,0.8,0.7,0.6,1.2\n"
)
LOSSES = "iteration,epoch,loss\n1,1,2\n2,1,1\n3,2,1.2\n4,2,0.8\n5,3,0.9\n6,3,0.7\n7,4,0.8\n8,4,0.6\n"


def test_the_panels_hold_what_the_files_hold(tmp_path, drawn):
    paths = write(tmp_path, METRICS, LOSSES)
    draw_curves(*paths, title="siim")
    upper, middle, lower = drawn[0].axes
    lines = {line.get_label(): line.get_xydata().tolist() for line in [*upper.lines, *middle.lines, *lower.lines]}
    assert lines["val_dice"] == [[1, 0.5], [3, 0.9], [4, 0.8]]  # epoch 2 had no validation
    assert lines["best val_dice 0.900, epoch 3"] == [[3, 0.9]]
    assert "val_iou" not in lines and "val_dice_positive" in lines
    assert lines["training, epoch mean"] == [[1, 1.5], [2, 1.0], [3, 0.8], [4, 0.7]]
    assert lines["training, each batch"][:3] == [[0.5, 2], [1, 1], [1.5, 1.2]]
    assert lines["val_loss"] == [[1, 2.0], [3, 1.0], [4, 1.2]]
    assert lines["learning rate"] == [[1, 0.1], [2, 0.1], [3, 0.05], [4, 0.05]]
    with Image.open(paths[2]) as picture:
        assert picture.format == "PNG"


def test_drawing_leaves_matplotlibs_global_state_alone(tmp_path, monkeypatch):
    import matplotlib

    before = dict(matplotlib.rcParams)
    monkeypatch.delitem(sys.modules, "matplotlib.pyplot", raising=False)
    draw_curves(*write(tmp_path, METRICS, LOSSES))
    assert "matplotlib.pyplot" not in sys.modules
    assert dict(matplotlib.rcParams) == before


def test_a_named_key_metric_is_marked(tmp_path, drawn):
    draw_curves(*write(tmp_path, METRICS), key_metric="val_dice_positive", scores=["val_iou", "val_dice_positive"])
    labels = [line.get_label() for line in drawn[0].axes[0].lines]
    assert "best val_dice_positive 0.700, epoch 4" in labels and "val_iou" in labels and "val_dice" not in labels


def test_without_dice_the_scores_between_0_and_1_are_drawn(tmp_path, drawn):
    draw_curves(*write(tmp_path, f"{HEADER},val_accuracy,val_hd95\n1,2,1,1,0.1,,0.5,31.5\n"))
    labels = [line.get_label() for line in drawn[0].axes[0].lines]
    assert "val_accuracy" in labels and "val_hd95" not in labels


def test_a_score_of_training_is_drawn_beside_that_of_validation(tmp_path, drawn):
    draw_curves(*write(tmp_path, f"{HEADER},train_accuracy,val_dice,val_iou,val_accuracy\n1,2,1,1,.1,,.4,.5,.6,.7\n"))
    labels = [line.get_label() for line in drawn[0].axes[0].lines if not line.get_label().startswith("_")]
    assert labels[:3] == ["val_dice", "train_accuracy", "val_accuracy"]
    assert labels[3] == "best val_dice 0.500, epoch 1"


@pytest.mark.parametrize("metrics", [
    f"{HEADER}\n1,2,1.0,,,\n",  # no loss, no rate, no validation
    f"{HEADER},val_dice\n1,2,1.0,nan,0.1,,nan\n",
    f"{HEADER},val_dice\n1,2,1.0,inf,0.1,,\n2,4,2.0,1.0,0.1,,\n",
], ids=["bare", "nan", "inf"])  # fmt: skip
def test_gaps_are_no_error(tmp_path, drawn, metrics):
    draw_curves(*write(tmp_path, metrics))
    assert [text.get_text() for text in drawn[0].axes[0].texts] == ["no validation score yet"]


def test_one_wild_batch_does_not_flatten_the_curve(tmp_path, drawn):
    wild = "iteration,epoch,loss\n" + "".join(f"{i},1,{9000 if i == 3 else 1.0}\n" for i in range(1, 301))
    draw_curves(*write(tmp_path, METRICS, wild))
    assert drawn[0].axes[1].get_ylim()[1] < 3


@pytest.mark.parametrize("metrics, options, cause", [
    (f"{HEADER}\n", {}, "holds no epoch"),
    (METRICS, {"key_metric": "val_f1"}, "has no column 'val_f1'; choose from epoch, iteration"),
    (METRICS, {"scores": ["dice"]}, "has no column 'dice'"),
])  # fmt: skip
def test_what_cannot_be_drawn_is_named_and_leaves_no_picture(tmp_path, metrics, options, cause):
    paths = write(tmp_path, metrics)
    with pytest.raises(InputError, match=cause):
        draw_curves(*paths, **options)
    assert not paths[2].exists()


def test_batches_are_placed_by_their_share_of_the_epoch():
    epoch = np.array([1, 1, 2, 2, 2, 2, 3])  # the third epoch runs: its length is taken from the longest
    assert position_in_epochs(epoch).tolist() == [0.5, 1, 1.25, 1.5, 1.75, 2, 2.25]
    assert position_in_epochs(np.empty(0)).tolist() == []

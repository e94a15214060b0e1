from __future__ import annotations

import csv
import logging
import multiprocessing
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.distributed as dist
from ignite.engine import Engine
from monai.data import MetaTensor
from torch import Tensor

from monai_seg.errors import InputError
from monai_seg.handlers.case_scores import CaseScores

Case = dict[str, Any]


def mask(*rows: str) -> Tensor:
    return torch.tensor([[int(pixel) for pixel in row] for row in rows])[None]


def case(pred: Tensor, label: Tensor, **more: Any) -> Case:
    return {"pred": pred, "label": label, **more}


EMPTY, SOME, PART = mask("00", "00"), mask("11", "10"), mask("10", "01")  # SOME has 3 pixels, PART 2, they share 1
FIVE = {"e": case(EMPTY, EMPTY), "f": case(SOME, EMPTY), "m": case(EMPTY, SOME), "p": case(SOME, SOME),
        "s": case(PART, SOME)}  # fmt: skip


def evaluate(
    folder: Path, split: str, cases: dict[str, Case], handler: CaseScores | None = None, batch_size: int = 2,
    **more: Any,
) -> None:  # fmt: skip
    """Run an engine over outputs by image name, as MONAI's decollated evaluator; ``item`` of one goes to the batch."""
    batches = [list(cases.items())[start : start + batch_size] for start in range(0, len(cases), batch_size)]

    def step(engine: Engine, batch: list) -> list[dict[str, Any]]:
        engine.state.batch = [{"image": MetaTensor(torch.zeros(1, 2, 2), meta={"filename_or_obj": f"{name}.png"}),
                               **output.get("item", {})} for name, output in batch]  # fmt: skip
        return [output for _, output in batch]

    engine = Engine(step)
    (handler or CaseScores(folder, split, **more)).attach(engine)
    engine.run(batches)


def rows(path: Path) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def summary(folder: Path, split: str, column: str = "value") -> dict[str, str]:
    return {row["score"]: row[column] for row in rows(folder / "summary.csv") if row["split"] == split}


def test_five_cases_by_hand(tmp_path: Path) -> None:
    evaluate(tmp_path, "test", FIVE)
    names = ("image", "dice", "iou", "precision", "recall", "label_area_px", "pred_area_px", "hd95", "hd95_penalised")
    assert [tuple(row[name] for name in names) for row in rows(tmp_path / "cases.csv")] == [
        ("e.png", "1", "1", "", "", "0", "0", "", "0"),
        ("f.png", "0", "0", "0", "", "0", "3", "", "2.828427"),  # the diagonal of 2 x 2
        ("m.png", "0", "0", "", "0", "3", "0", "", "2.828427"),
        ("p.png", "1", "1", "1", "1", "3", "3", "0", "0"),
        # dice 2*1/(2+3), iou 1/(2+3-1), precision 1/2, recall 1/3; distances 0 1 and 0 1 1: 0.95 and 1
        ("s.png", "0.4", "0.25", "0.5", "0.333333", "3", "2", "1", "1"),
    ]
    expected = {
        "test_images": "5", "test_images_positive": "3",
        "test_dice": "0.48", "test_dice_positive": "0.466667",  # (1+0+0+1+0.4)/5, (0+1+0.4)/3
        "test_iou": "0.45", "test_iou_positive": "0.416667",  # (1+0+0+1+0.25)/5, (0+1+0.25)/3
        "test_false_alarm_rate": "0.5", "test_miss_rate": "0.333333",
    }  # fmt: skip
    assert {name: summary(tmp_path, "test")[name] for name in expected} == expected


def test_each_score_has_limits_a_count_and_the_number_undefined(tmp_path: Path) -> None:
    evaluate(tmp_path, "test", FIVE)
    assert list(rows(tmp_path / "summary.csv")[0]) == ["split", "score", "value", "low", "high", "count", "undefined"]
    counts, undefined = summary(tmp_path, "test", "count"), summary(tmp_path, "test", "undefined")
    assert (counts["test_hd95_positive"], undefined["test_hd95_positive"]) == ("2", "1")  # the miss
    assert (counts["test_dice"], undefined["test_dice"]) == ("5", "0")
    low, high = (float(summary(tmp_path, "test", limit)["test_dice"]) for limit in ("low", "high"))
    assert 0 <= low < 0.48 < high <= 1


def test_the_pixels_of_one_class_by_hand(tmp_path: Path) -> None:
    evaluate(tmp_path, "test", FIVE, class_names=["background", "lesion"])
    counts = {(row["of"], row["truth"], row["pred"]): row["count"] for row in rows(tmp_path / "confusion.csv")}
    assert counts == {  # e, f, m, p, s
        ("pixels", "background", "background"): "7",  # 4 + 1 + 1 + 1 + 0
        ("pixels", "background", "lesion"): "4",  # 0 + 3 + 0 + 0 + 1
        ("pixels", "lesion", "background"): "5",  # 0 + 0 + 3 + 0 + 2
        ("pixels", "lesion", "lesion"): "4",  # 0 + 0 + 0 + 3 + 1
    }
    report = {row["class"]: row for row in rows(tmp_path / "classification_report.csv")}
    assert [report["lesion"][name] for name in ("precision", "recall", "f1", "support")] == [
        "0.5", "0.444444", "0.470588", "9",  # 4 / 8, 4 / 9, 2 * 4 / (8 + 9)
    ]  # fmt: skip
    assert report["accuracy"]["f1"] == "0.55"  # 11 / 20
    assert (tmp_path / "confusion_test_pixels.png").read_bytes()[:4] == b"\x89PNG"


def test_what_is_not_defined_is_an_empty_cell(tmp_path: Path) -> None:
    evaluate(tmp_path, "test", {"e": FIVE["e"]})
    assert "nan" not in (tmp_path / "cases.csv").read_text() + (tmp_path / "summary.csv").read_text()
    assert summary(tmp_path, "test")["test_dice_positive"] == ""
    assert (summary(tmp_path, "test")["test_dice"], summary(tmp_path, "test", "low")["test_dice"]) == ("1", "1")


def test_rows_of_other_splits_are_kept_and_those_of_this_one_replaced(tmp_path: Path) -> None:
    evaluate(tmp_path, "validation", {"p": FIVE["p"]})
    evaluate(tmp_path, "test", FIVE)
    before = (tmp_path / "cases.csv").read_text() + (tmp_path / "summary.csv").read_text()
    evaluate(tmp_path, "test", FIVE)
    assert (tmp_path / "cases.csv").read_text() + (tmp_path / "summary.csv").read_text() == before
    evaluate(tmp_path, "test", {"s": FIVE["s"]})
    assert [(row["split"], row["image"]) for row in rows(tmp_path / "cases.csv")] == [
        ("validation", "p.png"), ("test", "s.png"),
    ]  # fmt: skip
    assert summary(tmp_path, "validation")["validation_dice"] == "1"
    assert summary(tmp_path, "test")["test_images"] == "1"


def test_rows_with_other_columns_are_kept_too(tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_text("split,image,colour\ntrain,x.png,red\n")
    evaluate(tmp_path, "test", {"p": FIVE["p"]})
    kept, new = rows(tmp_path / "cases.csv")
    assert (kept["split"], kept["colour"], kept["dice"]) == ("train", "red", "")
    assert (new["split"], new["colour"], new["dice"]) == ("test", "", "1")


def test_a_second_run_of_the_engine_starts_from_nothing(tmp_path: Path) -> None:
    handler = CaseScores(tmp_path, "test")
    evaluate(tmp_path, "test", FIVE, handler)
    evaluate(tmp_path, "test", {"p": FIVE["p"]}, handler)
    assert len(rows(tmp_path / "cases.csv")) == 1


def test_names_with_commas_survive(tmp_path: Path) -> None:
    evaluate(tmp_path, "test", {'a, "b"': FIVE["p"]})
    assert rows(tmp_path / "cases.csv")[0]["image"] == 'a, "b".png'


def test_the_log_says_the_scores_and_the_files(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "monai_seg.handlers.case_scores"):
        evaluate(tmp_path, "test", FIVE)
    assert "test_dice 0.48  test_dice_positive 0.466667" in caplog.text
    assert f"written: {tmp_path / 'cases.csv'}" in caplog.text


def test_several_classes_get_scores_of_their_own_and_a_confusion_matrix(tmp_path: Path) -> None:
    same = mask("0122", "0112")
    cases = {"a": case(same, same), "b": case(mask("0000", "0111"), mask("0000", "0122"))}
    evaluate(tmp_path, "test", cases, num_classes=3, class_names=["background", "Lung", "Infection"])
    by_image = {row["image"]: row for row in rows(tmp_path / "cases.csv")}
    assert (by_image["b.png"]["dice_lung"], by_image["b.png"]["dice_infection"]) == ("0.5", "0")  # 2*1/(3+1)
    assert by_image["b.png"]["dice"] == "0.25"
    assert summary(tmp_path, "test")["test_dice_infection"] == "0.5"
    counts = {(row["truth"], row["pred"]): row["count"] for row in rows(tmp_path / "confusion.csv")}
    assert len(counts) == 9
    assert (counts["Infection", "Lung"], counts["Lung", "Infection"]) == ("2", "0")
    assert counts["background", "background"] == "7"
    report = {row["class"]: row for row in rows(tmp_path / "classification_report.csv")}
    assert (report["Lung"]["precision"], report["Lung"]["recall"], report["Lung"]["support"]) == ("0.666667", "1", "4")
    assert (tmp_path / "confusion_test_pixels.png").read_bytes()[:4] == b"\x89PNG"


def test_a_class_branch_is_scored_by_image(tmp_path: Path) -> None:
    branch = {"e": (0, [0.7, 0.3]), "f": (1, [0.6, 0.4]), "m": (1, [0.1, 0.9])}
    cases = {name: {**FIVE[name], "class_pred": torch.tensor(prob), "item": {"class": torch.tensor(truth)}}
             for name, (truth, prob) in branch.items()}  # fmt: skip
    evaluate(tmp_path, "test", cases, image_classes=["normal", "COVID"])
    scores = summary(tmp_path, "test")
    assert (scores["test_class_accuracy"], scores["test_class_auc"]) == ("0.666667", "1")
    assert (scores["test_class_recall_covid"], scores["test_class_precision_covid"]) == ("0.5", "1")
    assert scores["test_class_ece"] == "0.333333"  # (0.3 + 0.6 + 0.1) / 3: 0.7 and 0.9 right, 0.6 wrong
    filled = [row for row in rows(tmp_path / "class_calibration.csv") if row["images"] != "0"]
    assert [(row["confidence"], row["right"]) for row in filled] == [("0.6", "0"), ("0.7", "1"), ("0.9", "1")]
    assert (tmp_path / "reliability_test_images.png").read_bytes()[:4] == b"\x89PNG"
    counts = {(row["truth"], row["pred"]): row["count"] for row in rows(tmp_path / "confusion.csv")
              if row["of"] == "images"}
    assert counts == {("normal", "normal"): "1", ("normal", "COVID"): "0", ("COVID", "normal"): "1",
                      ("COVID", "COVID"): "1"}  # fmt: skip
    assert rows(tmp_path / "cases.csv")[0]["class_prob_covid"] == "0.3"
    assert (tmp_path / "confusion_test_images.png").is_file()


def test_probabilities_add_the_calibration(tmp_path: Path) -> None:
    cases = {name: {**FIVE[name], "prob": FIVE[name]["label"].float() * 0.5 + 0.25} for name in FIVE}
    evaluate(tmp_path, "test", cases)
    table = [row for row in rows(tmp_path / "calibration.csv") if row["pixels"] != "0"]
    assert [(row["probability"], row["foreground"], row["pixels"]) for row in table] == [
        ("0.25", "0", "11"), ("0.75", "1", "9")]  # fmt: skip
    assert (summary(tmp_path, "test")["test_ece"], summary(tmp_path, "test")["test_image_auc"]) == ("0.25", "1")


def test_groups_come_from_the_data_list_or_from_the_argument(tmp_path: Path) -> None:
    from_list = {name: {**output, "item": {"group": "one patient"}} for name, output in FIVE.items()}
    evaluate(tmp_path / "list", "test", from_list)
    evaluate(tmp_path / "given", "test", FIVE, groups={f"{name}.png": "one patient" for name in FIVE})
    for folder in (tmp_path / "list", tmp_path / "given"):
        low, high = (summary(folder, "test", limit)["test_dice"] for limit in ("low", "high"))
        assert (low, high) == ("0.48", "0.48")  # the same patient is drawn each time


@pytest.mark.parametrize(("output", "told"), [
    (case(torch.full((1, 2, 2), 0.3), SOME), "a.png: pred must hold class ids 0 to 1, got float32 values from 0.3"),
    (case(SOME, 255 * SOME), "a.png: label must hold class ids 0 to 1, got int64 values from 0 to 255; mend the mask"),
    (case(SOME, SOME[:, :1]), "a.png: pred .* and label .* differ in shape"),
    ({"pred": SOME}, "a.png: has no label to be scored by; evaluate a split with labels, or run inference"),
])  # fmt: skip
def test_what_cannot_be_scored_is_told_by_its_image_and_nothing_is_written(
    tmp_path: Path, output: Case, told: str
) -> None:
    with pytest.raises(InputError, match=told):
        evaluate(tmp_path, "test", {"a": output})
    assert list(tmp_path.iterdir()) == []


def test_a_run_without_cases_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="split 'test': no case was scored; evaluate a split that has cases"):
        CaseScores(tmp_path, "test")._write(Engine(lambda engine, batch: None))


def test_class_names_are_checked_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="class_names: 2 names for 3 classes"):
        CaseScores(tmp_path, "test", num_classes=3, class_names=["background", "lung"])


def many_cases() -> dict[str, Case]:
    random = np.random.default_rng(0)
    masks = [torch.tensor(random.integers(2, size=(1, 6, 5)) * (random.random(2) > 0.3).any()) for _ in range(22)]
    return {f"{i:02d}": case(masks[2 * i], masks[2 * i + 1], prob=torch.full((1, 6, 5), i / 20)) for i in range(11)}


def share_of(rank: int, world: int) -> dict[str, Case]:
    """Every ``world``-th case, and the first one everywhere, as samplers repeat cases to make shares even."""
    cases = many_cases()
    return {name: cases[name] for name in sorted({"00", *list(cases)[rank::world]})}


def score_share(rank: int, world: int, folder: Path) -> None:
    os.environ.update(RANK=str(rank), LOCAL_RANK=str(rank), WORLD_SIZE=str(world))  # as torchrun does
    dist.init_process_group("gloo", init_method=f"file://{folder / 'meet'}", rank=rank, world_size=world)
    evaluate(folder / "run", "test", share_of(rank, world), batch_size=1 + rank)
    dist.destroy_process_group()


@pytest.mark.parametrize("batch_size", [2, 3, 11])
def test_the_batch_size_changes_nothing(tmp_path: Path, batch_size: int) -> None:
    evaluate(tmp_path / "one", "test", many_cases(), batch_size=1)
    evaluate(tmp_path / "more", "test", many_cases(), batch_size=batch_size)
    assert contents(tmp_path / "more") == contents(tmp_path / "one")


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")  # Python 3.12 on fork
@pytest.mark.parametrize("world", [2, 3])
def test_more_processes_change_nothing(tmp_path: Path, world: int) -> None:
    evaluate(tmp_path / "one", "test", many_cases())
    context = multiprocessing.get_context("fork")  # what is imported stays imported
    processes = [context.Process(target=score_share, args=(rank, world, tmp_path)) for rank in range(world)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0] * world
    assert contents(tmp_path / "run") == contents(tmp_path / "one")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_class_logits_are_refused(tmp_path: Path) -> None:
    logits = {"e": {**FIVE["e"], "class_pred": torch.tensor([3.0, -1.0]), "item": {"class": torch.tensor(0)}}}
    with pytest.raises(InputError, match=r"e\.png: class probabilities must lie in \[0, 1\]"):
        evaluate(tmp_path, "test", logits, image_classes=["normal", "COVID"])

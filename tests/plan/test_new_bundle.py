"""A planned bundle keeps the contract of those that stand in the repository, and is whole or not there."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from discs import disc
from PIL import Image
from planned_contract import keep_contract

from monai_seg.bundle.flatten import flatten
from monai_seg.data import DataList
from monai_seg.errors import InputError
from monai_seg.plan import new
from monai_seg.plan.new import Order, new_bundle
from monai_seg.plan.reading import Reading

pytestmark = pytest.mark.usefixtures("quick")
ROOT = Path(__file__).parents[2]
Write = Callable[..., tuple[Path, Path]]
FILES = {"train.json", "evaluate.json", "inference.json", "metadata.json", "logging.conf", "README.md", "samples.png",
         "plot_1.png", "plot_2.png"}


def classes(place: int) -> np.ndarray:
    return disc(place, 128, inner=255)


def plan(folders: tuple[Path, Path], name: str = "mine", **options: Any) -> tuple[Path | None, list[str]]:
    said: list[str] = []
    return new_bundle(Order(name, *folders, **options), say=said.append), said


def config_of(name: str) -> dict[str, Any]:
    return json.loads(Path(f"bundles/{name}/train.json").read_text())


@pytest.mark.parametrize("kind", ["one class, grey", "several classes, colour"])
def test_the_contract_of_bundles_holds(kind: str, root: Path, write: Write):
    folders = write() if kind == "one class, grey" else write(draw=classes, colour=True)
    bundle, _ = plan(folders)
    assert bundle == Path("bundles/mine")
    assert {path.name for path in bundle.iterdir()} == FILES
    assert keep_contract(bundle) == [
        "test_a_config_flattens_into_our_dialect", "test_a_config_opens_with_its_description_and_ends_with_its_run_ids",
        "test_a_source_is_narrow_and_free_of_number_signs", "test_the_logging_config_loads",
        "test_the_metadata_are_sound", "test_the_metadata_name_the_network_s_channels",
    ]
    config = config_of("mine")
    form = "isic" if config["out_channels"] == 1 else "tissue"
    assert (bundle / "logging.conf").read_bytes() == Path(f"bundles/{form}/logging.conf").read_bytes()


def test_a_set_elsewhere_is_reached_by_a_link_and_left_as_it_is(root: Path, write: Write):
    images, masks = write()
    before = sorted(images.parent.rglob("*"))
    plan((images, masks))
    assert Path("data/mine").is_symlink() and Path("data/mine").resolve() == images.parent.resolve()
    assert sorted(images.parent.rglob("*")) == before
    assert config_of("mine")["dataset_dir"] == "data/mine"
    listed = DataList("data/mine")
    assert sum(len(cases) for cases in listed.splits.values()) == 24


def test_other_names_become_a_list_with_links_to_the_files(root: Path, write: Write):
    images, masks = write(folders=("scans", "truth"), image="x{}_img.png", mask="gt_x{}.png")
    _, said = plan((images, masks))
    assert "24 pairs by images <name>_img, masks gt_<name>" in said
    listed = json.loads(Path("data/mine/datalist.json").read_text())
    assert listed["prepared_by"] == "new"
    assert sum(len(listed[split]) for split in ("training", "validation", "test")) == 24
    case = listed["training"][0]
    assert os.path.samefile(Path("data/mine", case["image"]), images / Path(case["image"]).name)
    number = Path(case["image"]).stem.removesuffix("_img")
    assert Path(case["label"]).stem == f"gt_{number}"


def test_patients_in_the_names_stay_in_one_split(root: Path, write: Write):
    folders = write(count=30, image="p{0}.png", mask="p{0}.png")
    for folder in folders:
        for path in sorted(folder.iterdir()):
            number = int(path.stem[1:])
            path.rename(folder / f"patient{number // 3:02d}_{number % 3}.png")
    _, said = plan(folders)
    assert any(line.startswith("is the front of a name the patient? yes: 30 images in 10 groups") for line in said)
    listed = json.loads(Path("data/mine/datalist.json").read_text())
    place: dict[str, str] = {}
    for split in ("training", "validation", "test"):
        for case in listed[split]:
            assert case["group"] == Path(case["image"]).stem[:9]
            assert place.setdefault(case["group"], split) == split
    assert len(place) == 10


def test_copies_are_kept_in_one_split_instead_of_refused(root: Path, write: Write):
    images, masks = write(count=20)
    for number in range(10):  # each of the first ten has a twin, which a hash alone would deal elsewhere
        for folder in (images, masks):
            (folder / f"twin{number}.png").write_bytes((folder / f"c{number}.png").read_bytes())
    bundle, said = plan((images, masks))
    assert bundle is not None
    assert any("kept in one split" in line for line in said)
    listed = json.loads(Path("data/mine/datalist.json").read_text())
    split_of = {Path(case["image"]).stem: split for split in ("training", "validation", "test")
                for case in listed[split]}
    assert all(split_of[f"c{number}"] == split_of[f"twin{number}"] for number in range(10))


def test_a_list_beside_the_data_is_taken(root: Path, write: Write):
    images, masks = write()
    cases = [{"image": f"images/c{number}.png", "label": f"masks/c{number}.png"} for number in range(20)]
    (images.parent / "datalist.json").write_text(json.dumps({"training": cases[:15], "test": cases[15:]}))
    _, said = plan((images, masks))
    assert "20 pairs by datalist.json beside the data" in said
    assert Path("data/mine").is_symlink()


def test_findings_that_are_errors_are_told_and_nothing_is_written(root: Path, write: Write):
    images, masks = write()
    Image.fromarray(np.zeros((9, 9), np.uint8)).save(masks / "c3.png")
    bundle, said = plan((images, masks))
    assert bundle is None
    assert any(line.startswith(f"error: {masks / 'c3.png'}: mask is (H, W) (9, 9)") for line in said)
    assert not Path("bundles/mine").exists() and not Path("data").exists()


@pytest.mark.parametrize(("name", "options", "line"), [
    ("isic", {}, r"bundles/isic: exists already; choose another name"),
    ("engines", {}, "engines: cannot name a bundle"),
    ("../up", {}, "cannot name a bundle; begin with a small letter"),
    ("mine", {"minutes": 0.0}, "--minutes: must be a number above 0, got 0"),
    ("mine", {"minutes": float("nan")}, "--minutes: must be a number above 0, got nan"),
    ("mine", {"device": "cuda:9x"}, "device: 'cuda:9x' is no device"),
    ("mine", {"encoding": {"kind": "binry"}}, "choose one of 'binary'"),
])  # fmt: skip
def test_what_cannot_be_done_is_told_in_a_line(name: str, options: dict[str, Any], line: str, root: Path, write: Write):
    with pytest.raises(InputError, match=line):
        plan(write(), name, **options)
    assert not Path("data").exists()
    assert {path.name for path in Path("bundles").iterdir()} == {"engines", "networks", "isic", "tissue"}


def test_folders_without_pairs_are_told(root: Path, write: Write, tmp_path: Path):
    images, masks = write()
    with pytest.raises(InputError, match=r"nowhere: no such folder; name the folder of the masks with --masks"):
        plan((images, tmp_path / "nowhere"))
    (masks / "c3.png").unlink()
    with pytest.raises(InputError, match=r"c3\.png: image without mask"):
        plan((images, masks))


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, RuntimeError])
@pytest.mark.parametrize("step", ["measure_pace", "preview", "readme"])
def test_an_interrupted_plan_leaves_nothing(
    step: str, error: type[BaseException], root: Path, write: Write, monkeypatch: pytest.MonkeyPatch
):
    def stop(*_: Any, **__: Any) -> None:
        raise error

    folders = write()
    monkeypatch.setattr(new, step, stop)
    with pytest.raises(error):
        plan(folders)
    assert {path.name for path in Path("bundles").iterdir()} == {"engines", "networks", "isic", "tissue"}
    assert list(Path("data").iterdir()) == []
    monkeypatch.undo()


def test_what_a_killed_plan_left_is_swept_away(root: Path, write: Write):
    left = Path("bundles/.mine.999999999.tmp")
    left.mkdir()
    (left / "train.json").write_text("{}")
    plan(write())
    assert not left.exists() and Path("bundles/mine/train.json").exists()


def test_outside_of_the_repository_it_says_where_to_go(tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="run from the root of the monai_seg repository"):
        plan(write())


def test_whoever_is_asked_decides(root: Path, write: Write):
    asked: list[str] = []

    def edges(reading: Reading) -> Reading:
        asked.append(reading.question)
        return Reading(reading.question, "no, edges", "as answered", reading.choices)

    new_bundle(Order("mine", *write(draw=classes)), edges, lambda line: None)
    assert asked == ["are the grey values between the lowest and the highest classes?"]
    assert config_of("mine")["mask_encoding"] == {"kind": "binary", "threshold": 127}
    assert config_of("mine")["out_channels"] == 1


def two_sides(place: int) -> np.ndarray:
    """Class 1 on the left and class 2 on the right, low in the picture, at places of their own."""
    generator = np.random.default_rng(place)
    rows, columns = np.ogrid[:48, :64]
    mask = np.zeros((48, 64), np.uint8)
    for class_id, middle in ((1, 18), (2, 46)):
        centre = 32 + generator.integers(-5, 6), middle + generator.integers(-5, 6)
        mask[np.hypot(rows - centre[0], columns - centre[1]) < generator.integers(5, 11)] = class_id
    return mask


@pytest.mark.parametrize(("draw", "train", "test"), [
    (two_sides, set(), []),  # left and right are classes, the pictures have a right way up
    (lambda place: (two_sides(place) > 0) * np.uint8(255), {1}, [[-1]]),  # a right way up alone
    (lambda place: two_sides(place)[:: (-1) ** place, :: (-1) ** (place // 2)], {0, 1}, [[-1], [-2], [-1, -2]]),
])  # fmt: skip
def test_mirrored_in_training_and_in_evaluation_is_what_the_anatomy_allows(
    draw: Callable[[int], np.ndarray], train: set[int], test: list[list[int]], root: Path, write: Write
):
    bundle, _ = plan(write(40, draw=draw))
    assert bundle is not None
    augmentations = flatten(bundle / "train.json")["augmentations"]
    for strength in ("light", "strong"):
        steps = augmentations[strength]["transforms"]
        assert {step["spatial_axis"] for step in steps if "Flip" in step["_target_"]} == train
        assert len(steps) > len(train)  # the other changes are still there
    for name in ("evaluate", "inference"):
        assert flatten(bundle / f"{name}.json")["flips"] == test
    keep_contract(bundle)


def test_several_masks_of_an_image_are_classes_with_their_names(root: Path, write: Write):
    images, masks = write()
    for path in sorted(masks.iterdir()):
        whole = np.asarray(Image.open(path))
        for name, part in (("rim", whole), ("core", disc(int(path.stem[1:]), 0, inner=255))):
            Image.fromarray(part).save(masks / f"{path.stem}_{name}.png")
        path.unlink()
    bundle, said = plan((images, masks))
    assert bundle is not None
    assert "are the files of a mask classes, or instances of one? classes: 24 masks in 2 files each, all named rim, " \
        "core: the largest first, later ones on top" in said
    config = config_of("mine")
    assert config["class_names"] == ["background", "rim", "core"] and config["out_channels"] == 3
    assert len(DataList("data/mine").training[0]["label"]) == 2
    keep_contract(bundle)


@pytest.mark.slow
def test_a_planned_bundle_trains_evaluates_infers_and_repeats(root: Path, write: Write):
    """Two epochs by plain commands, then the command of the run's card: the same weights."""
    plan(write(), minutes=5.0)

    def run(*words: str) -> None:
        done = subprocess.run([sys.executable, "-m", *words], cwd=root, capture_output=True, text=True,
                              env={**os.environ, "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": ""})
        assert done.returncode == 0, done.stdout + done.stderr

    def run_bundle(run_id: str, config: str, *words: str) -> None:
        run("monai.bundle", "run", run_id, "--config_file", f"bundles/mine/{config}.json", *words)

    run_bundle("training", "train", "--schedule_minutes", "0.1", "--num_workers", "0")
    card = json.loads(Path("runs/mine/run_card.json").read_text())
    schedule = json.loads(Path("runs/mine/schedule.json").read_text())
    assert card["status"] == "completed" and card["steps"] == schedule["steps"] > 1
    assert schedule["turns"][-1][1] > 500, "the rate was not annealed"
    run_bundle("evaluation", "evaluate")
    assert "test_dice" in Path("runs/mine/summary.csv").read_text()
    run_bundle("inference", "inference")
    assert len(list(Path("runs/mine/predictions").iterdir())) == 24
    program, _, *words = shlex.split(card["again"])
    assert program == "python"
    run(*words)
    again = json.loads(Path("runs/mine_again/run_card.json").read_text())
    assert again["steps"] == card["steps"] and again["weights_sha256"] == card["weights_sha256"]

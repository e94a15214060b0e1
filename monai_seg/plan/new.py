"""Plan a bundle for two folders of images and masks, and write it: whole or not at all."""

from __future__ import annotations

import math
import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from monai_seg.check.case import CaseList, CheckedCase
from monai_seg.check.check_data import Report, check_data
from monai_seg.check.finding import ERROR
from monai_seg.check.plots import draw_plots
from monai_seg.data import DataList
from monai_seg.data.splits import deal_cases
from monai_seg.distributed import find_device
from monai_seg.errors import InputError
from monai_seg.plan.choices import (
    Choice,
    augment_choices,
    balance_choices,
    data_choices,
    training_choices,
    window_choices,
)
from monai_seg.plan.config_files import evaluate_config, form_of, inference_config, metadata, train_config
from monai_seg.plan.dataset import DATA, Place, place_data
from monai_seg.plan.dealing import planned_splits
from monai_seg.plan.fingerprint import Fingerprint, take_fingerprint
from monai_seg.plan.grouping import COPIES, group_reading, join_copies
from monai_seg.plan.leftovers import begun, sweep
from monai_seg.plan.mask_readings import mask_readings
from monai_seg.plan.narrow_json import narrow_json
from monai_seg.plan.pairing import Paired, pair_folders
from monai_seg.plan.probe import Pace, best_batch, measure_pace
from monai_seg.plan.reading import Ask, Reading, keep
from monai_seg.plan.readme import readme
from monai_seg.run.preview import preview

BUNDLES, SHARED = Path("bundles"), ("engines", "networks", "tune")
NAME = re.compile(r"[a-z][a-z0-9_]*")
OVERLAP = 0.25  # of sliding windows
Say = Callable[[str], object]


@dataclass(frozen=True)
class Order:
    """What is asked for.

    Args:
        name: of the bundle.
        images, masks: the two folders.
        minutes: of training.
        device: to plan for.
        encoding: of the masks where it is declared, else None.
    """

    name: str
    images: Path
    masks: Path
    minutes: float = 10.0
    device: str = "auto"
    encoding: dict[str, Any] | None = None


def new_bundle(order: Order, ask: Ask = keep, say: Say = print) -> Path | None:
    """Write ``bundles/<name>`` and return it; None, and nothing written, where the check finds errors.

    Args:
        order: what is asked for.
        ask: settles what can be read in two ways.
        say: takes lines for the user.

    Raises:
        InputError: the name, the folders or the encoding cannot be used; the bundle exists; the disk refuses.
    """
    _check_order(order)
    for left in sweep(BUNDLES, DATA):
        say(f"{left}: removed, a planning that was killed had begun it")
    paired = pair_folders(order.images, order.masks)
    say(f"{len(paired.cases):,} pairs by {paired.how}")
    read = _read(order, paired, ask, say)
    if read is None:
        return None
    report, readings, groups = read
    place = place_data(order.name, paired, order.images, order.masks, planned_splits(paired, groups, say))
    try:
        say(place.how)
        with _whole_folder(BUNDLES / order.name, place) as folder:
            _write(folder, order, paired, report, readings, place, say)
    except BaseException:
        place.take_back()
        raise
    return BUNDLES / order.name


def _check_order(order: Order) -> None:
    form_of(True)
    target = BUNDLES / order.name
    if not NAME.fullmatch(order.name) or order.name in SHARED:
        raise InputError(order.name, "cannot name a bundle", "begin with a small letter, go on with small letters, "
                         "digits and _; engines, networks and tune are taken")
    if target.exists() or target.is_symlink():
        raise InputError(target, "exists already", "choose another name, or move it away")
    if not (math.isfinite(order.minutes) and order.minutes > 0):
        raise InputError("--minutes", f"must be a number above 0, got {order.minutes:g}", "give --minutes 10, say")
    find_device(order.device)


def _read(order: Order, paired: Paired, ask: Ask, say: Say) -> tuple[Report, list[Reading], dict[str, str]] | None:
    """Check the data and settle what is open; return the report, the readings and groups by image."""
    cases = _case_list(paired)
    report = check_data(cases, order.encoding)
    readings: list[Reading] = []
    if order.encoding is None and report.encoding is not None and not _errors(report, paired):
        labels = [case.label for case in cases.cases]
        for found in mask_readings(report.encoding, labels, report.facts, paired.class_names):
            reading = ask(found)
            readings.append(reading)
            if reading.chosen != report.encoding:
                report = check_data(cases, reading.chosen)
    errors = _errors(report, paired)
    for finding in [*errors, *(finding for finding in report.findings if finding not in errors)][:40]:
        if finding.kind not in COPIES or paired.is_listed:
            say(f"{finding.severity}: {finding.line}")
    if errors:
        count = "1 error" if len(errors) == 1 else f"{len(errors):,} errors"
        say(f"{count} in {len(cases.cases):,} cases, so nothing was written; mend and run again")
        return None
    groups = _groups(paired, report, ask, readings)
    for reading in readings:
        say(reading.line)
    return report, readings, groups


def _errors(report: Report, paired: Paired) -> list[Any]:
    """Return the errors; copies of an image are none where the cases are dealt here, as they are kept together."""
    return [finding for finding in report.findings
            if finding.severity == ERROR and (finding.kind not in COPIES or paired.is_listed)]


def _groups(paired: Paired, report: Report, ask: Ask, readings: list[Reading]) -> dict[str, str]:
    if paired.is_listed:
        return {}
    images = [str(case["image"]) for case in paired.cases]
    thumbs = [fact.image.thumb for fact in report.facts if fact.image is not None]
    top = os.path.commonpath([Path(image).parent for image in images])
    names = [Path(image).relative_to(top).with_suffix("").as_posix() for image in images]
    found = group_reading(names, thumbs)
    groups: dict[str, str] = {}
    if found is not None:
        reading = ask(found)
        readings.append(reading)
        groups = {image: reading.chosen[name] for image, name in zip(images, names, strict=True)
                  if name in reading.chosen}
    groups, joined = join_copies(report, images, groups)
    if joined:
        told = f"{joined} images are copies of another one, exact, re-encoded or mirrored"
        readings.append(Reading("are copies of an image cases of their own?", "no, kept in one split", told, {}))
    return {image: Path(group).stem if group in groups else group for image, group in groups.items()}


def _case_list(paired: Paired) -> CaseList:
    split_of = {case["image"]: split for split, cases in deal_cases(list(paired.cases)).items() for case in cases}
    cases = tuple(CheckedCase(
        Path(case["image"]).relative_to(paired.root).as_posix(), case["image"],
        tuple(case["label"]) if isinstance(case["label"], list) else case["label"],
        case.get("split", split_of[case["image"]]), None if case.get("group") is None else str(case["group"]),
    ) for case in paired.cases)
    return CaseList(paired.root, paired.how, cases)


@contextmanager
def _whole_folder(target: Path, place: Place) -> Iterator[Path]:
    """Give a folder to fill, which takes the name ``target`` when all is in it; remove it where anything fails."""
    beside = begun(target.parent, target.name)
    try:
        try:
            beside.mkdir()
            yield beside
            if target.exists():
                raise InputError(target, "exists already", "choose another name")
            with place.named(target):
                os.rename(beside, target)
        except OSError as error:
            raise InputError(target, f"cannot be written ({error.strerror or error})",
                             "free space or mend permissions") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _write(
    folder: Path, order: Order, paired: Paired, report: Report, readings: Sequence[Reading], place: Place, say: Say
) -> None:
    listed = DataList(place.now)
    fingerprint = take_fingerprint(report, len(listed.training), len(listed.splits["validation"]))
    is_gpu = find_device(order.device).type == "cuda"
    evidence = {"mask_encoding": next((setting.reason for setting in report.settings
                                       if setting.name == "mask_encoding"), "")}
    fixed = [*data_choices(fingerprint, evidence), *window_choices(fingerprint), *balance_choices(fingerprint)]
    window = next(choice.value for choice in fixed if choice.id == "image_size")[0]
    if _is_native(fixed):
        fingerprint = replace(fingerprint, validation_windows=_windows(fingerprint, window))
    training = list(training_choices(fingerprint, is_gpu, window, order.minutes))
    names = _class_names(fingerprint, paired)
    task = f"Segmentation of {order.name.replace('_', ' ')}: " + (
        "one class against the background" if fingerprint.is_binary else f"{len(names) - 1} classes and background")

    def write_config(choices: Sequence[Choice]) -> Path:
        config = train_config(order.name, place.folder.as_posix(), choices, names, order.minutes,
                              fingerprint.is_binary, task)
        path = folder / "train.json"
        path.write_text(narrow_json(config), encoding="utf-8")
        return path

    first = [*fixed, *training, *augment_choices(fingerprint, 0)]
    path = write_config(first)
    if is_gpu:
        batch = best_batch(path, order.device, min(4, fingerprint.training), fingerprint.training)
        training = [replace(choice, value=batch, measured="twice as many gained less than a tenth, or did not fit")
                    if choice.id == "batch_size" else choice for choice in training]
        path = write_config([*fixed, *training, *augment_choices(fingerprint, 0)])
    pace = measure_pace(path, order.device)
    choices = [*fixed, *training, *_timed(fingerprint, pace, order.minutes)]
    path = write_config(choices)
    say(f"{pace.train_per_s:.1f} images per second on this machine, about "
        f"{pace.epochs(order.minutes, fingerprint.training, fingerprint.validation_windows):.0f} epochs in "
        f"{order.minutes:g} minutes")
    images = place.images.as_posix()
    files = {
        "evaluate.json": evaluate_config(order.name, place.folder.as_posix(), choices, fingerprint.is_binary),
        "inference.json": inference_config(order.name, images, choices, fingerprint.is_binary, fingerprint.encoding),
        "metadata.json": metadata(order.name, fingerprint, choices, names, task),
    }
    for name, content in files.items():
        (folder / name).write_text(narrow_json(content), encoding="utf-8")
    shutil.copyfile(form_of(fingerprint.is_binary) / "logging.conf", folder / "logging.conf")
    pictures = [("samples.png", "Training cases as they are read, and samples as training sees them")]
    preview(path, folder / "samples.png", {"dataset_dir": str(place.now)})
    for number, (text, png) in enumerate(draw_plots(report), 1):
        (folder / f"plot_{number}.png").write_bytes(png)
        pictures.append((f"plot_{number}.png", text))
    text = readme(order.name, task, place.how, paired.how, fingerprint, readings, choices, pace, order.minutes,
                  pictures)
    (folder / "README.md").write_text(text, encoding="utf-8")


def _timed(fingerprint: Fingerprint, pace: Pace, minutes: float) -> Iterator[Choice]:
    """Yield what depends on the pace of this machine."""
    epochs = pace.epochs(minutes, fingerprint.training, fingerprint.validation_windows)
    yield from augment_choices(fingerprint, epochs)
    interval = pace.val_interval(fingerprint.training, fingerprint.validation_windows)
    yield Choice("val_interval", interval, "validation and the end of an epoch take less than a tenth of the time",
                 f"an epoch takes {pace.epoch_s(fingerprint.training):.1f} s, a validation "
                 f"{fingerprint.validation_windows / pace.predict_per_s:.1f} s")
    yield Choice("schedule_minutes", minutes, "as asked; the rate falls to the end of the time",
                 f"{pace.train_per_s:.1f} images/s, {pace.memory_mb:.0f} MB a step ({pace.machine})")


def _is_native(choices: Sequence[Choice]) -> bool:
    return any(choice.id == "fit" and choice.value == "native" for choice in choices)


def _windows(fingerprint: Fingerprint, window: int) -> int:
    """Return how many windows the sliding inference takes for the validation cases, at the mean size of all."""
    step = window * (1 - OVERLAP)
    sizes = [fact.image.size for fact in fingerprint.report.facts if fact.image is not None]
    counts = [math.prod(max(1, math.ceil((side - window) / step) + 1) for side in size) for size in sizes]
    return round(fingerprint.validation * sum(counts) / len(counts))


def _class_names(fingerprint: Fingerprint, paired: Paired) -> list[str]:
    """Return names of the classes: of the mask files where each is a class, else numbers."""
    label = paired.cases[0]["label"]
    if fingerprint.encoding.get("per") == "class" and isinstance(label, list | tuple):
        return ["background", *(paired.class_names or [Path(part).stem for part in label])]
    if fingerprint.is_binary:
        return ["background", "foreground"]
    return ["background", *(f"class {class_id}" for class_id in range(1, fingerprint.classes))]


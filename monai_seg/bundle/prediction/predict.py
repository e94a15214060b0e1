"""From a packed bundle, or its model.onnx alone, and a folder of pictures to a folder of masks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from monai_seg.bundle.inspect import check_bundle
from monai_seg.bundle.inspect.member import list_folder, map_file
from monai_seg.bundle.inspect.onnx_file import check_onnx
from monai_seg.bundle.inspect.packed import open_packed
from monai_seg.bundle.prediction.classes_csv import TABLE, write_classes
from monai_seg.bundle.prediction.onnx_predictor import OnnxPredictor
from monai_seg.errors import InputError

MODEL = "models/model.onnx"


def predict(
    model: str | Path,
    pictures: str | Path,
    out: str | Path,
    overwrite: bool = False,
    progress: Callable[[int, int], None] | None = None,
    runtime: str = "onnxruntime",
) -> int:
    """Write a mask for each picture and return their number; the network's part is done by ``runtime``.

    Args:
        model: zip or folder of a packed bundle, which is checked first, or a model.onnx.
        pictures: a picture or a folder of them.
        out: where the masks go, under the pictures' names.
        overwrite: replace masks that are there.
        progress: called with (pictures done, pictures) after each.
        runtime: "onnxruntime", or "openvino", which is quicker on processors and differs in last bits.

    A model with a class branch makes ``classes.csv``, too.

    Raises:
        InputError: the bundle is refused or has no such model; a picture cannot be read; a mask is there already.
    """
    from monai_seg.data.mask_writer import write_mask  # numpy and Pillow, not torch
    from monai_seg.data.picture import load_picture
    from monai_seg.data.picture_folder import list_pictures
    from monai_seg.data.picture_modes import convert_picture
    from monai_seg.durable import make_folder

    predictor = OnnxPredictor(_model_bytes(Path(model)), str(model), runtime)
    if "image_classes" in predictor.facts and (table := Path(out) / TABLE).exists() and not overwrite:
        raise InputError(table, "is there already", "name another folder, or give --overwrite")
    cases = list_pictures(pictures, out, overwrite)
    mode, encoding = predictor.facts["image_mode"], predictor.facts["mask_encoding"]
    classes: dict[str, NDArray[np.float32]] = {}
    for done, case in enumerate(cases, 1):
        picture = load_picture(case["image"])
        if picture.header.bits == 16:
            raise InputError(picture.path, "has 16 bits per sample, the model was trained with 8", "convert it first")
        make_folder(Path(case["output"]).parent)
        mask, said = predictor.predict(convert_picture(picture, mode))
        write_mask(case["output"], mask, encoding)
        if said is not None:
            classes[case["image"]] = said
        if progress is not None:
            progress(done, len(cases))
    if classes:
        write_classes(Path(out) / TABLE, classes, predictor.facts["image_classes"], predictor.facts["class_columns"])
    return len(cases)


def _model_bytes(path: Path) -> bytes:
    if path.suffix == ".onnx":
        data = map_file(path)
        findings = list(check_onnx(path.name, data))
        if findings:
            raise InputError(path, f"is refused: {findings[0].line()}", "fetch or pack it again")
        return bytes(data)
    report = check_bundle(path, allow_code=True, allow_torchscript=True)  # neither is run here
    if report.refusals:
        raise InputError(path, f"is refused: {report.refusals[0].line()}",
                         "run python -m monai_seg check-bundle for all reasons")
    members = list_folder(path)[0] if path.is_dir() else open_packed(path.name, map_file(path)).members
    found = next((member for member in members if member.path == MODEL), None)
    if found is None:
        raise InputError(path, f"holds no {MODEL}", "pack it without --no-onnx")
    return bytes(found.read())

"""The predictions behind a report's pictures: the run's own network on a few cases, at their own size.

An evaluation keeps scores and no masks, so the few that are shown are made again, by what the run's config defines and
as ``bundles/engines/evaluate.json`` puts it together. The page is told where what comes out is not what was scored.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from monai.bundle import ConfigParser
from monai.inferers import SlidingWindowInferer
from numpy.typing import NDArray

from monai_seg.errors import InputError, find_input_error
from monai_seg.inferers.mask_and_class import MaskAndClassInferer
from monai_seg.report.run_files import RunFiles

NEEDED = ("load_image", "load_label", "fit_image", "intensity", "decide", "draw", "network_def", "network", "cases")
OPERATING_POINT = ("decide_threshold", "min_area_share", "threshold", "class_gate")
ADDED = {
    "precision": "fp32",
    "prior": None,
    "preprocessing": {
        "_target_": "Compose",
        "transforms": ["@load_image", "@load_label", "@fit_image", "@intensity"],
    },
    "own_size": {
        "_target_": "Invertd",
        "keys": "pred",
        "transform": "@preprocessing",
        "orig_keys": "image",
        "nearest_interp": False,
        "to_tensor": True,
    },
    "postprocessing": {"_target_": "Compose", "transforms": ["@decide", "@own_size", "@draw"]},
}


@dataclass(frozen=True)
class Masks:
    """What a picture is made from.

    Args:
        image: (C, H, W) uint8, C 1 or 3.
        label: class ids (H, W).
        pred: class ids (H, W).
    """

    image: NDArray[np.uint8]
    label: NDArray[np.int32]
    pred: NDArray[np.int32]


class Predictor:
    """Makes the masks of a run's cases.

    Args:
        run: with its config; its operating point holds where one was searched.
        dataset_dir: where the data set lies now; None for where it lay in training.

    Raises:
        InputError: the run has no config or weights, they do not fit, or the data set is not there.
    """

    def __init__(self, run: RunFiles, dataset_dir: str | Path | None = None) -> None:
        where = run.folder / "config.json"
        if run.config is None:
            raise InputError(where, "is needed for pictures", "train with this version")
        lacking = [id for id in NEEDED if id not in run.config]
        if lacking:
            raise InputError(where, f"has no {', '.join(lacking)}", "train with a segmentation bundle of this version")
        moved = {} if dataset_dir is None else {"dataset_dir": str(dataset_dir)}
        point = {id: run.point[id] for id in OPERATING_POINT if run.point and id in run.point and id in run.config}
        self._parser = ConfigParser({**run.config, **ADDED, **point, **moved})
        warnings.filterwarnings("ignore", message="NvImgCodecPydicomReader")  # LoadImage makes MONAI's readers as well
        try:
            self.root = Path(self._parser.get_parsed_content("dataset_dir")).absolute()
            self.cases = self._parser.get_parsed_content("cases")
            self._load = self._parser.get_parsed_content("load_image")
            self._before = self._parser.get_parsed_content("preprocessing")
            self._after = self._parser.get_parsed_content("postprocessing")
            self._network, self._device = self._loaded_network(run.folder / "model.pt")
            size = self._parser.get_parsed_content("image_size")
        except Exception as error:  # whatever another version's config, or a missing class, leads MONAI to
            raise find_input_error(error) or InputError(
                where, f"cannot be built here ({type(error).__name__}: {str(error).splitlines()[0][:160]})",
                "train with this version") from error
        windows = SlidingWindowInferer(roi_size=size, sw_batch_size=4, overlap=0.25, mode="gaussian")
        self._inferer = MaskAndClassInferer(windows) if "image_classes" in run.config else windows

    def items(self, split: str) -> dict[str, Mapping[str, Any]]:
        """Return the cases of ``split`` in the data list, by `case_key`.

        Raises:
            InputError: no such split.
        """
        return {case_key(item["image"], self.root): item for item in self.cases.cases(split)}

    def predict(self, item: Mapping[str, Any]) -> Masks:
        """Return image, truth and prediction of a case of the data list.

        Raises:
            InputError: a file of it cannot be used.
        """
        try:
            case = self._before(dict(item))
            image = case["image"]
            with torch.inference_mode():
                logits = self._inferer(image[None].to(self._device), self._network)
            pred = self._after({**case, "pred": _of_one(logits)})["pred"]
            picture = _as_uint8(self._load(dict(item))["image"])
        except Exception as error:
            raise find_input_error(error) or error from error
        return Masks(picture, *(np.asarray(mask)[0].astype(np.int32) for mask in (case["label"], pred)))

    def _loaded_network(self, weights: Path) -> tuple[Any, torch.device]:
        if not weights.is_file():
            raise InputError(weights, "no weights here", "copy the model.pt of the run beside its config.json")
        plain = self._parser.get_parsed_content("network_def")
        try:
            plain.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True)["model"])
        except Exception as error:  # torch and pickle raise whatever the bytes lead them to
            raise InputError(weights, f"does not hold the weights of network_def ({type(error).__name__})",
                             "copy the model.pt of the run beside its config.json") from error
        network = self._parser.get_parsed_content("network").eval()
        return network, torch.device(self._parser.get_parsed_content("device"))


def case_key(image: str | Path, root: str | Path | None) -> str:
    """Return the image's path below ``root``, the data set, so that a data set may move; else as it stands."""
    path = Path(image)
    if root is not None and path.is_relative_to(Path(root).absolute()):
        return path.relative_to(Path(root).absolute()).as_posix()
    return str(image)


def predict_cases(
    predictor: Predictor, split: str, images: Sequence[str], trained_on: str | Path | None, notes: list[str]
) -> Iterator[tuple[str, Masks]]:
    """Yield image and `Masks` of those ``images`` of ``split`` that can be read; ``notes`` gets a line for the others.

    Args:
        predictor: of the run.
        split: of the data list.
        images: paths as in cases.csv.
        trained_on: the data set of the config, below which these paths lie.
        notes: is appended to.
    """
    try:
        items = predictor.items(split)
    except InputError as error:
        notes.append(f"no pictures of {split}: {error}")
        return
    for image in images:
        item = items.get(case_key(image, trained_on), items.get(case_key(image, predictor.root)))
        if item is None:
            notes.append(f"no picture of {image}: it is not in the split {split} of {predictor.root}")
            continue
        try:
            yield image, predictor.predict(item)
        except InputError as error:
            notes.append(f"no picture of {image}: {error}")


def differs(masks: Masks, label_area_px: float, pred_area_px: float) -> str:
    """Return what differs from the areas that were scored, nothing where they are the same but for rounding."""
    if int((masks.label > 0).sum()) != label_area_px:
        return "the mask is another one now than the one that was scored"
    if abs(int((masks.pred > 0).sum()) - pred_area_px) > max(4.0, 0.01 * pred_area_px):
        return ("another prediction was scored, as test-time augmentation, an ensemble, other thresholds or newer "
                "weights give")
    return ""


def _of_one(logits: Any) -> Any:
    """Return the logits of the one image of a batch; of a class branch, too, if there is one."""
    return tuple(map(_of_one, logits)) if isinstance(logits, tuple) else logits[0].cpu()


def _as_uint8(image: torch.Tensor) -> NDArray[np.uint8]:
    """Return the (C, H, W) image in 8 bits, stretched from its lowest to its highest value where it has more."""
    if image.dtype == torch.uint8 or (image.min() >= 0 and image.max() <= 255 and image.max() > 1):
        return np.asarray(image).round().astype(np.uint8)
    values = image.float()
    low, high = values.min(), values.max()
    return np.asarray((values - low) / (high - low).clamp(min=1e-12) * 255).round().astype(np.uint8)

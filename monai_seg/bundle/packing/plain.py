"""evaluate.json and inference.json in MONAI's, torch's and Ignite's own words, where these can say the same.

What our classes add for the author's comfort (checks of every file, overlays, progress, names that never clash) is left
away; what makes the mask is said by plain classes. Where they cannot, the reason is told and our code is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monai_seg.bundle.walk import walk

OURS = "monai_seg."
LEFT_OUT = ("overwrite", "overlays", "tta", "flips", "precision", "prior", "members", "mask_encoding", "mask_resize",
            "class_names", "initialize", "cases", "pictures")
DEVICE = "$torch.device(['cpu', 'cuda'][int(torch.cuda.is_available())])"
SUFFIXES = "[PpJjBbTtGg][NnPpMmIi][GgPpEeFf]*"  # png, jpg, jpeg, bmp, tif, tiff, gif
PILLOW = "PIL.Image.Image.convert"


class NeedsOurCode(ValueError):
    """The config cannot be said in plain words; the text says what stands against it."""


def as_plain(config: Mapping[str, Any], divisor: int | None) -> dict[str, Any]:
    """Return what does the same as ``config`` without monai_seg.

    Args:
        config: as `written_out` gives it.
        divisor: what the network's own input must be a multiple of; None where its output is no plain tensor.

    Raises:
        NeedsOurCode: a part has no plain equal.
    """
    _check_network(config, divisor)
    is_inference = "pictures" in config
    plain: dict[str, Any] = {}
    for id, value in config.items():
        if id == "pictures":
            plain.update(_pictures())
        elif id == "cases":
            plain["cases"] = _cases()
        elif id not in LEFT_OUT:
            plain[id] = value
    plain["device"] = DEVICE
    plain["network"] = "$@network_def.to(@device)"
    plain["load_image"] = _load_image(config["load_image"])
    plain["inferer"] = _inner_inferer(config["inferer"])
    plain["preprocessing"] = _transforms(config["preprocessing"], {})
    encoding = config["mask_encoding"]
    if is_inference:
        plain["postprocessing"] = _transforms(config["postprocessing"], {"SaveMaskd": _save(encoding)})
        plain["dataset"] = {**config["dataset"], "data": "@pictures"}
        plain["handlers"] = [_loader()]
    else:
        plain["load_label"] = _load_label(encoding, config["mask_resize"])
        plain["dataset"] = {**config["dataset"], "data": "@cases"}
        plain["handlers"] = [_loader(), _save_metrics()]
    left = next((f"{where} is {value}" for where, value in walk(plain)
                 if where.endswith("_target_") and str(value).startswith(OURS)), "")
    if left:
        raise NeedsOurCode(left)
    return plain


def _check_network(config: Mapping[str, Any], divisor: int | None) -> None:
    target = str(config["network_def"].get("_target_"))
    if target.startswith(OURS):
        raise NeedsOurCode(f"network_def is {target}")
    if divisor is None:
        raise NeedsOurCode(f"{target} does not give one tensor of the image's size")
    if any(side % divisor or side < 2 * divisor for side in config["image_size"]):
        raise NeedsOurCode(f"image_size {config['image_size']} is no multiple of {divisor}, as {target} wants it")


def _pictures() -> dict[str, Any]:
    return {
        "files": {
            "_target_": "glob.glob",
            "_desc_": "Pictures at any depth whose names end in png, jpg, jpeg, bmp, tif, tiff or gif.",
            "pathname": f"$str(@dataset_dir) + '/**/*.{SUFFIXES}'",
            "recursive": True,
        },
        "pictures": {"_target_": "monai.data.decollate_batch", "batch": {"image": "$sorted(@files)"}},
    }


def _cases() -> dict[str, Any]:
    return {
        "_target_": "monai.data.load_decathlon_datalist",
        "data_list_file_path": "$str(@dataset_dir) + '/datalist.json'",
        "is_segmentation": True,
        "data_list_key": "@split",
        "base_dir": "@dataset_dir",
    }


def _load_image(load: Mapping[str, Any]) -> dict[str, Any]:
    [step] = load["transforms"]
    reader = step["reader"]
    if reader.get("_target_") != "monai_seg.data.PictureReader":
        raise NeedsOurCode(f"load_image reads by {reader.get('_target_')}")
    options = {"depth": 8, "alpha": "drop", **reader}
    if options["depth"] != 8 or options["alpha"] != "drop":
        raise NeedsOurCode(f"load_image has depth {options['depth']} and alpha {options['alpha']}")
    return {
        "_target_": "Compose",
        "_desc_": "File to (C, H, W) as one sees it: upright, grey or RGB, rows first.",
        "transforms": [{**step, "reader": _pillow(options["mode"], upright=True)}],
    }


def _load_label(encoding: Mapping[str, Any], resize: Any) -> dict[str, Any]:
    if resize is not None:
        raise NeedsOurCode(f"mask_resize is {resize!r}")
    load = {"_target_": "LoadImaged", "keys": "label", "reader": _pillow("L", upright=False), "image_only": True,
            "ensure_channel_first": True}
    return {"_target_": "Compose", "transforms": [load, *_decode(encoding)]}


def _decode(encoding: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Grey values to class ids."""
    if encoding["kind"] == "binary" and encoding.get("foreground", 255) <= 255:
        threshold = encoding.get("threshold")
        lowest = encoding.get("foreground", 255) if threshold is None else threshold + 1
        return [{"_target_": "AsDiscreted", "keys": "label", "threshold": lowest}]
    if encoding["kind"] == "index":
        values = encoding.get("values")
        return [] if values is None else [_map("label", [int(value) for value in values], list(values.values()))]
    raise NeedsOurCode(f"masks are of the kind {encoding['kind']}")


def _save(encoding: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Class ids to a grey picture of the same name."""
    kind, foreground = encoding["kind"], encoding.get("foreground", 255)
    if kind not in ("binary", "index") or foreground > 255:
        raise NeedsOurCode(f"masks are of the kind {kind}")
    steps: list[dict[str, Any]] = [{
        "_target_": "CopyItemsd",
        "_desc_": "What follows is for the file alone; pred stays as it is for whoever takes it from here.",
        "keys": "pred",
        "names": "mask",
    }]
    if kind == "binary" and foreground != 255:
        steps.append(_map("mask", [0, 1], [0, foreground]))
    elif kind == "index" and encoding.get("values"):
        first = {class_id: int(value) for value, class_id in reversed(encoding["values"].items())}
        if max(first.values()) > 255:
            raise NeedsOurCode("masks have 16 bits")
        steps.append(_map("mask", sorted(first), [first[class_id] for class_id in sorted(first)]))
    return [
        *steps,
        {"_target_": "Transposed", "_desc_": "Pillow's writer turns rows into columns.", "keys": "mask",
         "indices": [0, 2, 1]},
        {
            "_target_": "SaveImaged",
            "keys": "mask",
            "output_dir": "@output_dir",
            "output_postfix": "",
            "output_ext": ".png",
            "output_dtype": "$np.uint8",
            "resample": False,
            "scale": 255 if kind == "binary" and foreground == 255 else None,
            "separate_folder": False,
            "data_root_dir": "@dataset_dir",
            "print_log": False,
        },
    ]


def _map(key: str, old: list[int], new: list[int]) -> dict[str, Any]:
    return {"_target_": "MapLabelValued", "keys": key, "orig_labels": old, "target_labels": new, "dtype": "$np.uint8"}


def _pillow(mode: str, upright: bool) -> dict[str, Any]:
    steps = [{"_target_": "PIL.ImageOps.exif_transpose", "_mode_": "callable"},
             {"_target_": PILLOW, "_mode_": "callable", "mode": mode}]
    return {"_target_": "PILReader", "reverse_indexing": False,
            "converter": {"_target_": "Compose", "transforms": steps if upright else steps[1:]}}


def _inner_inferer(inferer: Mapping[str, Any]) -> dict[str, Any]:
    """Without mirrored copies and members an average is what it averages."""
    is_average = inferer.get("_target_") == "monai_seg.inferers.AveragedInferer"
    return dict(inferer["inferer"] if is_average else inferer)


def _transforms(compose: Mapping[str, Any], instead: Mapping[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """A Compose without the switches for overlays, and with plain classes in the place of ours."""
    steps: list[Any] = []
    for step in compose["transforms"]:
        target = step.get("_target_", "").rpartition(".")[2] if isinstance(step, Mapping) else ""
        if target in instead:
            steps += instead[target]
        elif not (isinstance(step, Mapping) and "@overlays" in str(step.get("_disabled_"))):
            steps.append(step)
    return {**compose, "transforms": steps}


def _loader() -> dict[str, Any]:
    return {"_target_": "CheckpointLoader", "load_path": "@weights", "load_dict": {"model": "@network_def"},
            "map_location": "cpu"}


def _save_metrics() -> dict[str, Any]:
    return {"_target_": "MetricsSaver", "save_dir": "@output_dir", "metrics": "*", "summary_ops": "*"}

"""Settings that must fit each other: each may be right by itself, and yet a training end in a traceback or mislead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from monai_seg.data.mask_encodings import parse_encoding
from monai_seg.errors import InputError


def check_consistency(config: Mapping[str, Any]) -> None:
    """Check that each reference of ``config`` has its setting, and that all say the same number of classes.

    Values that are built or computed are left to whatever uses them.

    Raises:
        InputError: a component refers to a setting that is not there, as a network of another bundle may;
            ``out_channels``, ``class_names`` and ``mask_encoding`` speak of different numbers of classes; a network
            with a class branch stands where there are no classes of images; or masks would be drawn window by window
            where the class branch decides about them at the end.
    """
    if "image_classes" not in config and "monai_seg.networks.MultiTaskUNet" in str(config.get("network_def")):
        raise InputError("network_def", "has a class branch, and this config trains on masks alone",
                         "take bundles/covid_radiography/train_multitask.json, or another network")
    for id, value in config.items():
        for name in _references(value):
            if name not in config and not name.startswith("_"):
                raise InputError(name, f"{id} needs this setting, and the config has none of that name",
                                 f"give --{name} a value, or choose another {id}")
    if "image_classes" in config and "monai_seg.inferers.DrawnWindows" in str(config.get("inferer")):
        raise InputError("inferer", "DrawnWindows gives masks alone, and this config gives classes of images, too",
                         "leave large_pictures.json out")
    channels = config.get("out_channels")
    if isinstance(channels, int):
        _check_classes(channels, config.get("class_names"), config.get("mask_encoding"))


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from (name for key, inner in value.items() if key != "_desc_" for name in _references(inner))
    elif isinstance(value, list):
        yield from (name for inner in value for name in _references(inner))
    elif isinstance(value, str) and value.startswith(("@", "$")):
        yield from re.findall(r"@([A-Za-z_]\w*)", value)


def _check_classes(channels: int, names: Any, encoding: Any) -> None:
    count = max(2, channels)  # one sigmoid channel tells two classes apart
    if isinstance(encoding, Mapping) and "_target_" not in encoding:
        declared = parse_encoding(encoding).classes
        if declared != count:
            fitting = declared if declared > 2 else 1
            raise InputError("out_channels", f"is {channels}, but mask_encoding declares {declared} classes, "
                             "background included", f"give --out_channels {fitting}, or your masks' mask_encoding")
    if isinstance(names, list) and len(names) != count:
        raise InputError("class_names", f"names {len(names)} ({', '.join(map(str, names))}), out_channels {channels} "
                         f"means {count} classes", "name each class, the background's first")

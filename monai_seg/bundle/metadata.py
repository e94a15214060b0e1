"""The rules for a bundle's metadata.json, checked without the network.

MONAI checks metadata against a JSON schema that it downloads. These are our own rules after MONAI's bundle
specification, and stricter: nothing is optional, and the network's input and output are told fully.

Source:
    https://docs.monai.io/en/stable/mb_specification.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

TEXTS = ("schema", "version", "monai_version", "pytorch_version", "numpy_version", "task", "description", "authors",
         "copyright", "data_source", "data_type", "image_classes", "label_classes", "pred_classes", "intended_use")
VERSIONS = ("version", "monai_version", "pytorch_version", "numpy_version")
TENSOR_KEYS = ("type", "format", "modality", "num_channels", "spatial_shape", "dtype", "value_range", "is_patch_data",
               "channel_def")
TYPES = ("image", "series", "tuples", "probabilities")
FORMATS = ("magnitude", "hounsfield", "kspace", "raw", "labels", "classes", "segmentation", "points", "normals",
           "indices", "sequence", "latent", "gradient")
DTYPES = ("float16", "bfloat16", "float32", "float64", "uint8", "int8", "int16", "int32", "int64")
VERSION = re.compile(r"\d+\.\d+(\.\d+)?([.+a-z-][\w.+-]*)?")
SIZE = re.compile(r"\d+|\d+ ?\* ?n|\d+ ?\*\* ?p( ?\* ?n)?")  # what MONAI's verify_net_in_out can make a size of


def metadata_problems(metadata: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with ``metadata``, a line for each: the key, the cause and the mend; none if it is sound."""
    return [*_text_problems(metadata), *_version_problems(metadata), *_group_problems(metadata),
            *_network_problems(metadata.get("network_data_format"))]


def _text_problems(metadata: Mapping[str, Any]) -> Iterator[str]:
    for key in TEXTS:
        if not isinstance(metadata.get(key), str) or not metadata[key].strip():
            yield f"{key}: is {metadata.get(key)!r}; write it as text"
    schema = metadata.get("schema")
    if isinstance(schema, str) and not re.fullmatch(r"https://\S+\.json", schema):
        yield f"schema: {schema!r} is no address of a schema; write the https address of MONAI's"


def _version_problems(metadata: Mapping[str, Any]) -> Iterator[str]:
    for key in VERSIONS:
        version = metadata.get(key)
        if isinstance(version, str) and version.strip() and not VERSION.fullmatch(version):
            yield f"{key}: {version!r} is no version; write it like 1.2.3"
    changelog = metadata.get("changelog")
    if not isinstance(changelog, Mapping) or not all(isinstance(line, str) and line for line in changelog.values()):
        yield "changelog: is no dictionary of texts by version; write one"
    elif metadata.get("version") not in changelog:
        yield f"changelog: has no entry for version {metadata.get('version')}; say what is new in it"
    packages = metadata.get("required_packages_version")
    if not isinstance(packages, Mapping):
        yield "required_packages_version: is no dictionary of versions by package; write one, {} for none"
        return
    for package, version in packages.items():
        if not isinstance(version, str) or not VERSION.fullmatch(version):
            yield f"required_packages_version: {package} has {version!r}; write a version like 1.2.3"
    if "optional_packages_version" in metadata:
        yield "optional_packages_version: is the old name; write required_packages_version"


def _group_problems(metadata: Mapping[str, Any]) -> Iterator[str]:
    metrics = metadata.get("eval_metrics")
    if not isinstance(metrics, Mapping) or not metrics:
        yield "eval_metrics: is no dictionary of numbers by score; write one"
    else:
        yield from (f"eval_metrics: {name} is {value!r}; write a number" for name, value in metrics.items()
                    if isinstance(value, bool) or not isinstance(value, int | float))
    references = metadata.get("references")
    if not isinstance(references, list) or not all(isinstance(line, str) and line for line in references):
        yield "references: is no list of texts; write one, [] for none"


def _network_problems(network: Any) -> Iterator[str]:
    if not isinstance(network, Mapping):
        yield "network_data_format: is missing; write its inputs and outputs"
        return
    for side, name in (("inputs", "image"), ("outputs", "pred")):
        tensors = network.get(side)
        if not isinstance(tensors, Mapping) or name not in tensors:
            yield f"network_data_format::{side}: has no {name}; describe it"
            continue
        for key, tensor in tensors.items():
            where = f"network_data_format::{side}::{key}"
            if not isinstance(tensor, Mapping):
                yield f"{where}: is no dictionary; write one"
            else:
                yield from (f"{where}::{problem}" for problem in _tensor_problems(tensor))


def _tensor_problems(tensor: Mapping[str, Any]) -> Iterator[str]:
    missing = [key for key in TENSOR_KEYS if key not in tensor]
    yield from (f"{key}: is missing; write it" for key in missing)
    for key, choices in (("type", TYPES), ("format", FORMATS), ("dtype", DTYPES)):
        if key in tensor and tensor[key] not in choices:
            yield f"{key}: is {tensor[key]!r}; choose one of {', '.join(choices)}"
    if "modality" in tensor and (not isinstance(tensor["modality"], str) or not tensor["modality"]):
        yield f"modality: is {tensor['modality']!r}; write it as text, n/a for none"
    if "is_patch_data" in tensor and not isinstance(tensor["is_patch_data"], bool):
        yield f"is_patch_data: is {tensor['is_patch_data']!r}; write true or false"
    if "spatial_shape" in tensor and not _is_shape(tensor["spatial_shape"]):
        yield f"spatial_shape: is {tensor['spatial_shape']!r}; write numbers of pixels or \"32*n\", rows first"
    if "value_range" in tensor and not _is_range(tensor["value_range"]):
        yield f"value_range: is {tensor['value_range']!r}; write [lowest, highest], or [] where there is no limit"
    if "num_channels" in tensor and "channel_def" in tensor:
        yield from _channel_problems(tensor["num_channels"], tensor["channel_def"])


def _channel_problems(channels: Any, names: Any) -> Iterator[str]:
    if isinstance(channels, bool) or not isinstance(channels, int) or channels < 1:
        yield f"num_channels: is {channels!r}; write a number"
    elif not isinstance(names, Mapping) or sorted(names) != sorted(str(i) for i in range(channels)):
        yield f"channel_def: does not name the channels 0 to {channels - 1}; write one text for each"
    elif not all(isinstance(name, str) and name for name in names.values()):
        yield "channel_def: has a name that is no text; write one text for each channel"


def _is_shape(shape: Any) -> bool:
    sizes = shape if isinstance(shape, list) and len(shape) == 2 else []
    return bool(sizes) and all((isinstance(size, int) and not isinstance(size, bool) and size > 0)
                               or (isinstance(size, str) and SIZE.fullmatch(size) is not None) for size in sizes)


def _is_range(value: Any) -> bool:
    if not isinstance(value, list) or len(value) not in (0, 2) or any(isinstance(x, bool) for x in value):
        return False
    return all(isinstance(x, int | float) for x in value) and (not value or value[0] < value[1])

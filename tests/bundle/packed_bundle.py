"""How the tests make a packed bundle, and single parts of one."""

from __future__ import annotations

import io
import json
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from monai.networks.nets import UNet

import monai_seg
from monai_seg.bundle import build_manifest, flatten, manifest_bytes, write_archive
from monai_seg.bundle.inspect.targets import SOURCE_ALONE

ROOT = Path(__file__).parents[2]
SIIM = ROOT / "bundles" / "siim"
VERSIONS = {"versions": {"monai_seg": monai_seg.__version__, "monai": "1.6.1"}, "run": {"seed": 0}}
Files = dict[str, bytes]


def make_files() -> Files:
    """The files of a bundle without its manifest."""
    here = os.getcwd()
    os.chdir(ROOT)  # macros start there
    try:
        train = flatten("bundles/siim/train.json")
        configs = {name: written_out(flatten(f"bundles/siim/{name}.json"), train) for name in ("evaluate", "inference")}
    finally:
        os.chdir(here)
    return {
        **{f"configs/{name}.json": as_json(config) for name, config in {**configs, "train": train}.items()},
        "configs/metadata.json": (SIIM / "metadata.json").read_bytes(),
        "configs/logging.conf": (SIIM / "logging.conf").read_bytes(),
        "models/model.pt": weights({"model": UNet(2, 1, 1, (4, 8), (2,)).state_dict()}),
        "models/model.onnx": onnx_model(),
        "models/model.safetensors": safetensors(
            {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}, bytes(8)),
        "docs/README.md": (SIIM / "README.md").read_bytes(),
        "docs/curves.png": png(4, 3),
        "docs/data_license.txt": b"CC BY 4.0\n",
        "LICENSE": (ROOT / "LICENSE").read_bytes(),
        "CHANGELOG.md": b"# 0.1.0\n",
        "monai_seg/__init__.py": (ROOT / "monai_seg/__init__.py").read_bytes(),
        "monai_seg/errors.py": (ROOT / "monai_seg/errors.py").read_bytes(),
        "monai_seg/py.typed": b"",
    }


def written_out(config: Mapping[str, Any], train: Mapping[str, Any]) -> dict[str, Any]:
    """The config with the run's parts in the place of what takes them from its folder."""
    return {key: _of_run(value, train) if isinstance(value, dict) and value.get("_target_") in SOURCE_ALONE else value
            for key, value in config.items()}


def _of_run(value: Mapping[str, Any], train: Mapping[str, Any]) -> Any:
    return train[value["id"]] if "id" in value else []  # networks of other runs stay away


def as_json(content: Any) -> bytes:
    return (json.dumps(content, indent=2) + "\n").encode()


def with_manifest(files: Files, name: str = "siim") -> Files:
    return {**files, "MANIFEST.json": manifest_bytes(build_manifest(name, files, VERSIONS))}


def pack(files: Files, path: Path, name: str = "siim") -> Path:
    """Pack ``files`` and a manifest that fits them."""
    write_archive(path, name, with_manifest(files, name))
    return path


def weights(content: Any, **options: Any) -> bytes:
    file = io.BytesIO()
    torch.save(content, file, **options)
    return file.getvalue()


def safetensors(header: Mapping[str, Any], data: bytes) -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def png(width: int, height: int, behind: bytes = b"") -> bytes:
    rows = b"".join(b"\0" + bytes(width) for _ in range(min(height, 100)))
    size = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size + b"\x08\0\0\0\0")
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"") + behind)


def chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def field(number: int, value: bytes | int) -> bytes:
    """One field of a protobuf message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def onnx_model(*, node: bytes = b"", tensor: bytes = b"", opset: bytes = b"", model: bytes = b"") -> bytes:
    """A model of one Relu; each argument is put into the message of its name."""
    relu = field(1, b"image") + field(2, b"pred") + field(4, b"Relu") + node
    weight = field(1, 1) + field(2, 1) + field(8, b"w") + field(9, bytes(4)) + tensor
    graph = field(1, relu) + field(2, b"graph") + field(5, weight)
    return field(1, 10) + field(7, graph) + field(8, field(2, 20) + opset) + model

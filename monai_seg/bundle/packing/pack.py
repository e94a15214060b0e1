"""A bundle and a run of it, made into one zip that others can check, open and run."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import monai_seg
from monai_seg.bundle.archive import write_archive
from monai_seg.bundle.flatten import flatten
from monai_seg.bundle.inspect import check_bundle
from monai_seg.bundle.manifest import MANIFEST, build_manifest, manifest_bytes
from monai_seg.bundle.packing.configs import scoring_config, train_config
from monai_seg.bundle.packing.metadata_json import packed_metadata, summary_rows
from monai_seg.bundle.packing.model_card import model_card
from monai_seg.bundle.packing.trained_run import TrainedRun
from monai_seg.bundle.packing.variant import variant_of
from monai_seg.errors import InputError

OF_THIS_MACHINE = ("command", "again", "parent", "resumed_from", "began", "ended")  # of a run card
POINT = ("decide_threshold", "min_area_share", "threshold", "class_gate")
Files = dict[str, bytes | Path]


@dataclass(frozen=True)
class Packed:
    """What was packed.

    Args:
        path: the zip.
        name: of the bundle.
        files: path -> bytes.
        sha256: the manifest's own hash.
        reasons: config -> why it needs the code in ``monai_seg/``; empty where all do without.
    """

    path: Path
    name: str
    files: Mapping[str, int]
    sha256: str
    reasons: Mapping[str, str] = field(default_factory=dict)


def pack(
    bundle: str | Path,
    run: str | Path,
    out: str | Path,
    *,
    onnx: bool = True,
    torchscript: bool = False,
    exported_program: bool = False,
    overwrite: bool = False,
) -> Packed:
    """Write the zip ``out`` with the bundle in folder ``bundle`` as the run in folder ``run`` trained it.

    Call it from the repository root, where macros start. The same run packs to the same bytes.

    Args:
        onnx: with models/model.onnx.
        torchscript, exported_program: with models/model.ts or .pt2, which are programs: a receiver has to allow them.
        overwrite: replace ``out`` where it is there.

    Raises:
        InputError: something is missing or does not fit, or the result would be refused by check-bundle.
    """
    source, trained, target = Path(bundle), TrainedRun(run), Path(out)
    if target.exists() and not overwrite:
        raise InputError(target, "is there already", "name another zip, or give --overwrite")
    if target.suffix != ".zip":
        raise InputError(target, "does not end in .zip", "name a zip")
    _check_origin(source, trained)
    variant = variant_of(source, trained)
    name = source.absolute().name + variant
    files, reasons = _contents(source, variant, trained, name, onnx, torchscript, exported_program)
    manifest = build_manifest(name, files, _facts(trained))
    files[MANIFEST] = manifest_bytes(manifest)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent) as beside:
        write_archive(unchecked := Path(beside, target.name), name, files)
        report = check_bundle(unchecked, allow_torchscript=torchscript or exported_program)
        if report.refusals:
            raise InputError(report.refusals[0].file, report.refusals[0].line(),
                             "mend the bundle or the run's config: check-bundle would refuse the zip")
        os.replace(unchecked, target)
    sizes = {file.path: file.size for file in report.files}
    return Packed(target, name, sizes, manifest["sha256"], reasons)


def _check_origin(source: Path, run: TrainedRun) -> None:
    trained, name = Path(str(run.config.get("bundle_root"))).name, source.absolute().name
    if trained != name:
        raise InputError(run.path, f"is a run of the bundle {trained}, not of {name}", f"pack bundles/{trained}")


def _contents(
    source: Path, variant: str, run: TrainedRun, name: str, onnx: bool, torchscript: bool, exported_program: bool
) -> tuple[Files, dict[str, str]]:
    from monai_seg.bundle.packing.models import model_facts, model_files  # seconds: torch comes with it
    from monai_seg.bundle.packing.network import plain_divisor, trained_network, weights_bytes
    from monai_seg.networks.segmentation_network import find_divisor

    network = trained_network(run)
    in_channels, out_channels = run.value("in_channels"), run.value("out_channels")
    divisor = find_divisor(network, in_channels, out_channels)
    plain = plain_divisor(network, divisor, in_channels)
    configs, reasons = {"train": train_config(run, name)}, {}
    sources = {config: flatten(source / f"{config}{variant}.json") for config in ("evaluate", "inference")}
    for config, content in sources.items():
        configs[config], reason = scoring_config(config, content, run, plain)
        if reason:
            reasons[config] = reason
    metadata, point = packed_metadata(source / "metadata.json", run), _point(configs["inference"])
    rows = summary_rows(run)
    curves = run.path / "curves.png"
    card = model_card(name, metadata, rows, run.card, point, _preparation(run), reasons, curves.is_file())
    files: Files = {
        **{f"configs/{config}.json": _json(content) for config, content in configs.items()},
        "configs/metadata.json": _json(metadata),
        "configs/logging.conf": (source / "logging.conf").read_bytes(),
        "models/model.pt": weights_bytes(network),
        "docs/README.md": card.encode(),
        "docs/data_license.txt": _data_licence(source, metadata).encode(),
        "LICENSE": _licence(source),
        **({"docs/curves.png": curves} if curves.is_file() else {}),
        **_code(),
    }
    facts = model_facts(name, run, sources["inference"]["mask_encoding"], point)
    inside = {"metadata.json": _json(metadata), "inference.json": _json(configs["inference"])}
    files.update(model_files(network, divisor, run, facts, onnx, torchscript, exported_program, inside))
    files.update(_sample(configs["inference"], files, run))
    return files, reasons


def _sample(inference: Mapping[str, Any], files: Files, run: TrainedRun) -> Files:
    from monai_seg.bundle.packing import sample_picture as sample

    picture = sample.draw_picture(tuple(run.value("image_size")), run.value("image_mode"))
    with tempfile.TemporaryDirectory() as root:
        model = Path(root, "models", "model.pt")
        model.parent.mkdir()
        content = files["models/model.pt"]
        assert isinstance(content, bytes)
        model.write_bytes(content)
        mask, probability = sample.predict_picture(inference, Path(root), picture)
    return {sample.PICTURE: picture, sample.MASK: mask, sample.PROBABILITY: sample.grey_png(probability)}


def _code() -> Files:
    """The package itself, byte for byte as it is installed."""
    root = Path(monai_seg.__file__).parent
    return {f"monai_seg/{path.relative_to(root).as_posix()}": path.read_bytes()
            for path in sorted([*root.rglob("*.py"), root / "py.typed"])}


def _facts(run: TrainedRun) -> dict[str, Any]:
    card = {key: value for key, value in run.card.items() if key not in OF_THIS_MACHINE}
    if isinstance(card.get("hardware"), dict):
        card["hardware"] = {key: value for key, value in card["hardware"].items() if key != "pid"}
    return {"run": card, "versions": {"monai_seg": monai_seg.__version__, **run.card.get("versions", {})}}


def _point(inference: Mapping[str, Any]) -> dict[str, Any]:
    asked = POINT if inference.get("gate_classes") else POINT[:-1]
    return {name: inference[name] for name in asked if isinstance(inference.get(name), int | float)}


def _preparation(run: TrainedRun) -> list[str]:
    size, mode = run.value("image_size"), run.value("image_mode")
    fit = {"whole": f"longest side resized to {min(size)} pixels (Gaussian smoothing, then bilinear), aspect kept, "
                    f"padded with 0 on all sides to {size[0]} x {size[1]}, rounded to whole levels",
           "native": f"pixels as they are, padded with 0 to {size[0]} x {size[1]} at least; a window of that size "
                     "slides over it with an overlap of a quarter"}[run.config.get("fit", "whole")]
    return [f"read upright (EXIF), as {'grey' if mode == 'L' else 'red, green and blue'}, alpha ignored; rows first",
            fit, "0..255 to 0..1"]


def _data_licence(source: Path, metadata: Mapping[str, Any]) -> str:
    own = source / "data_license.txt"
    if own.is_file():
        return own.read_text(encoding="utf-8")
    readme = source / "README.md"
    told = re.search(r"\*\*Data\.\*\* (.*?)\n\n", readme.read_text(encoding="utf-8") if readme.is_file() else "", re.S)
    return (f"The weights were trained on: {metadata['data_source']}\n\n" + (f"{told.group(1)}\n\n" if told else "")
            + "The data themselves are not part of this bundle. Who passes on the weights answers for the data's "
              "terms allowing it.\n")


def _licence(source: Path) -> bytes:
    for folder in (source, *source.absolute().parents):
        if (folder / "LICENSE").is_file():
            return (folder / "LICENSE").read_bytes()
    raise InputError(source, "no LICENSE in it or above", "put the licence of the weights into the bundle's folder")


def _json(content: Any) -> bytes:
    return (json.dumps(content, indent=2) + "\n").encode()

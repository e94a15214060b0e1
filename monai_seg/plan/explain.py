"""Tell a bundle's plan: values, reasons and figures; the network's costs on this machine; a batch; an overfit test."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from monai.bundle import ConfigParser
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from monai_seg.bundle.flatten import flatten
from monai_seg.distributed import find_device
from monai_seg.durable import make_folder
from monai_seg.errors import InputError
from monai_seg.plan.choices import Choice
from monai_seg.plan.network_facts import LARGEST_FIELD, network_facts
from monai_seg.plan.overfit import overfit
from monai_seg.plan.probe import measure_pace
from monai_seg.plan.readme import reasons_in, short
from monai_seg.run.preview import preview
from monai_seg.run.start import start

ALWAYS = ("image_mode", "image_size", "fit", "mask_encoding", "class_names", "network_def", "loss", "batch_size",
          "learning_rate", "max_epochs", "schedule_minutes", "augmentations", "augment", "prior", "positive_share")


def run_explain(bundle: Path, out: Path | None, dataset_dir: Path | None, device: str) -> int:
    """Print the explanation of ``bundle``, draw a batch into ``out``, and return the exit code 0.

    Raises:
        InputError: no such bundle or device, or its config cannot be read.
    """
    start(0)
    config_file = bundle / "train.json"
    if not config_file.is_file():
        raise InputError(config_file, "no such bundle", "name the folder of one, such as bundles/siim")
    console = Console()
    config = json.loads(config_file.read_text(encoding="utf-8"))
    flatten(config_file)  # tells what cannot be read
    _print(console, bundle.name, [(choice.id, short(choice.value), choice.reason, choice.measured)
                                  for choice in explained(config, reasons_in(bundle / "README.md"))])
    overrides: dict[str, Any] = {"device": find_device(device), "cache_dir": None}
    if dataset_dir is not None:
        overrides["dataset_dir"] = str(dataset_dir)
    parser = ConfigParser()
    parser.read_config(str(config_file))
    parser.update(overrides)
    for line in _costs(parser, config_file, device):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    for line in _on_data(parser, config_file, out or Path(f"explain-{bundle.absolute().name}"), overrides):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    return 0


def explained(config: dict[str, Any], reasons: list[Choice]) -> list[Choice]:
    """Return a choice for each reason that is told, and for the usual ids; the value is the config's.

    Where the README tells another value than the config has, the reason says so.
    """
    told = {choice.id: choice for choice in reasons}
    found = []
    for id in dict.fromkeys([*told, *ALWAYS]):
        if id not in config:
            continue
        choice = told.get(id, Choice(id, None, "no reason is told"))
        is_written_out = id == "augmentations" and isinstance(config[id], dict)  # where nothing is mirrored
        changed = choice.measured and not is_written_out and short(config[id]) != choice.value
        reason = f"{choice.reason} (changed by hand: the README says {choice.value})" if changed else choice.reason
        found.append(Choice(id, config[id], reason, choice.measured))
    return found


def _costs(parser: ConfigParser, config_file: Path, device: str) -> Iterator[str]:
    size = tuple(parser.get_parsed_content("image_size"))
    channels = int(parser.get_parsed_content("in_channels"))
    facts = network_facts(parser.get_parsed_content("network"), channels, size)
    field = f"{facts.field_px} x {facts.field_px} px" if facts.field_px else f"more than {LARGEST_FIELD} px"
    yield (f"network: {facts.parameters:,} weights, {facts.gflops:.2f} GFLOP for an image of {size[0]} x {size[1]}, "
           f"receptive field {field}")
    pace = measure_pace(config_file, device)
    yield (f"here ({pace.machine}): {pace.train_per_s:.1f} images per second of training, {pace.predict_per_s:.1f} of "
           f"inference, {pace.memory_mb:.0f} MB for a batch of {pace.batch_size}")


def _on_data(parser: ConfigParser, config_file: Path, out: Path, overrides: dict[str, Any]) -> Iterator[str]:
    """Yield what needs the data set; where there is none, a line says so."""
    folder = Path(parser.get_parsed_content("dataset_dir"))
    if not folder.is_dir():
        yield f"{folder}: no data set here, so no batch is drawn and no overfit test made; name it with --dataset_dir"
        return
    picture = make_folder(out) / "batch.png"
    data = {key: value for key, value in overrides.items() if key == "dataset_dir"}
    preview(config_file, picture, data, cases=int(parser.get_parsed_content("batch_size")), draws=1)
    yield f"one batch: {picture} (each case as it is read, and as training sees it)"
    yield f"can it learn four images? {overfit(parser).line}"


def _print(console: Console, name: str, lines: list[tuple[str, str, str, str]]) -> None:
    if not console.is_terminal:
        for line in lines:
            console.print(" | ".join(line), markup=False, highlight=False, soft_wrap=True)
        return
    table = Table("id", "value", "reason", "measured", title=escape(name), title_justify="left")
    for line in lines:
        table.add_row(*map(escape, line))
    console.print(table)

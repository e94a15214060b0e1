"""docs/README.md of a packed bundle: what a stranger must know before using it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SHOWN = ("dice", "dice_positive", "iou", "precision", "recall", "hd95", "surface_dice", "false_alarm_rate", "miss_rate",
         "ece")  # of each split, where they were measured
LIMITS = """\
- Trained on the data named above and on nothing else; other scanners, views, ages and diseases were not looked at.
- A folder is read at any depth; two pictures whose names differ in the suffix alone share a mask. `evaluate.json` reads
  the data list `datalist.json` in MONAI's own format.
- Pictures of 16 bits per sample are to be brought to 8 bits before; plain readers cut them off without a word."""


def model_card(
    name: str,
    metadata: Mapping[str, Any],
    rows: Sequence[Mapping[str, str]],
    card: Mapping[str, Any],
    point: Mapping[str, Any],
    preparation: Sequence[str],
    reasons: Mapping[str, str],
    has_curves: bool,
) -> str:
    """Return the card as Markdown.

    Args:
        name: of the bundle.
        metadata: as packed.
        rows: of the run's summary.csv.
        card: of the run; empty where there is none.
        point: operating point, name -> value.
        preparation: what is done to a picture before the network, a line each.
        reasons: config -> why it needs the code in ``monai_seg/``.
        has_curves: whether ``docs/curves.png`` is there.
    """
    parts = [
        f"# {name}: {metadata['task']}",
        metadata["description"],
        f"**Data.** {metadata['data_source']}. Not contained here; the terms are in `docs/data_license.txt`.",
        f"**Intended use.** {metadata['intended_use']}",
        "## Limits\n\n" + LIMITS,
        "## Run it\n\n" + _commands(reasons),
        "## Pre-processing\n\n" + "\n".join(f"{i}. {line}" for i, line in enumerate(preparation, 1)),
        "## Scores\n\n" + _scores(rows),
        "## Operating point\n\n" + _point(point),
        "## How it was trained\n\n" + _training(card),
        *(["![Loss and scores over the epochs](curves.png)"] if has_curves else []),
        "## References\n\n" + "\n".join(f"- {line}" for line in metadata["references"]),
    ]
    return "\n\n".join(parts) + "\n"


def _commands(reasons: Mapping[str, str]) -> str:
    text = """\
    python -m monai_seg check-bundle <zip>        # before anything else, where monai_seg is installed
    python -P -m monai.bundle run --config_file <bundle>/configs/inference.json --bundle_root <bundle> \\
        --dataset_dir <pictures> --output_dir <masks>
    python -m monai_seg predict <bundle>/models/model.onnx <pictures> <masks>    # ONNX Runtime alone

It needs `pip install monai pytorch-ignite pillow nibabel`. Training on from here needs the packages named in
`configs/metadata.json`, too: `configs/train.json` uses the code in `monai_seg/`."""
    for config, reason in reasons.items():
        text += f"\n\n`configs/{config}.json` uses the code in `monai_seg/` as well: {reason}."
    return text


def _scores(rows: Sequence[Mapping[str, str]]) -> str:
    lines = []
    for row in rows:
        score = row["score"].removeprefix(f"{row['split']}_")
        if score in SHOWN and row["value"]:
            interval = f"{float(row['low']):.3f} to {float(row['high']):.3f}" if row["low"] and row["high"] else ""
            lines.append(f"| {row['split']} | {score} | {float(row['value']):.3f} | {interval} | {row['count']} |")
    if not lines:
        return "The run was not evaluated before it was packed."
    head = "| split | score | value | 95 % interval | images |\n|---|---|---|---|---|\n"
    return (head + "\n".join(lines) + "\n\nAt the pictures' own size. Intervals are bootstrapped over images. `dice` "
            "takes an empty mask left empty for 1; `dice_positive` looks at images with a lesion alone.")


def _point(point: Mapping[str, Any]) -> str:
    meaning = {"decide_threshold": "a class is shown where pixels are surer than this",
               "min_area_share": "and at least this share of the working image is",
               "threshold": "its pixels are those above this probability",
               "class_gate": "all this where the classes of pictures that have a lesion get at least this together"}
    lines = [f"- `{name}` {value:g}: {meaning[name]}" for name, value in point.items()]
    return "\n".join([*lines, "", "Searched on validation data where the run did so, and written into the configs."])


def _training(card: Mapping[str, Any]) -> str:
    if not card:
        return "The run left no card."
    facts = {"epochs": card.get("epochs"), "best epoch": card.get("best_epoch"), "steps": card.get("steps"),
             "seed": card.get("seed"), "commit": card.get("commit"),
             "versions": ", ".join(f"{name} {version}" for name, version in card.get("versions", {}).items()),
             "hash of the data list": card.get("list_sha256"), "hash of the files": card.get("files_sha256")}
    return "\n".join(f"- {name}: {value}" for name, value in facts.items() if value not in (None, ""))

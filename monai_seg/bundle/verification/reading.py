"""Checks that read the files of a packed bundle."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from monai_seg.bundle.metadata import metadata_problems
from monai_seg.bundle.verification.outcome import DoesNotHold

NEEDED = ("configs/metadata.json", "configs/train.json", "configs/evaluate.json", "configs/inference.json",
          "configs/logging.conf", "models/model.pt", "docs/README.md", "docs/data_license.txt", "LICENSE",
          "MANIFEST.json")  # fmt: skip
LARGEST_MB = 2000
TEXTS = (".json", ".md", ".txt", ".conf")
MACHINE_PATH = re.compile(r"(?<![\w.:/])/(?:home|root|Users|tmp|work|mnt|media|data|scratch|var|opt|srv)/[\w.-]+"
                          r"|\b[A-Za-z]:\\\\?[\w.-]+")
SECRETS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "an access key of AWS": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a token of GitHub": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36,}\b"),
    "a token of Hugging Face": re.compile(r"\bhf_[A-Za-z0-9]{30,}\b"),
    "a password": re.compile(r"(?i)\b(?:password|passwd|secret|api_?key)\b[\"']?\s*[:=]\s*[\"'][^\"'\s]{6,}[\"']"),
}


def check_layout(root: Path) -> str:
    """All files of MONAI's standard layout are there."""
    missing = [path for path in NEEDED if not (root / path).is_file()]
    if missing:
        raise DoesNotHold(f"{missing[0]} is missing")
    return f"{len(NEEDED)} files are where MONAI's applications look for them"


def check_metadata(root: Path) -> str:
    """metadata.json follows the rules, and its version is in the changelog."""
    metadata = read(root, "metadata")
    problems = metadata_problems(metadata)
    if problems:
        raise DoesNotHold(problems[0])
    return f"version {metadata['version']} is in the changelog, every field is told"


def check_preparation(root: Path) -> str:
    """Training, evaluation and inference bring a picture to the network in the same way."""
    train, *others = (read(root, name) for name in ("train", "evaluate", "inference"))
    chosen = {"fit": train.get("fit", "whole"), "size": train["image_size"]}
    for name, config in zip(("evaluate", "inference"), others, strict=True):
        if config["image_size"] != chosen["size"]:
            raise DoesNotHold(f"{name} works at {config['image_size']}, training at {chosen['size']}")
        for id in ("fit_image", "intensity"):
            if config[id] != others[0][id]:
                raise DoesNotHold(f"{id} of evaluate and inference differ")
        order = [step for step in config["preprocessing"]["transforms"] if step in ("@load_image", "@fit_image",
                                                                                     "@intensity")]
        if order != ["@load_image", "@fit_image", "@intensity"]:
            raise DoesNotHold(f"{name} prepares by {order}")
    wanted = _steps(train["fit_image"].get("of", {}).get(chosen["fit"], train["fit_image"]))
    if _steps(others[0]["fit_image"]) != wanted:
        raise DoesNotHold(f"training fits by {wanted}, inference by {_steps(others[0]['fit_image'])}")
    mode = train["image_mode"]
    if f'"mode": "{mode}"' not in json.dumps(others[1]["load_image"]):
        raise DoesNotHold(f"training reads {mode}, inference something else")
    return f"the same steps at {chosen['size'][0]} x {chosen['size'][1]} in all three"


def check_texts(root: Path) -> str:
    """No path of a machine, no secret."""
    count = 0
    for path in sorted(root.rglob("*")):
        if path.suffix not in TEXTS or not path.is_file():
            continue
        text, count = path.read_text(encoding="utf-8"), count + 1
        found = MACHINE_PATH.search(text)
        if found:
            raise DoesNotHold(f"{path.relative_to(root)} holds the path {found.group()}")
        for what, pattern in SECRETS.items():
            if pattern.search(text):
                raise DoesNotHold(f"{path.relative_to(root)} holds {what}")
    return f"none in {count} texts"


def check_sizes(root: Path) -> str:
    """The whole is fit to be passed on."""
    total = sum(path.stat().st_size for path in root.rglob("*") if path.is_file()) / 1e6
    if total > LARGEST_MB:
        raise DoesNotHold(f"{total:.0f} MB; {LARGEST_MB} MB are the most")
    return f"{total:.1f} MB"


def read(root: Path, name: str) -> Any:
    """Return ``configs/<name>.json``."""
    return json.loads((root / "configs" / f"{name}.json").read_text(encoding="utf-8"))


def _steps(compose: Any) -> list[str]:
    return [step["_target_"] for step in compose["transforms"]]

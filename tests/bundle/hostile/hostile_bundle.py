"""What a hostile bundle is in these tests, and the list that each file of them adds to."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from packed_bundle import Files, as_json

CANARY = "canary"
PYTHON = f"__import__('pathlib').Path('{CANARY}').touch()"
SHELL = f"touch {CANARY}"
Build = Callable[[Files], Files | bytes]


@dataclass(frozen=True)
class Hostile:
    """A hostile bundle: ``build`` gives its files, to be packed with a fitting manifest, or the bytes of its zip."""

    name: str
    refusal: str
    build: Build


ALL: list[Hostile] = []


def hostile(refusal: str) -> Callable[[Build], Build]:
    """Put the function below into the list; ``refusal`` is part of the line that must be told."""
    def add(build: Build) -> Build:
        ALL.append(Hostile(build.__name__, refusal, build))
        return build
    return add


def in_config(files: Files, path: str = "configs/train.json", **ids: Any) -> Files:
    """The files with ``ids`` set at the top of a config."""
    return {**files, path: as_json({**json.loads(files[path]), **ids})}

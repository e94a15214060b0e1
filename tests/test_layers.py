"""Imports point one way: base <- data, networks, … <- handlers, inferers, prepare <- run, bundle, report <- cli."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import monai_seg

ROOT = Path(monai_seg.__file__).parent
LAYERS = (
    ("errors",),
    ("durable", "distributed", "same_size", "switch", "freed_memory"),
    ("processes",),
    ("data", "transforms", "networks", "losses", "metrics", "figures", "sample"),
    ("accumulate", "handlers", "inferers", "prepare"),
    ("run", "bundle", "report", "check"),
    ("plan", "tune"),
    ("cli",),
    ("__main__",),
)
LAYER_OF = {part: layer for layer, parts in enumerate(LAYERS) for part in parts}
HEAVY = ("torch", "monai", "ignite", "numpy", "PIL", "matplotlib", "skimage", "rich")


def part_of(path: Path) -> str:
    """``data`` for monai_seg/data/rle.py, ``errors`` for monai_seg/errors.py."""
    return path.relative_to(ROOT).with_suffix("").parts[0]


def imported(source: str) -> Iterator[str]:
    """Full names of what ``source`` imports, also inside functions and under TYPE_CHECKING."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def wrong_imports(part: str, source: str) -> list[str]:
    """What a module of ``part`` must not import: higher layers, siblings, and Ignite outside of its two packages."""
    wrong = []
    for name in imported(source):
        top, *rest = name.split(".")
        if top == "ignite" and part not in ("handlers", "metrics"):
            wrong.append(name)
        if top == "monai_seg" and rest and rest[0] != part and rest[0] in LAYER_OF:
            wrong += [name] if LAYER_OF[rest[0]] >= LAYER_OF[part] else []
    return wrong


def test_every_module_has_a_layer() -> None:
    parts = {part_of(path) for path in ROOT.rglob("*.py")} - {"__init__"}
    assert parts <= LAYER_OF.keys()


@pytest.mark.parametrize("part", sorted(LAYER_OF))
def test_imports_point_down(part: str) -> None:
    wrong = {str(path.relative_to(ROOT)): names for path in ROOT.rglob("*.py")
             if part_of(path) == part and (names := wrong_imports(part, path.read_text(encoding="utf-8")))}
    assert wrong == {}


@pytest.mark.parametrize(("part", "source", "wrong"), [
    ("data", "from monai_seg.errors import InputError", []),
    ("data", "from monai_seg.data.rle import decode_rle", []),
    ("data", "def f():\n    from monai_seg.transforms import PrepareBatch", ["monai_seg.transforms.PrepareBatch"]),
    ("inferers", "import monai_seg.handlers", ["monai_seg.handlers"]),
    ("inferers", "from monai_seg import data, run", ["monai_seg.run"]),
    ("errors", "from monai_seg.durable import make_folder", ["monai_seg.durable.make_folder"]),
    ("run", "from ignite.engine import Engine", ["ignite.engine.Engine"]),
    ("handlers", "from ignite.engine import Engine", []),
])  # fmt: skip
def test_the_walk_sees_what_is_wrong(part: str, source: str, wrong: list[str]) -> None:
    assert wrong_imports(part, source) == wrong


@pytest.mark.parametrize("module", ["monai_seg", "monai_seg.errors", "monai_seg.cli", "monai_seg.__main__"])
def test_light_modules_import_nothing_heavy(module: str) -> None:
    code = f"import {module}, sys; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    heavy = set(done.stdout.split()) - ({"rich"} if module == "monai_seg.cli" else set())  # typer brings rich
    assert heavy == set()

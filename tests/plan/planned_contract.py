"""The tests that hold for every bundle of the repository, for a bundle elsewhere."""

from __future__ import annotations

import importlib.util
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

FOLDER = Path(__file__).parents[1] / "bundles"
CONFIGS = ("train", "evaluate", "inference")


def contract() -> list[Callable[..., Any]]:
    """Return the tests of tests/bundles/test_contract.py that look at one bundle, one config or one source file."""
    tests = [test for name, test in inspect.getmembers(_module("test_contract"), inspect.isfunction)
             if name.startswith("test_")]
    return [test for test in tests if list(inspect.signature(test).parameters) in (["bundle"], ["config"], ["source"])]


def keep_contract(bundle: Path) -> list[str]:
    """Call each of them for ``bundle``, relative to the current folder; return the names of those that were called."""
    called = []
    for test in contract():
        (parameter,) = inspect.signature(test).parameters
        if test.__name__ == "test_a_fragment_is_a_leaf":
            continue  # a bundle holds no fragments
        files = {"bundle": [bundle.name], "config": [f"{bundle.as_posix()}/{name}.json" for name in CONFIGS],
                 "source": sorted(path.as_posix() for path in bundle.glob("*.json"))}
        for value in files[parameter]:
            test(value)
        called.append(test.__name__)
    return called


def _module(name: str) -> ModuleType:
    """Load a test module by its path: its own folder is not on the path of these tests."""
    sys.path.insert(0, str(FOLDER))
    try:
        spec = importlib.util.spec_from_file_location(f"bundles_{name}", FOLDER / f"{name}.py")
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(FOLDER))
    return module

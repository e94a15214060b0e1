from __future__ import annotations

import ast
import json
from pathlib import Path
from pydoc import locate

import monai
import pytest
from monai.bundle.config_item import ComponentLocator
from packed_bundle import ROOT

from monai_seg.bundle.expression import CALLED, READ
from monai_seg.bundle.inspect.targets import NAMES_OF_CODE, SHORT_NAMES, SOURCE_ALONE, TARGETS, full_name
from monai_seg.bundle.walk import walk


def test_every_listed_name_is_something_that_can_be_called():
    assert [target for target in sorted(TARGETS | SOURCE_ALONE | CALLED) if not callable(locate(target))] == []
    assert [name for name in sorted(READ) if locate(name.replace("np.", "numpy.")) is None] == []


def test_short_names_are_those_of_monai():
    locator = ComponentLocator()
    wrong = {}
    for short, target in SHORT_NAMES.items():
        module = locator.get_component_module_name(short)
        if not isinstance(module, str) or locate(f"{module}.{short}") is not locate(target):
            wrong[short] = module
    assert wrong == {}


def test_what_our_bundles_build_is_listed():
    named = set[str]()
    for path in [*ROOT.glob("bundles/*/*.json"), *ROOT.glob("transforms/*.json")]:
        for where, value in walk(json.loads(path.read_text())):
            if where.endswith("_target_"):
                named |= set(value["choices"]) if isinstance(value, dict) else {value}  # the first in a search space
    assert [target for target in sorted(named) if full_name(target) is None and target not in SOURCE_ALONE] == []


@pytest.mark.parametrize("target", ["run_cmd", "os.system", "torch.load", "monai.bundle.run", "LoadPickle", "eval",
                                    "pickle.load", "monai_seg.durable.write_durably", "Compose ", "compose", ""])
def test_what_runs_things_is_not_listed(target: str):
    assert full_name(target) is None


def test_monai_takes_names_of_code_where_the_rules_know_it():
    """Where MONAI imports what a text names, outside of the packages of which nothing is listed."""
    root = Path(monai.__file__).parent
    found = set()
    for package in ("data", "engines", "handlers", "inferers", "losses", "metrics", "networks", "optimizers",
                    "transforms"):
        for path in (root / package).rglob("*.py"):
            source = path.read_text(encoding="utf-8")
            if "locate(" in source:
                found |= {(path.name, where.name) for where in ast.walk(ast.parse(source))
                          if isinstance(where, ast.ClassDef) for node in ast.walk(where) if isinstance(node, ast.Call)
                          and isinstance(node.func, ast.Name) and node.func.id == "locate"}
    assert found == {("array.py", "LoadImage"), ("array.py", "SaveImage"), ("inferer.py", "PatchInferer"),
                     ("flexible_unet.py", "FlexUNetEncoderRegister")}
    assert set(NAMES_OF_CODE) == {"reader", "writer", "merger_cls"}

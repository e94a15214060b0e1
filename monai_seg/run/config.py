"""The resolved config of a run: written when it trains, read when it is evaluated, inferred with or packed."""

from __future__ import annotations

import copy
import inspect
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from monai.bundle import ConfigParser, ConfigWorkflow

from monai_seg.errors import InputError

CONFIG_NAME = "config.json"
TRACKING_IDS = ("tracking_uri", "experiment_name", "run_name", "save_execute_config")  # MONAI's --tracking adds them


def running_config() -> dict[str, Any]:
    """Return the config of the MONAI workflow that is calling us, with macros resolved and overrides in place.

    MONAI hands a component its arguments but never the whole config, so the workflow is found on the call stack.

    Raises:
        RuntimeError: no `ConfigWorkflow` is on the stack.
    """
    for frame in inspect.stack(context=0):
        workflow = frame.frame.f_locals.get("self")
        if isinstance(workflow, ConfigWorkflow):
            config = copy.deepcopy(workflow.parser.get())
            config.pop(ConfigParser.meta_key, None)
            return config
    raise RuntimeError("running_config() was called outside of a MONAI config workflow")


def recorded_config() -> dict[str, Any]:
    """Return the running config without what ``--tracking`` added: a run is the same whether it is tracked or not."""
    return {id: value for id, value in running_config().items() if id not in TRACKING_IDS}


def from_run(run_dir: str | Path, id: str, changes: Mapping[str, Any] | None = None) -> Any:
    """Build the component, or return the value, that has ``id`` in the resolved config of the run in ``run_dir``.

    Args:
        run_dir: folder of the run.
        id: what to build.
        changes: other values for ids of that config, say for where a file lies now.

    Raises:
        InputError: no such run, or its config lacks the id.
    """
    parser = ConfigParser({**read_config(run_dir), **(changes or {})})
    if id not in parser:
        raise InputError(Path(run_dir) / CONFIG_NAME, f"has no id {id!r}", "train anew with this version's train.json")
    return parser.get_parsed_content(id)


def read_config(run_dir: str | Path) -> dict[str, Any]:
    """Return the resolved config of the run in ``run_dir``.

    Raises:
        InputError: there is none, or it is no JSON object.
    """
    path = Path(run_dir) / CONFIG_NAME
    if not path.is_file():
        raise InputError(path, "no trained run here",
                         "train first (python -m monai.bundle run training --config_file …/train.json), "
                         "or name the run's folder with --run_dir")
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise InputError(path, f"not a readable JSON file ({error})", "restore it or train anew") from error
    if not isinstance(config, dict):
        raise InputError(path, f"holds a {type(config).__name__}, not a config", "restore it or train anew")
    return config


def weights_file(run_dir: str | Path) -> str:
    """Return the path of the best weights of the run in ``run_dir``.

    Raises:
        InputError: there are none yet.
    """
    path = Path(run_dir) / "model.pt"
    if not path.is_file():
        raise InputError(path, "no weights here", "train first, or name the run's folder with --run_dir")
    return str(path)

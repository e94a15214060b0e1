"""A bundle's evaluate.json or inference.json as it stands alone: what it takes from the run, written into it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monai_seg.bundle.packing.trained_run import TrainedRun
from monai_seg.errors import InputError

FROM_RUN, POINT = "monai_seg.run.from_run", "monai_seg.run.operating_point"
WEIGHTS_FILE, MEMBERS = "monai_seg.run.weights_file", "monai_seg.run.trained_networks"
WEIGHTS = "$str(@bundle_root) + '/models/model.pt'"
OF_THE_RUN_FOLDER = ("run_dir", "ensemble")
TRACKING = "monai_seg.run.tracking"  # what --tracking of MONAI put into the author's config


def written_out(config: Mapping[str, Any], run: TrainedRun, output: str) -> dict[str, Any]:
    """Return ``config`` without a trace of the run's folder.

    Args:
        config: flattened, as `monai_seg.bundle.flatten` gives it.
        run: whose values to write.
        output: name of the folder in the bundle that results go to, where no other is given.

    Raises:
        InputError: the run lacks something.
    """
    kept = {id for id, value in config.items() if _is(value, FROM_RUN) and value["id"] == id and _is_plain(run, id)}
    alone = {id: _written(value, run, kept) for id, value in config.items() if id not in OF_THE_RUN_FOLDER}
    return {**alone, "bundle_root": ".", "dataset_dir": "data", "output_dir": f"$str(@bundle_root) + '/{output}'"}


def _written(value: Any, run: TrainedRun, kept: set[str]) -> Any:
    if _is(value, FROM_RUN):
        own = {value["id"]} if value["id"] in kept else set()  # a number does not refer to itself
        return run.value(value["id"], kept - own)
    if _is(value, POINT):
        return run.operating_point(value["id"])
    if _is(value, WEIGHTS_FILE):
        return WEIGHTS
    if _is(value, MEMBERS):
        return []  # networks of other runs vote only where their folders are
    if isinstance(value, Mapping):
        return {key: _written(part, run, kept) for key, part in value.items()}
    return [_written(part, run, kept) for part in value if not _tracks(part)] if isinstance(value, list) else value


def _tracks(handler: Any) -> bool:
    """Whether it records for the author alone; MONAI's own tracking works on the packed config."""
    return isinstance(handler, Mapping) and _is(handler.get("tracking"), TRACKING)


def _is(value: Any, target: str) -> bool:
    if not isinstance(value, Mapping) or value.get("_target_") != target:
        return False
    if target in (FROM_RUN, POINT) and not (isinstance(value.get("id"), str) and value.get("run_dir") == "@run_dir"):
        raise InputError(target, f"is given {dict(value)!r}", 'give "run_dir": "@run_dir" and the id as text')
    return True


def _is_plain(run: TrainedRun, id: str) -> bool:
    """Whether the value is numbers and texts alone, so that others may refer to it."""
    return not isinstance(run.config.get(id), Mapping)

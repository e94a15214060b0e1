"""Which of a bundle's trainings a run is of: a bundle may have several, such as masks alone, and masks with classes."""

from __future__ import annotations

from pathlib import Path

from monai_seg.bundle.flatten import flatten
from monai_seg.bundle.packing.trained_run import TrainedRun
from monai_seg.errors import InputError


def variant_of(source: Path, run: TrainedRun) -> str:
    """Return what the name of the config that ``run`` was trained with has behind ``train``: "", or "_multitask".

    A run does not tell the name; the config is the one whose ids are most like the run's.

    Args:
        source: folder of the bundle.
        run: of that bundle.

    Raises:
        InputError: the bundle has no training, the run gives no masks, or there is no inference.json for it.
    """
    differing = {path.stem.removeprefix("train"): len(flatten(path).keys() ^ run.config.keys())
                 for path in sorted(source.glob("train*.json"))}
    if not differing:
        raise InputError(source, "holds no train.json", "name a bundle's folder, such as bundles/siim")
    if "mask_encoding" not in run.config:
        raise InputError(run.path, "is a run of a classifier", "pack a run that gives masks; classifiers stay where "
                         "their model card of the hub is")
    variant = min(differing, key=lambda name: (differing[name], name))
    for config in ("evaluate", "inference"):
        if not (source / f"{config}{variant}.json").is_file():
            raise InputError(source, f"holds no {config}{variant}.json", "write one beside train.json")
    return variant

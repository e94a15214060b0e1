"""All checks of a packed bundle, one after the other; each tells what it found."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from monai_seg.bundle.inspect import check_bundle
from monai_seg.bundle.unpack import unpack
from monai_seg.bundle.verification import reading, running
from monai_seg.bundle.verification.outcome import DoesNotHold, Outcome

CHECKS: dict[str, Callable[[Path], str]] = {
    "layout": reading.check_layout,
    "metadata": reading.check_metadata,
    "same pre-processing": reading.check_preparation,
    "no paths, no secrets": reading.check_texts,
    "size": reading.check_sizes,
    "properties": running.check_properties,
    "network in and out": running.check_net_in_out,
    "weights": running.check_weights,
    "export": running.check_export,
    "recorded sample": running.check_sample,
    "inference elsewhere": running.check_run,
    "orientation": running.check_orientation,
}


def verify(bundle: str | Path, *, allow_torchscript: bool = False, allow_code: bool = False) -> list[Outcome]:
    """Return what holds of a packed bundle and what does not, offline. It is run: verify what you trust.

    First comes what `check_bundle` finds, and what it refuses is not run.

    Args:
        bundle: zip or folder.
        allow_torchscript, allow_code: see `check_bundle`.

    Raises:
        InputError: there is no such bundle.
    """
    path = Path(bundle)
    report = check_bundle(path, allow_torchscript=allow_torchscript, allow_code=allow_code)
    if report.refusals:
        return [Outcome("check-bundle", False, report.refusals[0].line())]
    outcomes = [Outcome("check-bundle", True, f"nothing refused in {len(report.files)} files")]
    if path.is_dir():
        return outcomes + [_outcome(name, check, path.absolute()) for name, check in CHECKS.items()]
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch, report.name)
        unpack(path, root, allow_torchscript=allow_torchscript, allow_code=allow_code)
        return outcomes + [_outcome(name, check, root) for name, check in CHECKS.items()]


def _outcome(name: str, check: Callable[[Path], str], root: Path) -> Outcome:
    try:
        return Outcome(name, True, check(root))
    except DoesNotHold as broken:
        return Outcome(name, False, str(broken))
    except Exception as error:  # whatever a foreign bundle brings about is its fault
        lines = str(error).strip().splitlines()
        return Outcome(name, False, f"{type(error).__name__}: {lines[0] if lines else 'without a word'}")

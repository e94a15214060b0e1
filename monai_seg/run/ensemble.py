"""Networks of other runs that vote beside the one that is evaluated."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from monai_seg.errors import InputError
from monai_seg.networks import SegmentationNetwork
from monai_seg.run.config import from_run, weights_file
from monai_seg.run.weights import fitting_weights


def trained_networks(
    run_dirs: Sequence[str | Path],
    in_channels: int,
    out_channels: int,
    device: torch.device | str = "cpu",
    precision: str = "fp32",
) -> list[SegmentationNetwork]:
    """Return the networks of the runs in ``run_dirs`` with their best weights, ready to predict.

    Args:
        run_dirs: folders of the runs, such as those of other folds.
        in_channels, out_channels: of the run that is evaluated; the others' must be the same.
        device, precision: as of `SegmentationNetwork`.

    Raises:
        InputError: a folder holds no trained run, or its channels or weights do not fit.
    """
    if isinstance(run_dirs, str):
        raise InputError("ensemble", f"must be a list of run folders, got {run_dirs!r}",
                         """give --ensemble "['runs/siim.1','runs/siim.2']", say""")
    networks = []
    for run_dir in run_dirs:
        for id, wanted in (("in_channels", in_channels), ("out_channels", out_channels)):
            if (found := from_run(run_dir, id)) != wanted:
                raise InputError(run_dir, f"has {id} {found}, the run that is evaluated has {wanted}",
                                 "name runs of one task")
        plain = from_run(run_dir, "network_def")
        weights = torch.load(fitting_weights(weights_file(run_dir), plain), map_location="cpu", weights_only=True)
        plain.load_state_dict(weights["model"])
        networks.append(SegmentationNetwork(plain, in_channels, out_channels, device, precision).eval())
    return networks

"""The weights of a trained network, checked before they are loaded."""

from __future__ import annotations

from pathlib import Path

import torch

from monai_seg.errors import InputError


def fitting_weights(path: str | Path, network: torch.nn.Module) -> str:
    """Return ``path`` after a look into it: a state dict of ``network`` under the key ``model``.

    MONAI's `CheckpointLoader` loads it then; it would end in a long traceback where the file does not fit.

    Raises:
        InputError: no such file, no weights in it, or those of another network.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(path, "no weights here", "train first, or name a file with --weights")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch and pickle raise whatever the bytes lead them to
        raise InputError(path, f"not a file of weights ({type(error).__name__})",
                         "name another with --weights, or train anew") from error
    if not isinstance(content, dict) or not isinstance(content.get("model"), dict):
        raise InputError(path, "holds no weights under the key model", "name the model.pt of a run with --weights")
    wanted = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    found = {name: tuple(getattr(value, "shape", ())) for name, value in content["model"].items()}
    if found != wanted:
        name = next(name for name in {**wanted, **found} if wanted.get(name) != found.get(name))
        raise InputError(path, f"does not fit network_def: {name} is {found.get(name, 'missing')}, the network has "
                         f"{wanted.get(name, 'none')}", "give the network_def that these weights were trained with")
    return str(path)

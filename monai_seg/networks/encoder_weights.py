"""Weights that an encoder was pretrained with, by their names: of torchvision, timm, transformers, or MONAI.

The names of a ResNet are torchvision's (``conv1``, ``bn1``, ``layer1.0.conv1`` …), those of an EfficientNet are of the
files that MONAI downloads. A head (``fc``), and what else the file has, is left out with a word.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from torch import Tensor, nn

from monai_seg.errors import InputError
from monai_seg.networks.first_convolution import fit_first_convolution
from monai_seg.networks.weights_in_file import read_weights

ENCODERS = "%bundles/networks/flexible_unet_resnet18.json, deeplabv3plus.json and their kin"
IN_TRANSFORMERS = (  # a ResNetModel's names -> torchvision's
    (re.compile(r"^embedder\.embedder\.convolution\."), "conv1."),
    (re.compile(r"^embedder\.embedder\.normalization\."), "bn1."),
    (re.compile(r"^encoder\.stages\.(\d+)\.layers\.(\d+)\.shortcut\.convolution\."), "layer{}.{}.downsample.0."),
    (re.compile(r"^encoder\.stages\.(\d+)\.layers\.(\d+)\.shortcut\.normalization\."), "layer{}.{}.downsample.1."),
    (re.compile(r"^encoder\.stages\.(\d+)\.layers\.(\d+)\.layer\.(\d+)\.convolution\."), "layer{}.{}.conv{}."),
    (re.compile(r"^encoder\.stages\.(\d+)\.layers\.(\d+)\.layer\.(\d+)\.normalization\."), "layer{}.{}.bn{}."),
)
ANCHOR_IN_TRANSFORMERS = "embedder.embedder.convolution.weight"
BLOCK_OF_STACK = re.compile(r"^_blocks\.\d+\.(\d+)\.")  # MONAI groups an EfficientNet's blocks, its files do not
HEADS = ("fc.", "_fc.", "classifier.")
SHOWN = 3
logger = logging.getLogger(__name__)


class Matched(NamedTuple):
    """What became of the weights in a file."""

    matched: list[str]
    missing: list[str]  # of the encoder, not in the file
    unused: list[str]  # of the file, not in the encoder


def load_encoder_weights(network: nn.Module, weights: str | Path | None) -> Matched | None:
    """Load ``weights`` into the encoder of ``network`` and say in a line what matched; None loads nothing.

    What the encoder has and the file lacks keeps its random values, and is named in the line.

    Args:
        network: has its encoder under the name ``encoder``, as MONAI's FlexibleUNet and this project's networks do.
        weights: a ``.pt`` or ``.pth`` with a state dict (unpickled as weights alone), a ``.safetensors``, or a folder
            as transformers writes it. Also the ``model.pt`` of a run.

    Raises:
        InputError: the network has no encoder; the file cannot be read, matches nothing, or has other shapes.
    """
    if weights is None:
        return None
    encoder = encoder_of(network, "encoder_weights")
    path, wanted = Path(weights), encoder.state_dict()
    found = _named_as(wanted, read_weights(path), path)
    first = next((name for name, value in wanted.items() if value.ndim == 4), None)
    fitting, adapted = {}, ""
    for name in (name for name in wanted if name in found and not name.startswith(HEADS)):
        value = found[name]
        if name == first and value.ndim == 4 and value.shape[1] != wanted[name].shape[1]:
            value, adapted = fit_first_convolution(value, wanted[name].shape[1]), _adapted(value, wanted[name])
        fitting[name] = value
    _check_shapes(path, wanted, fitting)
    missing = [name for name in wanted if name not in fitting and not name.startswith(HEADS)
               and not name.endswith("num_batches_tracked")]
    encoder.load_state_dict({**wanted, **fitting})
    told = Matched(list(fitting), missing, [name for name in found if name not in fitting])
    body = sum(not name.startswith(HEADS) for name in wanted)
    logger.log(logging.WARNING if missing else logging.INFO,
               f"encoder weights from {path}: {len(fitting)} of {body} keys matched{adapted}"
               f"{_listed('; keep random values: ', told.missing)}{_listed('; not used: ', told.unused)}")
    return told


def encoder_of(network: nn.Module, id: str) -> nn.Module:
    """Return the encoder of ``network``; ``id`` is the setting that needs it.

    Raises:
        InputError: it has none.
    """
    inner = getattr(network, "network", network)
    encoder = getattr(inner, "encoder", None)
    if not isinstance(encoder, nn.Module):
        raise InputError(id, f"{type(inner).__name__} has no part of the name encoder",
                         f"choose a --network_def that has one ({ENCODERS}), or leave {id} as it is in the file")
    return encoder


def _named_as(wanted: Mapping[str, Tensor], found: Mapping[str, Tensor], path: Path) -> dict[str, Tensor]:
    """Return the weights of the file by the encoder's names, a common prefix taken off (``module.``, ``encoder.`` …).

    Raises:
        InputError: nothing matches.
    """
    in_file = {BLOCK_OF_STACK.sub(r"_blocks.\1.", name): name for name in wanted}
    anchor = next((name for name, value in wanted.items() if value.ndim == 4), "")
    best: dict[str, Tensor] = {}
    count = 0
    prefixes = {name.removesuffix(end) for name in found for end in (anchor, ANCHOR_IN_TRANSFORMERS)
                if name.endswith(end)}
    for prefix in sorted({"", *prefixes}):
        bare = {_in_torchvision(name.removeprefix(prefix)): value for name, value in found.items()}
        named = {name if name in wanted else in_file.get(name, name): value for name, value in bare.items()}
        if len(wanted.keys() & named.keys()) > count:
            best, count = named, len(wanted.keys() & named.keys())
    if not count:
        raise InputError(path, f"none of its {len(found)} keys is one of the encoder ({_first(found)} there, "
                         f"{_first(wanted)} here)", "give weights of the encoder that network_def names")
    return best


def _in_torchvision(name: str) -> str:
    for pattern, template in IN_TRANSFORMERS:
        if found := pattern.match(name):
            numbers = [int(number) for number in found.groups()]
            shifted = [number + (place != 1) for place, number in enumerate(numbers)]  # layers and convs count from 1
            return template.format(*shifted) + name[found.end():]
    return name


def _adapted(value: Tensor, wanted: Tensor) -> str:
    return f", the first convolution brought from {value.shape[1]} to {wanted.shape[1]} channels"


def _check_shapes(path: Path, wanted: Mapping[str, Tensor], fitting: Mapping[str, Tensor]) -> None:
    clash = [name for name, value in fitting.items() if value.shape != wanted[name].shape]
    if clash:
        shapes = "; ".join(f"{name} is {tuple(fitting[name].shape)} there, {tuple(wanted[name].shape)} here"
                           for name in clash[:SHOWN])
        more = f", and {len(clash) - SHOWN} more" if len(clash) > SHOWN else ""
        raise InputError(path, f"shapes differ ({shapes}{more})", "give weights of the encoder that network_def names")


def _listed(before: str, names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{before}{', '.join(names[:SHOWN])}{more}" if names else ""


def _first(weights: Mapping[str, Tensor]) -> str:
    return next(iter(weights), "nothing")

"""The lines of a bundle's config that fit a data set, each with the number that speaks for it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from monai_seg.check.scan import CaseFacts
from monai_seg.check.summary import Summary
from monai_seg.data.mask_encodings import parse_encoding

WINDOWS = (256, 512)  # px; the second costs four times the time
DIVISOR = 32
SMALL_LESION_PX = 64  # at the working size; smaller ones are a few cells of the network's lowest levels
RARE = 0.01  # a foreground of fewer pixels is lost to a loss that counts all of them alike
MANY_EMPTY = 0.5


@dataclass(frozen=True)
class Setting:
    """A line of the config: ``"name": value``, and why; a usual one is what bundles do by themselves, in some form."""

    name: str
    value: Any
    reason: str
    is_usual: bool = False

    @property
    def line(self) -> str:
        return f'"{self.name}": {json.dumps(self.value)}'


def propose_settings(
    facts: Sequence[CaseFacts], summary: Summary, encoding: Mapping[str, Any] | None, evidence: str,
    mask_resize: str | None,
) -> list[Setting]:
    """Return the settings, named as in ``bundles/siim/train.json``.

    Args:
        facts: of each case.
        summary: of the same cases.
        encoding: declared or proposed; None where none fits, and then it is left out.
        evidence: what speaks for the encoding.
        mask_resize: "nearest" or None.
    """
    settings = [_image_mode(facts), *_depth(facts)]
    if encoding is not None:
        settings.append(Setting("mask_encoding", dict(encoding), evidence))
    settings.append(Setting("mask_resize", mask_resize, "masks are as large as their images" if mask_resize is None
                            else "masks are of another size than their images"))
    settings.append(_image_size(facts, summary))
    if encoding is not None:
        settings += _network_and_loss(summary, parse_encoding(encoding).classes)
    return settings


def _image_mode(facts: Sequence[CaseFacts]) -> Setting:
    images = [fact.image for fact in facts if fact.image is not None]
    coloured = sum(image.has_colour for image in images)
    return Setting("image_mode", "RGB" if coloured else "L", f"{coloured} of {len(images)} images show colour")


def _depth(facts: Sequence[CaseFacts]) -> list[Setting]:
    """Return what images of 16 bits need; nothing where some have fewer, which is an error of the set."""
    images = [fact.image for fact in facts if fact.image is not None]
    if not images or any(image.bits != 16 for image in images):
        return []
    settings = [Setting("load_image", "%transforms/picture.json::load_image_16", "all images have 16 bits per sample")]
    highest = max(image.highest for image in images)
    bits = max(1, highest.bit_length())
    if bits < 16:  # a camera's 12 bits, say: on the scale of 16 they would all be dark
        settings.append(Setting("intensity", {
            "_target_": "ScaleIntensityRanged", "keys": "image", "a_min": 0, "a_max": 2**bits - 1, "b_min": 0,
            "b_max": 1, "clip": True,
        }, f"the highest sample of all images is {highest:,}, so {bits} of the 16 bits are used"))
    return settings


def _image_size(facts: Sequence[CaseFacts], summary: Summary) -> Setting:
    sides = [max(fact.image.size) for fact in facts if fact.image is not None]
    side = int(np.median(sides)) if sides else WINDOWS[0]
    if side <= WINDOWS[0]:
        window = max(2 * DIVISOR, -(-side // DIVISOR) * DIVISOR)
        return Setting("image_size", [window, window], f"the longer side is {side} px at the median")
    shown = summary.areas[summary.areas > 0]
    smallest = float(np.quantile(shown, 0.1)) * WINDOWS[0] ** 2 if shown.size else np.inf
    window = WINDOWS[0] if smallest >= SMALL_LESION_PX else WINDOWS[1]
    told = f"; at {WINDOWS[0]} a tenth of the masks shows less than {smallest:.0f} px" if shown.size else ""
    return Setting("image_size", [window, window], f"the longer side is {side} px at the median{told}")


def _network_and_loss(summary: Summary, classes: int) -> list[Setting]:
    is_binary = classes == 2
    foreground = 1 - summary.class_pixels[0] if summary.class_pixels else 0.0
    rarest = min(summary.class_pixels[1:], default=0.0)
    loss: dict[str, Any] = {"_target_": "DiceFocalLoss" if rarest < RARE else "DiceCELoss"}
    loss |= {"sigmoid": True, "squared_pred": True, "batch": True} if is_binary else \
        {"softmax": True, "to_onehot_y": True, "batch": True}
    why = f"the rarest class covers {rarest:.2%} of all pixels"
    share = summary.empty_share
    positive = MANY_EMPTY if is_binary and share > MANY_EMPTY else None
    return [
        Setting("out_channels", 1 if is_binary else classes, f"{classes} classes with background"),
        Setting("loss", {"_target_": "DeepSupervisionLoss", "loss": loss}, why,
                is_usual=rarest >= RARE),
        Setting("prior", float(f"{foreground:.2g}") if is_binary and 0 < foreground < 1 else None,
                f"{foreground:.2%} of all pixels are not background"),
        Setting("positive_share", positive, f"{share:.1%} of the masks are empty"),
    ]

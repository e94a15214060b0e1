"""The plan: each setting of the bundle with its reason and the figure behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from monai_seg.plan.fingerprint import Fingerprint

WINDOW, DIVISOR, SMALLEST_WINDOW = 256, 32, 64
THIN_PX = 4.0  # structures of nine of ten masks must be thicker at the working size
GROWS = 0.6  # exponent of thickness over size, below which pictures are no scaled copies of each other
LARGER = 1.25  # a picture is larger than the window from here on
MANY_EMPTY = 0.5
RARE = 0.01
OFTEN = 400  # times that each case is drawn, from which augmentation is strong
FEW_CASES = 24
SMALL_SIDE = 160  # up to here a batch of 8 keeps the processor busier than one of 4
GPU_BATCH = 16
UNET = "%bundles/networks/unet.json"
DYNUNET = "%bundles/networks/dynunet.json"
LONG_MINUTES = 30


@dataclass(frozen=True)
class Choice:
    """A setting of the plan; ``measured`` is the figure that speaks for it."""

    id: str
    value: Any
    reason: str
    measured: str = ""


def window_choices(fingerprint: Fingerprint) -> Iterator[Choice]:
    """Yield ``image_size`` and ``fit``: pictures fitted into the window, or windows of native pixels."""
    sides, shapes = np.array(fingerprint.sides), fingerprint.shapes
    middle, largest = int(np.median(sides)), int(sides.max())
    growth, thin = shapes.growth, shapes.thin_at(WINDOW)
    told = f"longer side {middle} px at the median, {largest} at most"
    if largest <= LARGER * WINDOW:
        window = max(SMALLEST_WINDOW, -(-int(np.quantile(sides, 0.9)) // DIVISOR) * DIVISOR)
        yield Choice("image_size", [window, window], "as large as the pictures, in steps of the network's", told)
        yield Choice("fit", "whole", "no picture is much larger than the window; the aspect is kept, the rest padded",
                     told)
        return
    is_one_scale = growth is not None and growth < GROWS
    is_lost = thin < THIN_PX and float(np.quantile(shapes.thickness, 0.1)) >= THIN_PX if shapes.sides.size else False
    grows = "" if growth is None else f"; thickness grows with the picture by the power {growth:.2f}"
    window = WINDOW
    if is_one_scale or (is_lost and shapes.thin_at(2 * WINDOW) < THIN_PX):
        yield Choice("image_size", [window, window], "a window of native pixels", told)
        why = "structures have one size whatever the picture's: one magnification" if is_one_scale else \
            "structures would be lost if pictures were fitted into the window"
        yield Choice("fit", "native", f"{why}; every other window holds foreground, inference slides the window",
                     f"fitted into {WINDOW}, a tenth of the masks is thinner than {thin:.1f} px{grows}")
        return
    window = 2 * WINDOW if is_lost else WINDOW
    yield Choice("image_size", [window, window], "structures are still thick enough at this size", told)
    yield Choice("fit", "whole", "what is sought is told by the whole picture; its aspect is kept, the rest padded",
                 f"fitted into {window}, nine of ten masks are thicker than {shapes.thin_at(window):.1f} px{grows}")


def data_choices(fingerprint: Fingerprint, evidence: Mapping[str, str]) -> Iterator[Choice]:
    """Yield how files are read; ``evidence`` by id comes from the check and from readings."""
    for setting in fingerprint.report.settings:
        if setting.name in ("image_mode", "mask_resize", "load_image", "intensity"):
            yield Choice(setting.name, setting.value, setting.reason)
    yield Choice("mask_encoding", dict(fingerprint.encoding), "declared, never guessed while training",
                 evidence.get("mask_encoding", ""))


def balance_choices(fingerprint: Fingerprint) -> Iterator[Choice]:
    """Yield loss, prior and sampling, by classes and empty masks."""
    summary = fingerprint.report.summary
    rarest, empty = min(summary.class_pixels[1:], default=0.0), summary.empty_share
    shares = ", ".join(f"{share:.2%}" for share in summary.class_pixels[1:])
    kind = "DiceFocalLoss" if rarest < RARE else "DiceCELoss"
    form: dict[str, Any] = {"sigmoid": True} if fingerprint.is_binary else \
        {"to_onehot_y": True, "softmax": True, "include_background": False}
    loss = {"_target_": kind, **form, "squared_pred": True, "batch": True}
    yield Choice("loss", {"_target_": "DeepSupervisionLoss", "loss": loss},
                 "squared Dice over the batch" + (" and focal loss, as a class is rare" if rarest < RARE else
                                                  " and cross entropy"), f"classes cover {shares} of all pixels")
    if fingerprint.is_binary:
        prior = float(f"{min(0.5, max(0.005, fingerprint.foreground)):.2g}")
        yield Choice("prior", prior, "the network starts from the share of foreground and need not learn it",
                     f"{fingerprint.foreground:.2%} of all pixels")
    else:
        yield Choice("prior", None, "several classes: for one sigmoid channel alone")
    is_empty = empty > MANY_EMPTY
    yield Choice("positive_share", 0.5 if is_empty else None,
                 "half of each batch shows something" if is_empty else "cases as they are: most show something",
                 f"{empty:.1%} of the masks are empty")
    yield Choice("decide_threshold", 0.7 if is_empty else 0.5,
                 "where the search on validation data starts; it goes on from there after training")
    yield Choice("min_area_share", 0.001 if is_empty else 0,
                 "a few pixels are no finding where most pictures have none" if is_empty else "nothing is gated away")


def training_choices(fingerprint: Fingerprint, is_gpu: bool, window: int, minutes: float) -> Iterator[Choice]:
    """Yield network, batch size and rate."""
    is_large = is_gpu and minutes >= LONG_MINUTES
    yield Choice("network_def", DYNUNET if is_large else UNET,
                 "a GPU and time enough for nnU-Net's network" if is_large else
                 "instance norm and PReLU: learned most per minute on small sets in this project's measurements")
    batch = GPU_BATCH if is_gpu else 8 if window <= SMALL_SIDE else 4
    batch = max(1, min(batch, fingerprint.training))
    yield Choice("batch_size", batch, "a GPU wants full batches" if is_gpu else
                 "more steps per picture: on the twin of siim 4 beat 8 in equal time",
                 f"window {window}², {fingerprint.training} training cases")
    yield Choice("learning_rate", 0.002, "AdamW; warm-up over 5 % of the time, then half a cosine wave to its end")


def augment_choices(fingerprint: Fingerprint, draws: float) -> Iterator[Choice]:
    """Yield kind and strength; ``draws`` is how often each case will be drawn."""
    upright = fingerprint.upright
    yield Choice("augmentations", "xray" if upright.is_upright else "free",
                 "top and bottom stay, turns by a few degrees" if upright.is_upright else
                 "no right way up: mirrored both ways, turned", upright.reason)
    if upright.sided is not None and upright.is_upright:
        left, right = upright.sided
        yield Choice("mirrored", False, "left and right do not change places",
                     f"class {left} lies left of class {right} in nine of ten masks or more")
    is_strong = draws > OFTEN or fingerprint.training < FEW_CASES
    yield Choice("augment", "strong" if is_strong else "light",
                 "few cases, seen often: strong changes keep them from being learned by heart" if is_strong else
                 "changes that do not slow learning down",
                 f"{fingerprint.training} training cases, each drawn about {draws:.0f} times")

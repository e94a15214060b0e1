"""All kinds of bad input."""

from __future__ import annotations

from declaration_faults import declaration_faults
from fault import Fault
from image_faults import image_faults
from list_faults import list_faults
from mask_faults import mask_faults


def all_faults() -> list[Fault]:
    """Return the faults of images, masks, lists and declarations."""
    return [*image_faults(), *mask_faults(), *list_faults(), *declaration_faults()]

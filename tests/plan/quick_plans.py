"""Planning without what takes its time: measuring the machine, and drawing the sheet of samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from monai_seg.plan import new
from monai_seg.plan.probe import Pace

PACE = Pace("a machine of the test", 4, 20.0, 60.0, 75.0)


def be_quick(replace: Callable[[Any, str, Any], object] = setattr) -> None:
    """Take the pace as given instead of measuring it, and draw no sheet of samples."""
    replace(new, "measure_pace", lambda *_: PACE)
    replace(new, "preview", lambda config, out, overrides: out.write_bytes(b""))

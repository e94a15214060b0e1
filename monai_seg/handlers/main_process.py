"""Which of several training processes writes files and lines."""

from __future__ import annotations

import ignite.distributed as idist

from monai_seg.distributed import rank


def is_main_process() -> bool:
    """Return whether this process is the first of all; the only one, without torchrun and torch.distributed."""
    return rank() == 0 and idist.get_rank() == 0

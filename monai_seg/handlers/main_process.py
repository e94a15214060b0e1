"""Which of several processes writes files and lines."""

from __future__ import annotations

import ignite.distributed as idist

from monai_seg.handlers.each_case import is_first_process


def is_main_process() -> bool:
    """Return whether this process is the first of all; the only one, without torchrun and torch.distributed."""
    return is_first_process()


def meet_in_ignite() -> None:
    """Let Ignite find the processes that have met; to be called by all, before one alone asks Ignite for its rank.

    Ignite looks at the group on its first question, whatever it is, and all processes have to come together for that.
    """
    idist.get_rank()

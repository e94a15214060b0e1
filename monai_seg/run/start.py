"""The first thing that each config runs."""

from __future__ import annotations

import gc
import logging
import sys
import warnings

import torch

from monai_seg.distributed import flush_denormals, rank
from monai_seg.errors import report_input_errors_in_one_line
from monai_seg.freed_memory import keep_freed_memory
from monai_seg.handlers.main_process import meet_in_ignite
from monai_seg.processes import join
from monai_seg.run.command_line import refuse_dropped_values
from monai_seg.run.settings import check_setting


def start(seed: int | None = None) -> None:
    """Make bad input end the process in one line, the processor quick with the tiniest numbers, and weights repeatable.

    Under torchrun the processes meet here, and from here on an error that all of them meet is told once.

    Args:
        seed: what the untrained weights are drawn from; call this before the network is built. Given for training only.

    Raises:
        InputError: ``seed`` is no whole number from 0 up; the command line has a value that MONAI drops.
    """
    report_input_errors_in_one_line()
    refuse_dropped_values(sys.argv)
    warnings.filterwarnings("ignore", message="NvImgCodecPydicomReader")  # LoadImage makes MONAI's readers as well
    flush_denormals()
    keep_freed_memory()
    if not gc.get_freeze_count():  # what was imported stays: looking through it for garbage takes a third of a second
        gc.freeze()
    if rank() != 0:
        logging.disable(logging.INFO)
    join()
    meet_in_ignite()
    if seed is not None:
        check_setting("seed", seed)
        torch.manual_seed(seed)

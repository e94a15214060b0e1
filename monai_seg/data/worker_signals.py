"""Loader processes outlast the signals that ask a training to stop, so that it can finish its iteration."""

from __future__ import annotations

import signal

GRACE_S = 60.0  # what an iteration and a save may take


def outlast_stop_signals(worker: int = 0) -> None:
    """Let this loader process go on after SIGTERM for `GRACE_S`, and ignore SIGUSR1 and Ctrl-C.

    Schedulers and terminals send these to all processes of a job. A loader that dies by one takes the training with it
    in the middle of an iteration. One that nobody ends otherwise ends by itself when the time is over.

    Args:
        worker: its number; a `DataLoader` gives it to its ``worker_init_fn``.
    """
    if not hasattr(signal, "setitimer"):  # Windows
        return
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, lambda *_: signal.setitimer(signal.ITIMER_REAL, GRACE_S))
    for number in (signal.SIGUSR1, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)

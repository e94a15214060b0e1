"""One thing done to many, by as many threads as there are cores."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from monai_seg.distributed import usable_cores

MOST_AT_ONCE = 16  # for a thread: to hand over one alone takes longer than a look at a file, and waits in 2 kB
SHARES = 4  # for each thread at least, so that all end at about the same time
Thing = TypeVar("Thing")
Result = TypeVar("Result")


def on_all_cores(do: Callable[[Thing], Result], things: Sequence[Thing]) -> Iterator[Result]:
    """Yield ``do`` of each of ``things`` in their order; what it raises is raised here."""
    cores = usable_cores()
    size = max(1, min(MOST_AT_ONCE, len(things) // (SHARES * cores)))
    with ThreadPoolExecutor(cores) as pool:
        shares = (things[first : first + size] for first in range(0, len(things), size))
        for found in pool.map(lambda share: [do(thing) for thing in share], shares):
            yield from found

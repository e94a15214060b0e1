"""Several handlers in the place of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ignite.engine import Engine


class InTurn:
    """Attaches ``handlers`` one after the other.

    MONAI's ``--tracking`` wants the handlers of a config as a list that it can add to. A list cannot be a part of a
    list; where the handlers come from a fragment as a whole, this stands for them.

    Args:
        handlers: each with ``attach``.
    """

    def __init__(self, handlers: Sequence[Any]) -> None:
        self.handlers = list(handlers)

    def attach(self, engine: Engine) -> None:
        """Attach them all."""
        for handler in self.handlers:
            handler.attach(engine)

"""What MONAI's command line would do without a word."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from monai_seg.errors import InputError


def refuse_dropped_values(words: Sequence[str]) -> None:
    """Refuse ``--id None`` of ``python -m monai.bundle``: MONAI drops it, and the config's own value would stay.

    Args:
        words: ``sys.argv``; that of another program is left alone.

    Raises:
        InputError: a value is None.
    """
    if not words or Path(words[0]).parts[-3:-1] != ("monai", "bundle"):
        return
    for word, value in zip(words, [*words[1:], ""], strict=True):
        id, equals, joined = word.partition("=")
        if id.startswith("--") and (joined if equals else value) == "None":
            raise InputError(id[2:], "MONAI's command line drops None, and the config's own value would stay",
                             f"write {id} '$None'")

"""What a bundle takes from the folder of a run: values of its config, its operating point, its weights, its card."""

from __future__ import annotations

import json
import math
from collections.abc import Collection
from pathlib import Path
from typing import Any

from monai_seg.bundle.expression import REFERENCE
from monai_seg.errors import InputError

CHOOSE = "monai_seg.run.choose"
TRAIN_ANEW = "train anew with this version's train.json"


class TrainedRun:
    """A run that ended, read and not changed.

    Args:
        path: its folder.

    Raises:
        InputError: it holds no config or no weights.
    """

    def __init__(self, path: str | Path) -> None:
        from monai.bundle import ConfigParser  # seconds: torch comes with it

        self.path = Path(path)
        self.config = self._json("config.json", needed=True)
        self.parser = ConfigParser(self.config)
        self.weights = self.path / "model.pt"
        if not self.weights.is_file():
            raise InputError(self.weights, "no weights here", "name the folder of a run that trained")
        self.card = self._json("run_card.json")
        self._point = self._json("operating_point.json")

    def value(self, id: str, kept: Collection[str] = ()) -> Any:
        """Return what stands at ``id`` of the run's config, complete in itself.

        References and choices are replaced by what they come to, expressions by their values.

        Args:
            id: such as ``load_image``.
            kept: ids that stand beside it under the same name, to which references are left.

        Raises:
            InputError: the run has no such id, or it comes to something that cannot be written down.
        """
        if id.split("::")[0] not in self.config:
            raise InputError(self.path / "config.json", f"has no id {id!r}", TRAIN_ANEW)
        return self._complete(id, self.parser.get(id), frozenset(kept))

    def operating_point(self, id: str) -> Any:
        """Return ``id`` as searched after training, or as configured where nothing was searched.

        Raises:
            InputError: neither gives a number.
        """
        value = self._point.get(id) if self._point else self.value(id)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise InputError(self.path / "operating_point.json", f"gives no number for {id!r}", TRAIN_ANEW)
        return value

    def _complete(self, where: str, value: Any, kept: frozenset[str]) -> Any:
        if isinstance(value, dict) and value.get("_target_") == CHOOSE:
            return self._chosen(where, kept)
        if isinstance(value, dict):
            return {key: part if key == "_desc_" else self._complete(f"{where}::{key}", part, kept)
                    for key, part in value.items()}
        if isinstance(value, list):
            return [self._complete(f"{where}::{index}", part, kept) for index, part in enumerate(value)]
        if not isinstance(value, str) or not value.startswith(("@", "$")):
            return value
        if all(name[1:] in kept for name in (match.group() for match in REFERENCE.finditer(value))):
            return value
        return self.value(value[1:], kept) if REFERENCE.fullmatch(value) else self._computed(where, value)

    def _chosen(self, where: str, kept: frozenset[str]) -> Any:
        name, of = self.value(f"{where}::name"), f"{where}::of"
        choices = self.parser.get(of)
        while isinstance(choices, str) and REFERENCE.fullmatch(choices):
            of = choices[1:]
            choices = self.parser.get(of)
        if not isinstance(choices, dict) or name not in choices:
            raise InputError(self.path / "config.json", f"{where}: {name!r} is no choice", TRAIN_ANEW)
        return self._complete(f"{of}::{name}", choices[name], kept)

    def _computed(self, where: str, expression: str) -> Any:
        import torch

        found = self.parser.get_parsed_content(where)
        if isinstance(found, torch.dtype):
            return f"${found}"
        try:
            return json.loads(json.dumps(found, allow_nan=False))
        except (TypeError, ValueError) as error:
            raise InputError(self.path / "config.json", f"{where}: {expression} comes to a {type(found).__name__}, "
                             "which cannot be written down", "use a value there, and train anew") from error

    def _json(self, name: str, needed: bool = False) -> dict[str, Any]:
        path = self.path / name
        if not needed and not path.exists():
            return {}
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise InputError(path, "no trained run here", "name the folder of a run that trained with --run") from error
        except (OSError, ValueError) as error:
            raise InputError(path, f"is no readable JSON file ({error})", "restore it or train anew") from error
        if not isinstance(content, dict):
            raise InputError(path, f"holds a {type(content).__name__}", "restore it or train anew")
        return content

"""Masks that are folders, one per image, with a picture for each instance of the one class, or for each class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monai_seg.data.pairs import SUFFIXES
from monai_seg.errors import InputError
from monai_seg.prepare.convert import MASKS, Converter
from monai_seg.prepare.copy_files import copy_file
from monai_seg.prepare.lesion import lesion_class
from monai_seg.prepare.named_files import name_in, name_pattern


@dataclass(frozen=True)
class MaskFolders:
    """How to read such folders.

    Args:
        parts: names of the files, without suffix, of the classes 1, 2, … in this order, equal in all folders; none
            where each file is an instance, whatever its name.
    """

    parts: tuple[str, ...] = ()

    @property
    def encoding(self) -> Mapping[str, Any]:
        """What to declare in the bundle."""
        if not self.parts:
            return {"kind": "files", "per": "instance"}
        return {"kind": "files", "per": "class", "classes": len(self.parts) + 1}

    def by_name(self, folder: Path, pattern: str = "{name}") -> dict[str, Path]:
        """Return case name -> folder, of the folders below ``folder`` that hold pictures.

        Args:
            folder: searched with all its folders.
            pattern: a path below it, see `files_by_name`.

        Raises:
            InputError: no such folder; no ``{name}`` in the pattern.
        """
        if not folder.is_dir():
            raise InputError(folder.absolute(), "no such folder", "name the folder of the masks")
        expression = name_pattern(pattern)
        holders = {path.parent for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES} - {folder}
        named = {path: name_in(path.relative_to(folder).as_posix(), expression) for path in sorted(holders)}
        return {name: path for path, name in named.items() if name is not None}

    def files_of(self, mask: Path) -> list[Path]:
        """Return the files of the folder ``mask``, those of the classes in order.

        Raises:
            InputError: a part lacks; or there is a file that is neither a part nor, without parts, a picture.
        """
        files = sorted(path for path in mask.iterdir() if not path.name.startswith("."))
        by_part = {path.stem: path for path in files}
        wrong = [path for path in files if path.suffix.lower() not in SUFFIXES or
                 (self.parts and (path.stem not in self.parts or by_part[path.stem] != path))]
        if wrong:
            raise InputError(wrong[0], "is none of the parts of a mask" if self.parts else "is no picture of an "
                             "instance", "name it with --part, or move it away" if self.parts else "move it away")
        lacking = [part for part in self.parts if part not in by_part]
        if lacking:
            raise InputError(mask, f"has no file {lacking[0]!r}", "add it, all black where nothing is there")
        return [by_part[part] for part in self.parts] or files

    def convert(self, converter: Converter, name: str, image: Path, mask: Path) -> list[dict[str, Any]]:
        """Write what lacks of the case ``name`` as `Converter` does, and return it in a list.

        Raises:
            InputError: as `files_of` and `Converter`; or the copy of the folder holds files that ``mask`` lacks.
        """
        files = self.files_of(mask)
        shown = max(lesion_class(path, image) for path in files)
        if not mask.resolve().is_relative_to(converter.out.resolve()):
            target = converter.out / MASKS / name
            stale = {path.name for path in target.glob("[!.]*")} - {path.name for path in files}
            if stale:
                raise InputError(target / min(stale), f"is not in {mask}", f"remove {target}, and run again")
            for path in files:
                copy_file(path, target / path.name)
            mask, files = target, [target / path.name for path in files]
        label: Any = [path.absolute() for path in files] if self.parts else mask.absolute()
        return [{"image": converter.convert_image(name, image), "label": label, "class": shown}]

"""The folder by which a bundle finds its data: what is there already, a link to it, or a folder of links or copies.

A bundle's config holds no absolute path, and nothing is written into somebody's data set. So, in this order:

1. The data set lies below the repository root and `DataList` reads it as it is: it is named.
2. It lies elsewhere, and `DataList` reads it as it is: ``data/<name>`` becomes a link to it.
3. Otherwise ``data/<name>`` becomes a folder with a ``datalist.json`` and the files: hard links, which take no room, or
   copies where the disk allows none. Symbolic links to single files would lead out of the data set, which is refused.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monai_seg.data.list_rules import Case
from monai_seg.data.splits import SPLITS
from monai_seg.durable import make_folder
from monai_seg.errors import InputError
from monai_seg.plan.leftovers import begun, note_named, remove
from monai_seg.plan.pairing import Paired
from monai_seg.prepare.datalist_file import write_datalist

DATA, IMAGES, MASKS = Path("data"), Path("images"), Path("masks")
Parts = Mapping[Path, Path]
BY = "new"


@dataclass(frozen=True)
class Place:
    """Where the data set of a bundle is.

    Args:
        folder: as the config names it, below the repository root.
        images: folder of the images there.
        how: in words.
        beside: what was made, still under another name; None where nothing was.
    """

    folder: Path
    images: Path
    how: str
    beside: Path | None = None

    @property
    def now(self) -> Path:
        """The folder until it is `named`."""
        return self.beside or self.folder

    @contextmanager
    def named(self, bundle: Path) -> Iterator[None]:
        """Give what was made its name, and take it back where ``bundle`` does not get its own within the block.

        A note tells of it until the block is left, should the process be killed.
        """
        if self.beside is None:
            yield
            return
        note = note_named(self.beside)
        try:
            os.rename(self.beside, self.folder)
            try:
                yield
            except BaseException:
                if not bundle.exists():
                    remove(self.folder)
                raise
        finally:
            note.unlink(missing_ok=True)

    def take_back(self) -> None:
        """Remove what was made and has no name yet."""
        if self.beside is not None:
            remove(self.beside)


def place_data(
    name: str, paired: Paired, images: Path, masks: Path, splits: Mapping[str, Sequence[Case]] | None
) -> Place:
    """Make the data set reachable; see the module.

    Args:
        name: of the bundle.
        paired: the cases.
        images, masks: the two folders.
        splits: cases by split that a list must hold; None where `DataList` finds them by itself.

    Raises:
        InputError: ``data/<name>`` is there already, or the disk refuses.
    """
    root, here, relative = paired.root.resolve(), Path.cwd().resolve(), images.absolute().relative_to(paired.root)
    if splits is None and root.is_relative_to(here) and root != here:
        folder = root.relative_to(here)
        return Place(folder, folder / relative, "the data set is read where it is")
    folder = DATA / name
    if folder.exists() or folder.is_symlink():
        raise InputError(folder, "is there already", "choose another name, or move it away")
    make_folder(DATA)
    beside = begun(DATA, name)
    if splits is None:
        try:
            os.symlink(root, beside, target_is_directory=True)
        except OSError as error:
            raise InputError(folder, f"cannot be made a link to {root} ({error.strerror})",
                             "move the data set below data/, and run again") from error
        return Place(folder, folder / relative, f"{folder} is a link to the data set", beside)
    place = Place(folder, folder / IMAGES, "", beside)
    parts = {images.absolute(): IMAGES} | ({masks.absolute(): MASKS} if masks.absolute() != images.absolute() else {})
    try:
        copied, linked = _fill(beside, splits, parts)
        write_datalist(beside.absolute(), _moved(splits, beside, parts), {"prepared_by": BY})
    except BaseException:
        place.take_back()
        raise
    told = f"{folder} holds a datalist.json, {linked:,} hard links" + (f" and {copied:,} copies" if copied else "")
    return Place(folder, folder / IMAGES, told, beside)


def _moved(splits: Mapping[str, Sequence[Case]], target: Path, parts: Parts) -> dict[str, list[dict[str, Any]]]:
    def moved(path: Any) -> Any:
        if isinstance(path, list | tuple):
            return [moved(part) for part in path]
        return str(target.absolute() / _inside(Path(path), parts))

    return {split: [{**case, "image": moved(case["image"]), "label": moved(case["label"])}
                    for case in splits.get(split, ())] for split in SPLITS}


def _inside(path: Path, parts: Parts) -> Path:
    """Return the place of ``path`` in the new folder."""
    folder = next(folder for folder in parts if path.is_relative_to(folder))
    return parts[folder] / path.relative_to(folder)


def _fill(target: Path, splits: Mapping[str, Sequence[Case]], parts: Parts) -> tuple[int, int]:
    """Put all files of the cases below ``target`` and return how many were copied, and how many linked."""
    copied = linked = 0
    for path in _files(splits):
        place = target / _inside(path, parts)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(path.resolve(), place)
                linked += 1
            except OSError:  # another disk, or one without hard links
                shutil.copyfile(path, place)
                copied += 1
        except OSError as error:
            raise InputError(place, f"cannot be written ({error.strerror})", "free space or mend permissions") \
                from error
    return copied, linked


def _files(splits: Mapping[str, Sequence[Case]]) -> list[Path]:
    found: dict[Path, None] = {}
    for cases in splits.values():
        for case in cases:
            labels = case["label"] if isinstance(case["label"], list | tuple) else [case["label"]]
            for path in map(Path, [case["image"], *labels]):
                inside = sorted(one for one in path.iterdir() if not one.name.startswith(".")) if path.is_dir() else []
                found.update(dict.fromkeys(inside or [path]))
    return list(found)

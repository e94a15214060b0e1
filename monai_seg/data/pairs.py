"""Find which mask belongs to which image, by the folder layouts and names in common use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from monai_seg.data.case_fault import CaseFault, told_together
from monai_seg.errors import InputError

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".gif")
IMAGE_FOLDERS = ("images", "png_images", "image", "imgs")
MASK_FOLDERS = ("masks", "png_masks", "labels", "mask", "label")
MASK_ENDINGS = ("", "_mask", "_segmentation", "_label", "-mask")
KEEP_ONE = "keep one of them"


class Pair(NamedTuple):
    """An image and its mask; the mask may be a folder of files. One of the two lacks where it is an orphan."""

    image: Path | None
    label: Path | None


def find_pairs(folder: Path) -> list[dict[str, str]]:
    """Return the cases of ``folder``, by name, with absolute paths; see `match_pairs`.

    Raises:
        InputError: no images; none of the layouts; an image without mask; a mask without image; two masks for one
            image; two images for one mask.
    """
    pairs, faults = match_pairs(folder)
    if faults:
        raise told_together([fault.error for fault in faults])
    return [{"image": str(image), "label": str(label)} for image, label in pairs]


def match_pairs(folder: Path) -> tuple[list[Pair], list[CaseFault]]:
    """Return the pairs of ``folder``, by name: ``images/x.png`` with ``masks/x.png``, ``x_mask.png`` or the like.

    Images and masks stand in two folders beside each other (`IMAGE_FOLDERS`, `MASK_FOLDERS`), or all in one folder,
    told apart by the ending of the mask's name (`MASK_ENDINGS`). Beside each other, a mask may also be a folder of
    files: where more images have a folder ``masks/x/`` than a file, folders are the masks.

    Returns:
        The images in order, each with its mask, then masks without image; and all that is wrong with them.

    Raises:
        InputError: no images, or no masks.
    """
    folder = folder.absolute()
    image_dir, mask_dir = _first_folder(folder, IMAGE_FOLDERS), _first_folder(folder, MASK_FOLDERS)
    if image_dir is not None and mask_dir is not None:
        return match_folders(image_dir, mask_dir)
    return match_folders(folder, folder)


def match_folders(image_dir: Path, mask_dir: Path) -> tuple[list[Pair], list[CaseFault]]:
    """Return what `match_pairs` does, of two folders of any name, or of one that holds images and masks.

    Raises:
        InputError: no images, or no masks.
    """
    apart = image_dir != mask_dir
    folder = mask_dir.parent if apart else image_dir
    images = [path for path in picture_files(image_dir) if apart or not _is_mask_name(path)]
    masks = [path for path in picture_files(mask_dir) if apart or _is_mask_name(path)]
    if not images or not masks:
        raise InputError(folder, f"found {len(images)} images and {len(masks)} masks, so no pairs",
                         f"use {'/, '.join(IMAGE_FOLDERS[:2])}/ beside {'/, '.join(MASK_FOLDERS[:2])}/, or x.png "
                         "beside x_mask.png, or write a datalist.json")
    named_images = [(_key(image, image_dir), image) for image in images]
    named_masks = [(_key(mask, mask_dir), mask) for mask in masks]
    folders = {(mask.parent.relative_to(mask_dir).as_posix(), mask.parent) for mask in masks} if apart else set()
    if _matches(named_images, folders) > _matches(named_images, named_masks):
        named_masks = sorted(folders - {(".", mask_dir)}) + [(key, mask) for key, mask in named_masks if "/" not in key]
    return _match(named_images, named_masks, mask_dir.name)


def picture_files(folder: Path) -> list[Path]:
    """Return the picture files below ``folder``, sorted by name; hidden ones are left out."""
    pictures = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    return sorted(path for path in pictures if not any(part.startswith(".") for part in path.relative_to(folder).parts))


def _match(
    images: Sequence[tuple[str, Path]], masks: Sequence[tuple[str, Path]], mask_dir: str
) -> tuple[list[Pair], list[CaseFault]]:
    by_key: dict[str, list[Path]] = {}
    for key, mask in masks:
        by_key.setdefault(key, []).append(mask)
    pairs: list[Pair] = []
    faults: list[CaseFault] = []
    used: dict[Path, Path] = {}
    for key, image in images:
        found = [mask for ending in MASK_ENDINGS for mask in by_key.get(key + ending, ()) if mask != image]
        for kind, error in _faults_of(image, found, used, mask_dir):
            faults.append(CaseFault(kind, error, (len(pairs),)))
        used.update(dict.fromkeys(found, image))
        pairs.append(Pair(image, found[0] if found else None))
    for orphan in [mask for _, mask in masks if mask not in used]:
        faults.append(CaseFault("mask without image", InputError(
            orphan, "mask without image", "add the image or take the mask away"), (len(pairs),)))
        pairs.append(Pair(None, orphan))
    return pairs, faults


def _faults_of(
    image: Path, found: Sequence[Path], used: Mapping[Path, Path], mask_dir: str
) -> Iterator[tuple[str, InputError]]:
    if not found:
        yield "image without mask", InputError(
            image, f"image without mask (looked for {image.stem}.png, {image.stem}_mask.png … in {mask_dir}/)",
            "add the mask or take the image away")
    if len(found) > 1:
        yield "two masks for one image", InputError(
            image, f"two masks for one image: {found[0].name} and {found[1].name}", KEEP_ONE)
    if found and found[0] in used:
        yield "two images for one mask", InputError(
            found[0], f"two images for one mask: {used[found[0]].name} and {image.name}", KEEP_ONE)


def _matches(images: Iterable[tuple[str, Path]], masks: Iterable[tuple[str, Path]]) -> int:
    return len({key for key, _ in images} & {key for key, _ in masks})


def _key(path: Path, folder: Path) -> str:
    return path.relative_to(folder).with_suffix("").as_posix()


def _is_mask_name(path: Path) -> bool:
    return any(ending and path.stem.endswith(ending) for ending in MASK_ENDINGS)


def _first_folder(folder: Path, names: Iterable[str]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_dir()), None)

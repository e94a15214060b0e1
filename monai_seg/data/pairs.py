"""Find which mask belongs to which image, by the folder layouts and names in common use."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from monai_seg.errors import InputError

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".gif")
IMAGE_FOLDERS = ("images", "png_images", "image", "imgs")
MASK_FOLDERS = ("masks", "png_masks", "labels", "mask", "label")
MASK_ENDINGS = ("", "_mask", "_segmentation", "_label", "-mask")


def find_pairs(folder: Path) -> list[dict[str, str]]:
    """Return the cases of ``folder``, by name: ``images/x.png`` with ``masks/x.png``, ``x_mask.png`` or the like.

    Images and masks stand in two folders beside each other (`IMAGE_FOLDERS`, `MASK_FOLDERS`), or all in one folder,
    told apart by the ending of the mask's name (`MASK_ENDINGS`).

    Raises:
        InputError: no images; none of the layouts; an image without mask; a mask without image; two masks for one
            image; two images for one mask.
    """
    image_dir = _first_folder(folder, IMAGE_FOLDERS)
    mask_dir = _first_folder(folder, MASK_FOLDERS)
    if image_dir is None or mask_dir is None:
        image_dir = mask_dir = folder
    images = [path for path in picture_files(image_dir) if image_dir != mask_dir or not _is_mask_name(path)]
    masks = [path for path in picture_files(mask_dir) if image_dir != mask_dir or _is_mask_name(path)]
    if not images or not masks:
        raise InputError(folder.absolute(), f"found {len(images)} images and {len(masks)} masks, so no pairs",
                         f"use {'/, '.join(IMAGE_FOLDERS[:2])}/ beside {'/, '.join(MASK_FOLDERS[:2])}/, or x.png "
                         "beside x_mask.png, or write a datalist.json")
    return _pair(images, masks, image_dir, mask_dir)


def picture_files(folder: Path) -> list[Path]:
    """Return the picture files below ``folder``, sorted by name; hidden ones are left out."""
    pictures = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    return sorted(path for path in pictures if not any(part.startswith(".") for part in path.relative_to(folder).parts))


def _pair(images: list[Path], masks: list[Path], image_dir: Path, mask_dir: Path) -> list[dict[str, str]]:
    by_stem: dict[str, list[Path]] = {}
    for mask in masks:
        by_stem.setdefault(_key(mask, mask_dir), []).append(mask)
    cases: list[dict[str, str]] = []
    used: dict[Path, Path] = {}
    for image in images:
        key = _key(image, image_dir)
        found = [mask for ending in MASK_ENDINGS for mask in by_stem.get(key + ending, ()) if mask != image]
        if not found:
            looked_for = f"looked for {image.stem}.png, {image.stem}_mask.png … in {mask_dir.name}/"
            raise InputError(image, f"image without mask ({looked_for}){_more(images, by_stem, image_dir)}",
                             "add the mask or take the image away")
        if len(found) > 1:
            raise InputError(image, f"two masks for one image: {found[0].name} and {found[1].name}", "keep one of them")
        if found[0] in used:
            raise InputError(found[0], f"two images for one mask: {used[found[0]].name} and {image.name}",
                             "keep one of them")
        used[found[0]] = image
        cases.append({"image": str(image.absolute()), "label": str(found[0].absolute())})
    orphans = [mask for mask in masks if mask not in used]
    if orphans:
        raise InputError(orphans[0], f"mask without image (one of {len(orphans)})",
                         "add the image or take the mask away")
    return cases


def _more(images: Iterable[Path], by_stem: dict[str, list[Path]], image_dir: Path) -> str:
    lacking = sum(not any(_key(image, image_dir) + ending in by_stem for ending in MASK_ENDINGS) for image in images)
    return f", as {lacking - 1} more" if lacking > 1 else ""


def _key(path: Path, folder: Path) -> str:
    return path.relative_to(folder).with_suffix("").as_posix()


def _is_mask_name(path: Path) -> bool:
    return any(ending and path.stem.endswith(ending) for ending in MASK_ENDINGS)


def _first_folder(folder: Path, names: Iterable[str]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_dir()), None)

"""The cases of a folder without list, paired by name; all orphans are found, where `find_pairs` stops at the first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from monai_seg.check.case import CaseList, CheckedCase
from monai_seg.check.finding import ERROR, Finding
from monai_seg.data.datalist import split_cases
from monai_seg.data.pairs import IMAGE_FOLDERS, MASK_ENDINGS, MASK_FOLDERS, picture_files
from monai_seg.errors import InputError

KEEP_ONE = "keep one of them"


def pair_cases(folder: Path) -> CaseList:
    """Return the cases of ``folder`` by the rules of `monai_seg.data.pairs.find_pairs`, and what pairs with nothing.

    A mask may also be a folder of files, named as its image; training needs a list for that, which is told.

    Raises:
        InputError: no images or no masks.
    """
    folder = folder.absolute()
    image_dir, mask_dir = _first_folder(folder, IMAGE_FOLDERS), _first_folder(folder, MASK_FOLDERS)
    apart = image_dir is not None and mask_dir is not None
    image_dir, mask_dir = (image_dir or folder, mask_dir or folder) if apart else (folder, folder)
    images = [path for path in picture_files(image_dir) if apart or not _is_mask_name(path)]
    masks = [path for path in picture_files(mask_dir) if apart or _is_mask_name(path)]
    if not images or not masks:
        raise InputError(folder, f"found {len(images)} images and {len(masks)} masks, so no pairs",
                         f"use {'/, '.join(IMAGE_FOLDERS[:2])}/ beside {'/, '.join(MASK_FOLDERS[:2])}/, or x.png "
                         "beside x_mask.png, or write a datalist.json")
    folders = _mask_folders(images, masks, image_dir, mask_dir)
    if folders:
        return _deal(folder, *_pair_folders(folder, images, masks, image_dir, mask_dir, folders))
    return _deal(folder, *_pair_files(folder, images, masks, image_dir, mask_dir))


def _pair_files(
    folder: Path, images: Sequence[Path], masks: Sequence[Path], image_dir: Path, mask_dir: Path
) -> tuple[list[CheckedCase], list[Finding]]:
    by_key: dict[str, list[Path]] = {}
    for mask in masks:
        by_key.setdefault(_key(mask, mask_dir), []).append(mask)
    cases: list[CheckedCase] = []
    findings: list[Finding] = []
    used: dict[Path, Path] = {}
    for image in images:
        key = _key(image, image_dir)
        found = [mask for ending in MASK_ENDINGS for mask in by_key.get(key + ending, ()) if mask != image]
        label = found[0] if found else None
        at = (len(cases),)
        if label is None:
            findings.append(Finding(ERROR, "image without mask", str(image), f"image without mask (looked for "
                                    f"{image.stem}.png, {image.stem}_mask.png … in {mask_dir.name}/)",
                                    "add the mask or take the image away", at))
        elif label in used:
            findings.append(Finding(ERROR, "two images for one mask", str(label), "two images for one mask: "
                                    f"{used[label].name} and {image.name}", KEEP_ONE, at))
        if len(found) > 1:
            findings.append(Finding(ERROR, "two masks for one image", str(image), "two masks for one image: "
                                    f"{found[0].name} and {found[1].name}", KEEP_ONE, at))
        used.update(dict.fromkeys(found, image))
        cases.append(_case(folder, image, label))
    return _with_orphans(folder, cases, findings, [mask for mask in masks if mask not in used])


def _pair_folders(
    folder: Path, images: Sequence[Path], masks: Sequence[Path], image_dir: Path, mask_dir: Path, folders: set[str]
) -> tuple[list[CheckedCase], list[Finding]]:
    cases: list[CheckedCase] = []
    findings = [Finding(ERROR, "masks in folders", str(mask_dir), f"{len(folders)} masks are folders of files, which "
                        "training cannot pair by name", "copy the report's datalist.json beside images and masks")]
    for image in images:
        key = _key(image, image_dir)
        if key not in folders:
            findings.append(Finding(ERROR, "image without mask", str(image), f"image without mask (looked for the "
                                    f"folder {mask_dir.name}/{key}/)", "add the folder or take the image away",
                                    (len(cases),)))
        cases.append(_case(folder, image, mask_dir / key if key in folders else None))
    used = {_key(image, image_dir) for image in images}
    orphans = [mask for mask in masks if mask.parent.relative_to(mask_dir).as_posix() not in used]
    return _with_orphans(folder, cases, findings, orphans)


def _mask_folders(images: Sequence[Path], masks: Sequence[Path], image_dir: Path, mask_dir: Path) -> set[str]:
    """Return the keys of the images whose mask is a folder; empty where masks are files."""
    if image_dir == mask_dir:
        return set()
    keys = {_key(image, image_dir) for image in images}
    parents = {mask.parent.relative_to(mask_dir).as_posix() for mask in masks}
    files = {_key(mask, mask_dir) for mask in masks}
    return keys & parents if len(keys & parents) > len(keys & files) else set()


def _with_orphans(
    folder: Path, cases: list[CheckedCase], findings: list[Finding], orphans: Sequence[Path]
) -> tuple[list[CheckedCase], list[Finding]]:
    for mask in orphans:
        findings.append(Finding(ERROR, "mask without image", str(mask), "mask without image",
                                "add the image or take the mask away", (len(cases),)))
        cases.append(CheckedCase(mask.relative_to(folder).as_posix(), None, str(mask)))
    return cases, findings


def _deal(folder: Path, cases: Sequence[CheckedCase], findings: Sequence[Finding]) -> CaseList:
    """Put the cases into the splits that training would put them into."""
    split_of = {case["image"]: split for split, dealt in split_cases([{"image": str(case.image)} for case in cases
                                                                      if case.image]).items() for case in dealt}
    return CaseList(folder, "pairs by name", tuple(
        CheckedCase(case.name, case.image, case.label, split_of.get(str(case.image), "training")) for case in cases
    ), tuple(findings))


def _case(folder: Path, image: Path, label: Path | None) -> CheckedCase:
    return CheckedCase(image.relative_to(folder).as_posix(), str(image), None if label is None else str(label))


def _key(path: Path, folder: Path) -> str:
    return path.relative_to(folder).with_suffix("").as_posix()


def _is_mask_name(path: Path) -> bool:
    return any(ending and path.stem.endswith(ending) for ending in MASK_ENDINGS)


def _first_folder(folder: Path, names: Sequence[str]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_dir()), None)

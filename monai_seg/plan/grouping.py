"""Which images belong together: a part of their names that is the patient, and copies of each other."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from monai_seg.check.check_data import Report
from monai_seg.plan.reading import Reading

FEWEST_GROUPS = 4
FEWEST_FOLDERS = 8  # fewer folders of images are as likely kinds of images as patients
LIKE_BY_CHANCE = 0.65  # share of images whose nearest image is of their own group, from which names tell patients
COPIES = ("image in two splits", "duplicate", "near duplicate")


def group_reading(names: Sequence[str], thumbs: Sequence[NDArray[np.uint8]]) -> Reading | None:
    """Return whether the folder of an image, else what stands in front of the last separator of its name, is the
    patient; None where nothing suggests it.

    It is taken for the patient where it holds a number, or where images are most like another one of the same.

    Args:
        names: of the images without suffix, relative to the folder of all.
        thumbs: (32, 32) pictures of the same.
    """
    folders = [name.rpartition("/")[0] for name in names]
    is_folder = all(folders) and len(set(folders)) >= FEWEST_GROUPS
    fronts = folders if is_folder else [front_of(name) for name in names]
    sizes = Counter(front for front in fronts if front)
    shared = sum(count for count in sizes.values() if count > 1)
    if len(sizes) < FEWEST_GROUPS or shared < 0.5 * len(names) or not all(fronts):
        return None
    numbered = sum(bool(re.search(r"\d", front or "")) for front in fronts)
    alike, chance = _alike(fronts, thumbs)
    told = (f"{len(names)} images in {len(sizes)} groups such as {sizes.most_common(1)[0][0]!r}, {numbered} of the "
            f"names numbered; {alike:.0%} of the images are most like one of their own group ({chance:.0%} by chance)")
    is_patient = (numbered == len(names) or alike > max(LIKE_BY_CHANCE, 2 * chance)) and \
        len(sizes) >= (FEWEST_FOLDERS if is_folder else FEWEST_GROUPS)
    groups = {name: front for name, front in zip(names, fronts, strict=True) if front}
    return Reading(f"is the {'folder of an image' if is_folder else 'front of a name'} the patient?",
                   "yes" if is_patient else "no", told, {"yes": groups, "no": {}})


def front_of(stem: str) -> str | None:
    """Return what stands in front of the last separator and number, say patient07 of patient07_3; None without."""
    match = re.fullmatch(r"(.+?)[_\-. ]+[A-Za-z]*\d+[A-Za-z]*", stem.rsplit("/", 1)[-1])
    return match[1] if match else None


def join_copies(report: Report, names: Sequence[str], groups: Mapping[str, str]) -> tuple[dict[str, str], int]:
    """Return groups in which copies of an image are together, and the number of images joined that way.

    Args:
        report: its findings tell the copies.
        names: of the report's cases.
        groups: name -> group so far.
    """
    leader = {name: groups.get(name, name) for name in names}
    joined = 0
    for finding in report.findings:
        if finding.kind in COPIES and len(finding.cases) == 2:
            joined += 1
            one, other = (leader[names[case]] for case in finding.cases)
            first, second = sorted((one, other))
            leader = {name: first if group == second else group for name, group in leader.items()}
    together = Counter(leader.values())
    return {name: group for name, group in leader.items() if name in groups or together[group] > 1}, joined


def _alike(fronts: Sequence[str | None], thumbs: Sequence[NDArray[np.uint8]]) -> tuple[float, float]:
    """Return the share of images whose nearest other image is of their own group, and what chance would give."""
    pixels = np.stack([thumb.astype(np.float32).ravel() for thumb in thumbs])
    pixels -= pixels.mean(axis=1, keepdims=True)
    pixels /= np.linalg.norm(pixels, axis=1, keepdims=True) + 1e-6
    likeness = pixels @ pixels.T
    np.fill_diagonal(likeness, -2)
    codes = np.unique([front or "" for front in fronts], return_inverse=True)[1]
    own = codes == codes[likeness.argmax(axis=1)]
    sizes = np.bincount(codes)
    return float(own.mean()), float(((sizes[codes] - 1) / max(1, len(codes) - 1)).mean())

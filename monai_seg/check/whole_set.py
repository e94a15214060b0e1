"""What only the whole data set tells: empty or full masks, blank images, mixed depths."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from monai_seg.check.case import CaseList
from monai_seg.check.finding import ERROR, NOTE, WARNING, Finding
from monai_seg.check.scan import CaseFacts

FULL = 0.99  # of a binary mask


def check_masks(cases: CaseList, classes: Sequence[Mapping[int, int] | None], is_binary: bool) -> list[Finding]:
    """Return findings about masks that can be read and yet look wrong; ``classes`` as in `summarise`."""
    shown = [counts for counts in classes if counts]
    if len(shown) > 1 and all(not set(counts) - {0} for counts in shown):
        return [Finding(ERROR, "all masks empty", str(cases.folder), f"all {len(shown)} masks are empty",
                        "look whether these are the masks, and whether the encoding is theirs")]
    full = [number for number, counts in enumerate(classes)
            if is_binary and counts and 1 - counts.get(0, 0) / sum(counts.values()) > FULL]
    return [Finding(WARNING, "full mask", str(cases.cases[number].label), f"covers more than {FULL:.0%} of the image",
                    "look whether it is inverted", (number,)) for number in full]


def check_images(cases: CaseList, facts: Sequence[CaseFacts]) -> list[Finding]:
    """Return findings about images that can be read and yet look wrong."""
    findings = [
        Finding(WARNING, "blank image", str(cases.cases[number].image), "all its pixels are equal",
                "export it again, or take the case away", (number,))
        for number, fact in enumerate(facts) if fact.image is not None and fact.image.is_blank
    ]
    depths = Counter(16 if fact.image.bits == 16 else 8 for fact in facts if fact.image is not None)
    if depths[16] and depths[8]:
        rare = 16 if depths[16] <= depths[8] else 8
        where = [number for number, fact in enumerate(facts)
                 if fact.image is not None and (fact.image.bits == 16) == (rare == 16)]
        findings += [Finding(ERROR, "mixed depths", str(cases.cases[number].image), f"has {'16' if rare == 16 else '8'}"
                             f" bits per sample, {max(depths.values())} other images have "
                             f"{'8' if rare == 16 else '16'}", "export all images with one depth", (number,))
                     for number in where]
    elif depths[16]:
        findings.append(Finding(NOTE, "16 bits", str(cases.folder), f"all {depths[16]} images have 16 bits per sample",
                                "declare the proposed load_image, or export them with 8 bits"))
    return findings

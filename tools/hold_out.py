"""Copy a data set of images/ and masks/ and hold out every n-th image, by sorted names, for the test.

It makes the fixed splits that the scores on real data are quoted for. MASKS holds one picture per image, of its name or
of its name and a suffix such as _segmentation, or one folder of pictures per image.

    python tools/hold_out.py raw/images raw/masks data/mine --every 5 --classes raw/class_labels.csv
"""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Annotated

import typer


def hold_out(
    images: Annotated[Path, typer.Argument(help="Folder of the images.")],
    masks: Annotated[Path, typer.Argument(help="Folder of the masks.")],
    out: Annotated[Path, typer.Argument(help="Folder to write to; must not exist.")],
    every: Annotated[int, typer.Option(min=2, help="The first of each so many images is held out.")] = 5,
    suffix: Annotated[str, typer.Option(help="What a mask's name has behind the image's.")] = "",
    classes: Annotated[Path | None, typer.Option(help="CSV: number in the image's name, class from 1 up.")] = None,
) -> None:
    """Write OUT/images, OUT/masks and OUT/datalist.json."""
    from monai_seg.errors import InputError

    if out.exists():
        raise InputError(out, "exists already", "name another folder")
    labels = _read_classes(classes) if classes else {}
    splits: dict[str, list[dict[str, object]]] = {"training": [], "test": []}
    for place, image in enumerate(sorted(path for path in images.iterdir() if path.is_file())):
        found = sorted(masks.glob(f"{image.stem}{suffix}.*")) or [masks / f"{image.stem}{suffix}"]
        if not found[0].exists():
            raise InputError(image, f"no mask in {masks}", "give --suffix, or add the mask")
        case: dict[str, object] = {"image": f"images/{image.name}", "label": f"masks/{found[0].name}"}
        if classes:
            case["class"] = labels[int(image.stem)]
        splits["test" if place % every == 0 else "training"].append(case)
    shutil.copytree(images, out / "images")
    shutil.copytree(masks, out / "masks")
    (out / "datalist.json").write_text(json.dumps(splits, indent=1) + "\n")
    print(f"{out}: {len(splits['training'])} for training, {len(splits['test'])} held out")


def _read_classes(path: Path) -> dict[int, int]:
    with open(path, newline="", encoding="utf-8-sig") as file:
        rows = list(csv.reader(file))[1:]
    return {int(row[0]): int(row[1]) - 1 for row in rows if len(row) >= 2}


if __name__ == "__main__":
    from monai_seg.errors import report_input_errors_in_one_line

    report_input_errors_in_one_line()
    typer.run(hold_out)

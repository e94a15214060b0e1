"""Folders and lists that are no data set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from fault import Fault
from png_parts import stored

from monai_seg.data import DataList, find_pictures

PICTURE = stored(np.zeros((4, 4), np.uint8))
A, B = {"image": "images/a.png", "label": "masks/a.png"}, {"image": "images/b.png", "label": "masks/b.png"}
LISTS: dict[str, tuple[Any, str]] = {
    "a list that is no JSON": ("{", "datalist.json"),
    "a list in another character set": (b"\xff\xfe{", "datalist.json"),
    "a list that is a list": ([A], "datalist.json"),
    "a list without splits": ({"cases": [A]}, "training"),
    "a split that is a dictionary": ({"training": [A], "test": {"0": B}}, "test"),
    "a split of words": ({"training": ["images/a.png"]}, "training[0]"),
    "a case without image": ({"training": [A, {"label": "masks/b.png"}]}, "training[1]"),
    "a case of two images": ({"training": [{"image": ["images/a.png", "images/b.png"]}]}, "training[0]"),
    "a file named by a number": ({"training": [{"image": 7}]}, "training[0]"),
    "a label named by a number": ({"training": [{**A, "label": 7}]}, "training[0]"),
    "an empty list of masks": ({"training": [A, {**B, "label": []}]}, "training[1]"),
    "a path out of the data set": ({"training": [{"image": "../secret.png"}]}, "secret.png"),
    "an absolute path": ({"training": [{"image": "/etc/hostname"}]}, "hostname"),
    "an image that is not there": ({"training": [A, {**B, "image": "images/c.png"}]}, "c.png"),
    "a mask that is not there": ({"training": [A, {**B, "label": "masks/c.png"}]}, "c.png"),
    "an image listed twice": ({"training": [A, B, A]}, "a.png"),
    "an image listed twice by two names": ({"training": [A, {**A, "image": "images/../images/a.png"}]}, "a.png"),
    "an image in two splits": ({"training": [A], "test": [A, B]}, "a.png"),
    "a group in two splits": ({"training": [{**A, "group": "p1"}], "test": [{**B, "group": "p1"}]}, "p1"),
    "a group in two splits, as number and word": (
        {"training": [{**A, "group": 1}], "validation": [{**B, "group": "1"}]}, "'1'"),
}  # fmt: skip
FOLDERS: dict[str, tuple[tuple[str, ...], str]] = {
    "a folder without pictures": (("notes.txt",), "0 images"),
    "images without masks": (("images/a.png", "masks/notes.txt"), "0 masks"),
    "masks without images": (("a_mask.png",), "0 images"),
    "an image without mask": (("images/a.png", "images/b.png", "masks/a.png"), "b.png"),
    "a mask without image": (("images/a.png", "masks/a.png", "masks/b.png"), "b.png"),
    "two masks for one image": (("images/a.png", "masks/a.png", "masks/a_mask.png"), "a_mask.png"),
    "two masks of one name": (("images/a.png", "masks/a.png", "masks/a.bmp"), "a.bmp"),
    "two images of one name": (("images/a.png", "images/a.jpg", "masks/a.png"), "a.jpg"),
    "an image without its folder of masks": (
        ("images/a.png", "images/b.png", "images/c.png", "masks/a/1.png", "masks/b/1.png"), "c.png"),
    "a folder of masks without image": (
        ("images/a.png", "images/b.png", "masks/a/1.png", "masks/b/1.png", "masks/c/1.png"), "masks/c"),
    "a mask of another name": (("images/a.png", "masks/A1.png"), "a.png"),
}


def list_faults() -> list[Fault]:
    """Return the faults of lists and folders."""
    faults = [Fault(name, lambda folder, content=content: DataList(_listed(folder, content)), names)
              for name, (content, names) in LISTS.items()]
    faults += [Fault(name, lambda folder, files=files: DataList(_folder(folder, files)), names)
               for name, (files, names) in FOLDERS.items()]
    return [
        *faults,
        Fault("no such data set", lambda folder: DataList(folder / "nowhere"), "nowhere"),
        Fault("a data set that is a file", lambda folder: DataList(_folder(folder, ("a.png",)) / "a.png"), "a.png"),
        Fault("an unknown split", lambda folder: DataList(_listed(folder, {"training": [A, B]})).cases("train"),
              "train"),
        Fault("a split without cases", lambda folder: DataList(_listed(folder, {"training": [A, B]})).test, "test"),
        Fault("nothing to infer on", lambda folder: find_pictures(folder, folder / "out"), "no pictures"),
        Fault("no such picture to infer on", lambda folder: find_pictures(folder / "x.png", folder / "out"), "x.png"),
        Fault("masks written over the pictures", lambda folder: find_pictures(_folder(folder, ("a.png",)), folder),
              "--output_dir"),
        Fault("masks that are there already", lambda folder: find_pictures(
            _folder(folder / "in", ("a.png",)), _folder(folder / "out", ("a.png",))), "out"),
    ]


def _listed(folder: Path, content: Any) -> Path:
    _folder(folder, ("images/a.png", "images/b.png", "masks/a.png", "masks/b.png"))
    raw = content if isinstance(content, bytes) else (content if isinstance(content, str) else json.dumps(content)
                                                      ).encode()
    (folder / "datalist.json").write_bytes(raw)
    return folder


def _folder(folder: Path, files: tuple[str, ...]) -> Path:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(PICTURE)
    return folder

"""Impossible declarations: encodings, settings of the loader, twins."""

from __future__ import annotations

from typing import Any

import torch
from fault import Fault

from monai_seg.check.command import parse_option
from monai_seg.data import CaseDataset, case_loader, fill
from monai_seg.data.mask_encodings import parse_encoding
from monai_seg.sample import make_twin

BLACK = {"image": torch.zeros(1, 4, 4), "label": torch.zeros(1, 4, 4)}
TWO = {"0": [0, 0, 0], "1": [255, 0, 0]}
ENCODINGS: dict[str, tuple[Any, str]] = {
    "no kind": ({}, "kind"),
    "an unknown kind": ({"kind": "bitmap"}, "bitmap"),
    "a kind that is no word": ({"kind": ["binary"]}, "kind"),
    "an encoding that is a word": ("binary", "kind"),
    "an unknown option": ({"kind": "binary", "treshold": 9}, "treshold"),
    "index without classes": ({"kind": "index"}, "classes"),
    "palette without classes": ({"kind": "palette"}, "classes"),
    "colours without table": ({"kind": "colours"}, "table"),
    "files without per": ({"kind": "files"}, "per"),
    "rle without width": ({"kind": "rle", "height": 4}, "width"),
    "a foreground of 0": ({"kind": "binary", "foreground": 0}, "foreground"),
    "a foreground that is a word": ({"kind": "binary", "foreground": "white"}, "white"),
    "a threshold above the foreground": ({"kind": "binary", "threshold": 300}, "threshold"),
    "a threshold that is a fraction": ({"kind": "binary", "threshold": 0.5}, "threshold"),
    "a truth value for a number": ({"kind": "binary", "foreground": True}, "foreground"),
    "one class": ({"kind": "index", "classes": 1}, "classes"),
    "too many classes": ({"kind": "index", "classes": 300}, "classes"),
    "a class without value": ({"kind": "index", "classes": 3, "values": {"0": 0, "9": 1}}, "values"),
    "a class beyond the classes": ({"kind": "index", "classes": 2, "values": {"0": 0, "9": 2}}, "9"),
    "a grey value that is a word": ({"kind": "index", "classes": 2, "values": {"black": 0, "9": 1}}, "black"),
    "values that are a list": ({"kind": "index", "classes": 2, "values": [0, 9]}, "values"),
    "a treatment of alpha that does not exist": ({"kind": "binary", "alpha": "keep"}, "keep"),
    "a table of one colour": ({"kind": "colours", "table": {"0": [0, 0, 0]}}, "table"),
    "a table with a hole": ({"kind": "colours", "table": {"0": [0, 0, 0], "2": [9, 9, 9]}}, "table"),
    "one colour for two classes": ({"kind": "colours", "table": {"0": [9, 9, 9], "1": [9, 9, 9]}}, "table"),
    "a colour of two parts": ({"kind": "colours", "table": {"0": [0, 0], "1": [9, 9, 9]}}, "table"),
    "a colour beyond 255": ({"kind": "colours", "table": {"0": [0, 0, 0], "1": [256, 0, 0]}}, "table"),
    "a negative tolerance": ({"kind": "colours", "table": TWO, "tolerance": -1}, "tolerance"),
    "a palette with too few colours": ({"kind": "palette", "classes": 3, "colours": [[0, 0, 0]]}, "colours"),
    "files per patient": ({"kind": "files", "per": "patient"}, "patient"),
    "instances of three classes": ({"kind": "files", "per": "instance", "classes": 4}, "classes"),
    "an overlap that does not exist": ({"kind": "files", "per": "class", "overlap": "first"}, "first"),
    "a height of 0": ({"kind": "rle", "height": 0, "width": 4}, "height"),
}  # fmt: skip


def declaration_faults() -> list[Fault]:
    """Return the faults of declarations."""
    faults = [Fault(f"encoding: {name}", lambda folder, given=given: parse_encoding(given), names)
              for name, (given, names) in ENCODINGS.items()]
    empty = CaseDataset([], dict)
    return [
        *faults,
        Fault("--encoding that is no JSON", lambda folder: parse_option("{kind: binary}"), "--encoding"),
        Fault("--encoding that is a list", lambda folder: parse_option("[1]"), "--encoding"),
        Fault("a data set without cases", lambda folder: case_loader(empty, 4, False), "data set"),
        Fault("a batch of nothing", lambda folder: case_loader(CaseDataset([{"image": "x"}], dict), 0, False),
              "batch_size"),
        Fault("a case without mask in training", lambda folder: fill([CaseDataset([{"image": "x.png"}], dict)]),
              "x.png"),
        Fault("masks that are all empty", lambda folder: fill([CaseDataset([BLACK, BLACK], dict)]), "mask_encoding"),
        Fault("a cache of negative size", lambda folder: CaseDataset([], dict, cache_mb=-1), "cache_mb"),
        Fault("a cache that is a word", lambda folder: CaseDataset([], dict, cache_mb="lots"), "lots"),
        Fault("a twin that does not exist", lambda folder: make_twin("no_such", folder / "t", cases=1), "no_such"),
        Fault("a twin of no cases", lambda folder: make_twin("siim", folder / "t", cases=0), "cases"),
    ]

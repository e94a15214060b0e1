"""The list of cases of a data set: read from ``datalist.json``, or found by name and split by a hash.

A case is a dictionary in MONAI's form: ``image`` and, where there is a truth, ``label`` (file paths), optionally
``group`` (patient), ``class`` and ``fold``. Splits are ``training``, ``validation`` and ``test``.

Without ``datalist.json`` images and masks are paired by name and each group falls into a split by a hash of its name
alone: 64 % training, 16 % validation, 20 % test. So adding a case never moves another one. A list without validation
has it taken from training by the same hash. Only where there are so few cases that the hash leaves validation empty,
the group nearest to it is taken, which a later group may release again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from monai_seg.data.pairs import find_pairs
from monai_seg.data.splits import SPLITS, VALIDATION_SHARE, deal_cases, group_name, hash_share
from monai_seg.errors import InputError

Case = dict[str, Any]


class DataList:
    """The cases of a data set by split, with absolute file paths.

    Args:
        dataset_dir: folder that holds ``datalist.json``, or images and masks that `find_pairs` can pair.
        hint: what to tell a user whose ``dataset_dir`` does not exist; parts of it in a list, as JSON lines are short.

    Raises:
        InputError: there is no such folder; no pairs; an image without mask or the other way round; a list that is no
            list, leaves the folder, names a file twice or puts a group into two splits.
    """

    def __init__(
        self, dataset_dir: str | Path, hint: str | Sequence[str] = "point --dataset_dir at your data set"
    ) -> None:
        self.dataset_dir = Path(dataset_dir)
        if not self.dataset_dir.is_dir():
            raise InputError(self.dataset_dir.absolute(), "no data set here",
                             hint if isinstance(hint, str) else " ".join(hint))
        path = self.dataset_dir / "datalist.json"
        splits = read_datalist(path) if path.is_file() else split_cases(find_pairs(self.dataset_dir))
        self.splits = _with_validation(splits)

    @property
    def training(self) -> list[Case]:
        return self.cases("training")

    @property
    def validation(self) -> list[Case]:
        return self.cases("validation")

    @property
    def test(self) -> list[Case]:
        return self.cases("test")

    def cases(self, split: str) -> list[Case]:
        """Return the cases of ``split``.

        Raises:
            InputError: no such split, or it is empty.
        """
        if split not in SPLITS:
            raise InputError(f"split {split!r}", "no such split", f"choose one of {', '.join(SPLITS)}")
        if not self.splits[split]:
            raise InputError(self.dataset_dir, f"the split {split!r} has no cases",
                             "add cases, or write a datalist.json that names them")
        return self.splits[split]

    def names(self, split: str) -> list[str]:
        """Return a name for each case of ``split``: its image's path below the data set."""
        root = self.dataset_dir.absolute()
        return [Path(case["image"]).relative_to(root).as_posix() for case in self.cases(split)]


def split_cases(cases: Sequence[Case]) -> dict[str, list[Case]]:
    """Deal ``cases`` into the splits by the hash of their group (of their image's name where they have none)."""
    return deal_cases(cases)


def read_datalist(path: Path) -> dict[str, list[Case]]:
    """Read a list in MONAI's format and check it; paths become absolute.

    Raises:
        InputError: see `DataList`.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError(path, f"not a readable JSON file ({error})", "write it anew, or remove it") from error
    if not isinstance(content, dict) or not any(isinstance(content.get(split), list) for split in SPLITS):
        raise InputError(path, "no list of cases in it", f"give it at least one of the keys {', '.join(SPLITS)}")
    for split in SPLITS:
        if not isinstance(content.get(split) or [], list):
            raise InputError(path, f"{split} is a {type(content[split]).__name__}", "write a list of cases")
    splits = {split: [_absolute(case, path, f"{split}[{i}]") for i, case in enumerate(content.get(split) or [])]
              for split in SPLITS}
    _refuse_repeats(splits, path)
    _refuse_leaks(splits, path)
    return splits


def _absolute(case: Any, path: Path, where: str) -> Case:
    if not isinstance(case, dict) or "image" not in case:
        raise InputError(path, f"{where} is not a case", 'write {"image": "...", "label": "..."}')
    if isinstance(case["image"], list):
        raise InputError(path, f"{where} names {len(case['image'])} images", "write one case for each")
    return {**case, **{key: _inside(case[key], path, where) for key in ("image", "label") if key in case}}


def _inside(name: Any, path: Path, where: str) -> Any:
    if isinstance(name, list):
        return [_inside(part, path, where) for part in name]
    if not isinstance(name, str):
        raise InputError(path, f"{where} names a file by {type(name).__name__}", "write the path as a string")
    root = path.parent.absolute()
    target = root / name
    if not target.resolve().is_relative_to(root.resolve()):
        raise InputError(path, f"{where} leaves the data set: {name}", "use paths inside the folder of the list")
    file = Path(str(target).split("::")[0])  # "runs.csv::image id" names a row of a file
    if not file.exists():
        raise InputError(file, f"no such file, though {where} of {path.name} names it",
                         "restore the file or take the case off the list")
    return str(target)


def _refuse_repeats(splits: dict[str, list[Case]], path: Path) -> None:
    seen: dict[str, str] = {}
    for split, cases in splits.items():
        for case in cases:
            file = str(Path(case["image"]).resolve())  # one file has many names: a.png, sub/../a.png, a link to it
            if file in seen:
                raise InputError(path, f"{case['image']} is listed twice ({seen[file]} and {split})",
                                 "list each image once")
            seen[file] = split


def _refuse_leaks(splits: dict[str, list[Case]], path: Path) -> None:
    seen: dict[str, str] = {}
    for split, cases in splits.items():
        for group in {str(case["group"]) for case in cases if case.get("group") is not None}:
            if seen.setdefault(group, split) != split:
                raise InputError(path, f"group {group!r} is in {seen[group]} and in {split}",
                                 "keep all images of a group in one split")


def _with_validation(splits: dict[str, list[Case]]) -> dict[str, list[Case]]:
    if splits["validation"] or len(splits["training"]) < 2:
        return splits
    shares = {group: hash_share("validation", group) for group in map(group_name, splits["training"])}
    held_out = {group for group, share in shares.items() if share < VALIDATION_SHARE}
    if not held_out or len(held_out) == len(shares):
        held_out = {min(shares, key=lambda group: shares[group])}
    return {**splits, "training": [case for case in splits["training"] if group_name(case) not in held_out],
            "validation": [case for case in splits["training"] if group_name(case) in held_out]}

"""Runs compared case by case, as figures and as a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from monai_seg.durable import write_text_durably
from monai_seg.errors import InputError
from monai_seg.report.case_pictures import CasePictures, draw_case
from monai_seg.report.common_cases import CommonCases, common_cases
from monai_seg.report.compare_page import changes, render_comparison
from monai_seg.report.paired import Comparison, compare_scores
from monai_seg.report.predict import Predictor, differs, predict_cases
from monai_seg.report.run_files import RunFiles, read_run
from monai_seg.report.scored_case import number as number_in


@dataclass(frozen=True)
class ComparedRuns:
    """What came of it.

    Args:
        runs: the first is what the others are compared with.
        common: their cases.
        found: a comparison for each run but the first.
    """

    runs: list[RunFiles]
    common: CommonCases
    found: list[Comparison]


def compare_runs(folders: Sequence[str | Path], *, split: str | None = None, score: str = "dice") -> ComparedRuns:
    """Return the comparison of the runs in ``folders``.

    Args:
        folders: two or more; the first is what the others are compared with.
        split, score: see `common_cases`.

    Raises:
        InputError: fewer than two runs, the same run twice, or they cannot be compared.
    """
    if len(folders) < 2:
        raise InputError("compare", f"needs two runs or more, got {len(folders)}", "name the folders of two runs")
    places = [Path(folder).resolve() for folder in folders]
    if len(set(places)) < len(places):
        raise InputError("compare", "was given the same run twice", "name the folders of different runs")
    runs = [read_run(folder) for folder in folders]
    common = common_cases(runs, split, score)
    found = [compare_scores(common.values[0], values, score, common.groups) for values in common.values[1:]]
    return ComparedRuns(runs, common, found)


def write_comparison(
    compared: ComparedRuns, path: str | Path, *, dataset_dir: str | Path | None = None, cases: int = 6,
    pictures: bool = True,
) -> list[str]:  # fmt: skip
    """Write the page ``path``; return a line for each thing that it cannot show.

    Args:
        compared: from `compare_runs`.
        path: the page.
        dataset_dir: where the data set lies now.
        cases: those that got worse, and those that got better, at most.
        pictures: whether to run the networks of the runs for pictures.

    Raises:
        InputError: ``path`` cannot be written.
    """
    notes: list[str] = []
    drawn = _draw(compared, dataset_dir, cases, notes) if pictures else {}
    page = render_comparison([run.folder for run in compared.runs], compared.common, compared.found, drawn, notes,
                             count=cases, config=compared.runs[0].config or {})
    write_text_durably(path, page)
    return [*compared.common.notes, *notes]


def _draw(compared: ComparedRuns, dataset_dir: str | Path | None, cases: int,
          notes: list[str]) -> dict[tuple[int, str], CasePictures]:  # fmt: skip
    common, drawn = compared.common, {}
    for number, run in enumerate(compared.runs):
        others = range(1, len(compared.runs)) if number == 0 else [number]
        wanted = sorted({change.place for other in others for kind in changes(common, other, cases) for change in kind})
        if not wanted:
            continue
        try:
            predictor = Predictor(run, dataset_dir)
        except InputError as error:
            notes.append(f"no pictures of {run.folder}: {error}")
            continue
        key_of = {common.rows[number][place]["image"]: common.keys[place] for place in wanted}
        row_of = {common.rows[number][place]["image"]: common.rows[number][place] for place in wanted}
        trained_on = (run.config or {}).get("dataset_dir")
        for image, masks in predict_cases(predictor, common.split, list(key_of), trained_on, notes):
            row = row_of[image]
            fault = differs(masks, number_in(row.get("label_area_px")), number_in(row.get("pred_area_px")))
            drawn[number, key_of[image]] = draw_case(masks)._replace(warning=fault)
    return drawn

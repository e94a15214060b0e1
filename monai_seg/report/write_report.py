"""A run folder as ``report.html``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from monai_seg.durable import write_text_durably
from monai_seg.errors import InputError
from monai_seg.report.case_pictures import CasePictures, draw_case, draw_image
from monai_seg.report.predict import Predictor, differs, predict_cases
from monai_seg.report.report_page import render_report
from monai_seg.report.run_files import RunFiles, read_run
from monai_seg.report.sample_cases import Sample, sample_cases
from monai_seg.report.scored_case import ScoredCase, scored_cases

REPORT_NAME = "report.html"
Advance = Callable[[int, int], object]


def write_report(
    run_dir: str | Path,
    path: str | Path | None = None,
    *,
    dataset_dir: str | Path | None = None,
    cases: int = 8,
    pictures: bool = True,
    advance: Advance | None = None,
) -> tuple[Path, list[str]]:
    """Write the page of the run in ``run_dir``; return its path, and a line for each thing that it cannot show.

    Args:
        run_dir: the run folder.
        path: the page; by default ``report.html`` in the run folder.
        dataset_dir: where the data set lies now; by default where it lay in training.
        cases: pictures under each heading at most.
        pictures: whether to draw cases at all. It runs the network that the run's config defines: a config is a
            program, so leave it out for a run of unknown origin.
        advance: is told how many of how many pictures are done.

    Raises:
        InputError: no run in ``run_dir``, or ``path`` cannot be written.
    """
    if cases < 1:
        raise InputError("--cases", f"must be 1 or more, got {cases}", "give --no-pictures for none")
    run = read_run(run_dir)
    by_split = {split: scored_cases(run.of_split("cases", split)) for split in run.splits()}
    by_split = {split: found for split, found in by_split.items() if found}
    samples = {split: sample_cases(found, cases) for split, found in by_split.items()}
    notes: list[str] = []
    drawn = draw_samples(run, samples, dataset_dir, notes, advance) if pictures else {}
    target = Path(path) if path is not None else run.folder / REPORT_NAME
    write_text_durably(target, render_report(run, by_split, samples, drawn, notes))
    return target, [*run.missing, *notes]


def draw_samples(
    run: RunFiles,
    samples: Mapping[str, Sequence[Sample]],
    dataset_dir: str | Path | None,
    notes: list[str],
    advance: Advance | None = None,
) -> dict[tuple[str, str], CasePictures]:
    """Return the pictures of the cases in ``samples`` by split and image; ``notes`` gets what cannot be drawn.

    Where the run has no network for masks, the images alone are drawn.
    """
    chosen = {split: {case.image: case for sample in of_split for case in sample.cases}
              for split, of_split in samples.items()}
    total = sum(map(len, chosen.values()))
    if not total:
        return {}
    drawn: dict[tuple[str, str], CasePictures] = {}
    segments = any(case.score >= 0 and case.label_area_px >= 0 for of in chosen.values() for case in of.values())
    try:
        predictor = Predictor(run, dataset_dir) if segments else None
    except InputError as error:
        notes.append(f"pictures show the images alone: {error}")
        predictor = None
    for split, of_split in chosen.items():
        if predictor is None:
            drawn.update(_images(split, of_split, notes))
            continue
        trained_on = (run.config or {}).get("dataset_dir")
        for image, masks in predict_cases(predictor, split, list(of_split), trained_on, notes):
            case = of_split[image]
            fault = differs(masks, case.label_area_px, case.pred_area_px)
            drawn[split, image] = draw_case(masks)._replace(warning=fault)
            if advance is not None:
                advance(len(drawn), total)
    faults = Counter(pictures.warning for pictures in drawn.values() if pictures.warning)
    notes += [f"{count} of {len(drawn)} pictures do not show what was scored, they say so: {fault}"
              for fault, count in faults.items()]
    return drawn


def _images(split: str, cases: Mapping[str, ScoredCase], notes: list[str]) -> dict[tuple[str, str], CasePictures]:
    drawn = {}
    for image in cases:
        try:
            drawn[split, image] = draw_image(image)
        except InputError as error:
            notes.append(f"no picture of {image}: {error.cause}")
    return drawn

"""The page of one run: failures first, then scores, cases, curves, and what the run was made from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from monai_seg.figures.page import Section, render_frame
from monai_seg.report.case_charts import calibration_chart, case_charts, class_calibration_chart
from monai_seg.report.case_pictures import CasePictures
from monai_seg.report.case_tiles import Tiles, tool_bar
from monai_seg.report.chart import figures
from monai_seg.report.page_parts import SCRIPT, STYLE
from monai_seg.report.run_charts import search_charts, training_charts
from monai_seg.report.run_files import RunFiles
from monai_seg.report.sample_cases import Sample
from monai_seg.report.score_tables import confusion_tables, score_tables
from monai_seg.report.scored_case import KINDS, ScoredCase, kind_of, number

MOST_NAMED = 200  # failures of a kind; cases.csv has all
VERDICT = ("dice", "dice_positive", "false_alarm_rate", "miss_rate", "class_f1")
CLASS_VERDICT = ("f1", "accuracy", "auc")
Drawn = Mapping[tuple[str, str], CasePictures]  # by split and image


def render_report(
    run: RunFiles,
    cases: Mapping[str, Sequence[ScoredCase]],
    samples: Mapping[str, Sequence[Sample]],
    drawn: Drawn,
    notes: Sequence[str],
) -> str:
    """Return the page.

    Args:
        run: what the run has left.
        cases: of each split that was evaluated.
        samples: of each split, those to be shown.
        drawn: their pictures; a case without is shown by its scores alone.
        notes: what else could not be shown.
    """
    config = run.config or {}
    sections = [
        Section("failures", "Failures", "".join(_failures(split, of_split) for split, of_split in cases.items())),
        Section("scores", "Scores", "".join(
            _titled(f"Split {split}", score_tables(rows, split)) for split in run.splits()
            if (rows := run.of_split("summary", split)))),
        Section("cases", "Cases", _cases(samples, drawn, config)),
        Section("evaluation", "Evaluation", "".join(
            _titled(f"Split {split}", figures(_evaluation(run, split, cases))) for split in run.splits())),
        Section("training", "Training", figures(training_charts(run.epochs, run.losses) if run.epochs else [])),
        Section("operating-point", "Operating point", _operating_point(run)),
        Section("environment", "Data and environment", _environment(run)),
        Section("config", "Config", _config(config)),
        Section("missing", "Not shown", _lines([*run.missing, *notes])),
    ]
    name = run.folder.absolute().name
    number_of_cases = sum(map(len, cases.values()))
    told = " ".join(_sentence(config.get("_desc_")))
    subtitle = f"{told} {number_of_cases:,} scored cases." if told else f"{number_of_cases:,} scored cases."
    return render_frame(f"Run {name}", f"Run {name}", subtitle, _verdict(run, cases), sections, style=STYLE,
                        script=SCRIPT)


def facts_table(facts: Mapping[str, Any]) -> str:
    """Return names and values as a table; what is nested gets names such as ``hardware, cores``."""
    rows = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{escape(_value(value))}</td></tr>'
                   for name, value in _flat(facts))
    return f'<table class="facts">{rows}</table>' if rows else ""


def _flat(facts: Mapping[str, Any], above: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in facts.items():
        if isinstance(value, Mapping):
            found += _flat(value, f"{above}{name}, ")
        elif value is not None:
            found.append((above + name, value))
    return found


def _value(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _sentence(described: Any) -> list[str]:
    lines = [described] if isinstance(described, str) else list(described or [])
    return [str(line) for line in lines if not str(line).startswith("python ")]


def _verdict(run: RunFiles, cases: Mapping[str, Sequence[ScoredCase]]) -> list[tuple[str, str]]:
    lines = [("error", f"{sum(bool(case.failures) for case in of_split):,} of {len(of_split):,} {split} cases failed")
             for split, of_split in cases.items() if any(case.failures for case in of_split)]
    for split in run.splits()[:1]:
        rows = {row.get("score"): row for row in run.of_split("summary", split)}
        for name in VERDICT if f"{split}_dice" in rows else CLASS_VERDICT:
            row = rows.get(f"{split}_{name}")
            if row is None or not row.get("value"):
                continue
            low, high = number(row.get("low")), number(row.get("high"))
            within = f" ({low:.3f} – {high:.3f})" if low == low and high == high else ""
            lines.append(("", f"{split} {name} {number(row['value']):.3f}{within}"))
    status = (run.card or {}).get("status")
    if status and status != "completed":
        lines.append(("warning", f"training: {status}"))
    return lines or [("warning", "not evaluated yet")]


def _failures(split: str, cases: Sequence[ScoredCase]) -> str:
    if not cases:
        return ""
    failed = {kind: sorted((case for case in cases if any(kind_of(failure) == kind for failure in case.failures)),
                           key=lambda case: (-case.severity, case.image)) for kind in KINDS}
    kinds = "".join(_kind(kind, found, len(cases)) for kind, found in failed.items() if found)
    return _titled(f"Split {split}", kinds or f'<p class="ok">None of {len(cases):,} cases.</p>')


def _kind(kind: str, found: Sequence[ScoredCase], total: int) -> str:
    lines = "".join(f"<li><code>{escape(case.image)}</code><br>{escape(', '.join(case.failures))}: "
                    f"{escape(case.text)}</li>" for case in found[:MOST_NAMED])
    more = f"<li>… and {len(found) - MOST_NAMED:,} more in cases.csv</li>" if len(found) > MOST_NAMED else ""
    return (f'<details><summary><span class="error">{escape(kind)}</span> · {len(found):,} of {total:,} '
            f'<span class="soft">{escape(KINDS[kind])}</span></summary><ul>{lines}{more}</ul></details>')


def _cases(samples: Mapping[str, Sequence[Sample]], drawn: Drawn, config: Mapping[str, Any]) -> str:
    if not any(samples.values()):
        return ""
    tiles = Tiles()
    groups = []
    for split, of_split in samples.items():
        for sample in of_split:
            figures_ = "".join(tiles.tile(case.image, case.text, drawn.get((split, case.image)),
                                          ", ".join(case.failures)) for case in sample.cases)
            shown = f"{len(sample.cases)} of {sample.total:,}" if len(sample.cases) < sample.total else "all"
            groups.append(f'<h3>{escape(f"{sample.title}, {split}")} <span class="soft">({shown}): '
                          f'{escape(sample.text)}</span></h3><div class="cases">{figures_}</div>')
    has_layers = any(pictures.errors is not None for pictures in drawn.values())
    bar = tool_bar(Tiles(), names_of_classes(config), number_of_classes(config)) if has_layers else ""
    return bar + "".join(groups)


def names_of_classes(config: Mapping[str, Any]) -> list[str]:
    """Return ``class_names`` of a config, nothing where it has none that are written out."""
    names = config.get("class_names")
    return [str(name) for name in names] if isinstance(names, list) else []


def number_of_classes(config: Mapping[str, Any]) -> int:
    """Return the number of classes of the masks, the background included."""
    channels = config.get("out_channels")
    return max(2, channels) if isinstance(channels, int) else max(2, len(names_of_classes(config)))


def _evaluation(run: RunFiles, split: str, cases: Mapping[str, Sequence[ScoredCase]]) -> list[str]:
    return [part for part in (
        *case_charts(cases.get(split, [])),
        calibration_chart(run.of_split("calibration", split)),
        class_calibration_chart(run.of_split("class_calibration", split)),
        confusion_tables(run.of_split("confusion", split)),
    ) if part]


def _operating_point(run: RunFiles) -> str:
    point = {name: value for name, value in (run.point or {}).items() if name != "searched"}
    charts = search_charts(run.search, run.point) if run.search is not None else []
    return facts_table(point) + figures(charts)


def _environment(run: RunFiles) -> str:
    config = run.config or {}
    data = {name: config[name] for name in ("dataset_dir", "image_size", "image_mode", "mask_encoding", "class_names")
            if name in config}
    told: dict[str, Any] = {name: value if isinstance(value, str) else json.dumps(value)
                            for name, value in data.items()}
    return facts_table(told) + facts_table(run.card or {})


def _config(config: Mapping[str, Any]) -> str:
    if not config:
        return ""
    settings = {name: value for name, value in config.items()
                if isinstance(value, str | int | float) and not name.startswith("_") and "$" not in str(value)}
    return (facts_table(settings) + "<details><summary>All of config.json</summary><pre><code>"
            f"{escape(json.dumps(config, indent=2))}</code></pre></details>")


def _titled(title: str, body: str) -> str:
    return f"<h3>{escape(title)}</h3>{body}" if body else ""


def _lines(lines: Sequence[str]) -> str:
    told = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<ul class="missing">{told}</ul>' if told else ""

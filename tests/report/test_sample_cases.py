from __future__ import annotations

from monai_seg.report.sample_cases import sample_cases
from monai_seg.report.scored_case import ScoredCase, scored_cases


def make(*scores: float, area: int = 10) -> list[ScoredCase]:
    return scored_cases([{"image": f"{number}.png", "dice": str(score), "label_area_px": str(area),
                          "pred_area_px": str(area)} for number, score in enumerate(scores)])


def test_failures_come_first_then_worst_median_best():
    cases = make(0.1, 0.6, 0.7, 0.8, 0.9)
    samples = sample_cases(cases, 1)
    assert [(sample.title, [case.image for case in sample.cases]) for sample in samples] == [
        ("Poor overlap", ["0.png"]), ("Worst", ["1.png"]), ("Median", ["2.png"]), ("Best", ["4.png"])]
    assert [sample.total for sample in samples] == [1, 5, 5, 5]


def test_no_case_is_shown_twice_and_none_too_often():
    samples = sample_cases(make(*[number / 100 for number in range(100)]), 8)
    shown = [case.image for sample in samples for case in sample.cases]
    assert len(shown) == len(set(shown)) == 8 * 4
    assert samples[0].total == 50


def test_finding_nothing_rightly_is_no_best_case():
    healthy = [case for case in make(1, 1, 1, area=0)]
    lesions = scored_cases([{"image": "x.png", "dice": "0.7", "label_area_px": "5", "pred_area_px": "5"}])
    assert [case.image for sample in sample_cases(healthy + lesions, 3) for case in sample.cases] == ["x.png"]
    assert len(sample_cases(healthy, 3)[0].cases) == 3, "where there is no lesion at all they are shown"
    assert sample_cases([], 3) == []

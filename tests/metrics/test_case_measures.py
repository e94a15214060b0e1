from __future__ import annotations

import numpy as np
import pytest
import torch

from monai_seg.metrics.case_measures import foreground_probability, measure_case, stack_cases

PRED, LABEL = torch.tensor([[[0, 1], [2, 2]]]), torch.tensor([[[0, 1], [1, 2]]])


def test_no_mask_and_no_image_is_kept() -> None:
    big = torch.zeros(1, 600, 500, dtype=torch.uint8)
    case = measure_case("a.png", big, big, 2, prob=big.float())
    sizes = [value.nbytes for value in vars(case).values() if isinstance(value, np.ndarray)]
    assert sum(sizes) < 1000


def test_what_is_kept() -> None:
    case = measure_case("a.png", PRED, LABEL, 3, group="p", class_truth=1, class_probability=torch.tensor([0.2, 0.8]))
    assert case.confusion.tolist() == [[1, 0, 0], [0, 1, 1], [0, 0, 1]]
    assert case.surface.shape == (2, 3)
    assert (case.group, case.class_truth, case.calibration) == ("p", 1, None)
    assert case.class_probability is not None and case.class_probability.tolist() == pytest.approx([0.2, 0.8])


def test_foreground_is_what_is_not_background() -> None:
    softmax = torch.tensor([0.5, 0.2, 0.3])[:, None, None].expand(3, 4, 5)
    assert foreground_probability(softmax) == pytest.approx(np.full((4, 5), 0.5))
    sigmoid = torch.full((1, 4, 5), 0.25, dtype=torch.bfloat16)
    assert foreground_probability(sigmoid) == pytest.approx(np.full((4, 5), 0.25))
    with pytest.raises(ValueError, match=r"prob must be \(1, H, W\) or \(C, H, W\), got \(4, 5\)"):
        foreground_probability(softmax[0])


def test_what_some_cases_lack_is_marked_and_what_all_lack_is_none() -> None:
    prob = torch.zeros(1, 2, 2)
    first = measure_case("a.png", PRED, LABEL, 3, prob=prob, class_truth=1, class_probability=[0.2, 0.8])
    cases = stack_cases([first, measure_case("b.png", PRED, LABEL, 3)])
    assert cases.class_truth is not None and cases.class_truth.tolist() == [1, -1]
    assert cases.class_probability is not None and np.isnan(cases.class_probability[1]).all()
    assert cases.calibration is not None and cases.calibration.sum(axis=2)[:, 0].tolist() == [4, 0]
    assert stack_cases([measure_case("b.png", PRED, LABEL, 3)]).class_truth is None

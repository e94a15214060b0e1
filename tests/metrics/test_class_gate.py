from __future__ import annotations

import numpy as np
import pytest
import torch
from monai.metrics import DiceMetric

from monai_seg.metrics.class_gate import Gate, GateGrid, measure_gates, search_gates

GRID = GateGrid([0.3, 0.6, 0.9], [0.0, 0.05, 0.2])


def random_case(seed: int, classes: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    label = rng.integers(0, classes - seed % 2, (8, 10))  # every other case lacks the last class
    logits = rng.normal(size=(classes, 8, 10)) + 2 * (np.arange(classes)[:, None, None] == label)
    prob = np.exp(logits) / np.exp(logits).sum(axis=0)
    return prob.astype(np.float32), label


def drawn(prob: np.ndarray, gate: Gate) -> torch.Tensor:
    """The mask by the configs' own transforms."""
    import json
    from pathlib import Path

    from monai.bundle import ConfigParser

    fragment = json.loads((Path(__file__).parents[2] / "transforms" / "post.json").read_text())
    fragment["decide_classes"]["transforms"].pop(0)  # the softmax: these are probabilities
    parser = ConfigParser({**fragment, **gate._asdict(), "image_size": list(prob.shape[1:])})
    data = {"pred": torch.from_numpy(prob)}
    for id in ("decide_classes", "draw_classes"):
        data = parser.get_parsed_content(id)(data)
    return torch.as_tensor(data["pred"])[None]


@pytest.mark.parametrize("classes", [2, 3, 4])
def test_every_pair_scores_what_the_configs_draw(classes):
    cases = [random_case(seed, classes) for seed in range(6)]
    found = search_gates([measure_gates(*case, GRID) for case in cases], GRID, Gate(0.3, 0.0))
    for d, decide in enumerate(GRID.decide_threshold):
        for a, share in enumerate(GRID.min_area_share):
            metric = DiceMetric(include_background=False, num_classes=classes, ignore_empty=False)
            for prob, label in cases:
                metric(drawn(prob, Gate(decide, share)), torch.from_numpy(label)[None, None].float())
            assert found.scores[d, a] == pytest.approx(float(metric.aggregate()), abs=1e-6)
    assert found.score == np.nanmax(found.scores)


def test_a_class_that_is_nowhere_sure_is_gated_away():
    prob = np.full((3, 4, 4), 0.05, np.float32)
    prob[0] = 0.9
    prob[:, 0, 0] = [0.2, 0.2, 0.6]  # one pixel of a false alarm
    label = np.zeros((4, 4), int)
    found = search_gates([measure_gates(prob, label, GRID)], GRID, Gate(0.3, 0.0))
    assert found.score == 1
    assert found.scores[0, 0] == pytest.approx(0.5)  # class 1 rightly empty, class 2 drawn
    assert found.best != Gate(0.3, 0.0)


def test_of_equal_pairs_the_default_is_kept():
    prob = np.zeros((2, 4, 4), np.float32)
    prob[1, :2], prob[0, 2:] = 1, 1
    label = (prob[1] > 0).astype(int)
    for default in (Gate(0.6, 0.05), Gate(0.9, 0.2)):
        assert search_gates([measure_gates(prob, label, GRID)], GRID, default).best == default


def test_too_many_classes_are_refused():
    with pytest.raises(ValueError, match="up to 6 classes, got 7"):
        measure_gates(np.ones((7, 2, 2), np.float32), np.zeros((2, 2), int), GRID)
    with pytest.raises(ValueError, match="no case"):
        search_gates([], GRID, Gate(0.5, 0))

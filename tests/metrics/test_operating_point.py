from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from monai.bundle import ConfigParser

from monai_seg.metrics.operating_point import CaseSizes, Grid, Triple, measure_sizes, search, with_default

POST = Path(__file__).parents[2] / "transforms" / "post.json"
GRID = Grid([0.3, 0.5, 0.7], [0.0, 0.02, 0.05, 0.3], [0.2, 0.4, 0.5, 0.8])
DEFAULT = Triple(0.5, 0.0, 0.5)


def random_cases(count: int, size: tuple[int, int] = (12, 10)) -> list[tuple[np.ndarray, np.ndarray]]:
    """Probabilities, some of them on the very thresholds, and truths, every third of them empty."""
    random = np.random.default_rng(4)
    cases = []
    for i in range(count):
        prob = (random.random(size) ** random.choice([1, 3, 9])).astype(np.float32).round(2)
        cases.append((prob, (prob + 0.3 * random.standard_normal(size) > 0.6) & (i % 3 > 0)))
    return cases


def sizes(cases: list[tuple[np.ndarray, np.ndarray]], grid: Grid = GRID) -> list[CaseSizes]:
    return [measure_sizes(prob, label, grid) for prob, label in cases]


def dice(mask: np.ndarray, label: np.ndarray) -> float:
    both = mask.sum() + label.sum()
    return 2 * (mask & label).sum() / both if both else 1.0


def by_the_config(triple: Triple, batch: torch.Tensor) -> np.ndarray:
    """The masks that the fragments of transforms/post.json make of logits (B, 1, H, W)."""
    post = json.loads(POST.read_text())
    settings = {**triple._asdict(), "image_size": list(batch.shape[-2:])}
    parser = ConfigParser({**settings, "decide": post["decide"], "draw": post["draw"]})
    decided = parser.get_parsed_content("decide")({"pred": batch})
    return parser.get_parsed_content("draw")(decided)["pred"][:, 0].numpy() > 0


def test_each_score_is_that_of_the_masks_which_the_config_draws() -> None:
    cases = [(torch.logit(torch.from_numpy(prob), eps=1e-4)[None], label) for prob, label in random_cases(9)]
    found = search(sizes([(torch.sigmoid(logits)[0].numpy(), label) for logits, label in cases]), GRID, DEFAULT)
    for (d, decide), (a, share), (t, threshold) in product(*(list(enumerate(v)) for v in vars(GRID).values())):
        masks = by_the_config(Triple(decide, share, threshold), torch.stack([logits for logits, _ in cases]))
        scores = [dice(mask, label) for mask, (_, label) in zip(masks, cases, strict=True)]
        assert found.scores["dice"][d, a, t] == pytest.approx(np.mean(scores))
        positive = [score for score, (_, label) in zip(scores, cases, strict=True) if label.any()]
        assert found.scores["dice_positive"][d, a, t] == pytest.approx(np.mean(positive))


@pytest.mark.parametrize("score", ["dice", "dice_positive"])
def test_the_best_is_the_best_of_all(score: str) -> None:
    cases = random_cases(30)
    found = search(sizes(cases), GRID, DEFAULT, score)
    tried = {}
    for triple in product(*vars(GRID).values()):
        decide, share, threshold = (np.float32(value) for value in triple)
        tried[triple] = np.mean([
            dice((prob >= threshold) & (np.mean(prob >= decide) >= share), label)
            for prob, label in cases if score == "dice" or label.any()])
    assert found.score == pytest.approx(max(tried.values()))
    assert tried[tuple(found.best)] == pytest.approx(max(tried.values()))


def test_the_gate_is_decided_at_the_working_size() -> None:
    own, working = np.full((20, 20), 0.6, np.float32), np.zeros((4, 4), np.float32)
    working[0, 0] = 0.9  # 1 of 16 pixels
    case = measure_sizes(own, np.zeros((20, 20), bool), Grid([0.8], [1 / 16, 1 / 8], [0.5]), working)
    found = search([case], Grid([0.8], [1 / 16, 1 / 8], [0.5]), DEFAULT)
    assert found.scores["dice"].ravel().tolist() == [0, 1]  # opened, a false alarm; left empty


def test_a_probability_on_a_threshold_counts_as_torch_counts_it() -> None:
    prob = np.array([[0.1, 0.3, 0.7]], np.float32)
    case = measure_sizes(prob, np.array([[False, True, True]]), Grid([0.3], [0.0], [0.1, 0.3, 0.7]))
    assert (case.drawn.tolist(), case.hit.tolist(), case.sure.tolist()) == ([3, 2, 1], [2, 2, 1], [2])
    assert [(torch.tensor(prob) >= value).sum().item() for value in (0.1, 0.3, 0.7)] == [3, 2, 1]


def test_of_equals_the_default_is_kept() -> None:
    certain = np.array([[0.0, 1.0]], np.float32)  # whatever the triple, the mask is right
    found = search(sizes([(certain, certain > 0)]), GRID, DEFAULT)
    assert (found.best, found.score) == (DEFAULT, 1)


def test_of_equals_without_the_default_the_middle_is_taken() -> None:
    grid = Grid([0.9], [0.0], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    prob = np.array([[0.15, 0.55]], np.float32)  # right from 0.2 to 0.5
    found = search(sizes([(prob, np.array([[False, True]]))], grid), grid, Triple(0.9, 0.0, 0.1))
    assert found.scores["dice"].ravel() == pytest.approx([2 / 3, 1, 1, 1, 1, 0])
    assert found.best == Triple(0.9, 0.0, 0.3)  # 0.3 and 0.4 are equally near to the middle: the first


def test_where_nothing_can_be_told_the_default_stays() -> None:
    empty = (np.full((3, 3), 0.2, np.float32), np.zeros((3, 3), bool))
    found = search(sizes([empty]), GRID, Triple(0.9, 0.5, 0.9), "dice_positive")
    assert found.best == Triple(0.9, 0.5, 0.9) and np.isnan(found.score)
    assert search(sizes([empty]), GRID, DEFAULT).score == 1  # all empty: any that draws nothing


def test_the_default_is_among_what_is_tried() -> None:
    grid = with_default(GRID, Triple(0.33, 0.02, 0.44))
    assert (grid.decide_threshold, grid.min_area_share) == ([0.3, 0.33, 0.5, 0.7], [0.0, 0.02, 0.05, 0.3])
    assert grid.threshold == [0.2, 0.4, 0.44, 0.5, 0.8]


def test_no_pixel_is_kept() -> None:
    case = measure_sizes(np.zeros((900, 800), np.float32), np.zeros((900, 800), bool), Grid())
    assert sum(np.asarray(part).nbytes for part in case) < 1000


@pytest.mark.parametrize(("call", "told"), [
    (lambda: Grid([0.5, 0.3], [0], [0.5]), r"decide_threshold must be ascending numbers from 0 to 1, got \[0.5, 0.3\]"),
    (lambda: Grid([0.5], [2], [0.5]), "min_area_share must be ascending numbers from 0 to 1"),
    (lambda: Grid([0.5], [0], []), "threshold must be ascending numbers from 0 to 1"),
    (lambda: search([], GRID, DEFAULT), "cases at least one"),
    (lambda: search(sizes(random_cases(1)), GRID, DEFAULT, "iou"), r"score must be one of \['dice', 'dice_positive'\]"),
    (lambda: measure_sizes(np.zeros((2, 2)), np.zeros((2, 3), bool), GRID), r"prob \(2, 2\) and label \(2, 3\) differ"),
    (lambda: measure_sizes(np.full((2, 2), -3.0), np.zeros((2, 2), bool), GRID), r"prob must lie in \[0, 1\]"),
])  # fmt: skip
def test_what_cannot_be_searched_is_refused(call, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        call()

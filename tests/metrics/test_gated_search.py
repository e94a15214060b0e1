from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from monai_seg.metrics.gated_search import gate_candidates, search_gated
from monai_seg.metrics.operating_point import CaseSizes, Grid, Triple, measure_sizes, search

GRID = Grid([0.3, 0.5, 0.7], [0.0, 0.02, 0.05, 0.3], [0.2, 0.4, 0.5, 0.8])
DEFAULT = Triple(0.5, 0.0, 0.5)
LESION = np.array([[0.9, 0.9, 0.1, 0.1]], np.float32)  # drawn rightly by the default
FALSE = np.array([[0.95, 0.95, 0.1, 0.1]], np.float32)  # as sure, where there is nothing


def case(prob: np.ndarray, label: np.ndarray, gate_prob: float) -> CaseSizes:
    return measure_sizes(prob, label, GRID)._replace(gate_prob=gate_prob)


def lesion(gate_prob: float) -> CaseSizes:
    return case(LESION, LESION > 0.5, gate_prob)


def false_alarm(gate_prob: float) -> CaseSizes:
    return case(FALSE, np.zeros((1, 4), bool), gate_prob)


def test_the_gate_removes_false_alarms_that_no_triple_removes():
    """Two lesions at 0.6 and 0.9, two false alarms at 0.1 and 0.4: without a gate no triple has more than 2 of 4."""
    cases = [lesion(0.6), lesion(0.9), false_alarm(0.1), false_alarm(0.4)]
    gates = gate_candidates(np.array([0.6, 0.9, 0.1, 0.4]), np.array([True, True, False, False]))
    assert gates == pytest.approx([0, 0.25, 0.5, 0.75])
    gated = search_gated(cases, GRID, DEFAULT, "dice", gates)
    assert [found.score for found in gated.found] == pytest.approx([2 / 4, 3 / 4, 4 / 4, 3 / 4])
    assert gated.gates[gated.best] == 0.5 and gated.found[gated.best].best == DEFAULT


def test_each_score_is_that_of_the_rule_written_down():
    random = np.random.default_rng(1)
    drawn = [(random.random((6, 5)).astype(np.float32), random.random()) for _ in range(12)]
    truths = [(prob > 0.6) & (number % 3 > 0) for number, (prob, _) in enumerate(drawn)]
    cases = [case(prob, label, said) for (prob, said), label in zip(drawn, truths, strict=True)]
    gates = [0.0, 0.3, 0.7]
    gated = search_gated(cases, GRID, DEFAULT, "dice", gates)
    for gate, found in zip(gates, gated.found, strict=True):
        for (d, decide), (a, share), (t, threshold) in product(*(list(enumerate(v)) for v in vars(GRID).values())):
            scores = []
            for (prob, said), label in zip(drawn, truths, strict=True):
                shown = said >= gate and (prob >= np.float32(decide)).sum() >= np.float32(share * prob.size)
                mask = (prob >= np.float32(threshold)) & shown
                both = mask.sum() + label.sum()
                scores.append(2 * (mask & label).sum() / both if both else 1)
            assert found.scores["dice"][d, a, t] == pytest.approx(np.mean(scores))


def test_of_equal_scores_the_weakest_gate_is_taken():
    cases = [lesion(0.9), false_alarm(0.1)]
    assert search_gated(cases, GRID, DEFAULT, "dice", [0.0, 0.2, 0.5, 0.8]).best == 1
    healthy = [lesion(0.9), case(np.zeros((1, 4), np.float32), np.zeros((1, 4), bool), 0.1)]
    assert search_gated(healthy, GRID, DEFAULT, "dice", [0.0, 0.2, 0.5, 0.8]).best == 0
    nothing = [case(FALSE, np.zeros((1, 4), bool), 0.1)]
    assert search_gated(nothing, GRID, DEFAULT, "dice_positive", [0.0, 0.5]).best == 0, "scores are not known"


def test_without_a_gate_it_is_the_plain_search():
    cases = [lesion(0.1), false_alarm(0.9), lesion(0.0)]
    plain, gated = search(cases, GRID, DEFAULT), search_gated(cases, GRID, DEFAULT, "dice", [0.0]).found[0]
    assert (plain.best, plain.score) == (gated.best, gated.score)
    assert all(np.array_equal(plain.scores[name], gated.scores[name]) for name in plain.scores)


@pytest.mark.parametrize("empty", [1, 5, 60])
def test_kinds_that_are_told_apart_have_a_candidate_between_them(empty: int):
    """However rare one of them is; and there are few candidates, however many cases."""
    random = np.random.default_rng(empty)
    prob = np.concatenate([random.uniform(0, 0.1, empty), random.uniform(0.9, 1, 40)])
    positive = np.arange(len(prob)) >= empty
    gates = gate_candidates(prob, positive)
    assert prob[:empty].max() < min(gate for gate in gates if gate > prob[:empty].max()) < prob[empty:].min()
    assert gates[0] == 0 and gates == sorted(set(gates)) and len(gates) <= 10


def test_where_nothing_tells_how_a_gate_does_there_is_none():
    prob = np.array([0.1, 0.5, 0.9])
    for positive in (np.ones(3, bool), np.zeros(3, bool)):
        assert gate_candidates(prob, positive) == [0.0]
    assert gate_candidates(np.full(4, 0.5), np.array([True, True, False, False])) == [0, 0.5]

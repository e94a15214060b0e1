"""What test_processes.py lets several processes do; each function is called in all of them, its result is JSON."""

from __future__ import annotations

from typing import Any

import torch
from ignite.engine import Engine
from monai.handlers import IgniteMetricHandler
from monai.metrics import DiceMetric
from torch import Tensor

from monai_seg.data import CaseDataset, case_loader, own_share
from monai_seg.errors import InputError
from monai_seg.handlers.main_process import meet_in_ignite
from monai_seg.networks import data_parallel
from monai_seg.networks.data_parallel import average_statistics
from monai_seg.processes import agreed, count, of_all, of_first, place, whole

CASES = 7


def words() -> dict[str, Any]:
    def refuse() -> None:
        raise InputError("a.png", "is cut off", "copy it again")

    try:
        of_first(refuse)
        refused = ""
    except InputError as error:
        refused = str(error)
    return {"count": count(), "place": place(), "agreed": agreed(place()), "first": of_first(place),
            "all": of_all(place()), "refused": refused}


def gradient() -> dict[str, Any]:
    """Of a loss that is no mean over images, on shares of different size."""
    sizes = [1 + rank for rank in range(count())]
    images = torch.arange(1.0, sum(sizes) + 1)[:, None]
    start = sum(sizes[: place()])
    weight = torch.tensor(0.5, requires_grad=True)
    logits = whole([images[start : start + sizes[place()]] * weight], sizes)[0]
    loss = (logits.sum() ** 2) / images.sum()
    loss.backward()
    assert weight.grad is not None
    return {"logits": logits.flatten().tolist(), "loss": loss.item(), "gradient": sum(of_all(weight.grad.item()))}


def _decode(case: dict[str, int]) -> dict[str, Tensor]:
    return {"image": torch.full((1, 4, 4), float(case["image"])), "label": torch.full((1, 4, 4), case["image"] % 2)}


def _cases() -> CaseDataset:
    return CaseDataset([{"image": i, "label": i} for i in range(CASES)], _decode, cache_mb=1)


def loaders() -> dict[str, Any]:
    trained = case_loader(_cases(), 5, shuffle=True, seed=3)
    validated = case_loader(_cases(), 2, shuffle=False)
    trained.batch_sampler.sampler.set_epoch(2)  # type: ignore[union-attr]
    return {"train": [batch["index"].tolist() for batch in trained],
            "seeds": [batch["seed"].tolist() for batch in trained],
            "validate": [batch["index"].tolist() for batch in validated],
            "evaluate": own_share(list(range(CASES)))}


def filled() -> dict[str, Any]:
    cases = _cases()
    cases.fill()
    return {"decoded": len(cases._kept), "lesion": cases.has_lesion(), "after": len(cases._kept)}


def dice() -> float:
    """FINDINGS: a sampler that repeats cases scores 5 images 0.8333 where the truth is 0.8."""
    meet_in_ignite()
    truth = torch.ones(1, 1, 2, 2)
    engine = Engine(lambda _, case: (truth if case else 1 - truth, truth))
    metric = IgniteMetricHandler(DiceMetric(), save_details=False)
    metric.attach(engine, "dice")
    engine.run(own_share([1, 1, 1, 1, 0]))
    return engine.state.metrics["dice"]


def statistics() -> list[float]:
    network = torch.nn.Sequential(torch.nn.BatchNorm2d(2), torch.nn.Conv2d(2, 1, 1))
    parallel = data_parallel(network)
    parallel(torch.full((2, 2, 3, 3), float(place()))).sum().backward()
    average_statistics(parallel)
    return network[0].running_mean.tolist()  # type: ignore[operator, union-attr, return-value]


def play() -> dict[str, Any]:
    """Return what each scene gives."""
    return {scene.__name__: scene() for scene in (words, gradient, loaders, filled, dice, statistics)}

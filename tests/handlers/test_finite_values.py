from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from ignite.engine import Events
from monai.engines import SupervisedTrainer
from monai.engines.utils import IterationEvents

from monai_seg.errors import InputError
from monai_seg.handlers import finite_values
from monai_seg.handlers.checkpoints import Checkpoints
from monai_seg.handlers.finite_values import FiniteValues

NAMES = [f"{letter}.png" for letter in "abcdef"]


class Run:
    """A linear layer that sees the cases 0, 1; 2, 3; 4, 5 in each epoch."""

    def __init__(self, epochs: int = 2) -> None:
        torch.manual_seed(0)
        self.network = torch.nn.Conv2d(1, 1, 1)
        batches = [{"image": torch.rand(2, 1, 4, 4), "label": torch.rand(2, 1, 4, 4), "index": torch.tensor([i, i + 1])}
                   for i in (0, 2, 4)]
        self.handler = FiniteValues(self.network, names=NAMES)
        self.trainer = SupervisedTrainer(
            "cpu", epochs, batches, self.network, torch.optim.SGD(self.network.parameters(), 0.1), torch.nn.MSELoss(),
            decollate=False, train_handlers=[self.handler],
        )  # fmt: skip

    def at(self, event: Any, iteration: int, act: Callable[[], Any]) -> None:
        def when(engine: Any) -> None:
            if engine.state.iteration == iteration:
                act()

        self.trainer.add_event_handler(event, when)


def test_nothing_happens_where_all_is_finite() -> None:
    run = Run()
    run.trainer.run()
    run.handler.check(run.trainer)
    assert run.trainer.state.iteration == 6


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_an_image_that_is_none_is_named_by_its_batch(value: float) -> None:
    run = Run()
    run.at(Events.ITERATION_STARTED, 5, lambda: run.trainer.state.batch["image"].fill_(value))
    with pytest.raises(InputError, match=r"^c\.png, d\.png: the loss is (nan|inf) in epoch 2, iteration 5; look at"):
        run.trainer.run()


def test_a_gradient_alone_is_seen() -> None:
    run = Run()

    def spoil() -> None:
        run.network.bias.grad.fill_(math.inf)

    handlers = run.trainer._event_handlers[IterationEvents.BACKWARD_COMPLETED]
    run.at(IterationEvents.BACKWARD_COMPLETED, 4, spoil)
    handlers.insert(0, handlers.pop())  # before it is measured
    with pytest.raises(InputError, match=r"^a\.png, b\.png: the norm of the gradient is inf in epoch 2, iteration 4"):
        run.trainer.run()


def test_weights_are_looked_at_before_a_save() -> None:
    run = Run()
    run.at(Events.ITERATION_COMPLETED, 6, lambda: run.network.bias.data.fill_(math.nan))
    run.trainer.run()
    with pytest.raises(InputError, match=r"^e\.png, f\.png: the weight bias is not finite after epoch 2, iteration 6"):
        run.handler.check(run.trainer)


def test_steps_that_wait_on_a_device_are_told_by_their_own_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run()
    check = run.handler._check_steps
    monkeypatch.setattr(run.handler, "_check_steps", lambda: None)  # as on a GPU until there are many
    run.at(Events.ITERATION_STARTED, 2, lambda: run.trainer.state.batch["image"].fill_(math.nan))
    run.trainer.run()
    with pytest.raises(InputError, match=r"^c\.png, d\.png: the loss is nan in epoch 1, iteration 2"):
        check()


def test_a_score_that_is_none_never_gets_into_a_checkpoint(tiny_run: Callable[..., Any], tmp_path: Path) -> None:
    run = tiny_run(3, scores=[0.5, math.nan, 0.4])
    network = torch.nn.Conv2d(1, 1, 1)
    finite = FiniteValues(network, run.evaluator, (), NAMES)
    run.validation.attach(run.trainer)
    finite.attach(run.trainer)
    Checkpoints(tmp_path, network, {}, run.evaluator, finite=finite).attach(run.trainer)
    with pytest.raises(InputError, match=r"training: the score val_dice is nan in epoch 2"):
        run.trainer.run()
    saved = [path.name for path in (tmp_path / "checkpoints").glob("*.pt")]
    assert sorted(saved) == ["epoch_0001.pt", "last.pt"]


def test_a_weight_that_is_none_never_gets_into_a_checkpoint(tiny_run: Callable[..., Any], tmp_path: Path) -> None:
    run, network = tiny_run(3, scores=[0.5, 0.6, 0.7]), torch.nn.Conv2d(1, 1, 1)
    finite = FiniteValues(network, run.evaluator)
    run.validation.attach(run.trainer)
    finite.attach(run.trainer)
    run.trainer.add_event_handler(Events.EPOCH_COMPLETED(once=2), lambda: network.bias.data.fill_(math.nan))
    Checkpoints(tmp_path, network, {}, run.evaluator, finite=finite).attach(run.trainer)
    with pytest.raises(InputError, match="the weight bias is not finite after epoch 2, iteration 4"):
        run.trainer.run()
    assert sorted(path.name for path in (tmp_path / "checkpoints").glob("*.pt")) == ["epoch_0001.pt", "last.pt"]
    assert torch.load(tmp_path / "model.pt", weights_only=True)["model"]["bias"].isfinite().all()


def test_many_files_are_counted() -> None:
    names = [f"{number}.png" for number in range(20)]
    assert finite_values._files(range(20), names).endswith("15.png and 4 more")
    assert finite_values._files([1, 1, 25], names) == "1.png, case 25"
    assert finite_values._files([], names) == "training"

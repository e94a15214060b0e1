"""A number that is none ends training at once: trained on, it would be in every weight, and saved."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from ignite.engine import Engine, Events
from monai.engines.utils import IterationEvents
from torch import Tensor

from monai_seg.errors import InputError
from monai_seg.processes import of_all

FETCH_EVERY = 50  # batches on a GPU; reading a number makes the host wait for it. A processor has no such wait.
MOST_NAMED = 16
MEND = ("look at these files, lower --learning_rate, or give --precision fp32; what was saved before is sound "
        "(--resume auto)")


class Step(NamedTuple):
    """What is remembered of a batch until the device is read."""

    epoch: int
    iteration: int
    cases: list[int]
    numbers: Tensor  # loss, norm of the gradient


class FiniteValues:
    """Stops training at a loss, gradient, weight or key score that is NaN or infinite, with the batch's file names.

    Attach it after the validation, and hand it to `Checkpoints`, which asks it before each save. Other scores than the
    key metric may be NaN: a mean over images with a lesion is, where there are none.

    Args:
        network: whose gradients and weights are looked at.
        evaluator: the validation engine.
        names: file name of each training case, by the ``index`` in the batch.
        validation_names: the same for validation.
    """

    def __init__(
        self,
        network: torch.nn.Module,
        evaluator: Engine | None = None,
        names: Sequence[str] = (),
        validation_names: Sequence[str] = (),
    ) -> None:
        self.network, self.evaluator = network, evaluator
        self.names, self.validation_names = list(names), list(validation_names)
        self._weights: list[torch.nn.Parameter] = []
        self._norm: Tensor | None = None
        self._steps: list[Step] = []
        self._validated: list[tuple[list[int], Tensor]] = []
        self._last: list[int] = []

    def attach(self, engine: Engine) -> None:
        engine.add_event_handler(Events.EPOCH_STARTED, self._list_weights)
        engine.add_event_handler(IterationEvents.BACKWARD_COMPLETED, self._measure_gradient)
        engine.add_event_handler(Events.ITERATION_COMPLETED, self._remember)
        engine.add_event_handler(Events.EPOCH_COMPLETED, self._check_epoch)
        if self.evaluator is not None:
            self.evaluator.add_event_handler(Events.EPOCH_STARTED, self._validated.clear)
            self.evaluator.add_event_handler(Events.ITERATION_COMPLETED, self._remember_validation)

    def check(self, engine: Engine) -> None:
        """Check the steps that are not checked yet, and the weights.

        Raises:
            InputError: a loss, gradient or weight is not finite.
        """
        self._check_steps()
        state = self.network.state_dict()
        floats = {name: value for name, value in state.items() if torch.is_tensor(value) and value.is_floating_point()}
        if floats and not bool(torch.stack([value.isfinite().all() for value in floats.values()]).all()):
            name = next(name for name, value in floats.items() if not value.isfinite().all())
            raise InputError(_files(self._last, self.names), f"the weight {name} is not finite after epoch "
                             f"{engine.state.epoch}, iteration {engine.state.iteration}", MEND)

    def _list_weights(self, engine: Engine) -> None:
        self._weights = list(self.network.parameters())  # once an epoch: the modules' tree takes long to walk

    def _measure_gradient(self, engine: Engine) -> None:
        gradients = [weight.grad for weight in self._weights if weight.grad is not None]
        self._norm = torch.nn.utils.get_total_norm(gradients) if gradients else None

    def _remember(self, engine: Engine) -> None:
        output: Any = engine.state.output
        loss = torch.as_tensor(output["loss"]).detach().float()
        norm = torch.zeros_like(loss) if self._norm is None else self._norm.float()
        self._last = _cases(engine.state.batch)
        self._steps.append(Step(engine.state.epoch, engine.state.iteration, self._last, torch.stack([loss, norm])))
        if loss.device.type == "cpu" or len(self._steps) >= FETCH_EVERY:
            self._check_steps()

    def _check_steps(self) -> None:
        steps, self._steps = self._steps, []
        found = torch.stack([step.numbers for step in steps]).tolist() if steps else []
        for step, numbers in zip(steps, found, strict=True):
            for what, number in zip(("loss", "norm of the gradient"), numbers, strict=True):
                if not math.isfinite(number):
                    raise InputError(_files(step.cases, self.names), f"the {what} is {number} in epoch {step.epoch}, "
                                     f"iteration {step.iteration}", MEND)

    def _remember_validation(self, evaluator: Engine) -> None:
        output: Any = evaluator.state.output
        logits = output.get("logits", output.get("pred")) if isinstance(output, dict) else None
        if torch.is_tensor(logits):
            self._validated.append((_cases(evaluator.state.batch), logits.isfinite().all()))

    def _check_epoch(self, engine: Engine) -> None:
        self._check_steps()
        evaluator: Any = self.evaluator
        if evaluator is None or evaluator.state.epoch != engine.state.epoch or evaluator.should_terminate:
            return
        name = evaluator.state.key_metric_name
        score = evaluator.state.metrics.get(name)
        if isinstance(score, (int, float)) or (torch.is_tensor(score) and score.numel() == 1):
            if math.isfinite(score):
                return
            bad = [case for cases, is_finite in self._validated if not is_finite for case in cases]
            if not any(of_all(bool(bad))):  # finite logits, and yet no score
                bad = [case for of, _ in self._validated for case in of]
            raise InputError(_files(bad, self.validation_names), f"the score {name} is {float(score)} in epoch "
                             f"{engine.state.epoch}", MEND)


def _cases(batch: Any) -> list[int]:
    index = batch.get("index") if isinstance(batch, dict) else None
    return torch.as_tensor(index).flatten().tolist() if index is not None else []


def _files(cases: Sequence[int], names: Sequence[str]) -> str:
    """Name the cases of all processes, which all find the same number wrong at the same time."""
    together = dict.fromkeys(case for part in of_all(list(cases)) for case in part)
    known = [names[case] if case < len(names) else f"case {case}" for case in together]
    more = f" and {len(known) - MOST_NAMED} more" if len(known) > MOST_NAMED else ""
    return ", ".join(known[:MOST_NAMED]) + more if known else "training"

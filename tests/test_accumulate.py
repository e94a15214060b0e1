from __future__ import annotations

import copy
import logging

import pytest
import torch
from ignite.engine import Events
from monai.engines import SupervisedTrainer
from torch import nn

from monai_seg.accumulate import Accumulate, is_out_of_memory
from monai_seg.errors import InputError


class Narrow(nn.Module):
    """A convolution that runs out of memory above so many images, as the allocator of the processor does."""

    def __init__(self, fits: int) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv, self.fits, self.seen = nn.Conv2d(1, 1, 3, padding=1), fits, []

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        self.seen.append(len(image))
        if len(image) > self.fits:
            torch.empty(2**62, dtype=torch.uint8)
        return self.conv(image)


def train(network: nn.Module, update: Accumulate | None, batches: int = 3, size: int = 5) -> SupervisedTrainer:
    generator = torch.Generator().manual_seed(1)
    data = [{"image": torch.rand(size, 1, 8, 8, generator=generator),
             "label": torch.rand(size, 1, 8, 8, generator=generator).round(), "index": torch.arange(size),
             "name": [str(number) for number in range(size)]} for _ in range(batches)]
    trainer = SupervisedTrainer(
        device=torch.device("cpu"), max_epochs=1, train_data_loader=data, network=network, iteration_update=update,
        optimizer=torch.optim.Adam(network.parameters(), lr=0.01), loss_function=nn.BCEWithLogitsLoss(),
        prepare_batch=lambda batch, *_, **__: (batch["image"], batch["label"]), decollate=False,
    )  # fmt: skip
    trainer.run()
    return trainer


def weights(network: nn.Module) -> torch.Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in network.parameters()])


def test_at_once_is_monai_s_own_update_to_the_bit():
    ours, monai = Narrow(99), Narrow(99)
    mine = train(ours, Accumulate("auto"))
    theirs = train(monai, None)
    assert torch.equal(weights(ours), weights(monai))
    assert torch.equal(mine.state.output["loss"], theirs.state.output["loss"])


def test_training_mode_is_set_once_an_epoch_and_after_an_evaluation(monkeypatch):
    network, update, seen = Narrow(99), Accumulate(1), []
    monkeypatch.setattr(network, "train", lambda: seen.append("train") or nn.Module.train(network))
    train(network, update, batches=3)
    assert seen == ["train"], "an epoch of three batches"
    train(network, update, batches=3)
    assert seen == ["train"] * 2, "another run's first epoch"
    nn.Module.train(network, False)
    train(network, update, batches=2)
    assert seen == ["train"] * 3 and network.training and network.conv.training


@pytest.mark.parametrize("alone", [False, True])
def test_a_network_that_was_evaluated_within_the_epoch_trains_again(alone):
    inner = Narrow(99)
    outer = inner if alone else nn.Sequential(inner)
    generator = torch.Generator().manual_seed(1)
    data = [{"image": torch.rand(2, 1, 8, 8, generator=generator), "label": torch.ones(2, 1, 8, 8)} for _ in range(3)]
    modes = []
    inner.register_forward_pre_hook(lambda module, _: modes.append(module.training))
    trainer = SupervisedTrainer(
        device=torch.device("cpu"), max_epochs=1, train_data_loader=data, network=outer, decollate=False,
        optimizer=torch.optim.Adam(outer.parameters()), loss_function=nn.BCEWithLogitsLoss(),
        iteration_update=Accumulate(1),
    )  # fmt: skip
    trainer.add_event_handler(Events.ITERATION_COMPLETED, lambda: inner.eval())
    trainer.run()
    assert modes == [True] * 3


@pytest.mark.parametrize("parts", [2, 3, 5, 99])
def test_parts_of_uneven_size_give_the_step_of_the_whole(parts):
    whole, split = Narrow(99), Narrow(99)
    expected, got = train(whole, Accumulate(1)), train(split, Accumulate(parts))
    torch.testing.assert_close(weights(split), weights(whole), rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(got.state.output["loss"], expected.state.output["loss"])
    assert got.state.output["pred"].shape == (5, 1, 8, 8)
    assert max(split.seen) == -(-5 // min(parts, 5))


def test_when_memory_runs_out_the_batch_is_halved_until_it_fits_and_stays_so(caplog):
    tight, roomy = Narrow(2), Narrow(99)
    update = Accumulate("auto")
    with caplog.at_level(logging.WARNING):
        train(tight, update)
    train(roomy, Accumulate(1))
    torch.testing.assert_close(weights(tight), weights(roomy), rtol=1e-4, atol=1e-6)
    assert update.parts == 4
    assert tight.seen[:2] == [5, 2] and max(tight.seen[3:]) <= 2, "once found, it is kept"
    assert [record.message.split(":")[1].split(",")[0] for record in caplog.records] == [
        " batches of 5 are now taken in 2 parts", " batches of 5 are now taken in 4 parts"]


def test_one_image_that_does_not_fit_is_told_in_one_line():
    with pytest.raises(InputError, match="memory: not even one image fits beside the network; lower --image_size"):
        train(Narrow(0), Accumulate("auto"))


def test_without_auto_the_error_is_the_allocator_s():
    with pytest.raises(RuntimeError, match="DefaultCPUAllocator"):
        train(Narrow(2), Accumulate(1))


def test_other_errors_are_not_taken_for_it():
    network = Narrow(99)
    network.conv = nn.Conv2d(3, 1, 3)
    with pytest.raises(RuntimeError, match="channels"):
        train(network, Accumulate("auto"))
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory"))
    assert not is_out_of_memory(RuntimeError("shapes differ"))


def test_a_list_of_levels_is_joined_level_by_level():
    class Deep(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(1, 1, 1)

        def forward(self, image: torch.Tensor) -> list[torch.Tensor]:
            return [self.conv(image), self.conv(image[..., ::2, ::2])]

    network = Deep()
    trainer = SupervisedTrainer(
        device=torch.device("cpu"), max_epochs=1, network=network, iteration_update=Accumulate(3), decollate=False,
        train_data_loader=[{"image": torch.rand(4, 1, 8, 8), "label": torch.rand(4, 1, 8, 8)}],
        optimizer=torch.optim.SGD(network.parameters(), lr=0.1), loss_function=lambda pred, label: pred[0].mean(),
        prepare_batch=lambda batch, *_, **__: (batch["image"], batch["label"]),
    )  # fmt: skip
    trainer.run()
    assert [tuple(level.shape) for level in trainer.state.output["pred"]] == [(4, 1, 8, 8), (4, 1, 4, 4)]


def test_the_number_of_parts_is_state():
    update = Accumulate("auto")
    update.parts = 4
    other = Accumulate("auto")
    other.load_state_dict(copy.deepcopy(update.state_dict()))
    assert other.parts == 4


@pytest.mark.parametrize("parts", [0, -1, 1.5, "always"])
def test_parts_that_are_none_are_refused(parts):
    with pytest.raises(InputError, match="accumulate: must be auto or a whole number from 1 up"):
        Accumulate(parts)

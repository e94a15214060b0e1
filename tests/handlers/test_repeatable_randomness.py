from __future__ import annotations

import torch
from ignite.engine import Engine, Events
from torch.utils.data import DataLoader

from monai_seg.data import EpochSampler
from monai_seg.handlers.repeatable_randomness import RepeatableRandomness


def drawn(seed: int, epochs: int, start: int = 0, disturb: bool = False) -> list[float]:
    """The random number that each of 3 iterations per epoch sees."""
    numbers: list[float] = []
    engine = Engine(lambda *_: numbers.append(torch.rand(()).item()))
    RepeatableRandomness(seed).attach(engine)

    @engine.on(Events.STARTED)
    def resume(engine: Engine) -> None:
        engine.state.epoch, engine.state.iteration = start, 3 * start

    if disturb:
        engine.add_event_handler(Events.EPOCH_COMPLETED, lambda: torch.rand(17))
    engine.run([0, 1, 2], max_epochs=epochs)
    return numbers


def test_each_iteration_draws_its_own_number() -> None:
    numbers = drawn(0, epochs=3)
    assert len(set(numbers)) == 9


def test_numbers_depend_on_seed_and_iteration_alone() -> None:
    numbers = drawn(7, epochs=3)
    assert drawn(7, epochs=3, disturb=True) == numbers
    assert drawn(7, epochs=3, start=1) == numbers[3:]
    assert not set(drawn(8, epochs=3)) & set(numbers)


def test_the_sampler_is_told_its_epoch_before_it_draws() -> None:
    class Cases(torch.utils.data.Dataset):
        def __getitem__(self, draw: tuple[int, int]) -> int:
            return draw[0]

    def orders(start: int, epochs: int) -> list[list[int]]:
        seen: dict[int, list[int]] = {}
        loader = DataLoader(Cases(), batch_size=2, sampler=EpochSampler(8, seed=1))
        engine = Engine(lambda engine, batch: seen.setdefault(engine.state.epoch, []).extend(batch.tolist()))
        RepeatableRandomness(0).attach(engine)

        @engine.on(Events.STARTED)
        def resume(engine: Engine) -> None:
            engine.state.epoch, engine.state.iteration = start, 4 * start

        engine.run(loader, max_epochs=epochs)
        return list(seen.values())

    whole = orders(0, 3)
    assert all(sorted(order) == list(range(8)) for order in whole)
    assert len({tuple(order) for order in whole}) == 3
    assert orders(2, 3) == whole[2:]


def test_other_data_than_loaders_will_do() -> None:
    assert len(drawn(0, epochs=1)) == 3

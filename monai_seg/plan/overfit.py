"""Can a network learn four images by heart? If not, something between data and loss is wrong."""

from __future__ import annotations

from time import perf_counter
from typing import NamedTuple

import torch
from monai.bundle import ConfigParser
from monai.networks import one_hot
from torch import Tensor
from torch.utils.data import default_collate

from monai_seg.data.case_dataset import Draw

CASES, MOST_STEPS, MOST_S = 4, 300, 60.0
LEARNED = 0.9
LOOK_EVERY = 10  # steps


class Overfit(NamedTuple):
    """What came of it: Dice of the foreground before and after ``steps``, seconds, and how many images there were."""

    before: float
    after: float
    steps: int
    seconds: float
    images: int

    @property
    def line(self) -> str:
        verdict = "yes" if self.after >= LEARNED else "not in this time" if self.seconds >= MOST_S else "no"
        return (f"{verdict}: Dice {self.before:.3f} before, {self.after:.3f} after {self.steps} steps on {self.images} "
                f"images ({self.seconds:.0f} s)")


def overfit(parser: ConfigParser) -> Overfit:
    """Train the config's network on four training cases, those of most foreground among the first, unaugmented.

    Raises:
        InputError: what reading the data raises.
    """
    get = parser.get_parsed_content
    network, loss, optimizer, device = get("network"), get("loss"), get("optimizer"), get("device")
    dataset, prepare = get("train::dataset"), get("validate::prepare_batch")
    first = range(min(len(dataset), 4 * CASES))
    fullest = sorted(first, key=lambda index: -int(dataset.decoded(index)["label"].count_nonzero()))[:CASES]
    image, label = prepare(default_collate([dataset[Draw(index, 0)] for index in fullest]), device)
    begin, steps = perf_counter(), 0
    before = after = _dice(network, image, label)
    while steps < MOST_STEPS and perf_counter() - begin < MOST_S and after < LEARNED + 0.05:
        network.train()
        for _ in range(LOOK_EVERY):
            optimizer.zero_grad(set_to_none=True)
            loss(network(image), label).backward()
            optimizer.step()
        steps += LOOK_EVERY
        after = _dice(network, image, label)
    return Overfit(before, after, steps, perf_counter() - begin, len(fullest))


def _dice(network: torch.nn.Module, image: Tensor, label: Tensor) -> float:
    """Return the mean Dice over the classes but background, of all images together."""
    network.eval()
    with torch.no_grad():
        logits = network(image)
    network.train()
    if logits.shape[1] == 1:
        found, truth = (logits > 0).float(), (label > 0).float()
    else:
        found = one_hot(logits.argmax(dim=1, keepdim=True), logits.shape[1])[:, 1:]
        truth = one_hot(label, logits.shape[1])[:, 1:]
    overlap, size = (found * truth).sum(dim=(0, 2, 3)), (found + truth).sum(dim=(0, 2, 3))
    return float((2 * overlap / size.clamp(min=1)).mean())

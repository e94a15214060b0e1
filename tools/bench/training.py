"""Contenders of training: this project's command, what else could be picked, and the ceilings."""

from __future__ import annotations

import csv
import json
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BATCH_SIZE = 8
SIDE = 256
Figures = dict[str, float]


class _Clock:
    """Time from the contender's beginning to its first step, imports of torch and MONAI left out; each epoch's rate."""

    def __init__(self) -> None:
        import monai.bundle
        import monai.engines
        import monai.transforms  # noqa: F401

        self.begin, self.first_s, self.rates = time.perf_counter(), 0.0, list[tuple[float, float]]()
        self.images, self.wall, self.cpu = 0, 0.0, 0.0

    def start_epoch(self) -> None:
        self.images, self.wall, self.cpu = 0, time.perf_counter(), time.process_time()

    def count(self, images: int) -> None:
        self.first_s = self.first_s or time.perf_counter() - self.begin
        self.images += images

    def end_epoch(self) -> None:
        self.rates.append((self.images / (time.perf_counter() - self.wall),
                           self.images / (time.process_time() - self.cpu)))

    def figures(self) -> Figures:
        wall, cpu = zip(*(self.rates[1:] or self.rates), strict=True)
        return {"images_per_s": statistics.median(wall), "images_per_cpu_s": statistics.median(cpu),
                "first_iteration_s": self.first_s}


class _StepTime:
    """Seconds of a trainer, on a processor, in what the bare step is made of: forward, loss, backward, optimizer.

    What is left of an epoch is the trainer's own. Both are of one process, so that a busy host takes from both.
    """

    def __init__(self, trainer: Any) -> None:
        import torch

        self.seconds, self.begin, self.shares = 0.0, 0.0, list[float]()
        for owner, name in ((trainer.network, "forward"), (trainer, "loss_function"), (torch.Tensor, "backward"),
                            (trainer.optimizer, "step"), (trainer.optimizer, "zero_grad")):
            setattr(owner, name, self._timed(getattr(owner, name)))

    def _timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **kwargs: Any) -> Any:
            begin = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self.seconds += time.perf_counter() - begin

        return timed

    def start_epoch(self) -> None:
        self.seconds, self.begin = 0.0, time.perf_counter()

    def end_epoch(self) -> None:
        self.shares.append(1 - self.seconds / (time.perf_counter() - self.begin))

    def figures(self) -> Figures:
        return {"beyond_step_share": statistics.median(self.shares[1:] or self.shares)}


class _ToScore:
    """Seconds of training, validation left out, until a validation Dice is reached; the best Dice seen."""

    def __init__(self, target: float, minutes: float) -> None:
        self.target, self.limit_s = target, minutes * 60
        self.begin, self.validating_s, self.reached_s, self.best = time.perf_counter(), 0.0, float("nan"), 0.0

    def told(self, dice: float, validation_s: float = 0.0) -> bool:
        """Take a score; return whether training is over."""
        self.validating_s += validation_s
        trained_s = time.perf_counter() - self.begin - self.validating_s
        self.best = max(self.best, dice)
        if dice >= self.target and self.reached_s != self.reached_s:
            self.reached_s = trained_s
        return self.reached_s == self.reached_s or trained_s >= self.limit_s

    def figures(self) -> Figures:
        return {"seconds_to_dice": self.reached_s, "best_dice": self.best}


def bundle(
    data: str, out: str, epochs: int = 3, network: str = "unet", target: float | None = None, minutes: float = 10,
    **ids: Any,
) -> Figures:
    """Run the command's own workflow; with ``target`` until that validation Dice, otherwise ``epochs``."""
    from ignite.engine import Events

    clock = _Clock()
    workflow = _workflow(data, out, network, max_epochs=epochs if target is None else 1000,
                         **({} if target is None else {"patience": 1000}), **ids)
    get = workflow.parser.get_parsed_content
    trainer, evaluator = get("train::trainer"), get("validate::evaluator")
    trainer.add_event_handler(Events.EPOCH_STARTED, clock.start_epoch)
    trainer.add_event_handler(Events.ITERATION_COMPLETED, lambda: clock.count(BATCH_SIZE))
    trainer.add_event_handler(Events.ITERATION_COMPLETED,
                              lambda: clock.end_epoch() if _ends_epoch(trainer.state) else None)
    step = _StepTime(trainer) if trainer.state.device.type == "cpu" else None  # a GPU is given its work and goes on
    if step is not None:
        trainer.add_event_handler(Events.EPOCH_STARTED, step.start_epoch)
        trainer.add_event_handler(Events.ITERATION_COMPLETED,
                                  lambda: step.end_epoch() if _ends_epoch(trainer.state) else None)
    score = _ToScore(target, minutes) if target is not None else None
    if score is not None:
        begun: list[float] = []
        evaluator.add_event_handler(Events.STARTED, lambda: begun.append(time.perf_counter()))
        evaluator.add_event_handler(
            Events.COMPLETED, lambda: trainer.terminate() if score.told(
                float(evaluator.state.metrics["val_dice"]), time.perf_counter() - begun[-1]) else None)
    trainer.run()
    return clock.figures() | (step.figures() if step else {}) | (score.figures() if score is not None else {})


def _ends_epoch(state: Any) -> bool:
    return state.iteration % state.epoch_length == 0


def bare(data: str, out: str, network: str = "unet", steps: int = 32, **ids: Any) -> Figures:
    """The step alone on tensors in memory, at the bundle's precision: the ceiling."""
    import torch

    get = _workflow(data, out, network, **ids).parser.get_parsed_content
    net, loss, optimizer, device = get("network"), get("loss"), get("optimizer"), get("device")
    image, label = get("train::prepare_batch")(next(iter(get("train::dataloader"))), device)
    net.train()
    clock = _Clock()
    for _ in range(steps):
        clock.start_epoch()
        optimizer.zero_grad(set_to_none=True)
        loss(net(image), label).backward()
        optimizer.step()
        if device.type == "cuda":
            torch.cuda.synchronize()
        clock.count(len(image))
        clock.end_epoch()
    return clock.figures() | {"gflop_per_image": _gflop(net, image, loss, label) / len(image)}


def matrix(side: int = 2048, repeats: int = 8) -> Figures:
    """The rate of multiplying large matrices, fp32 and bf16, in GFLOP per second of the clock and of the processor."""
    import torch

    from monai_seg.distributed import find_device

    device, found = find_device(), Figures()
    for name, dtype in (("fp32", torch.float32), ("bf16", torch.bfloat16)):
        left, right = (torch.rand(side, side, device=device).to(dtype) for _ in range(2))
        for count in (2, repeats):  # the first to get warm
            begin, cpu = time.perf_counter(), time.process_time()
            for _ in range(count):
                product = left @ right
            product[0, 0].item()
        flop = 2 * side**3 * repeats / 1e9
        found |= {f"{name}_gflop_per_s": flop / (time.perf_counter() - begin),
                  f"{name}_gflop_per_cpu_s": flop / (time.process_time() - cpu)}
    return found


def plain(
    data: str, out: str, epochs: int = 3, network: str = "unet", target: float | None = None, minutes: float = 10
) -> Figures:
    """A loop as a good user writes it: images decoded once, flips by batch, bf16 where the machine has it, AdamW."""
    import torch

    from monai_seg.distributed import find_device, find_precision

    clock, device = _Clock(), find_device()
    train, held_out = (_decoded(data, split, device) for split in ("training", "validation"))
    net, loss = _network(network).to(device), _loss()
    optimizer = torch.optim.AdamW(net.parameters(), 1e-3)
    dtype = find_precision("auto", device)

    def step(image: Any, label: Any) -> None:
        if torch.rand(1).item() < 0.5:
            image, label = image.flip(-1), label.flip(-1)
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(device.type, dtype=dtype or torch.bfloat16, enabled=dtype is not None):
            logits = net(image)
        loss(logits, label).backward()
        optimizer.step()

    def batches() -> Iterator[tuple[Any, Any]]:
        order = torch.randperm(len(train[0]), device=device)
        return ((train[0][some], train[1][some]) for some in order.split(BATCH_SIZE) if len(some) == BATCH_SIZE)

    return _loop(clock, batches, step, epochs, target, minutes, lambda: _dice(net, *held_out))


def zoo(
    data: str, out: str, epochs: int = 3, network: str = "unet", target: float | None = None, minutes: float = 10
) -> Figures:
    """Model-zoo style: CacheDataset, MONAI's random transforms per sample, fp32, SupervisedTrainer's step."""
    import torch
    from monai import transforms as t
    from monai.data import CacheDataset, DataLoader
    from monai.engines import SupervisedTrainer

    from monai_seg.data import DataList
    from monai_seg.distributed import find_device

    keys, clock, device = ["image", "label"], _Clock(), find_device()
    load = _loading(keys)
    pipeline = t.Compose([
        *load,
        t.RandFlipd(keys, 0.5, 1),
        t.RandAffined(keys, prob=0.7, rotate_range=0.2, scale_range=0.15, translate_range=15,
                      mode=("bilinear", "nearest"), padding_mode="zeros"),
        t.RandAdjustContrastd("image", 0.3, (0.7, 1.5)),
        t.RandGaussianNoised("image", 0.15, std=0.04),
    ])  # fmt: skip
    cases = DataList(data).training
    loader = DataLoader(CacheDataset(cases, pipeline, progress=False), batch_size=BATCH_SIZE, shuffle=True,
                        drop_last=True)
    held_out = _decoded(data, "validation", device) if target is not None else None
    net = _network(network).to(device)
    trainer = SupervisedTrainer(device=device, max_epochs=1, network=net, decollate=False, train_data_loader=loader,
                                optimizer=torch.optim.Adam(net.parameters(), 1e-3), loss_function=_loss())

    def step(*batch: Any) -> None:
        net.train()
        trainer._iteration(trainer, {"image": batch[0], "label": batch[1]})

    return _loop(clock, lambda: ((batch["image"], batch["label"]) for batch in loader), step, epochs, target, minutes,
                 lambda: _dice(net, *held_out) if held_out is not None else 0.0)


def start(data: str, out: str, cache_dir: str | None = None, empty: bool = False, **ids: Any) -> Figures:
    """Seconds from having imported torch and MONAI to the first iteration, by the clock and by the processor.

    With ``empty`` what earlier rounds left in ``cache_dir`` is removed before.
    """
    import monai.bundle  # noqa: F401  # its import is not counted
    from ignite.engine import Events

    if empty and cache_dir is not None:
        shutil.rmtree(cache_dir, ignore_errors=True)
    begin, cpu = time.perf_counter(), time.process_time()
    workflow = _workflow(data, out, "unet", max_epochs=1, cache_dir=cache_dir, **ids)
    trainer, found = workflow.parser.get_parsed_content("train::trainer"), Figures()

    def stop() -> None:
        found.update(start_s=time.perf_counter() - begin, start_cpu_s=time.process_time() - cpu)
        trainer.terminate()

    trainer.add_event_handler(Events.ITERATION_COMPLETED(once=1), stop)
    trainer.run()
    return found


def accuracy(data: str, out: str, epochs: int, precision: str, **ids: Any) -> Figures:
    """Test Dice after training and evaluating at ``precision``, by the bundle's two commands."""
    from monai.bundle import ConfigWorkflow

    workflow = _workflow(data, out, "unet", max_epochs=epochs, precision=precision, **ids)
    workflow.run()
    workflow.finalize()
    evaluation = ConfigWorkflow(str(ROOT / "bundles/siim/evaluate.json"), workflow_type="infer", run_id="evaluation",
                                init_id="initialize", dataset_dir=data, run_dir=out, output_dir=f"{out}/evaluation",
                                precision=precision)
    evaluation.initialize()
    evaluation.run()
    with open(Path(out) / "evaluation/cases.csv", encoding="utf-8") as file:
        scores = [float(row["dice"]) for row in csv.DictReader(file) if row.get("dice")]
    return {"test_dice": statistics.mean(scores)}


def _workflow(data: str, out: str, network: str, **ids: Any) -> Any:
    from monai.bundle import ConfigWorkflow

    options = {"dataset_dir": data, "output_dir": out, "batch_size": BATCH_SIZE, **ids,
               "network_def": f"%bundles/networks/{network}.json"}
    workflow = ConfigWorkflow(str(ROOT / "bundles/siim/train.json"), workflow_type="train", init_id="initialize",
                              run_id="training", final_id="finalize", **options)
    workflow.initialize()
    return workflow


def _loop(
    clock: _Clock, batches: Callable[[], Iterator[tuple[Any, Any]]], step: Callable[[Any, Any], None], epochs: int,
    target: float | None, minutes: float, score: Callable[[], float],
) -> Figures:
    reach = _ToScore(target, minutes) if target is not None else None
    while reach is not None or len(clock.rates) < epochs:
        clock.start_epoch()
        for image, label in batches():
            step(image, label)
            clock.count(len(image))
        clock.end_epoch()
        begin = time.perf_counter()
        if reach is not None and reach.told(score(), time.perf_counter() - begin):
            break
    return clock.figures() | (reach.figures() if reach is not None else {})


def _loading(keys: list[str]) -> list[Any]:
    from monai import transforms as t

    return [t.LoadImaged(keys, image_only=True, ensure_channel_first=True),
            t.Lambdad(keys, lambda pixels: pixels[:1]),  # colour files of grey pictures
            t.ScaleIntensityRanged(keys, 0, 255, 0, 1),
            t.Resized(keys, (SIDE, SIDE), mode=("bilinear", "nearest")),
            t.AsDiscreted("label", threshold=0.5)]


def _decoded(data: str, split: str, device: Any) -> tuple[Any, Any]:
    import torch
    from monai.transforms import Compose

    from monai_seg.data import DataList

    load = Compose(_loading(["image", "label"]))
    cases = [load(case) for case in DataList(data).cases(split)]
    image, label = (torch.stack([case[key].as_tensor() for case in cases]).to(device) for key in ("image", "label"))
    return image, label


def _network(name: str) -> Any:
    from monai.bundle import ConfigParser

    definition = json.loads((ROOT / f"bundles/networks/{name}.json").read_text())
    return ConfigParser({"in_channels": 1, "out_channels": 1, "net": definition}).get_parsed_content("net")


def _loss() -> Callable[[Any, Any], Any]:
    from monai.losses import DeepSupervisionLoss, DiceCELoss

    loss = DeepSupervisionLoss(DiceCELoss(sigmoid=True))
    return lambda logits, label: loss(list(logits.unbind(1)) if logits.ndim == 5 else logits, label)


def _dice(net: Any, images: Any, labels: Any) -> float:
    import torch
    from monai.metrics import DiceMetric

    net.eval()
    metric = DiceMetric(ignore_empty=False)
    with torch.no_grad():
        for some in torch.arange(len(images)).split(BATCH_SIZE):
            metric((net(images[some]).sigmoid() >= 0.5).float(), labels[some])
    net.train()
    score: Any = metric.aggregate()
    return float(score)


def _gflop(net: Any, image: Any, loss: Callable[[Any, Any], Any], label: Any) -> float:
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        loss(net(image), label).backward()
    return counter.get_total_flops() / 1e9

"""Training speed of the bundle command beside what else could be picked, as ratios from one session.

    python tools/benchmark.py [--cases 64] [--epochs 3] [--rounds 3] [--network unet] [--json out.json]

Contenders, one process each, in turn (A B C A B C …), on the same twin, network and batch of 8 at 256²:

    bare       the optimizer step alone, on tensors already in memory, at the bundle's precision: the ceiling
    bundle     python -m monai.bundle run training --config_file bundles/siim/train.json, last epoch
    zoo        model-zoo style: CacheDataset, MONAI's random transforms per sample, fp32, DataLoader, SupervisedTrainer

Figures are images per second of the last epoch, and the seconds from the start of the process to the first iteration.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CONTENDERS = ("bare", "bundle", "zoo")
BATCH_SIZE = 8


def main() -> None:
    """Run the contenders in turn and print medians and ratios."""
    arguments = _arguments()
    if arguments.contender:
        print(json.dumps(_measure(arguments)))
        return
    results: dict[str, list[dict[str, float]]] = {name: [] for name in CONTENDERS}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "siim"
        _run([sys.executable, "-m", "monai_seg", "sample", "siim", str(data), "--cases", str(arguments.cases)])
        for _ in range(arguments.rounds):
            for name in CONTENDERS:
                own = [sys.executable, __file__, "--contender", name, "--data", str(data), "--epochs",
                       str(arguments.epochs), "--network", arguments.network, "--out", f"{folder}/run_{name}"]
                results[name].append(json.loads(_run(own).strip().splitlines()[-1]))
                print(f"{name:8s} {results[name][-1]['images_per_second']:7.1f} img/s", flush=True)
    print(_table(results))
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(results, indent=2) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--network", choices=("unet", "dynunet"), default="unet")
    parser.add_argument("--json", help="write the figures of each round here")
    parser.add_argument("--contender", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--data", help=argparse.SUPPRESS)
    parser.add_argument("--out", help=argparse.SUPPRESS)
    return parser.parse_args()


def _run(command: list[str]) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return done.stdout


def _table(results: dict[str, list[dict[str, float]]]) -> str:
    speed = {name: statistics.median(r["images_per_second"] for r in rounds) for name, rounds in results.items()}
    first = {name: statistics.median(r["first_iteration_s"] for r in rounds) for name, rounds in results.items()}
    lines = [f"{'':8s} {'img/s':>8s} {'of bare':>8s} {'of zoo':>8s} {'first iteration':>16s}"]
    lines += [f"{name:8s} {speed[name]:8.1f} {speed[name] / speed['bare']:8.2f} {speed[name] / speed['zoo']:8.2f} "
              f"{first[name]:14.1f} s" for name in CONTENDERS]
    return "\n".join(lines)


def _measure(arguments: argparse.Namespace) -> dict[str, float]:
    start = time.perf_counter()
    return {"bare": _bare, "bundle": _bundle, "zoo": _zoo}[arguments.contender](arguments, start)


def _workflow(arguments: argparse.Namespace) -> Any:
    from monai.bundle import ConfigWorkflow

    workflow = ConfigWorkflow(
        str(ROOT / "bundles/siim/train.json"), workflow_type="train", dataset_dir=arguments.data,
        output_dir=arguments.out, max_epochs=arguments.epochs, batch_size=BATCH_SIZE,
        network_def=f"%bundles/networks/{arguments.network}.json",
    )
    workflow.initialize()
    return workflow


def _bundle(arguments: argparse.Namespace, start: float) -> dict[str, float]:
    from ignite.engine import Events

    workflow = _workflow(arguments)
    trainer = workflow.parser.get_parsed_content("train::trainer")
    first: list[float] = []
    trainer.add_event_handler(Events.ITERATION_COMPLETED(once=1), lambda _: first.append(time.perf_counter() - start))
    workflow.run()
    return {"images_per_second": trainer.state.throughput, "first_iteration_s": first[0]}


def _bare(arguments: argparse.Namespace, start: float) -> dict[str, float]:
    import torch

    get = _workflow(arguments).parser.get_parsed_content
    network, loss, optimizer, device = get("network"), get("loss"), get("optimizer"), get("device")
    batch = next(iter(get("train::dataloader")))
    image, label = get("train::prepare_batch")(batch, device)
    network.train()
    steps = max(10, arguments.cases // BATCH_SIZE)
    times = []
    for _ in range(steps):
        begin = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss(network(image), label).backward()
        optimizer.step()
        if device.type == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - begin)
    return {"images_per_second": len(image) / statistics.median(times[2:]), "first_iteration_s": 0.0}


def _zoo(arguments: argparse.Namespace, start: float) -> dict[str, float]:
    import torch
    from ignite.engine import Events
    from monai import transforms as t
    from monai.bundle import ConfigParser
    from monai.data import CacheDataset, DataLoader
    from monai.engines import SupervisedTrainer
    from monai.losses import DeepSupervisionLoss, DiceCELoss

    from monai_seg.data import DataList
    from monai_seg.distributed import find_device
    from monai_seg.handlers import Throughput

    keys = ["image", "label"]
    pipeline = t.Compose([
        t.LoadImaged(keys, image_only=True, ensure_channel_first=True),
        t.ScaleIntensityRanged(keys, 0, 255, 0, 1),
        t.Resized(keys, (256, 256), mode=("bilinear", "nearest")),
        t.RandFlipd(keys, 0.5, 1),
        t.RandAffined(keys, prob=0.7, rotate_range=0.2, scale_range=0.15, translate_range=15,
                      mode=("bilinear", "nearest"), padding_mode="zeros"),
        t.RandAdjustContrastd("image", 0.3, (0.7, 1.5)),
        t.RandGaussianNoised("image", 0.15, std=0.04),
    ])
    dataset = CacheDataset(DataList(arguments.data).training, pipeline, progress=False)
    device = find_device()
    definition = json.loads((ROOT / f"bundles/networks/{arguments.network}.json").read_text())
    config = {"in_channels": 1, "out_channels": 1, "net": definition}
    network = ConfigParser(config).get_parsed_content("net").to(device)
    base = DiceCELoss(sigmoid=True)
    trainer = SupervisedTrainer(
        device=device, max_epochs=arguments.epochs, network=network, decollate=False,
        train_data_loader=DataLoader(dataset, batch_size=BATCH_SIZE, shuffle=True, drop_last=True),
        optimizer=torch.optim.Adam(network.parameters(), 1e-3),
        loss_function=(lambda logits, label: DeepSupervisionLoss(base)(
            list(logits.unbind(1)) if logits.ndim == 5 else logits, label)),
        train_handlers=[Throughput()],
    )
    first: list[float] = []
    trainer.add_event_handler(Events.ITERATION_COMPLETED(once=1), lambda _: first.append(time.perf_counter() - start))
    trainer.run()
    return {"images_per_second": trainer.state.throughput, "first_iteration_s": first[0]}


if __name__ == "__main__":
    main()

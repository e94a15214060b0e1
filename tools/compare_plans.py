"""Planned bundles beside a model-zoo style configuration, trained for equal minutes on real sets.

    python tools/compare_plans.py --minutes 10 [--sets lungs_xray white_blood_cells nuclei] [--json out.json]
    python tools/compare_plans.py --minutes 10 --together --json out.json

Sets are looked for in $MONAI_SEG_REAL_DATA or ../shared/data; every fifth image by sorted names is held out for the
test (tools/hold_out.py). Contenders:

    plan   python -m monai_seg new, then training and evaluation as it stands, untouched by hand
    zoo    fp32 MONAI UNet 16-256, instance norm, Dice + cross entropy, Adam at a constant 1e-3, flips and small affine
           of MONAI's per sample, everything squeezed to 256 x 256, all training cases, last weights

Both are scored by mean Dice over test images and classes but background, at the images' own size, an empty mask left
empty counting 1. Reading the data does not count as training time for either. Each contender has one thread on a core
of its own: one after the other, or with --together both at once, in half the time and under equal conditions. Planning
comes before, by itself. Run it where nothing else runs. With --json, a set that is in that file at the same minutes is
not run again.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SETS = ("lungs_xray", "white_blood_cells", "nuclei")
EVERY, SIDE, BATCH_SIZE = 5, 256, 8
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
Result = dict[str, Any]


def main() -> None:
    """Run the contenders set by set and print the table."""
    arguments = _arguments()
    if arguments.zoo:
        print(json.dumps(train_zoo(Path(arguments.zoo), Path(arguments.data), arguments.minutes)))
        return
    cores = _cores(arguments.together)
    real = Path(os.environ.get("MONAI_SEG_REAL_DATA", ROOT.parent / "shared" / "data"))
    path = Path(arguments.json) if arguments.json else None
    results: dict[str, Result] = json.loads(path.read_text()) if path and path.is_file() else {}
    conditions = {"minutes": arguments.minutes, "together": arguments.together}
    with tempfile.TemporaryDirectory() as folder:
        root = plan_root(Path(folder))
        for name in arguments.sets:
            if {key: results.get(name, {}).get(key) for key in conditions} == conditions:
                print(f"{name}: in {path} already", flush=True)
                continue
            results[name] = {**conditions, **_compare(root, name, real / name, arguments.minutes, cores)}
            print(f"{name}: plan {results[name]['plan']:.3f}, zoo {results[name]['zoo']:.3f}", flush=True)
            if path:
                beside = path.with_name(f".{path.name}.tmp")
                beside.write_text(json.dumps(results, indent=2) + "\n")
                beside.replace(path)
    print(_table({name: results[name] for name in arguments.sets}, arguments.minutes))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--sets", nargs="+", default=SETS, choices=SETS)
    parser.add_argument("--together", action="store_true", help="both contenders at once, one core each")
    parser.add_argument("--json", help="write the scores here, and leave out what is in it")
    parser.add_argument("--zoo", help=argparse.SUPPRESS)
    parser.add_argument("--data", help=argparse.SUPPRESS)
    return parser.parse_args()


def _cores(together: bool) -> tuple[int, int]:
    """Return the cores of plan and zoo: the same one in turn, or two."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if together and len(cores) < 2:
        sys.exit("--together needs two cores that processes can be pinned to; leave it out")
    return (cores[0], cores[1 if together else 0]) if cores else (-1, -1)


def _compare(root: Path, name: str, source: Path, minutes: float, cores: tuple[int, int]) -> Result:
    data = root / "held_out" / name
    run_python(["tools/hold_out.py", str(source / "images"), str(source / "masks"), str(data)], ROOT)
    run_python(["-m", "monai_seg", "new", name, "--images", str(data / "images"), "--masks", str(data / "masks"),
          "--minutes", str(minutes)], root, cores[0])
    with ThreadPoolExecutor(2 if cores[0] != cores[1] else 1) as pool:
        plan = pool.submit(train_plan, root, name, cores[0])
        zoo = pool.submit(run_python, [__file__, "--zoo", f"bundles/{name}/train.json", "--data", str(data),
                                       "--minutes", str(minutes)], root, cores[1])
        return {**plan.result(), **json.loads(zoo.result().splitlines()[-1])}


def plan_root(folder: Path) -> Path:
    """Return a repository root of its own, so that bundles are planned beside nobody's."""
    (folder / "bundles").mkdir()
    (folder / "transforms").symlink_to(ROOT / "transforms")
    for part in ("engines", "networks", "isic", "tissue"):
        (folder / "bundles" / part).symlink_to(ROOT / "bundles" / part)
    return folder


def run_python(words: list[str], folder: Path, core: int = -1) -> str:
    """Return what a Python program prints; it computes with one thread, on ``core`` if that is not negative."""
    pin = (lambda: os.sched_setaffinity(0, {core})) if core >= 0 else None
    done = subprocess.run([sys.executable, *words], cwd=folder, env={**os.environ, **ONE_THREAD}, preexec_fn=pin,
                          capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(words)} failed:\n{(done.stdout + done.stderr)[-2000:]}")
    return done.stdout


def train_plan(root: Path, name: str, core: int) -> Result:
    for kind, run_id in (("train", "training"), ("evaluate", "evaluation")):
        run_python(["-m", "monai.bundle", "run", run_id, "--config_file", f"bundles/{name}/{kind}.json"], root, core)
    run_dir = root / "runs" / name
    card = json.loads((run_dir / "run_card.json").read_text())
    with open(run_dir / "summary.csv", newline="") as file:
        dice = next(float(row["value"]) for row in csv.DictReader(file) if row["score"] == "test_dice")
    return {"plan": dice, "plan_steps": card["steps"]}


def train_zoo(
    config_file: Path, data: Path, minutes: float, every_s: float = math.inf, target: float = math.inf
) -> Result:
    """Train and score; images and masks are read as the plan declares, for plain readers would not read them all.

    Args:
        config_file: the plan's train.json.
        data: the data set.
        minutes: of training; scoring does not count.
        every_s: seconds of training between two scores on the way, listed as ``curve``: [seconds, test Dice].
        target: training ends at the first score on the way that reaches it.
    """
    import torch
    from monai import transforms as t
    from monai.data import CacheDataset, DataLoader
    from monai.losses import DiceCELoss
    from monai.networks.nets import UNet

    from monai_seg.data import DataList, MaskReader, PictureReader

    config = json.loads(config_file.read_text())
    several, channels = config["out_channels"] > 1, {"L": 1, "RGB": 3}[config["image_mode"]]
    keys = ["image", "label"]
    reader: Any = PictureReader(config["image_mode"])
    mask_reader: Any = MaskReader(config["mask_encoding"])
    read = [t.LoadImaged("image", reader, ensure_channel_first=True),
            t.LoadImaged("label", mask_reader, ensure_channel_first=True),
            t.ScaleIntensityRanged("image", 0, 255, 0, 1)]
    pipeline = t.Compose([*read, t.Resized(keys, (SIDE, SIDE), mode=("bilinear", "nearest")),
                          t.RandFlipd(keys, 0.5, 0), t.RandFlipd(keys, 0.5, 1),
                          t.RandAffined(keys, prob=0.5, rotate_range=0.2, scale_range=0.1, translate_range=10,
                                        mode=("bilinear", "nearest"), padding_mode="zeros")])
    listed = DataList(data)
    loader: Any = DataLoader(CacheDataset([*listed.training, *listed.validation], pipeline, progress=False),
                             batch_size=BATCH_SIZE, shuffle=True)
    torch.manual_seed(0)
    network = UNet(2, channels, config["out_channels"], (16, 32, 64, 128, 256), (2, 2, 2, 2), num_res_units=2)
    loss = DiceCELoss(softmax=True, to_onehot_y=True) if several else DiceCELoss(sigmoid=True)
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)
    test, curve = t.Compose(read), list[list[float]]()
    begin, steps = perf_counter(), 0
    end, told = begin + 60 * minutes, begin + every_s
    while perf_counter() < end:
        for batch in loader:
            optimizer.zero_grad()
            loss(network(batch["image"].as_tensor()), batch["label"].as_tensor().float()).backward()
            optimizer.step()
            steps += 1
            if (now := perf_counter()) >= told:
                curve.append([now - begin, _score(network.eval(), test, listed.test, config["out_channels"])])
                network.train()
                begin, end = begin + (scored := perf_counter() - now), end + scored
                told = perf_counter() + every_s
                if curve[-1][1] >= target:
                    return {"zoo": curve[-1][1], "zoo_steps": steps, "curve": curve}
            if perf_counter() >= end:
                break
    dice = _score(network.eval(), test, listed.test, config["out_channels"])
    return {"zoo": dice, "zoo_steps": steps, **({"curve": [*curve, [60 * minutes, dice]]} if curve else {})}


def _score(network: Any, read: Any, cases: Any, out_channels: int) -> float:
    import torch
    from monai.metrics import DiceMetric
    from monai.networks import one_hot
    from torch.nn.functional import interpolate

    metric: Any = DiceMetric(include_background=False, ignore_empty=False)
    classes = max(2, out_channels)
    for case in map(read, cases):
        image, label = (case[key].as_tensor()[None].float() for key in ("image", "label"))
        with torch.no_grad():
            logits = network(interpolate(image, (SIDE, SIDE), mode="bilinear", antialias=True))
        whole = interpolate(logits, label.shape[-2:], mode="bilinear")
        found = (whole > 0).float() if out_channels == 1 else whole.argmax(dim=1, keepdim=True).float()
        metric(one_hot(found, classes), one_hot(label, classes))
    return float(metric.aggregate())


def _table(results: dict[str, Result], minutes: float) -> str:
    lines = [f"| set, {minutes:g} min of training, one thread | plan | zoo | difference | steps of plan | of zoo |",
             "|---|---|---|---|---|---|"]
    lines += [f"| {name} | {found['plan']:.3f} | {found['zoo']:.3f} | {found['plan'] - found['zoo']:+.3f} | "
              f"{found['plan_steps']:,} | {found['zoo_steps']:,} |" for name, found in results.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    main()

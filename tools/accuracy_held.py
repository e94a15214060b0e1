"""Test Dice of the quick path beside MONAI's own network in fp32: same bundle, seed and number of epochs, on real sets.

    python tools/accuracy_held.py [--sets lungs_xray white_blood_cells nuclei] [--seeds 0 1] [--share 0.25]

Sets are looked for in $MONAI_SEG_REAL_DATA or ../shared/data; every fifth image by sorted names is held out for the
test (tools/hold_out.py). Contenders, each trained and evaluated by the bundle's commands, one thread each:

    quick   as it stands: the machine's precision, images channels last, the network's modules taking their quick ways
    plain   --precision fp32, images channels first, MONAI's modules as they are

Wanted: within 0.005. Trainings that differ in rounding alone part from each other as those of two seeds do.
"""

from __future__ import annotations

import argparse
import csv
import os
import runpy
import statistics
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from compare_plans import ROOT, run_python

BUNDLES = {  # bundle, epochs, options
    "lungs_xray": ("siim", 60, ["--mask_encoding", "{'kind':'binary','threshold':127}"]),
    "white_blood_cells": ("tissue", 120, [
        "--mask_encoding", "{'kind':'index','classes':3,'values':{'0':0,'128':1,'255':2}}", "--out_channels", "3",
        "--class_names", "['background','cytoplasm','nucleus']", "--image_size", "[128,128]", "--batch_size", "8",
        "--network_def", "%bundles/networks/unet.json"]),
    "nuclei": ("isic", 120, [
        "--mask_encoding", "{'kind':'files','per':'instance'}", "--class_names", "['background','nucleus']", "--fit",
        "native", "--batch_size", "4", "--learning_rate", "0.002", "--prior", "0.1", "--warmup_epochs", "10",
        "--val_interval", "10"]),
}  # fmt: skip


def main() -> None:
    """Train and evaluate both contenders on each set with each seed, and print a table."""
    if sys.argv[1:2] == ["--plain"]:
        _as_monai_made_it()
        sys.argv = ["monai.bundle", *sys.argv[2:]]
        runpy.run_module("monai.bundle", run_name="__main__")
        return
    options = _options()
    cores = sorted(os.sched_getaffinity(0))
    real = Path(os.environ.get("MONAI_SEG_REAL_DATA", ROOT.parent / "shared" / "data"))
    lines = ["| set, epochs | seed | quick | plain | difference |", "|---|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(min(2, len(cores))) as pool:
        for name in options.sets:
            data, differences = Path(folder) / name, list[float]()
            run_python(["tools/hold_out.py", str(real / name / "images"), str(real / name / "masks"), str(data)], ROOT)
            epochs = max(2, round(BUNDLES[name][1] * options.share))
            for seed in options.seeds:
                jobs = [pool.submit(_test_dice, name, data, Path(folder) / f"{name}_{kind}_{seed}", seed, epochs, core,
                                    plain=kind == "plain")
                        for kind, core in zip(("quick", "plain"), (cores * 2)[:2], strict=True)]  # fmt: skip
                quick, plain = (job.result() for job in jobs)
                differences.append(quick - plain)
                lines.append(f"| {name}, {epochs} | {seed} | {quick:.4f} | {plain:.4f} | {differences[-1]:+.4f} |")
                print(lines[-1], flush=True)
            lines.append(f"| {name} | mean | | | {statistics.mean(differences):+.4f} |")
    print("\n".join(lines))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", nargs="+", default=list(BUNDLES), choices=BUNDLES)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--share", type=float, default=1.0, help="of the epochs")
    return parser.parse_args()


def _test_dice(name: str, data: Path, run_dir: Path, seed: int, epochs: int, core: int, plain: bool) -> float:
    bundle, _, options = BUNDLES[name]
    command = [__file__, "--plain", "run"] if plain else ["-m", "monai.bundle", "run"]
    both = ["--dataset_dir", str(data), *(["--precision", "fp32"] if plain else [])]
    run_python([*command, "training", "--config_file", f"bundles/{bundle}/train.json", "--output_dir", str(run_dir),
                "--max_epochs", str(epochs), "--patience", str(epochs), "--seed", str(seed), *options, *both],
               ROOT, core)  # fmt: skip
    run_python([*command, "evaluation", "--config_file", f"bundles/{bundle}/evaluate.json", "--run_dir", str(run_dir),
                *both], ROOT, core)  # fmt: skip
    with open(run_dir / "summary.csv", newline="") as file:
        return next(float(row["value"]) for row in csv.DictReader(file) if row["score"] == "test_dice")


def _as_monai_made_it() -> None:
    """Leave networks and images of this process as MONAI makes them."""
    from monai_seg.networks import segmentation_network

    segmentation_network.quicken = lambda network: None
    segmentation_network.channels_last = lambda image: image


if __name__ == "__main__":
    main()

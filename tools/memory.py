"""Does a training's memory grow with its data set? Resident size in an epoch, for a small set and a large one.

    python tools/memory.py --cases 1000 100000 --iterations 200

Each data set is one pair of 64² pixels under many names (hard links). Training is SIIM's config with a small network;
``cache_mb`` is the memory that decoded cases may take, which is meant to fill up and counts for both alike.
Exits with 1 where the larger takes more than ``--within_mb`` more than the smaller.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
NETWORK = {"_target_": "monai.networks.nets.UNet", "spatial_dims": 2, "in_channels": 1, "out_channels": 1,
           "channels": [4, 8], "strides": [2], "num_res_units": 1}
SIZE = 64
VALIDATION = 50
MOST_LINKS = 10_000  # of one file; disks have limits


def main() -> int:
    """Train on each number of cases; print what was resident; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, nargs=2, default=[1000, 100_000])
    parser.add_argument("--iterations", type=int, default=200)
    parser.add_argument("--within_mb", type=float, default=300)
    parser.add_argument("--count", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.count:
        return _train(options.folder, options.iterations)
    found = []
    for count in options.cases:
        with tempfile.TemporaryDirectory() as folder:
            _link_cases(Path(folder) / "data", count)
            done = subprocess.run([sys.executable, __file__, "--count", str(count), "--folder", folder, "--iterations",
                                   str(options.iterations)], cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stdout + done.stderr)
        found.append(json.loads(done.stdout.splitlines()[-1]))
        print(f"{count:,} cases: " + ", ".join(f"{name} {value:.0f}" for name, value in found[-1].items()), flush=True)
    more_mb = found[1]["resident MB"] - found[0]["resident MB"]
    print(f"{more_mb:.0f} MB more for {options.cases[1]:,} cases than for {options.cases[0]:,}")
    return int(more_mb > options.within_mb)


def _link_cases(folder: Path, count: int) -> None:
    """Write a data set of ``count`` training cases and a few for validation, all of them the same two pairs."""
    import numpy as np
    from PIL import Image

    items: dict[str, list[dict[str, str]]] = {"training": [], "validation": []}
    for split, number in (("training", count), ("validation", VALIDATION)):
        pixels = np.random.default_rng(len(split)).integers(0, 256, (SIZE, SIZE)).astype(np.uint8)
        for kind, content in (("image", pixels), ("label", np.where(pixels > 200, 255, 0).astype(np.uint8))):
            (folder / split / kind).mkdir(parents=True)
            for index in range(number):
                path = folder / split / kind / f"{index}.png"
                if index % MOST_LINKS == 0:
                    Image.fromarray(content).save(first := path)
                else:
                    os.link(first, path)
        items[split] = [{kind: f"{split}/{kind}/{index}.png" for kind in ("image", "label")} for index in range(number)]
    (folder / "datalist.json").write_text(json.dumps(items))


def _train(folder: Path, iterations: int) -> int:
    from ignite.engine import Events
    from monai.bundle import ConfigWorkflow

    start, told = time.perf_counter(), {}
    workflow = ConfigWorkflow(
        "bundles/siim/train.json", workflow_type="train", init_id="initialize", run_id="training",
        dataset_dir=str(folder / "data"), output_dir=str(folder / "run"), image_size=[SIZE, SIZE], network_def=NETWORK,
        cache_mb=20, num_workers=0, max_epochs=1, checkpoint_every_s=None, logging_file=False,
    )  # fmt: skip
    workflow.initialize()
    trainer = workflow.parser.get_parsed_content("train::trainer")
    told["seconds before training"] = time.perf_counter() - start

    def measure() -> None:
        told["resident MB"] = psutil.Process().memory_info().rss / 1e6
        told["seconds in all"] = time.perf_counter() - start
        print(json.dumps(told), flush=True)
        os._exit(0)  # neither the rest of the epoch nor what follows is asked for

    trainer.add_event_handler(Events.ITERATION_COMPLETED(once=iterations), measure)
    workflow.run()
    return 1


if __name__ == "__main__":
    sys.exit(main())

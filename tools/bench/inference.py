"""Contenders of inference on large pictures: from the file to the mask's file, at the picture's own size."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
Figures = dict[str, float]
NATIVE = {"fit": "native", "image_mode": "L", "fit_image": "%transforms/picture.json::fit_image",
          "load_image": "%transforms/picture.json::load_image"}


def ours(pictures: str, run_dir: str, out: str, precision: str, reference: str | None = None) -> Figures:
    """The inference command with bundles/engines/large_pictures.json, from initialised to the last mask.

    With ``reference``, the share of pixels whose mask differs from the one of the same name there.
    """
    from monai.bundle import ConfigWorkflow

    configs = [str(ROOT / "bundles" / name) for name in ("siim/inference.json", "engines/large_pictures.json")]
    workflow = ConfigWorkflow(configs, workflow_type="infer", init_id="initialize", run_id="inference",
                              meta_file=str(ROOT / "bundles/siim/metadata.json"), logging_file=False,
                              dataset_dir=pictures, run_dir=run_dir, output_dir=out, overwrite=True,
                              precision=precision, **NATIVE)  # fmt: skip
    workflow.initialize()
    assert workflow.evaluator is not None  # built before the clock starts, by the workflow: our parts look for it
    begin, cpu = time.perf_counter(), time.process_time()
    workflow.run()
    return _rates(pictures, begin, cpu) | ({} if reference is None else _difference(out, reference))


def per_core(pictures: str, run_dir: str, out: str, precision: str, reference: str) -> Figures:
    """`ours` under torchrun: a process for each core, of one thread, or one process where there is a GPU.

    Rates are those of the slowest, as each counts all pictures; the start is not in them, but they begin together.
    """
    import torch

    from monai_seg.distributed import usable_cores

    count = 1 if torch.cuda.is_available() else usable_cores()
    options = json.dumps({"pictures": pictures, "run_dir": run_dir, "out": out, "precision": precision})
    done = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(count),
         str(ROOT / "tools/bench/contender.py"), "ours", options],
        stdout=subprocess.PIPE, text=True, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"})  # fmt: skip
    each = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if len(each) != count:
        raise RuntimeError(f"{len(each)} of {count} processes told their figures:\n{done.stdout}")
    rates = {name: min(figures[name] for figures in each) for name in ("images_per_s", "mp_per_s")}
    rates["mp_per_cpu_s"] = 1 / sum(1 / figures["mp_per_cpu_s"] for figures in each)
    return rates | _difference(out, reference)


def monai(pictures: str, run_dir: str, out: str) -> Figures:
    """MONAI's parts as they come: LoadImage, SlidingWindowInferer window by window in fp32, the config's decision.

    Windows and weights are those of the config, so that the masks can be compared; all else is MONAI's default.
    """
    import numpy as np
    import torch
    from monai.bundle import ConfigParser
    from monai.inferers import SlidingWindowInferer
    from monai.transforms import AsDiscrete, LoadImage, ScaleIntensityRange
    from PIL import Image

    from monai_seg.run import from_run, operating_point

    size = from_run(run_dir, "image_size")
    point = {id: operating_point(run_dir, id) for id in ("threshold", "decide_threshold", "min_area_share")}
    definition = ConfigParser(ConfigParser.load_config_file(f"{run_dir}/config.json"))
    network = definition.get_parsed_content("network_def").eval()
    network.load_state_dict(torch.load(f"{run_dir}/model.pt", weights_only=True)["model"])
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network.to(device)
    Path(out).mkdir(parents=True, exist_ok=True)
    load: Any = LoadImage(image_only=True, ensure_channel_first=True, reverse_indexing=False)
    scale: Any = ScaleIntensityRange(0, 255, 0, 1)
    inferer = SlidingWindowInferer(size, mode="gaussian")
    begin, cpu = time.perf_counter(), time.process_time()
    for path in sorted(Path(pictures).glob("*.png")):
        with torch.no_grad():
            probability = inferer(scale(load(path))[None].to(device), network)[0].sigmoid()
        shown = AsDiscrete(threshold=point["decide_threshold"])(probability).sum()
        mask: Any = AsDiscrete(threshold=point["threshold"])(probability)
        mask = mask * float(shown >= point["min_area_share"] * size[0] * size[1])
        Image.fromarray(np.asarray(mask.cpu()[0]).astype(np.uint8) * 255).save(Path(out) / path.name)
    return _rates(pictures, begin, cpu)


def _rates(pictures: str, begin: float, cpu: float) -> Figures:
    from PIL import Image

    seconds, cpu_s = time.perf_counter() - begin, time.process_time() - cpu
    sizes = []
    for path in Path(pictures).glob("*.png"):
        with Image.open(path) as picture:
            sizes.append(picture.width * picture.height / 1e6)
    return {"images_per_s": len(sizes) / seconds, "mp_per_s": sum(sizes) / seconds, "mp_per_cpu_s": sum(sizes) / cpu_s}


def _difference(out: str, reference: str) -> Figures:
    import numpy as np
    from PIL import Image

    shares, drawn = [], []
    for path in Path(out).glob("*.png"):
        with Image.open(path) as mine, Image.open(Path(reference) / path.name) as other:
            pixels = np.asarray(mine)
            shares.append(float((pixels != np.asarray(other)).mean()))
            drawn.append(float((pixels > 0).mean()))
    return {"differing_share": max(shares), "foreground_share": float(np.mean(drawn))}

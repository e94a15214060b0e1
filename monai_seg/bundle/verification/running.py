"""Checks that run parts of a packed bundle; everything was looked through before."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from monai_seg.bundle.verification.outcome import DoesNotHold
from monai_seg.bundle.verification.reading import read

PROBABILITY_STEPS = 1  # of 1/255: another processor may round the last bit the other way
EXPORT_ERROR = 1e-4
SIZES = ((97, 61), (40, 133))  # H, W of generated pictures
LEAST = 32
TIMEOUT_S = 600


def check_properties(root: Path) -> str:
    """Each config has the ids that MONAI's table of properties asks for.

    MONAI's ``check_properties`` goes by the same table, but builds all, and so needs a data set.
    """
    from monai.bundle import ConfigWorkflow
    from monai.bundle.properties import InferProperties, TrainProperties

    for name, kind, table in (("train", "train", TrainProperties), ("evaluate", "infer", InferProperties),
                              ("inference", "infer", InferProperties)):
        with _quietly():
            workflow = ConfigWorkflow(str(root / "configs" / f"{name}.json"), workflow_type=kind, logging_file=False,
                                      bundle_root=str(root))
        wrong = [id for id, told in table.items() if not _has(workflow, id, told)]
        if wrong:
            raise DoesNotHold(f"{name}.json lacks or misnames {', '.join(wrong)}")
    return "train, evaluate and inference have the ids of MONAI's properties"


def _has(workflow: Any, id: str, told: Any) -> bool:
    return told["id"] in workflow.parser if told["required"] else workflow._check_optional_id(name=id, property=told)


def check_net_in_out(root: Path) -> str:
    """The network takes and gives what the metadata tell, by MONAI's own check where it gives one tensor."""
    from monai.bundle import verify_net_in_out

    outputs = read(root, "metadata")["network_data_format"]["outputs"]
    if "class_pred" in outputs:
        return _check_pair(root, outputs["pred"]["num_channels"], outputs["class_pred"]["num_channels"])
    for n in (2, 3):
        with _quietly():
            verify_net_in_out("network_def", meta_file=str(root / "configs/metadata.json"), device="cpu", n=n,
                              config_file=str(root / "configs/inference.json"))
    return "MONAI's verify_net_in_out passes for two sizes"


def _check_pair(root: Path, masks: int, classes: int) -> str:
    import torch

    network, channels = _network(root).eval(), read(root, "inference")["in_channels"]
    for side in (64, 96):
        with torch.no_grad():
            found = [tuple(part.shape) for part in network(torch.zeros(1, channels, side, side))]
        if found != [(1, masks, side, side), (1, classes)]:
            raise DoesNotHold(f"the network gives {found}, the metadata tell of {masks} channels and {classes} classes")
    return "masks and classes are of the shapes that the metadata tell, for two sizes"


def check_weights(root: Path) -> str:
    """The weights load without code, and are the network's."""
    import torch

    content = torch.load(root / "models/model.pt", map_location="cpu", weights_only=True)
    network = _network(root)
    network.load_state_dict(content["model"])
    if not all(torch.isfinite(value).all() for value in content["model"].values() if value.is_floating_point()):
        raise DoesNotHold("models/model.pt holds values that are not finite")
    return f"{sum(value.numel() for value in content['model'].values()):,} finite numbers"


def check_export(root: Path) -> str:
    """model.onnx gives the probabilities of the weights, for any batch and size."""
    import torch

    from monai_seg.bundle.packing.network import mask_logits, probabilities

    path = root / "models/model.onnx"
    if not path.is_file():
        return "no model.onnx in it"
    from monai_seg.bundle.prediction.onnx_predictor import OnnxPredictor
    from monai_seg.networks.segmentation_network import find_divisor

    predictor, network, config = OnnxPredictor(path.read_bytes(), str(path)), _network(root), read(root, "inference")
    network.load_state_dict(torch.load(root / "models/model.pt", map_location="cpu", weights_only=True)["model"])
    network.eval()
    channels, high = config["in_channels"], config["intensity"]["a_max"]
    divisor = find_divisor(network, channels, config["out_channels"])
    worst = 0.0
    for batch, height, width in ((1, 4, 3), (3, 3, 5)):
        shape = (batch, channels, max(height * divisor, LEAST), max(width * divisor, LEAST))
        levels = torch.randint(0, high + 1, shape, generator=torch.Generator().manual_seed(batch)).float()
        with torch.no_grad():
            wanted = probabilities(mask_logits(network, network(levels / high)))
        found, *_ = predictor.runtime.run(levels.numpy())
        worst = max(worst, float(np.abs(found - wanted.numpy()).max()))
    if worst > EXPORT_ERROR:
        raise DoesNotHold(f"its probabilities differ from those of model.pt by {worst:.1e}")
    return f"differs by {worst:.1e} at most"


def check_run(root: Path) -> str:
    """``monai.bundle run`` makes masks of the pictures' own size, from a foreign folder."""
    mode = "L" if read(root, "inference")["in_channels"] == 1 else "RGB"
    with tempfile.TemporaryDirectory() as scratch:
        pictures, masks = Path(scratch, "pictures"), Path(scratch, "masks")
        pictures.mkdir()
        for number, size in enumerate(SIZES):
            noise = np.random.default_rng(number).integers(0, 256, (*size, 3), dtype=np.uint8)
            Image.fromarray(noise).convert(mode).save(pictures / f"{number}.png")
        _run(root, pictures, masks, Path(scratch))
        for number, size in enumerate(SIZES):
            with Image.open(masks / f"{number}.png") as mask:
                if mask.size[::-1] != size:
                    raise DoesNotHold(f"a picture of {size} gives a mask of {mask.size[::-1]} (H, W)")
    return f"masks of {len(SIZES)} generated pictures have their size"


def check_orientation(root: Path) -> str:
    """What lies where in a picture that is not square lies there in the mask, with the network taken out."""
    config = read(root, "inference")
    height, width = 60, 200
    truth = np.zeros((height, width), bool)
    truth[6:27, 12:90] = True
    channels, classes = config["in_channels"], config["out_channels"]
    with tempfile.TemporaryDirectory() as scratch:
        import torch

        Path(scratch, "pictures").mkdir()
        picture = np.repeat(truth[..., None] * np.uint8(255), 3, axis=-1)
        Image.fromarray(picture).convert("L" if channels == 1 else "RGB").save(Path(scratch, "pictures", "a.png"))
        network = {"_target_": "torch.nn.Conv2d", "in_channels": channels, "out_channels": classes, "kernel_size": 1}
        weight = torch.zeros(classes, channels, 1, 1)
        weight[-1] = 20.0 / channels
        bias = torch.zeros(classes)
        bias[-1] = -10.0  # white is the last class, black is not
        torch.save({"model": {"weight": weight, "bias": bias}}, Path(scratch, "model.pt"))
        changed = {**_masks_alone(config), "network_def": network, "decide_threshold": 0.5, "min_area_share": 0.0,
                   **({"threshold": 0.5} if "threshold" in config else {})}
        Path(scratch, "inference.json").write_text(json.dumps(changed))
        _run(root, Path(scratch, "pictures"), Path(scratch, "masks"), Path(scratch),
             config=Path(scratch, "inference.json"), weights=Path(scratch, "model.pt"))
        with Image.open(Path(scratch, "masks", "a.png")) as image:
            found = np.array(image)
    if found.shape[:2] != truth.shape:
        raise DoesNotHold(f"a picture of {truth.shape} gives a mask of {found.shape[:2]} (H, W)")
    drawn = found != found[-1, -1] if found.ndim == 2 else (found != found[-1, -1]).any(axis=-1)
    overlap = float((drawn & truth).sum() / max((drawn | truth).sum(), 1))
    if overlap < 0.7:  # edges move when a picture is shrunk; a turned one shares less than a third
        raise DoesNotHold(f"a bright part of a {height} x {width} picture and its mask overlap by {overlap:.2f} alone")
    return f"a bright part and its mask overlap by {overlap:.2f} (IoU)"


def _masks_alone(config: Any) -> Any:
    """The config without its class branch, which the network that is put in has not got."""
    if "decide_mask" not in config:
        return config
    innermost = config["inferer"]
    while "inferer" in innermost:
        innermost = innermost["inferer"]
    steps = [step for step in config["run"]  # some settings have no use now
             if not (isinstance(step, dict) and step.get("_target_") == "monai_seg.run.check_settings")]
    return {**config, "decide": config["decide_mask"], "inferer": innermost, "run": steps,
            "network": {key: value for key, value in config["network"].items() if key != "num_classes"},
            "handlers": [handler for handler in config["handlers"] if handler.get("key") != "class_pred"]}


def check_sample(root: Path) -> str:
    """The recorded prediction comes out again."""
    from monai_seg.bundle.packing import sample_picture as sample

    if not (root / sample.PICTURE).is_file():
        return "no sample in it"
    with _quietly():
        mask, probability = sample.predict_picture(read(root, "inference"), root, (root / sample.PICTURE).read_bytes())
    with Image.open(root / sample.PROBABILITY) as image:
        steps = np.abs(np.array(image).astype(int) - probability.astype(int))
    if steps.max() > PROBABILITY_STEPS:
        raise DoesNotHold(f"probabilities differ from those recorded by up to {steps.max()} of 255")
    with Image.open(root / sample.MASK) as recorded, Image.open(io.BytesIO(mask)) as found:
        different = int((np.array(recorded) != np.array(found)).sum())
    if different:
        raise DoesNotHold(f"{different} pixels of the mask differ from the one recorded")
    return "mask and probabilities are those recorded"


def _run(root: Path, pictures: Path, masks: Path, elsewhere: Path, config: Path | None = None,
         weights: Path | None = None) -> None:
    """Run inference as a receiver does: another process, another folder, no look at where this one lies."""
    command = [sys.executable, "-P", "-W", "ignore", "-m", "monai.bundle", "run",
               "--config_file", str(config or root.absolute() / "configs/inference.json"),
               "--bundle_root", str(root.absolute()), "--dataset_dir", str(pictures), "--output_dir", str(masks)]
    if weights is not None:
        command += ["--weights", str(weights)]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    try:
        done = subprocess.run(command, cwd=elsewhere, env=environment, capture_output=True, text=True,
                              timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired as error:
        raise DoesNotHold(f"inference did not end within {TIMEOUT_S} s") from error
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        raise DoesNotHold(f"inference ended with exit code {done.returncode}: {last}")


def _network(root: Path) -> Any:
    from monai.bundle import ConfigParser

    with _quietly():
        return ConfigParser(read(root, "inference")).get_parsed_content("network_def")


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Keep MONAI's many lines to itself."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)

"""The whole way on a synthetic twin of the SIIM data: make it, train, evaluate, infer, say where everything is.

Each step runs the very command that a user would type, and is left out where its result stands already. Remove
``data/siim`` and ``runs/siim`` to begin anew.
"""

from __future__ import annotations

import csv
import shlex
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DATA, RUN = Path("data/siim"), Path("runs/siim")
CASES = 600
STEPS = {
    "twin": f"python -m monai_seg sample siim {DATA} --cases {CASES}",
    "list": f"python tools/prepare_siim.py {DATA}",
    "training": "python -m monai.bundle run training --config_file bundles/siim/train.json",
    "evaluation": "python -m monai.bundle run evaluation --config_file bundles/siim/evaluate.json",
    "inference": "python -m monai.bundle run inference --config_file bundles/siim/inference.json --overlays true "
                 "--overwrite true",
}


def main() -> None:
    """Run what is not there yet, then print the summary."""
    start = time.perf_counter()
    done = {
        "twin": (ROOT / DATA / "twin.json").exists(),
        "list": (ROOT / DATA / "datalist.json").exists(),
        "training": finished(ROOT / RUN),
        "evaluation": (ROOT / RUN / "summary.csv").exists(),
        "inference": _count(ROOT / RUN / "predictions") == _count(ROOT / DATA / "png_images") > 0,
    }
    for step, command in STEPS.items():
        if done[step]:
            print(f"{step}: there already", flush=True)
        else:
            run(step, command)
    print(summary(time.perf_counter() - start))


def finished(run_dir: Path) -> bool:
    """Tell whether a training went to its end: its curves are drawn last."""
    return (run_dir / "model.pt").exists() and (run_dir / "curves.png").exists() and not (run_dir / "run.lock").exists()


def _count(folder: Path) -> int:
    return len(list(folder.glob("*.png")))


def run(step: str, command: str) -> None:
    """Run ``command`` from the repository's root with this Python, and stop the demo where it fails."""
    print(f"\n$ {command}", flush=True)
    start = time.perf_counter()
    words = [sys.executable if word == "python" else word for word in shlex.split(command)]
    code = subprocess.run(words, cwd=ROOT, check=False).returncode
    if code:
        sys.exit(f"{step} failed with exit code {code}")
    print(f"{step} took {time.perf_counter() - start:.0f} s", flush=True)


def summary(seconds: float) -> str:
    """Return the closing lines: scores, and where to look."""
    with open(ROOT / RUN / "summary.csv", newline="") as file:
        scores = {row["score"]: row["value"] for row in csv.DictReader(file)}
    false_alarms, misses = float(scores["test_false_alarm_rate"]), float(scores["test_miss_rate"])
    return "\n".join([
        "",
        f"Done in {seconds:.0f} s. Scores on the {scores['test_images']} test images, at their own size:",
        f"  Dice, images with a lesion ({scores['test_images_positive']}):  {float(scores['test_dice_positive']):.3f}",
        f"  Dice, all images (empty and left empty = 1):  {float(scores['test_dice']):.3f}",
        f"  false alarms on images without lesion: {false_alarms:.1%}   missed lesions: {misses:.1%}",
        f"Scores of each image: {RUN / 'cases.csv'}    learning curves: {RUN / 'curves.png'}",
        f"Masks: {RUN / 'predictions'}    overlays: {RUN / 'predictions' / 'overlays'}",
        f"TensorBoard: {Path(sys.executable).parent}/tensorboard --logdir {RUN / 'tensorboard'}",
    ])


if __name__ == "__main__":
    main()

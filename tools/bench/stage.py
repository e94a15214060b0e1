"""What contenders work on: twins, pictures and a trained run, made once per call when a row first asks for them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MANY = 512  # pixels of a side below which a folder holds enough pictures to be shared among processes
ENOUGH = 320  # cases: from a few dozen a network learns so little that a score says nothing


class Stage:
    """A folder of inputs and outputs.

    Args:
        folder: for all of it; may be thrown away afterwards.
        cases: of the twin.
        epochs: of trainings.
        minutes: the most that a training towards a score takes.
    """

    def __init__(self, folder: Path, cases: int, epochs: int, minutes: float) -> None:
        self.folder, self.cases, self.epochs, self.minutes = folder, cases, epochs, minutes
        self.twin, self.run, self.pictures = cache(self.twin), cache(self.run), cache(self.pictures)  # type: ignore
        self.linked, self.large_twin = cache(self.linked), cache(self.large_twin)  # type: ignore[method-assign]

    def out(self, name: str) -> str:
        return str(self.folder / "out" / name)

    def twin(self) -> str:
        data = self.folder / "siim"
        _module("monai_seg", "sample", "siim", str(data), "--cases", str(self.cases))
        return str(data)

    def large_twin(self) -> str:
        """Enough cases for a test Dice that means something."""
        data = self.folder / "siim_large"
        _module("monai_seg", "sample", "siim", str(data), "--cases", str(ENOUGH))
        return str(data)

    def run(self) -> str:
        """A network trained on the twin for a minute: an untrained one decides nothing like a trained one."""
        out = self.folder / "run"
        _module("monai.bundle", "run", "training", "--config_file", "bundles/siim/train.json", "--dataset_dir",
                self.twin(), "--output_dir", str(out), "--max_epochs", "100", "--max_time_s", "60", good=(0, 143))
        return str(out)

    def pictures(self, side: int) -> str:
        """A folder with pictures of ``side`` pixels, tiled from the twin's at the size that the network knows."""
        import numpy as np
        from PIL import Image

        folder = self.folder / f"pictures_{side}"
        folder.mkdir()
        tiles = []
        for path in sorted((Path(self.twin()) / "png_images").glob("*.png")):
            with Image.open(path) as picture:
                tiles.append(np.asarray(picture.convert("L").resize((256, 256))))
        across, count = side // 256, 200 if side < MANY else 4 if side < 2048 else 1
        for number in range(count):
            chosen = [tiles[(number + place) % len(tiles)] for place in range(across * across)]
            pixels = np.block([chosen[row * across : (row + 1) * across] for row in range(across)])
            Image.fromarray(pixels).save(folder / f"{number}.png")
        return str(folder)

    def linked(self, count: int) -> str:
        """A data set of ``count`` cases: the twin's under many names, by hard links."""
        folder, twin = self.folder / f"linked_{count}", Path(self.twin())
        pairs = sorted((twin / "png_images").glob("*.png"))
        items: dict[str, list[dict[str, str]]] = {"training": [], "validation": [], "test": []}
        (folder / "masks").mkdir(parents=True)
        (folder / "images").mkdir()
        for number in range(count):
            image = pairs[number % len(pairs)]
            mask = twin / "png_masks" / image.name
            os.link(image, folder / "images" / f"{number}.png")
            os.link(mask, folder / "masks" / f"{number}.png")
            split = ("training", "training", "training", "validation", "test")[number % 5]
            items[split].append({"image": f"images/{number}.png", "label": f"masks/{number}.png"})
        (folder / "datalist.json").write_text(json.dumps(items))
        return str(folder)


def _module(*command: str, good: tuple[int, ...] = (0,)) -> None:
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True)
    if done.returncode not in good:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")

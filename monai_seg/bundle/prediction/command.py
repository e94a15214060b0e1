"""What ``python -m monai_seg predict`` does and tells."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.text import Text

from monai_seg.bundle.prediction.predict import predict


def run_predict(model: Path, pictures: Path, out: Path, overwrite: bool, runtime: str) -> None:
    """Predict with a bar, and say how many masks lie where."""
    with Progress(transient=True) as bar:
        task = bar.add_task("predict", total=None)
        count = predict(model, pictures, out, overwrite,
                        lambda done, total: bar.update(task, completed=done, total=total), runtime)
    Console().print(Text(f"{out}: {count} masks"), soft_wrap=True)

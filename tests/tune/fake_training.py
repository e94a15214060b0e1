"""Stands in for ``monai.bundle run training``: learns as well as its learning rate, at once."""

from __future__ import annotations

import ast
import json
import sys
import time
from pathlib import Path

words = dict(zip(sys.argv[3::2], sys.argv[4::2], strict=True))
folder = Path(words["--output_dir"])
config: dict[str, float] = {}
for file in ast.literal_eval(words["--config_file"]):
    config |= json.loads(Path(file).read_text())
rate, seconds = config["learning_rate"], 60 * config["schedule_minutes"]
if rate > 0.9:
    print("error: learning_rate: too much; take less")
    sys.exit(1)
is_bad = rate < 0.05
rows = [f"{epoch},{epoch * seconds / 10},{rate * epoch / 10}" for epoch in range(1, 6 if is_bad else 11)]
(folder / "metrics.csv").write_text("\n".join(["epoch,seconds,val_dice", *rows]) + "\n")
if is_bad and config.get("waits"):  # until it is told to stop
    end = time.monotonic() + 30
    while not (folder / "STOP").exists() and time.monotonic() < end:
        time.sleep(0.01)
    sys.exit(143)

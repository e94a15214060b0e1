"""The benchmark's frame: rows one by one, merged into one file; the contenders themselves are run by `make bench`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

ROOT = Path(__file__).parents[2]


def benchmark(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "tools/benchmark.py", *arguments], cwd=ROOT, capture_output=True, text=True)


def test_a_row_alone_is_measured_and_merged(tmp_path: Path):
    path = tmp_path / "found.json"
    earlier = {"training": {"ratios": {"bundle / zoo": {"median": 2.0, "target": ">= 2.5"}}}}
    path.write_text(json.dumps(earlier))
    done = benchmark("--only", "help", "--rounds", "2", "--json", str(path))
    assert done.returncode == 0, done
    found = json.loads(path.read_text())
    assert found["training"] == earlier["training"]
    rounds = [each["seconds"] for each in found["help"]["rounds"]["help"]]
    assert len(rounds) == 2 and min(rounds) > 0
    assert found["help"]["medians"]["help"]["seconds"] == pytest.approx(sum(rounds) / 2)
    assert path.with_suffix(".png").stat().st_size > 1000


def test_what_falls_short_is_told_by_its_target(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    from bench.picture import reaches

    assert [reaches(2.5, ">= 2.5"), reaches(2.49, ">= 2.5"), reaches(0.3, "<= 0.33"), reaches(0.4, "<= 0.33")] == [
        True, False, True, False]


def test_an_unknown_row_is_refused(tmp_path: Path):
    done = benchmark("--only", "nonsense", "--json", str(tmp_path / "found.json"))
    assert done.returncode == 2 and "training_dynunet" in done.stderr


def test_what_a_trainer_does_beside_the_step_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    monkeypatch.setattr(torch.Tensor, "backward", torch.Tensor.backward)  # put back afterwards
    from bench import training

    now = [0.0]
    monkeypatch.setattr(training.time, "perf_counter", lambda: now[0])

    class Slow(torch.nn.Module):
        def forward(self, image: torch.Tensor) -> torch.Tensor:
            now[0] += 3
            return image

    weight = torch.ones(1, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=0.1)
    trainer = SimpleNamespace(network=Slow(), loss_function=torch.nn.MSELoss(), optimizer=optimizer)
    step = training._StepTime(trainer)
    for beyond in (5, 1):
        step.start_epoch()
        now[0] += beyond
        trainer.loss_function(trainer.network(weight), torch.zeros(1)).backward()
        trainer.optimizer.step()
        step.end_epoch()
    assert step.figures() == {"beyond_step_share": 0.25}, "of the epochs after the first"
    assert weight.item() == pytest.approx(1 - 0.1 * 2 - 0.1 * (2 + 1.6)), "what is timed is done; gradients add up"

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch
from ignite.engine import Events
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData
from tensorboard.util.tensor_util import make_ndarray

from monai_seg.handlers import TensorBoardRun
from monai_seg.handlers.tensorboard_run import hyper_parameters, resident_mb

CONFIG = {"_desc_": ["a run"], "batch_size": 4, "learning_rate": 0.01, "augment": "light", "overlays": True,
          "image_size": [64, 32], "network_def": {"_target_": "UNet", "strides": [2, 2]}, "initialize": ["$1"],
          "cases": {"_target_": "monai_seg.data.DataList"}, "tensorboard_dir": "$str(@output_dir)", "fold": None}


def events_of(run: Any, folder: Path) -> EventAccumulator:
    handler = TensorBoardRun(CONFIG, run.evaluator, log_dir=folder)
    run.validation.attach(run.trainer)
    handler.attach(run.trainer)
    assert not folder.exists()
    run.trainer.run()
    handler._summary.writer.close()
    events = EventAccumulator(str(folder))
    events.Reload()
    return events


def test_the_config_can_be_read_again_from_its_text(tiny_run: Callable[..., Any], tmp_path: Path) -> None:
    events = events_of(tiny_run(1, scores=[0.5]), tmp_path / "tensorboard")
    [event] = events.Tensors("config/text_summary")
    assert json.loads(make_ndarray(event.tensor_proto).item().decode()) == CONFIG


def test_hyper_parameters_stand_beside_the_final_scores(tiny_run: Callable[..., Any], tmp_path: Path) -> None:
    events = events_of(tiny_run(3, scores=[0.5, 0.9, 0.7]), tmp_path / "tensorboard")
    contents = {tag: HParamsPluginData.FromString(content) for tag, content in
                events.PluginTagToContent("hparams").items()}
    given = contents["_hparams_/session_start_info"].session_start_info.hparams
    assert {name: given[name].number_value for name in ("batch_size", "learning_rate")} == \
        {"batch_size": 4, "learning_rate": 0.01}
    assert (given["augment"].string_value, given["network_def"].string_value) == ("light", "UNet")
    metrics = {info.name.tag for info in contents["_hparams_/experiment"].experiment.metric_infos}
    assert metrics == {"hparam/last_val_dice", "hparam/best_score", "hparam/best_epoch"}
    found = {name: [(event.step, event.value) for event in events.Scalars(name)] for name in metrics}
    assert found == {"hparam/last_val_dice": [(3, pytest.approx(0.7))], "hparam/best_score": [(3, pytest.approx(0.9))],
                     "hparam/best_epoch": [(3, 2)]}


def test_memory_is_written_after_every_epoch(tiny_run: Callable[..., Any], tmp_path: Path) -> None:
    events = events_of(tiny_run(2, scores=[0.5, 0.5]), tmp_path / "tensorboard")
    memory = events.Scalars("memory/resident_mb")
    assert [event.step for event in memory] == [1, 2]
    now = psutil.Process().memory_info().rss / 1e6
    assert all(now / 3 < event.value < 3 * now for event in memory)


def test_workers_are_counted() -> None:
    alone = resident_mb()
    with subprocess.Popen([sys.executable, "-c", "x = b'1' * 80_000_000; print(flush=True); input()"],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None and worker.stdout.readline()
        assert resident_mb() > alone + 60
        worker.communicate(b"\n")


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_the_peak_on_the_gpu_is_that_of_the_epoch(tiny_run: Callable[..., Any], tmp_path: Path) -> None:
    run = tiny_run(2, scores=[0.5, 0.5])
    run.trainer.add_event_handler(
        Events.ITERATION_COMPLETED(once=1), lambda: torch.zeros(25_000_000, device="cuda").sum().item())
    first, second = events_of(run, tmp_path / "tensorboard").Scalars("memory/cuda_mb")
    assert first.value >= 100 and second.value < 100, "the first epoch took 100 MB"


def test_only_what_stands_in_the_config_is_a_setting() -> None:
    assert hyper_parameters(CONFIG) == {"batch_size": 4, "learning_rate": 0.01, "augment": "light", "overlays": True,
                                        "image_size": "64, 32", "network_def": "UNet"}
    assert hyper_parameters({"network_def": {"_target_": "monai_seg.run.from_run"}}) == {"network_def": "as trained"}

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ignite.engine import Engine, Events
from mlflow import MlflowClient
from mlflow.entities import Run

from monai_seg.handlers import MetricsCsv, MlflowScores, MlflowTraining
from monai_seg.handlers.mlflow_store import Tracking

# MLflow's own tables, read by SQLAlchemy 2.1
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('store')}/mlruns.db"


@pytest.fixture
def tracking(uri: str, request: pytest.FixtureRequest) -> Tracking:
    return Tracking(uri, request.node.name, params={"batch_size": 4})


def the_run(tracking: Tracking) -> tuple[MlflowClient, Run]:
    client = MlflowClient(tracking_uri=tracking.tracking_uri)
    [run] = client.search_runs([client.get_experiment_by_name(tracking.experiment_name).experiment_id])
    return client, run


def attach(run: Any, folder: Path, tracking: Tracking | None) -> None:
    run.validation.attach(run.trainer)
    MetricsCsv(folder, run.evaluator, run.optimizer).attach(run.trainer)
    MlflowTraining(folder, run.evaluator, tracking).attach(run.trainer)


def test_every_epoch_and_the_best_score_of_a_training(
    tiny_run: Callable[..., Any], tmp_path: Path, tracking: Tracking
) -> None:
    run = tiny_run(3, scores=[0.25, 0.75, 0.5])
    attach(run, tmp_path, tracking)
    run.trainer.run()
    client, found = the_run(tracking)
    history = {name: [(point.step, point.value) for point in client.get_metric_history(found.info.run_id, name)]
               for name in ("train_loss", "val_dice")}
    assert history == {"train_loss": [(1, 1.5), (2, 3.5), (3, 5.5)], "val_dice": [(1, 0.25), (2, 0.75), (3, 0.5)]}
    assert (found.data.metrics["best_score"], found.data.metrics["best_epoch"]) == (0.75, 2)
    assert (found.info.status, found.data.params) == ("FINISHED", {"batch_size": "4"})
    assert [file.path for file in client.list_artifacts(found.info.run_id)] == ["metrics.csv"]


def test_a_resumed_training_goes_on_in_the_same_run(
    tiny_run: Callable[..., Any], tmp_path: Path, tracking: Tracking
) -> None:
    stopped = tiny_run(2, scores=[0.25, 0.5])
    attach(stopped, tmp_path, tracking)
    stopped.trainer.add_event_handler(Events.STARTED, lambda engine: setattr(engine.state, "stopped_by", "SIGTERM"))
    stopped.trainer.run()
    assert the_run(tracking)[1].info.status == "KILLED"
    resumed = tiny_run(3, scores=[0.75])
    resumed.resume_after(epoch=2)
    resumed.trainer.add_event_handler(Events.STARTED, lambda engine: setattr(engine.state, "resumed_from", "last.pt"))
    attach(resumed, tmp_path, tracking)
    resumed.trainer.run()
    client, found = the_run(tracking)
    points = client.get_metric_history(found.info.run_id, "val_dice")
    assert [(point.step, point.value) for point in points] == [(1, 0.25), (2, 0.5), (3, 0.75)]
    assert found.info.status == "FINISHED"


def test_the_scores_of_the_split_alone_are_recorded(tmp_path: Path, tracking: Tracking) -> None:
    (tmp_path / "summary.csv").write_text(
        "split,score,value\nvalidation,validation_dice,0.9\ntest,test_dice,0.5\ntest,test_hd95,\n")
    engine = Engine(lambda *_: None)
    MlflowScores(tmp_path, tracking, "test").attach(engine)
    engine.run([[{"image": 1}], {"image": [2, 3]}])
    client, found = the_run(tracking)
    assert found.data.metrics.pop("seconds") >= 0
    assert found.data.metrics == {"test_dice": 0.5, "images_of_process": 3}
    assert [file.path for file in client.list_artifacts(found.info.run_id)] == ["summary.csv"]


def test_without_tracking_nothing_is_made(tiny_run: Callable[..., Any], tmp_path: Path) -> None:
    run = tiny_run(1, scores=[0.5])
    MlflowTraining(tmp_path, run.evaluator).attach(run.trainer)
    MlflowScores(tmp_path, split="test").attach(run.trainer)
    run.trainer.run()
    assert list(tmp_path.iterdir()) == []

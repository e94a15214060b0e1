from __future__ import annotations

import json
from pathlib import Path

import pytest
from ignite.engine import Engine, Events
from mlflow import MlflowClient

from monai_seg.handlers import MlflowSearch
from monai_seg.handlers.mlflow_store import MlflowStore, Tracking

# MLflow's own tables, read by SQLAlchemy 2.1
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")

POINT = {"decide_threshold": 0.7, "min_area_share": 0.001, "threshold": 0.4, "score": 0.9, "dice": 0.9,
         "dice_positive": None, "split": "validation", "searched": {"images": 4}}  # fmt: skip


@pytest.fixture
def tracking(tmp_path: Path) -> Tracking:
    return Tracking(f"sqlite:///{tmp_path}/mlruns.db", "search")


def test_the_point_and_its_scores_are_in_the_training_s_run(tracking: Tracking, tmp_path: Path) -> None:
    training = MlflowStore(tracking, "training", tmp_path)
    training.log({"val_dice": 0.8}, step=3)
    training.close()
    engine = Engine(lambda *_: None)
    engine.add_event_handler(
        Events.COMPLETED, lambda _: (tmp_path / "operating_point.json").write_text(json.dumps(POINT)))
    MlflowSearch(tmp_path, tracking).attach(engine)
    engine.run([0])
    client = MlflowClient(tracking_uri=tracking.tracking_uri)
    run = client.get_run(training.run_id)
    assert run.data.metrics == {"val_dice": 0.8, "operating_point_decide_threshold": 0.7, "final_val_dice": 0.9,
                                "operating_point_min_area_share": 0.001, "operating_point_threshold": 0.4}
    assert run.info.status == "FINISHED"
    assert len(client.search_runs([run.info.experiment_id])) == 1
    assert [file.path for file in client.list_artifacts(training.run_id)] == ["operating_point.json"]


def test_without_tracking_it_does_nothing(tmp_path: Path) -> None:
    engine = Engine(lambda *_: None)
    MlflowSearch(tmp_path).attach(engine)
    engine.run([0])
    assert list(tmp_path.iterdir()) == []

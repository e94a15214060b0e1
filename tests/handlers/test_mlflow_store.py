from __future__ import annotations

import atexit
import importlib.util
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from monai_seg.errors import InputError
from monai_seg.handlers.mlflow_store import MlflowStore, Tracking, check_installed

# MLflow's own tables, read by SQLAlchemy 2.1
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning")


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of one database for all, as making it takes seconds; each test has its own experiment."""
    return f"sqlite:///{tmp_path_factory.mktemp('store')}/mlruns.db"


@pytest.fixture(autouse=True)
def at_exit(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], None]]:
    """What would be called at the end of the process."""
    kept: list[Callable[[], None]] = []
    monkeypatch.setattr(atexit, "register", lambda call, *args: kept.append(partial(call, *args)))
    return kept


@pytest.fixture
def tracking(uri: str, request: pytest.FixtureRequest) -> Tracking:
    return Tracking(uri, request.node.name, params={"batch_size": 4, "augment": "light"})


def runs(tracking: Tracking) -> list[Run]:
    """Newest first."""
    client = MlflowClient(tracking_uri=tracking.tracking_uri)
    experiment = client.get_experiment_by_name(tracking.experiment_name)
    return list(client.search_runs([experiment.experiment_id]))


def test_settings_metrics_and_files_are_kept(tracking: Tracking, tmp_path: Path) -> None:
    (tmp_path / "summary.csv").write_text("score,value\n")
    store = MlflowStore(tracking, "evaluation", tmp_path)
    store.log({"dice": 0.5, "undefined": float("nan")}, step=1)
    store.log({"dice": 0.75}, step=2)
    assert store.last_step("dice") == 2 and store.last_step("iou") == 0
    store.close(files=("summary.csv", "missing.csv"))
    [run] = runs(tracking)
    assert (run.info.status, run.info.run_name) == ("FINISHED", f"{tmp_path.name} evaluation")
    assert run.data.params == {"batch_size": "4", "augment": "light"}
    assert run.data.metrics == {"dice": 0.75}
    beside = Path(tracking.tracking_uri.removeprefix("sqlite:///")).parent / "mlruns"
    assert [path.name for path in beside.rglob("*.csv")] == ["summary.csv"]


def test_a_resumed_run_goes_on_and_a_new_one_takes_the_place_of_a_dead_one(tracking: Tracking, tmp_path: Path) -> None:
    first = MlflowStore(tracking, "training", tmp_path)
    other = MlflowStore(tracking, "training", tmp_path / "other")
    evaluation = MlflowStore(tracking, "evaluation", tmp_path)
    again = MlflowStore(tracking._replace(params={"batch_size": 8, "tta": True}), "training", tmp_path, resume=True)
    assert again.run_id == first.run_id
    new = MlflowStore(tracking, "training", tmp_path)
    assert new.run_id not in (first.run_id, other.run_id, evaluation.run_id)
    new.close()
    after = MlflowStore(tracking, "training", tmp_path, resume=True)
    status = {run.info.run_id: run.info.status for run in runs(tracking)}
    assert status[new.run_id] == "FINISHED" and status[after.run_id] == "RUNNING"
    assert status[other.run_id] == status[evaluation.run_id] == "RUNNING", "another's"
    params = next(run.data.params for run in runs(tracking) if run.info.run_id == first.run_id)
    assert params == {"batch_size": "4", "augment": "light", "tta": "True"}, "what is recorded stays"
    for store in (other, evaluation, after):
        store.close()


def test_the_run_that_ended_last_is_opened_again(tracking: Tracking, tmp_path: Path) -> None:
    older = MlflowStore(tracking, "training", tmp_path)
    newer = MlflowStore(tracking._replace(run_name="newer"), "training", tmp_path)
    newer.close()
    older.client.set_terminated(older.run_id, "KILLED", end_time=1)
    again = MlflowStore(tracking, "training", tmp_path, reopen=True)
    assert again.run_id == newer.run_id
    assert {run.info.run_id: run.info.status for run in runs(tracking)} == {
        older.run_id: "KILLED", newer.run_id: "RUNNING"}  # fmt: skip
    again.close()
    assert len(runs(tracking)) == 2 and runs(tracking)[0].info.status == "FINISHED"


def test_a_crash_is_seen(tracking: Tracking, tmp_path: Path, at_exit: list[Callable[[], None]]) -> None:
    crashed = MlflowStore(tracking, "training", tmp_path)
    [end] = at_exit
    end()
    assert runs(tracking)[0].info.status == "FAILED"
    gone_on = MlflowStore(tracking, "training", tmp_path, resume=True)
    assert gone_on.run_id == crashed.run_id and runs(tracking)[0].info.status == "RUNNING"
    gone_on.close()
    at_exit[1]()
    assert runs(tracking)[0].info.status == "FINISHED", "what is over stays as it is"


def test_a_quote_in_a_path_is_no_query(tracking: Tracking, tmp_path: Path) -> None:
    folder = tmp_path / "it's"
    MlflowStore(tracking, "training", folder)
    assert MlflowStore(tracking, "training", folder, resume=True).run_id == runs(tracking)[0].info.run_id
    MlflowStore(tracking, "training", folder, resume=True).close()


def test_the_variable_goes_before_the_config(
    tracking: Tracking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", tracking.tracking_uri)
    MlflowStore(tracking._replace(tracking_uri="sqlite:////none/there.db"), "inference", tmp_path).close()
    assert len(runs(tracking)) == 1


def test_a_store_that_cannot_be_opened_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be opened by MLflow .*; name another store with") as told:
        MlflowStore(Tracking("nonsense://somewhere"), "training", tmp_path)
    assert "\n" not in str(told.value)


def test_what_is_missing_is_named_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "alembic" else find(name))
    with pytest.raises(InputError, match=r"tracking: alembic cannot be imported; install it .*monai_seg\[mlflow\]"):
        check_installed()

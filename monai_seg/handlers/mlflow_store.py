"""A run in an MLflow store: opened or gone on with, written to, closed."""

from __future__ import annotations

import atexit
import importlib.util
import logging
import math
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from monai.utils import path_to_uri

from monai_seg.errors import InputError

FOLDER, KIND = "monai_seg.folder", "monai_seg.kind"  # tags by which an interrupted run is found again
LONGEST_PARAM = 500  # characters; all stores take this many
AT_ONCE = 100  # parameters, the most that MLflow takes in one call


class Tracking(NamedTuple):
    """Where a run is recorded, and what of its config is.

    Args:
        tracking_uri: of the store, as ``sqlite:///runs/siim/mlruns.db``; `MLFLOW_TRACKING_URI` goes before it.
        experiment_name: under which runs are listed together.
        run_name: by default the folder's name.
        params: settings by id.
    """

    tracking_uri: str
    experiment_name: str = "monai_experiment"
    run_name: str | None = None
    params: Mapping[str, Any] = {}


class MlflowStore:
    """One run of one kind in one folder.

    A run of the same kind and folder that did not come to its end is gone on with where ``resume`` says so. Else it is
    marked as killed, and a new one begins. MONAI's `MLFlowHandler` would take any run of the experiment that has not
    ended, those of other trainings at the same time included.

    Args:
        tracking: where to.
        kind: "training", "evaluation" or "inference".
        output_dir: folder of the run's files.
        resume: whether the run before is gone on with.
        reopen: whether the run that ended last is opened again, however it ended.

    Raises:
        InputError: MLflow is missing, or the store cannot be opened.
    """

    def __init__(
        self, tracking: Tracking, kind: str, output_dir: str | Path, resume: bool = False, reopen: bool = False
    ) -> None:
        check_installed()
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # it would report its use over the network
        logging.getLogger("alembic").setLevel(logging.WARNING)  # a line for each table of a new store
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException

        uri = os.environ.get("MLFLOW_TRACKING_URI") or tracking.tracking_uri
        self.output_dir = Path(output_dir)
        try:
            self.client = MlflowClient(tracking_uri=uri)
            experiment = self._experiment(tracking.experiment_name, uri)
            self.run_id = self._open(tracking, experiment, kind, resume, reopen)
        except MlflowException as error:
            raise InputError(uri, f"cannot be opened by MLflow ({str(error).splitlines()[0]})",
                             "name another store with --tracking_uri, such as sqlite:///runs/mlruns.db") from error
        self.is_open = True
        atexit.register(self._end_as_failed, os.getpid())

    def log(self, metrics: Mapping[str, float], step: int = 0) -> None:
        """Record those ``metrics`` that are numbers."""
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        known = [Metric(name, float(value), now, step) for name, value in metrics.items() if math.isfinite(value)]
        for start in range(0, len(known), AT_ONCE):
            self.client.log_batch(self.run_id, metrics=known[start : start + AT_ONCE])

    def last_step(self, metric: str) -> int:
        """Return the highest step at which ``metric`` is recorded, 0 where it is not."""
        return max((point.step for point in self.client.get_metric_history(self.run_id, metric)), default=0)

    def close(self, status: str = "FINISHED", files: Iterable[str] = ()) -> None:
        """Keep those ``files`` of the folder that are there as artifacts, and end the run."""
        for path in (self.output_dir / name for name in files):
            if path.is_file():
                self.client.log_artifact(self.run_id, str(path))
        self.client.set_terminated(self.run_id, status)
        self.is_open = False

    def _end_as_failed(self, pid: int) -> None:
        if self.is_open and os.getpid() == pid:  # a forked worker is not the run
            self.close("FAILED")

    def _experiment(self, name: str, uri: str) -> str:
        """Return the id of the experiment, made if there is none; artifacts of a local database lie beside it."""
        found = self.client.get_experiment_by_name(name)
        if found is not None:
            return found.experiment_id
        local = uri.startswith("sqlite:///")
        beside = path_to_uri(Path(uri.removeprefix("sqlite:///")).parent / "mlruns") if local else None
        return self.client.create_experiment(name, artifact_location=beside)

    def _open(self, tracking: Tracking, experiment: str, kind: str, resume: bool, reopen: bool) -> str:
        folder = self.output_dir.absolute().as_posix()
        quoted = folder.replace("'", "_")
        same = f"tags.`{FOLDER}` = '{quoted}' and tags.`{KIND}` = '{kind}'"
        ended = self.client.search_runs([experiment], same, order_by=["attributes.end_time DESC"], max_results=1) \
            if reopen else []
        unfinished = self.client.search_runs([experiment], f"{same} and status != 'FINISHED'")
        if ended or (resume and unfinished):
            run_id = (ended or unfinished)[0].info.run_id  # the newest
            self.client.update_run(run_id, status="RUNNING")
        else:
            for run in unfinished:
                if run.info.status == "RUNNING":
                    self.client.set_terminated(run.info.run_id, "KILLED")
            name = tracking.run_name or f"{self.output_dir.absolute().name} {kind}"
            run_id = self.client.create_run(experiment, run_name=name, tags={FOLDER: quoted, KIND: kind}).info.run_id
        self._log_params(run_id, tracking.params)
        return run_id

    def _log_params(self, run_id: str, params: Mapping[str, Any]) -> None:
        """Record what is not recorded yet: MLflow refuses to change a parameter."""
        from mlflow.entities import Param

        known = self.client.get_run(run_id).data.params
        new = [Param(id, str(value)[:LONGEST_PARAM]) for id, value in params.items() if id not in known]
        for start in range(0, len(new), AT_ONCE):
            self.client.log_batch(run_id, params=new[start : start + AT_ONCE])


def check_installed() -> None:
    """Tell whether MLflow and what its databases need are there.

    Raises:
        InputError: they are not.
    """
    missing = [name for name in ("mlflow", "sqlalchemy", "alembic") if importlib.util.find_spec(name) is None]
    if missing:
        raise InputError("tracking", f"{' and '.join(missing)} cannot be imported",
                         "install it (python -m pip install 'monai_seg[mlflow]'), or leave --tracking out")

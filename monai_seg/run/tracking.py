"""What MONAI's ``--tracking`` has put into the running config."""

from __future__ import annotations

from monai.bundle import ConfigParser
from monai.utils import path_to_sqlite_uri

from monai_seg.handlers.mlflow_store import Tracking, check_installed
from monai_seg.handlers.tensorboard_run import hyper_parameters
from monai_seg.run.config import recorded_config, running_config


def tracking() -> Tracking | None:
    """Return where the run is to be recorded, None without ``--tracking``.

    MONAI adds ids to the config before its macros are resolved; they are read from there. The handlers that it adds as
    well are disabled by the id ``is_not_rank0`` of our configs, which they ask: they cannot read a trainer that does
    not decollate.

    Raises:
        InputError: MLflow is not installed.
    """
    config = running_config()
    if "tracking_uri" not in config:
        return None
    check_installed()
    parser = ConfigParser(config)
    uri, experiment, name = (parser.get_parsed_content(id, default=None)
                             for id in ("tracking_uri", "experiment_name", "run_name"))
    uri = uri or path_to_sqlite_uri(f"{parser.get_parsed_content('output_dir')}/mlruns.db")
    return Tracking(str(uri), experiment or "monai_experiment", name, hyper_parameters(recorded_config()))

"""The life of a run: its start, its folder, its resolved config."""

from monai_seg.run.choose import choose, component
from monai_seg.run.config import from_run, running_config, weights_file
from monai_seg.run.folder import RunFolder
from monai_seg.run.settings import check_settings
from monai_seg.run.start import start
from monai_seg.run.weights import fitting_weights

__all__ = [
    "RunFolder",
    "check_settings",
    "choose",
    "component",
    "fitting_weights",
    "from_run",
    "running_config",
    "start",
    "weights_file",
]

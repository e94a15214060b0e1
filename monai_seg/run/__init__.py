"""The life of a run: its start, its folder, its resolved config."""

from monai_seg.run.choose import choose, component
from monai_seg.run.config import from_run, running_config, weights_file
from monai_seg.run.ensemble import trained_networks
from monai_seg.run.finish import finish
from monai_seg.run.folder import RunFolder
from monai_seg.run.identity import Identity
from monai_seg.run.operating_point import operating_point, search_unless_stopped
from monai_seg.run.settings import check_settings
from monai_seg.run.start import start
from monai_seg.run.weights import fitting_weights

__all__ = [
    "Identity",
    "RunFolder",
    "check_settings",
    "choose",
    "component",
    "finish",
    "fitting_weights",
    "from_run",
    "operating_point",
    "running_config",
    "search_unless_stopped",
    "start",
    "trained_networks",
    "weights_file",
]

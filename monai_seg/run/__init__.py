"""The life of a run: its start, its folder, its resolved config."""

from monai_seg.run.choose import choose, component
from monai_seg.run.config import from_run, recorded_config, running_config, weights_file
from monai_seg.run.decoded import decoded_cache
from monai_seg.run.ensemble import trained_networks
from monai_seg.run.finish import finish
from monai_seg.run.folder import RunFolder
from monai_seg.run.identity import Identity
from monai_seg.run.operating_point import operating_point, search_unless_stopped
from monai_seg.run.settings import check_settings
from monai_seg.run.start import start
from monai_seg.run.tracking import tracking
from monai_seg.run.weights import fitting_weights

__all__ = [
    "Identity",
    "RunFolder",
    "check_settings",
    "choose",
    "component",
    "decoded_cache",
    "finish",
    "fitting_weights",
    "from_run",
    "operating_point",
    "recorded_config",
    "running_config",
    "search_unless_stopped",
    "start",
    "tracking",
    "trained_networks",
    "weights_file",
]

"""The life of a run: its start, its folder, its resolved config."""

from monai_seg.run.choose import choose
from monai_seg.run.config import from_run, running_config, weights_file
from monai_seg.run.folder import RunFolder
from monai_seg.run.start import start

__all__ = ["RunFolder", "choose", "from_run", "running_config", "start", "weights_file"]

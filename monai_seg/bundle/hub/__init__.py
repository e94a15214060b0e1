"""A folder, or the same folder served by HTTP, as a team's own hub of packed bundles."""

from monai_seg.bundle.hub.pull import pull
from monai_seg.bundle.hub.push import Pushed, push

__all__ = ["Pushed", "pull", "push"]

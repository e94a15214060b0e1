"""Whether a packed bundle does what it promises, found out by running it offline."""

from monai_seg.bundle.verification.verify import Outcome, verify

__all__ = ["Outcome", "verify"]

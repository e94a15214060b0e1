"""Tensors as arrays, wherever they lie and whatever their type."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def as_array(values: Any) -> NDArray:
    """Return a tensor, or what numpy can take, as an array; bfloat16, which numpy lacks, and float16 become float32."""
    if not hasattr(values, "detach"):
        return np.asarray(values)
    tensor = values.detach().cpu()
    return np.asarray(tensor.float() if tensor.is_floating_point() and tensor.element_size() < 4 else tensor)

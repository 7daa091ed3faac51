"""Values along an axis: whether they are in geometric progression."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["geometric"]


def geometric(values: Any) -> bool:
    """Whether values are rather in geometric than in arithmetic progression.

    Examples
    --------
    >>> geometric([2, 5, 10, 20, 50]), geometric([0.05, 0.1, 0.15]), geometric([0, 1, 10])
    (True, False, False)
    """
    found = np.unique([] if values is None else np.asarray(values, float))
    if len(found) < 3 or not 0 < 4 * found[0] <= found[-1]:
        return False
    steps, ratios = np.diff(found), np.diff(np.log(found))
    return bool(steps.max() / steps.min() >= 2 * ratios.max() / ratios.min())

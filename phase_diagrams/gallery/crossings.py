"""Where a measured curve crosses a level, and how that grows with the size."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .verdicts import Measured

__all__ = ["crossing", "power"]


def crossing(x: Any, m: Any, error: Any, level: float) -> tuple[float, float]:
    """Return where an overlap that falls with x crosses a level, and the error of that.

    Parameters
    ----------
    x, m, error : array_like
        Shape (n,), x ascending; the overlap is made monotonic.
    level : float
    """
    x, falling = np.asarray(x), np.minimum.accumulate(m)
    place = float(np.interp(-level, -falling, x))
    k = int(np.clip(np.searchsorted(x, place), 1, len(x) - 1))
    slope = (falling[k - 1] - falling[k]) / (x[k] - x[k - 1])
    return place, float(np.interp(place, x, error) / slope) if slope > 0 else np.inf


def power(sizes: Any, values: Any, relative_errors: Any = None) -> Measured:
    """Return the exponent of values that grow like a power of the size, by least squares.

    Parameters
    ----------
    sizes, values : array_like
        Shape (n,).
    relative_errors : array_like, optional
        Positive; exact values weigh alike.  Where one is infinite nothing is measured.
    """
    if relative_errors is not None and not np.isfinite(relative_errors).all():
        return Measured(math.nan, math.inf)
    weight = None if relative_errors is None else 1 / np.asarray(relative_errors)
    (slope, _), covariance = np.polyfit(np.log(sizes), np.log(values), 1, w=weight, cov="unscaled")
    return Measured(float(slope), 0.0 if weight is None else float(covariance[0, 0] ** 0.5))

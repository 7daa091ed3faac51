"""Sparse distributed memory: one reading of finite memories, and of exponentially many patterns.

==============  =====================================================================
`closure`       what the theory knows of `hebbian.SparseDistributed`
`first_step`    moments of one reading at any size, with the votes for the query
`basins`        critical distance, and the radius that reads best
`attention`     attention weights next to those of a radius
--------------  ---------------------------------------------------------------------
`counted`       hard neurons, averaged over how many are active
`exponent`      the kernel of a radius at exponential scale
`addresses`     addresses near a query, a pattern, and both
`votes`         the balance of votes in one reading of N spins, at exponential load
==============  =====================================================================
"""

from .attention import FittedSharpness, fitted_sharpness
from .basins import critical_distance, optimal_distance
from .exponent import share_exponent
from .first_step import OneStep, one_step

__all__ = [
    "FittedSharpness",
    "OneStep",
    "critical_distance",
    "fitted_sharpness",
    "one_step",
    "optimal_distance",
    "share_exponent",
]

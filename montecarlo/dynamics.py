r"""Single-spin dynamics.

All visit the sites in sequential order.  Heat bath sets
:math:`P(s_i = +1) = 1/(1 + e^{-2 \beta h_i})` and Metropolis flips with probability
:math:`\min(1, e^{-2 \beta s_i h_i})`; each visit obeys detailed balance with respect to
:math:`e^{-\beta H}`, so that the sweep leaves that distribution unchanged.  Sequential
Metropolis is not ergodic where costs vanish: it flips a free spin at every visit.
"""

from __future__ import annotations

__all__ = [
    "DYNAMICS",
    "GLAUBER",
    "METROPOLIS",
    "PARALLEL",
    "PERMUTATION",
    "RANDOM",
    "SEQUENTIAL",
    "ZERO_TEMPERATURE",
]

GLAUBER, METROPOLIS, ZERO_TEMPERATURE, PARALLEL = 0, 1, 2, 3
SEQUENTIAL, RANDOM, PERMUTATION = 0, 1, 2

#: Name of a dynamics -> its code in the kernels.
DYNAMICS = {"glauber": GLAUBER, "metropolis": METROPOLIS, "zero-temperature": ZERO_TEMPERATURE}

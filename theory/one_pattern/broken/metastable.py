r"""The metastable 1RSB glass between the static and the dynamic transition, P >= 3.

Below the dynamic transition :math:`T_d` the paramagnet falls apart into exponentially many
states of overlap q, too many to show in the free energy: down to the static transition
:math:`T_K` they are the 1RSB solution with breaking point :math:`\theta = 1`, where q
drops out of the free energy, :math:`f = -T \ln 2 - (\alpha/4T) \sum_k w_k`, and has an
equation of its own,

.. math:: q = \frac{\int Dy\,\cosh(by) \tanh^2(by)}{\int Dy\,\cosh(by)}, \qquad
          b^2 = \frac{\alpha}{2 T^2} \sum_k k w_k q^{k-1}

(T. R. Kirkpatrick, D. Thirumalai, Phys. Rev. B 36, 5388 (1987), doi:10.1103/PhysRevB.36.5388).
With b as the parameter, :math:`\lambda(b) = \alpha/T^2` is explicit.  Its minimum is the
dynamic transition; the states are those of larger b.
"""

from __future__ import annotations

import math

import numpy as np

from theory.compiled import compiled
from theory.one_pattern.crosstalk import Crosstalk
from theory.roots import highest, root

from .glass import weighted_site

__all__ = ["dynamic_temperature", "metastable_amplitude"]


@compiled
def _load_at(crosstalk: Crosstalk, b: float) -> float:
    q = 1 - weighted_site(b, 1.0)[1]
    total = 0.0
    for w, k in zip(crosstalk.strength, crosstalk.rank):  # noqa: B905 - numba has no strict
        total += k * w * q ** (k - 1)
    return 2 * b * b / total


def _onset(crosstalk: Crosstalk) -> float:
    """Return the b at the minimum of the load; 0 where couplings of rank 2 order first."""
    grid = 12.0 * 0.95 ** np.arange(184)
    loads = np.array([_load_at(crosstalk, b) for b in grid])
    rising = np.flatnonzero(np.diff(loads) > 0)
    if rising.size == 0:
        return 0.0
    at = int(rising[0])
    around = grid[max(at - 1, 0) : at + 2][::-1]
    return highest(lambda b: -_load_at(crosstalk, b), around, 1e-10)[0]


def dynamic_temperature(crosstalk: Crosstalk) -> float:
    r"""Return :math:`T_d/\sqrt\alpha`, below which metastable states trap the dynamics.

    That of the continuous transition, :math:`\sqrt{w_2}`, where couplings of rank 2 order first.
    """
    b = _onset(crosstalk)
    return 1 / math.sqrt(_load_at(crosstalk, b)) if b > 0 else math.sqrt(crosstalk.strength[-1])


def metastable_amplitude(crosstalk: Crosstalk, alpha: float, T: float) -> float:
    r"""Return b of the metastable glass, NaN from the dynamic transition upwards."""
    low = _onset(crosstalk)
    load = alpha / T**2
    if not (low > 0 and load > _load_at(crosstalk, low)):
        return math.nan
    high = math.sqrt(0.5 * load * float(crosstalk.strength @ crosstalk.rank))  # of q = 1
    return root(lambda b: _load_at(crosstalk, b) - load, low, high)

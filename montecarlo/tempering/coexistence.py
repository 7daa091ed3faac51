r"""Two phases in one ladder: where both weigh the same, and what lies between them.

At a discontinuous transition the energies of a finite network have two peaks.  The transition of
one disorder sample is where both phases have half of the weight, which the first-order law
:math:`Z = Z_1 + Z_2` makes the equality of their free energies up to terms that vanish
exponentially with N (C. Borgs, R. Kotecky, J. Stat. Phys. 61, 79 (1990)).  The distance of the
peaks is the latent heat; the depth of the minimum between them,
:math:`\Delta F/T = \ln(P_{\rm peak}/P_{\rm min})`, grows like N where the transition stays
discontinuous (J. Lee, J. M. Kosterlitz, Phys. Rev. Lett. 65, 137 (1990),
doi:10.1103/PhysRevLett.65.137).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq

from .reweighting import reweighting

__all__ = ["Coexistence", "barrier", "coexistence"]

SCAN = 201  # inverse temperatures at which a change of the dominant phase is looked for


class Coexistence(NamedTuple):
    """The transition of one disorder sample; NaN where the ladder does not contain it.

    Parameters
    ----------
    beta : float
        Inverse temperature at which both phases have half of the weight.
    ordered, disordered : float
        Mean energy H of each phase there.
    distribution : (n_bins,) numpy.ndarray
        Weight of the energies in the given bins there.
    """

    beta: float
    ordered: float
    disordered: float
    distribution: np.ndarray


def coexistence(
    beta: np.ndarray, energies: np.ndarray, ordered: np.ndarray, edges: np.ndarray
) -> Coexistence:
    """Find where two phases have equal weight.

    Parameters
    ----------
    beta : (n_T,) numpy.ndarray
        Inverse temperatures.
    energies : (n_T, n) numpy.ndarray
        H of the configurations.
    ordered : (n_T, n) numpy.ndarray of bool
        Which of them are in the phase of low temperatures.
    edges : (n_bins + 1,) numpy.ndarray
        Of the bins of the energies.
    """
    none = Coexistence(np.nan, np.nan, np.nan, np.full(len(edges) - 1, np.nan))
    flat = ordered.ravel()
    if flat.all() or not flat.any():
        return none
    found = reweighting(beta, energies)

    def excess(b: float) -> float:
        return float(found.weights(b)[flat].sum()) - 0.5

    scan = np.linspace(beta.min(), beta.max(), SCAN)
    above = np.array([excess(b) for b in scan]) > 0
    changes = np.flatnonzero(above[1:] & ~above[:-1])
    if not changes.size:
        return none
    first = changes[0]
    root = float(brentq(excess, scan[first], scan[first + 1], xtol=1e-12))
    weights = found.weights(root)
    low, high = (
        float((weights * found.energies)[kind].sum() / weights[kind].sum())
        for kind in (flat, ~flat)
    )
    distribution, _ = np.histogram(found.energies, bins=edges, weights=weights)
    return Coexistence(root, low, high, distribution)


def barrier(distribution: np.ndarray, low: int, high: int) -> float:
    r"""Return :math:`\ln(P_{\rm peak}/P_{\rm min})`, 0 where there is no minimum between peaks.

    Parameters
    ----------
    distribution : (n_bins,) numpy.ndarray
    low, high : int
        Bins of the mean energies of the two phases; the minimum lies between them.

    Notes
    -----
    Neighbouring bins are averaged with weights (1, 2, 1)/4.  Of two peaks the lower one counts.

    Examples
    --------
    >>> barrier(np.array([0, 0, 8, 1, 1, 1, 8, 0, 0]), 2, 6) > 1
    True
    >>> barrier(np.array([0, 1, 2, 3, 2, 1, 0]), 2, 4)
    0.0
    """
    padded = np.pad(distribution.astype(float), 1)
    smooth = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
    if not 0 <= low < high < len(smooth):
        return 0.0
    lowest = low + int(smooth[low : high + 1].argmin())
    peak = min(smooth[: lowest + 1].max(), smooth[lowest:].max())
    if peak <= 0:
        return 0.0
    return float(np.log(peak / smooth[lowest])) if smooth[lowest] > 0 else float("inf")

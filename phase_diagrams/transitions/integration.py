r"""The transition of finite networks by the free energies of its two branches.

Where a network is so large that no chain goes from one phase to the other, each is followed by
itself, and its free energy is an integral of its energy.  Retrieval is integrated from T = 0,
where its free energy is its energy,

.. math:: f_R(T) = e(0) - T \int_0^T \frac{e(T') - e(0)}{T'^2} \, dT',

and the state without retrieval from infinite temperature,

.. math:: -f_D/T = \ln 2 - \int_0^{1/T} e \, d\beta .

Both branches of a sample live in the same network; they cross at the transition of one retrieval
state with the disordered one: the entropy of the choice among patterns is not in f_R.  Small
networks find a pattern before that; the energy of the disordered branch, which is smooth, is
then continued a little.

Retrieval is that of the mean pattern.  A few are followed; what distinguishes their free energies
is nearly the energy of the pattern itself, which is known for all patterns of the sample: f_R is
shifted by the mean of the pattern energies over all patterns minus that over the followed ones.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.integrate import cumulative_simpson
from scipy.interpolate import CubicSpline
from scipy.optimize import brentq

import hebbian
import montecarlo

from .networks import Network
from .patterns import pattern_energies

__all__ = ["by_integration"]

#: How far around the expected transition the branches reach.
REACH = (0.85, 1.25)

#: Points of the integrals over T and over 1/T.
POINTS = 25

#: Patterns of a sample that are followed.
STARTS = 2

#: Patterns of a sample whose energies are averaged.
MEASURED = 500

#: Share of the measurements that retrieval must have to go on.
FEWEST = 0.25

#: Share of the measurements of the disordered branch that must be without retrieval.
MOST = 0.9

#: Points by which a branch is continued beyond its end, and how far in 1/T.
FITTED, BEYOND = 12, 7 / 6

#: Inverse temperature that stands for infinite temperature.
HOTTEST = 1e-9


def by_integration(
    network: Network, centre: float, *, n_samples: int, seed: int, **settings: Any
) -> dict[str, Any]:
    """Measure where the branches of every disorder sample cross.

    Parameters
    ----------
    network : Network
    centre : float
        Expected transition, in units of the infinite network.
    n_samples, seed : int
    **settings
        Further arguments of `montecarlo.simulate`.

    Returns
    -------
    dict
        ``beta``, ``latent_heat``: (n_samples,) in units of the infinite network, NaN where the
        branches do not cross or end before they do: retrieval is lost, or the disordered branch
        found a pattern.
    """
    scale, n_spins = network.scale, network.n_spins
    low, high = (reach * centre for reach in REACH)
    n_starts = min(STARTS, network.n_patterns)
    settings |= {"alpha": network.own_load, "n_spins": n_spins, "n_samples": n_samples}
    settings |= {"seed": seed}
    energies, patterns = zip(
        *(_patterns(network, seed, sample, n_starts) for sample in range(n_samples)), strict=True
    )
    shift = np.array([e.mean() - e[:n_starts].mean() for e in energies])
    T = np.linspace(0, high, POINTS)
    retrieval = montecarlo.simulate(
        network.model, T=scale * T, start=np.array(patterns), patterns=range(n_starts),
        n_replicas=n_starts, **settings,
    )  # fmt: skip
    own = np.arange(n_starts)
    m = np.moveaxis(retrieval.series["m"][..., own, :, own], 0, 2)
    ordered = _branch(retrieval.series["energy"] / scale, m > 0.5, FEWEST) + shift[:, None]
    beta = np.linspace(0, 1 / low, POINTS)
    # A glass is reached by cooling alone; a paramagnet from any start, before it finds a pattern.
    cooling = montecarlo.ramp(
        network.model, T=scale / np.maximum(beta, HOTTEST), start="random", follow="first",
        n_replicas=1, carry=network.order == 2, observables=["largest_overlap"], **settings,
    )  # fmt: skip
    found = 0.5 * (1 + math.sqrt(2 * network.entropy))
    free = cooling.series["largest_overlap"] < found
    disordered = _branch(cooling.series["energy"] / scale, free, MOST)
    disordered[:, 0] = 0.0  # at infinite temperature
    points = [_crossing(T, e_R, beta, e_D) for e_R, e_D in zip(ordered, disordered, strict=True)]
    crossings, latent = np.array(points).T
    return {"beta": crossings, "latent_heat": latent}


def _patterns(network: Network, seed: int, sample: int, kept: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the energies per spin of the patterns of a sample, and the first patterns."""
    data = hebbian.draw(
        network.model, n_spins=network.n_spins, alpha=network.own_load, seed=seed, sample=sample
    )
    energies = pattern_energies(data, range(min(network.n_patterns, MEASURED)))
    return energies / (network.scale * network.n_spins), data.archetypes[:kept].copy()


def _branch(energies: np.ndarray, there: np.ndarray, least: float) -> np.ndarray:
    """Average the energies (T, sample, replica, measurement) of each sample while on the branch.

    Returns (sample, T), NaN from where less than a share `least` of the measurements is left.
    """
    share = there.mean(axis=(-1, -2))
    mean = np.where(there, energies, 0).mean(axis=(-1, -2)) / np.maximum(share, 1e-300)
    ended = np.logical_or.accumulate(share < least, axis=0)
    return np.where(ended, np.nan, mean).T


def _continued(beta: np.ndarray, energy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Go on with a branch that ended: a parabola through its last points, by a sixth at most."""
    known = np.isfinite(energy)
    n = int(known.sum())
    if n < FITTED:
        return beta[known], energy[known]
    reach = np.flatnonzero(beta <= BEYOND * beta[n - 1])[-1] + 1
    law = np.polynomial.Polynomial.fit(beta[n - FITTED : n], energy[n - FITTED : n], 2)
    return beta[:reach], np.where(known, energy, law(beta))[:reach]


def _crossing(
    T: np.ndarray, e_R: np.ndarray, beta: np.ndarray, e_D: np.ndarray
) -> tuple[float, float]:
    """Return the inverse temperature at which the free energies cross, and the latent heat."""
    T, e_R = T[np.isfinite(e_R)], e_R[np.isfinite(e_R)]
    beta, e_D = _continued(beta, e_D)
    if len(T) < 4 or len(beta) < 4:
        return np.nan, np.nan
    rise = np.empty_like(T)
    rise[1:] = (e_R[1:] - e_R[0]) / T[1:] ** 2
    rise[0] = rise[1]
    f_R = CubicSpline(T, e_R[0] - T * cumulative_simpson(rise, x=T, initial=0))
    action = CubicSpline(beta, np.log(2) - cumulative_simpson(e_D, x=beta, initial=0))

    def excess(b: float) -> float:
        return float(-b * f_R(1 / b) - action(b))

    first, last = max(1 / T[-1], beta[1]), beta[-1]
    if not (first < last and excess(first) < 0 < excess(last)):
        return np.nan, np.nan
    root = float(brentq(excess, first, last))
    heat = CubicSpline(beta, e_D)(root) - CubicSpline(T, e_R)(1 / root)
    return root, float(heat)

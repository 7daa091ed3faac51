r"""The transition of finite networks by replica exchange.

Ladders around the expected transition start once from a pattern and once at random.  Where the
weight of retrieval depends neither on the start nor on which half of the measurements is looked at,
nothing speaks against equilibrium.

A configuration retrieves where its largest overlap with any pattern is above the middle between 1
and what a random configuration reaches, and the transition of a sample is where retrieval has half
of the weight (`montecarlo.tempering.coexistence`).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import montecarlo
from montecarlo.tempering.coexistence import barrier, coexistence

from .networks import Network

__all__ = ["EDGES", "by_exchange"]

#: The ladder, in units of the temperature that is expected.
REACH = (0.84, 1.22)

#: Temperatures of a ladder per root of N: neighbours swap about every other time.
DENSITY = 1.2

#: Bins of the energy per spin.
EDGES = np.linspace(-1.0, 0.25, 126)

STARTS = ("pattern", "random")


def ladder(centre: float, n_spins: int) -> np.ndarray:
    """Return temperatures around the expected one.

    Examples
    --------
    >>> T = ladder(0.75, 100)
    >>> len(T), T[[0, -1]].round(3).tolist()
    (12, [0.63, 0.915])
    """
    low, high = REACH
    return centre * np.geomspace(low, high, max(6, math.ceil(DENSITY * math.sqrt(n_spins))))


def by_exchange(network: Network, centre: float, **settings: Any) -> dict[str, Any]:
    """Measure the transition of every disorder sample.

    Parameters
    ----------
    network : Network
    centre : float
        Temperature around which the ladder stands, in units of the infinite network.
    **settings
        Further arguments of `montecarlo.temper`.

    Returns
    -------
    dict
        ``beta``, ``latent_heat``: (n_samples,) in units of the infinite network, NaN where a
        sample has no transition in the ladder; ``distribution``: (n_bins,), mean over samples,
        each at its own transition; ``barrier``, ``barrier_error``; ``start_gap``, ``drift`` and
        their errors: weight of retrieval at the transition with start in a pattern minus that
        with a random one, and in the second half of the measurements minus the first;
        ``swap_rate``: the smallest; ``round_trips``: of all walkers.
    """
    scale, n_spins = network.scale, network.n_spins
    T = ladder(centre, n_spins)
    runs = [
        montecarlo.temper(
            network.model, alpha=network.own_load, T=scale * T, n_spins=n_spins, n_replicas=1,
            start=start, observables=["largest_overlap"], **settings,
        )
        for start in STARTS
    ]  # fmt: skip
    # Axes (temperature, sample, measurement).
    energy = [run.series["energy"][:, :, 0] / scale for run in runs]
    chance = math.sqrt(2 * network.entropy)
    retrieves = [run.series["largest_overlap"][:, :, 0] > 0.5 * (1 + chance) for run in runs]
    e, there = np.concatenate(energy, axis=-1), np.concatenate(retrieves, axis=-1)
    found = [
        coexistence(1 / T, n_spins * e[:, s], there[:, s], n_spins * EDGES)
        for s in range(e.shape[1])
    ]
    beta = np.array([one.beta for one in found])
    ordered, disordered = (
        np.array([getattr(one, phase) for one in found]) / n_spins
        for phase in ("ordered", "disordered")
    )
    curves = np.array([one.distribution for one in found])
    kept = np.isfinite(beta)
    gap, gap_error = _gap(T, beta, *(x.mean(axis=-1) for x in retrieves))
    half = retrieves[0].shape[-1] // 2
    early, late = (
        np.mean([x[..., part].mean(axis=-1) for x in retrieves], axis=0)
        for part in (slice(half), slice(half, None))
    )
    drift, drift_error = _gap(T, beta, late, early)
    depth, depth_error = _depth(curves[kept], ordered[kept], disordered[kept])
    return {
        "beta": beta,
        "latent_heat": disordered - ordered,
        "distribution": curves[kept].mean(axis=0) if kept.any() else curves[0],
        "barrier": depth,
        "barrier_error": depth_error,
        "start_gap": gap,
        "start_gap_error": gap_error,
        "drift": drift,
        "drift_error": drift_error,
        "swap_rate": float(min(np.min(run.swap_rates) for run in runs)),
        "round_trips": int(sum(run.round_trips.sum() for run in runs)),
    }


def _gap(
    T: np.ndarray, beta: np.ndarray, one: np.ndarray, other: np.ndarray
) -> tuple[float, float]:
    """Return by how much two weights of retrieval (T, sample) differ at the transitions."""
    difference = one - other
    at = [
        np.interp(1 / b, T, column)
        for b, column in zip(beta, difference.T, strict=True)
        if np.isfinite(b)
    ]
    return _mean(np.array(at))


def _mean(values: np.ndarray) -> tuple[float, float]:
    """Return the mean and its standard error."""
    n = len(values)
    error = float(values.std(ddof=1) / math.sqrt(n)) if n > 1 else np.nan
    return (float(values.mean()) if n else np.nan), error


def _depth(curves: np.ndarray, ordered: np.ndarray, disordered: np.ndarray) -> tuple[float, float]:
    """Return the barrier of the mean distribution and its jackknife error."""
    n = len(curves)
    if n == 0:
        return np.nan, np.nan
    width = EDGES[1] - EDGES[0]
    low, high = (int((x.mean() - EDGES[0]) / width) for x in (ordered, disordered))
    whole = barrier(curves.mean(axis=0), low, high)
    parts = [barrier(np.delete(curves, s, axis=0).mean(axis=0), low, high) for s in range(n)]
    if n < 2 or not np.isfinite([whole, *parts]).all():
        return whole, np.nan
    return whole, float(np.sqrt((n - 1) * np.var(parts)))

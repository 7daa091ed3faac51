"""Where on an isotherm the retrieval state changes its standing.

Two lines of the phase diagram are one load per temperature: the spinodal, beyond which no
retrieval state is left, and the transition, beyond which another state has the lower free
energy.  Both are evaluated on the curve of `theory.one_pattern.isotherm`, with their slope in
temperature, by which `theory.one_pattern.inversion` inverts them.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from theory.compiled import compiled
from theory.roots import inside

from .broken.glass import NO_GLASS, BrokenGlass, broken_glass, glass_free_energy
from .broken.pair_glass import NO_PAIR_GLASS, PairGlass, excess_free_energy, pair_glass
from .crosstalk import crosstalk_free_energy, instability, noise
from .isotherm import between, trace
from .low_load import summit
from .replica import MeanField, energies, overlap_of, signal, sites
from .spin_glass import glass, glass_extrema

__all__ = ["Landscape", "competitor", "landscape", "line"]


class Landscape(NamedTuple):
    """A model and what is computed once for it."""

    field: MeanField
    top_a: float  # of `low_load.summit`
    top_T: float
    glass: BrokenGlass  # empty where the replica-symmetric one is the competitor
    pair: PairGlass  # what breaking adds to that at P = 2; empty without
    glass_extrema: np.ndarray  # of `spin_glass`
    choices: float = 0.0  # entropy per spin of the states that retrieval chooses from


def landscape(field: MeanField, broken: bool) -> Landscape:
    """Compute what a model needs once, with or without the glass of broken symmetry."""
    crosstalk = field.crosstalk
    pair = pair_glass(crosstalk) if broken and crosstalk.resummed else NO_PAIR_GLASS
    broken = broken and not crosstalk.resummed and crosstalk.rank.min() > 1
    table = broken_glass(crosstalk) if broken else NO_GLASS
    return Landscape(field, *summit(field), table, pair, glass_extrema(crosstalk))


@compiled
def _spinodal(landscape: Landscape, T: float) -> tuple[float, float]:
    r"""Return the largest load of the isotherm and its derivative in T; 0 if there is none.

    At the maximum :math:`d\alpha/dT = \partial\alpha/\partial T` at fixed S.  The
    averages depend on (S, V, T) by scaling, :math:`T \partial_T = -S \partial_S - 2V
    \partial_V` and a further -1 for chi, and dG/dT at fixed chi is -chi I.
    """
    field = landscape.field
    nodes = trace(field, T, landscape.top_a, landscape.top_T)
    best = -1
    root = 0.0
    for i in range(nodes.shape[0]):
        if nodes[i, 2] > root:
            best, root = i, nodes[i, 2]
    if best < 0:
        return 0.0, np.nan
    if T == 0:
        return root**2, np.nan
    S, V = nodes[best, 0], nodes[best, 1] ** 2
    _, _, q, chi, n_S, n_V, chi_S, chi_V = sites(field, S, V, T)
    V_T = (S * n_S + 2 * V * n_V) / (T * n_V)
    chi_T = -(chi + S * chi_S + 2 * V * chi_V) / T + chi_V * V_T
    G, slope = noise(field.crosstalk, q, chi, T)
    G_T = slope * chi_T - chi * instability(field.crosstalk, q, chi, T)
    return root**2, V_T / G - V / G**2 * G_T


@compiled
def _state(
    field: MeanField, alpha: float, T: float, n: float, V: float
) -> tuple[float, float, float]:
    """Return the free energy of a replica-symmetric state, its entropy and d f / d alpha."""
    _, _, q, chi, _, _, _, _ = sites(field, signal(field.order, n), V, T)
    free_energy, energy = energies(field, alpha, T, n, V, q, chi)
    entropy = (energy - free_energy) / T if T > 0 else np.nan
    load_slope = crosstalk_free_energy(field.crosstalk, q, chi, T)
    if V > 0:
        load_slope -= 0.5 * chi * V / alpha
    return free_energy, entropy, load_slope


@compiled
def competitor(landscape: Landscape, alpha: float, T: float) -> tuple[float, float, float]:
    """Return the free energy of the best state without retrieval, its entropy and d/d alpha.

    That is the paramagnet or the 1RSB glass or, where the table of the landscape is empty, the
    replica-symmetric one: on request, and in the random field of ``indices="all"`` at odd order.
    """
    field = landscape.field
    if landscape.glass.tau.size > 0:
        return glass_free_energy(landscape.glass, field.crosstalk, alpha, T)
    V = glass(field.crosstalk, alpha, T, landscape.glass_extrema)[0]
    state = _state(field, alpha, T, 0.0, V if V > 0 else 0.0)
    if V > 0 and T > 0 and landscape.glass_extrema.size > 0:
        # A first-order glass: replicas maximise the free energy.
        liquid = _state(field, alpha, T, 0.0, 0.0)
        if liquid[0] > state[0]:
            return liquid
    if landscape.pair.excess.size > 0:
        more, T_slope, slope = excess_free_energy(landscape.pair, field.crosstalk, alpha, T)
        return state[0] + more, state[1] - T_slope, state[2] + slope
    return state


@compiled
def _advantage(
    landscape: Landscape, T: float, S: float, V: float, alpha: float
) -> tuple[float, float, float]:
    """Return the free energy of retrieval minus that of its best competitor, d/dT and d/d alpha.

    Retrieval gains the entropy `choices` of the landscape, at every load the same.
    """
    field = landscape.field
    free_energy, entropy, load_slope = _state(field, alpha, T, overlap_of(field.order, S), V)
    free_energy -= T * landscape.choices
    entropy += landscape.choices
    if alpha == 0:
        return free_energy + T * math.log(2), math.log(2) - entropy, np.nan
    other, other_entropy, other_slope = competitor(landscape, alpha, T)
    return free_energy - other, other_entropy - entropy, load_slope - other_slope


@compiled
def _leads(landscape: Landscape, T: float, node: np.ndarray) -> bool:
    """Whether retrieval dominates at a node of an isotherm; beyond chi = 1 it has no load."""
    if node[2] <= 0:
        return True
    return _advantage(landscape, T, node[0], node[1] ** 2, node[2] ** 2)[0] < 0


@compiled
def _transition(landscape: Landscape, T: float) -> tuple[float, float]:
    """Return the load at which retrieval stops to dominate and its derivative in T.

    The load is 0 if it never dominates, and that of the spinodal if it does so to the end.
    """
    field = landscape.field
    nodes = trace(field, T, landscape.top_a, landscape.top_T)
    if nodes.shape[0] == 0 or _advantage(landscape, T, nodes[0, 0], 0.0, 0.0)[0] >= 0:
        return 0.0, np.nan
    # The advantage falls with the load: bisect the nodes up to the spinodal.  Only deep in the
    # broken phase it may recover before that, while it is lost in between.
    spinodal = int(np.argmax(nodes[:, 2]))
    above = spinodal
    if _leads(landscape, T, nodes[spinodal]):
        above = 1
        while above < spinodal and _leads(landscape, T, nodes[above]):
            above += 1
        if above == spinodal:
            return _spinodal(landscape, T)
    below = 0
    while above - below > 1:
        i = (above + below) // 2
        if nodes[i, 2] <= nodes[below, 2] or _leads(landscape, T, nodes[i]):
            below = i
        else:
            above = i
    low, high = 0.0, 1.0
    fraction = 0.5
    root = T_slope = load_slope = last = np.inf
    for _ in range(80):
        S, sigma, root, slope = between(field, T, nodes[below], nodes[above], fraction)
        gap = -1.0
        if root > 0:
            gap, T_slope, load_slope = _advantage(landscape, T, S, sigma**2, root**2)
        if gap < 0:
            low = fraction
        else:
            high = fraction
        step = -gap / (load_slope * 2 * root * slope)
        new = inside(fraction + step, low, high)
        stalled = 1e-9 > abs(step) >= 0.5 * last
        last = abs(step)
        if stalled or abs(step) <= 1e-15:
            break
        fraction = new
    return root**2, -T_slope / load_slope


@compiled
def line(landscape: Landscape, dominant: bool, T: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the loads of a line, 0 where there is none, and their derivatives in T.

    The line is the transition if `dominant`, otherwise the spinodal.
    """
    loads, slopes = np.empty(T.size), np.empty(T.size)
    for i in range(T.size):
        if dominant:
            loads[i], slopes[i] = _transition(landscape, T[i])
        else:
            loads[i], slopes[i] = _spinodal(landscape, T[i])
    return loads, slopes

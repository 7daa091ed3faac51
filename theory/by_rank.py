"""Which patterns of a network are retrieved, one by one."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hebbian import Dense, Hopfield, Model, domain
from hebbian.calling import checked

from .closure import equations
from .conventions import weakness
from .labelled import labelled
from .one_pattern.branches import ReplicaSolution
from .one_pattern.closure import ReplicaSymmetric
from .one_pattern.strengths.left_out import states

__all__ = ["RankSolution", "by_rank"]

MOST_PATTERNS = 1_000_000
_UNITS = {"free_energy": 1, "energy": 1, "susceptibility": -1}


@dataclass(frozen=True, kw_only=True, repr=False)
class RankSolution(ReplicaSolution):
    """The retrieval state of every pattern of a network.

    Arrays have the broadcast shape S of the load and the temperature and a last axis of patterns.
    Where ``converged`` is False the pattern is not retrieved.

    Parameters
    ----------
    rank : numpy.ndarray of int
        Numbers of the patterns, 1 the first of the model's strengths, whatever their order.
    strength : numpy.ndarray
        NaN beyond the last pattern of a load.
    n_retrieved : numpy.ndarray of int
        Shape S: how many of all patterns of the network are retrieved.
    cut : numpy.ndarray of int
        Shape S: how many of them, from the strongest downwards, are retrieved without a gap.
    """

    last_axis: ClassVar[str] = "rank"

    rank: np.ndarray
    strength: np.ndarray
    n_retrieved: np.ndarray
    cut: np.ndarray


@labelled
@checked
def by_rank(
    model: Model,
    *,
    alpha: Any,
    T: Any = 0.0,
    n_spins: int,
    ranks: Any = None,
    law: str = "binomial",
) -> RankSolution:
    r"""Solve the equations of state of every pattern of a network of N spins.

    Parameters
    ----------
    model : Hopfield or Dense
        Its ``weights`` are the strengths of the patterns; by default all are 1.
    alpha, T : float or array_like
        Load and temperature in [0, inf), broadcast against each other.  The load is that of
        the whole number of patterns K that it makes of N, at most 1000000.
    n_spins : int
        N, at least the order.
    ranks : array_like of int, optional
        Numbers of the patterns that are returned, from 1; by default all, up to the largest K.
    law : {"binomial", "gaussian"}
        Law of the example mean.

    Returns
    -------
    RankSolution
        With a last axis of the patterns.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the numbers are not as many as the patterns.

    Notes
    -----
    The field of pattern :math:`\mu` is :math:`g_\mu \frac P2 m^{P-1}`, its noise the sum over the
    other K - 1 patterns,

    .. math:: V = \frac1N \sum_{\nu \ne \mu} \frac{g_\nu^2 q}{(1 - g_\nu \chi)^2}
              \quad (P = 2), \qquad
              V = \frac{P!}{2 N^{P-1}} \sum_{\nu \ne \mu} g_\nu^2\,\frac P2 q^{P-1}
              \quad (P \ge 3)

    with distinct indices (D. J. Amit, H. Gutfreund, H. Sompolinsky,
    doi:10.1016/0003-4916(87)90092-3, at unequal strengths; `theory.one_pattern.strengths`), whose
    couplings are weaker by :math:`\Pi = \prod_{k<P} (1 - k/N)` (`theory.conventions.weakness`).
    A pattern is retrieved alone: the noise of a stronger one that would condense by itself,
    :math:`g_\nu \chi \ge 1`, ends its state.  Nothing else of finite N is in it.

    Examples
    --------
    The fate of 200 patterns of 1000 spins, of which as many of one strength would all be lost:

    >>> from hebbian import Hopfield
    >>> found = by_rank(Hopfield(weights="palimpsest:8"), alpha=0.2, n_spins=1000)
    >>> int(found.cut), int(found.n_retrieved), found.m[[0, 20, 40]].round(3)
    (51, 51, array([1.   , 0.999, 0.995]))
    >>> int(by_rank(Hopfield(), alpha=0.2, n_spins=1000).n_retrieved)
    0
    """
    if not isinstance(model, Dense | Hopfield):
        raise ValueError(f"by_rank needs Hopfield or Dense, not {type(model).__name__}")
    size = domain.integer("n_spins", n_spins, f"[{model.order}, 10000000]")
    uniform = equations(dataclasses.replace(model, weights=None), law)
    assert isinstance(uniform, ReplicaSymmetric)
    load, temperature = uniform.controls(alpha, T=domain.real_array("T", T, "[0, inf)"))
    loads, which = np.unique(load, return_inverse=True)
    networks = [_strengths(model, each, size) for each in loads.tolist()]
    rank = _checked(ranks, max((g.size for g in networks), default=0))
    temperatures = temperature.ravel()
    rows: dict[str, np.ndarray] = {}
    survive = np.zeros((2, load.size), np.int64)
    for number, g in enumerate(networks or [np.ones(1)]):
        at = np.flatnonzero(which.ravel() == number)
        found = _solved(uniform, model, size, g, temperatures[at])
        from_strongest = found["converged"][:, np.argsort(-g, kind="stable")]
        survive[0, at] = from_strongest.sum(axis=-1)
        survive[1, at] = np.logical_and.accumulate(from_strongest, axis=-1).sum(axis=-1)
        there = np.flatnonzero(rank <= g.size)
        for name, values in found.items():
            if name not in rows:
                empty = np.nan if values.dtype.kind == "f" else 0
                rows[name] = np.full((load.size, rank.size), empty, values.dtype)
            rows[name][np.ix_(at, there)] = values[:, rank[there] - 1]
    shape = (*load.shape, rank.size)
    return RankSolution(
        rank=np.broadcast_to(rank, shape).copy(),
        n_retrieved=survive[0].reshape(load.shape)[()],
        cut=survive[1].reshape(load.shape)[()],
        **{name: values.reshape(shape) for name, values in rows.items()},
    )


def _strengths(model: Dense | Hopfield, alpha: float, n_spins: int) -> np.ndarray:
    n_patterns = model.count(alpha, n_spins)
    if n_patterns > MOST_PATTERNS:
        raise ValueError(
            f"alpha = {alpha:g} makes {n_patterns} patterns of {n_spins} spins: "
            f"by_rank takes up to {MOST_PATTERNS}"
        )
    found = model.strengths(n_patterns, n_spins)
    return np.ones(n_patterns) if found is None else found


def _checked(ranks: Any, most: int) -> np.ndarray:
    if ranks is None:
        return np.arange(1, most + 1)
    values = domain.real_array("ranks", ranks, f"[1, {max(most, 1)}]").ravel()
    if (values != np.floor(values)).any():
        raise ValueError(f"ranks = {domain.shown(ranks)} are not whole numbers")
    return values.astype(np.int64)


def _solved(
    uniform: ReplicaSymmetric,
    model: Dense | Hopfield,
    n_spins: int,
    strengths: np.ndarray,
    T: np.ndarray,
) -> dict[str, np.ndarray]:
    """Solve all patterns of one network: arrays (temperatures, patterns), equal strengths once."""
    scale = weakness(model, n_spins)
    distinct, back = np.unique(strengths, return_inverse=True)
    able = np.flatnonzero(distinct > 0)
    unit, heat = np.tile(distinct[able], T.size), np.repeat(T, able.size)
    load = model.load(strengths.size, n_spins)
    found = states(uniform, strengths, load / scale, unit, heat / (scale * unit)).fields()
    shift = uniform.diagonal_energy(np.array([load]), n_spins) * strengths.mean()
    whole = {"strength": np.broadcast_to(strengths, (T.size, strengths.size))}
    for name, values in found.items():
        kept = values * (scale * unit) ** _UNITS[name] if name in _UNITS else values
        if name in ("free_energy", "energy"):
            kept = kept + shift
        empty = np.nan if values.dtype.kind == "f" else 0
        each = np.full((T.size, distinct.size), empty, values.dtype)
        each[:, able] = kept.reshape(T.size, able.size)
        whole[name] = each[:, back.ravel()]
    return whole

"""Queries at given overlaps with stored patterns, and how near to these a memory takes them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

import hebbian
import montecarlo
from hebbian import Model, streams
from montecarlo.protocols.basin import critical_overlap
from phase_diagrams.retrieval.images import corrupt

__all__ = ["Queries", "answered", "critical_radius"]


class Queries(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Size, readings and number of queries; recovered is within the fraction `near` of the bits."""

    n_spins: int
    near: float
    sweeps: int
    n_queries: int
    n_samples: int
    seed: int


def answered(
    model: Model,
    *,
    alpha: float | None,
    n_spins: int,
    overlaps: Sequence[float],
    n_queries: int,
    sweeps: int,
    seed: int,
    sample: int,
    dynamics: str = "parallel",
) -> np.ndarray:
    """Return overlaps with the own pattern at T = 0, sweep by sweep.

    Parameters
    ----------
    model : Model
    alpha : float or None
    n_spins : int
    overlaps : sequence of float
        Of the queries with their patterns; those of one pattern have nested errors.
    n_queries : int
        Patterns that are asked for, the first ones; all of them if there are fewer.
    sweeps : int
    seed, sample : int
    dynamics : str

    Returns
    -------
    numpy.ndarray
        Shape (n_overlaps, n_queries, sweeps).
    """
    data = hebbian.draw(model, alpha=alpha, n_spins=n_spins, seed=seed, sample=sample)
    asked, _ = data.observed(range(min(n_queries, data.n_patterns)))
    keys = streams.stream(seed, "queries", sample=sample).generate_state(len(asked))
    starts = [
        [corrupt(pattern, (1 - m0) / 2, int(key)) for pattern, key in zip(asked, keys, strict=True)]
        for m0 in overlaps
    ]
    run = montecarlo.simulate(
        model,
        data=data,
        T=0.0,
        n_replicas=len(overlaps) * len(asked),
        schedule=montecarlo.Schedule(warmup=0, sweeps=sweeps, stride=1),
        dynamics=dynamics,
        start=np.reshape(starts, (1, -1, n_spins)),
        seed=seed,
        keep_spins=True,
    )
    assert run.spins is not None
    states = run.spins[0].reshape(len(overlaps), len(asked), sweeps, n_spins)
    return np.einsum("oqts,qs->oqt", states, asked, dtype=np.float64) / n_spins


def critical_radius(
    model: Model, n_patterns: int, asked: Queries, *, dynamics: str = "parallel"
) -> tuple[float, float]:
    """Return the distance over N from which half of the queries are recovered, and its error.

    NaN where none are.
    """
    N = asked.n_spins
    overlaps = 1 - 2 * np.arange(N // 2, -1, -1) / N
    found = [
        answered(
            model, alpha=model.load(n_patterns, N), n_spins=N, overlaps=overlaps.tolist(),
            n_queries=asked.n_queries, sweeps=asked.sweeps, seed=asked.seed, sample=sample,
            dynamics=dynamics,
        )[..., -1]
        for sample in range(asked.n_samples)
    ]  # fmt: skip
    recovered = [(m >= 1 - 2 * asked.near - 1e-9).mean(axis=1) for m in found]
    critical, error = critical_overlap(overlaps, np.transpose(recovered))
    return (1 - float(critical)) / 2, float(error) / 2

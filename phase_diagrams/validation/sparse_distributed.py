"""Numbers of sparse distributed memory, of attention weights, and of reading by any kernel.

Those of formulas are of a second evaluation, by sums over configurations and a grid of overlaps.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np

import theory
from hebbian import Exponential, SparseDistributed
from theory import sparse_distributed
from theory.sparse_distributed.addresses import addresses

from .entries import Entry

__all__ = ["entries"]

BRICKEN = "arXiv:2111.05498"
MOMENTS = "mean and variance of the field, with the votes for the query; second evaluation"
PUBLISHED = f"{BRICKEN}: without the votes for the query; second evaluation"
SHANNON = "Bell Syst. Tech. J. 27, 379 (1948): ((1 + m) ln(1 + m) + (1 - m) ln(1 - m))/2"
LEADING = "leading exponents of signal and noise; maximum over a grid of overlaps"

#: Distances of queries of N = 256, d = 105, r = 30000, K = 300, and those after one reading.
READ = {
    20: (0.42, 0.67), 50: (29.9, 36.3), 70: (70.1, 78.4), 90: (100.6, 107.1), 100: (110.6, 115.6),
}  # fmt: skip

#: d of N = 64 -> beta of least squares.
FITTED = {5: 32.95, 7: 27.24, 9: 22.88, 11: 19.34, 15: 13.79}

#: delta -> capacities from overlaps 1, 0.8, 0.6, own site excluded and included.
CAPACITIES = {
    0.1: ((0.4832, 0.3579, 0.1927), (0.3681, 0.3054, 0.1927)),
    0.2: ((0.2971, 0.2460, 0.1764), (0.1927, 0.1672, 0.1324)),
    0.4: ((0.0388, 0.0342, 0.0285), (0.0201, 0.0179, 0.0150)),
}
OVERLAPS = (1.0, 0.8, 0.6)


def entries() -> list[Entry]:
    """Return every number."""
    return [*_readings(), *_radii(), *_attention(), *_capacities(), *_sharpness()]


def _readings() -> list[Entry]:
    memory = SparseDistributed(radius=105 / 256, n_neurons=30_000)
    found = []
    for x, distances in READ.items():
        for own, expected in zip((True, False), distances, strict=True):
            votes = "with" if own else "without"
            found.append(
                Entry(
                    f"distance after one reading from {x}, N = 256, d = 105, r = 30000, K = 300, "
                    f"{votes} votes for the query",
                    MOMENTS if own else PUBLISHED,
                    expected,
                    5e-3 if expected < 1 else 5e-2,
                    partial(_distance, memory, x, own),
                )
            )
    large = SparseDistributed(radius=0.451, n_neurons=1_000_000)
    for own, expected in ((True, 235), (False, 153)):
        votes = "with" if own else "without"
        found.append(
            Entry(
                f"critical distance, N = 1000, d = 451, r = 10^6, K = 10^4, {votes} votes for the "
                "query",
                MOMENTS if own else PUBLISHED,
                expected,
                0,
                partial(
                    sparse_distributed.critical_distance, large, n_spins=1000, n_patterns=10_000,
                    own_vote=own,
                ),
            )
        )  # fmt: skip
    return found


def _distance(memory: SparseDistributed, x: int, own_vote: bool) -> float:
    step = sparse_distributed.one_step(memory, x, n_spins=256, n_patterns=300, own_vote=own_vote)
    return float(step.distance)


def _radii() -> list[Entry]:
    return [
        Entry("share of addresses within 451 of a query, N = 1000",
              "sum of binomial coefficients", 0.00107185, 5e-9,
              lambda: math.exp(addresses(1000, 451).log_share)),
        Entry("mean of shared addresses over all patterns, in units of p^2, N = 200, d = 80",
              "independent addresses: 1", 1.0, 1e-11, lambda: _mean_share(200, 80)),
        *(Entry(f"radius of the largest signal over noise, N = 64, r = 2^64, K = {K}",
                f"{BRICKEN}: p r/(1 + p K + p^3 K r)", d, 0,
                partial(sparse_distributed.optimal_distance, 64, n_patterns=K, n_neurons=2**64))
          for K, d in ((1024, 11), (60_000, 10))),
    ]  # fmt: skip


def _mean_share(n_spins: int, radius: int) -> float:
    near = addresses(n_spins, radius)
    return math.exp(near.log_mean(near.log_shared) - near.log_share)


def _attention() -> list[Entry]:
    source = f"{BRICKEN}: line through the logarithm of the weights; second evaluation"
    return [
        Entry(f"beta of attention for d = {d}, N = 64, least squares", source, beta, 5e-3,
              partial(_beta, d))
        for d, beta in FITTED.items()
    ]  # fmt: skip


def _beta(d: int) -> float:
    return sparse_distributed.fitted_sharpness(SparseDistributed(radius=d / 64), n_spins=64).beta


def _capacities() -> list[Entry]:
    found = [
        Entry(f"bound of reading from overlap {m}", SHANNON, bound, 5e-5,
              partial(theory.shannon_bound, m))
        for m, bound in zip(OVERLAPS, (0.6931, 0.3681, 0.1927), strict=True)
    ]  # fmt: skip
    for radius, both in CAPACITIES.items():
        for own_site, capacities in zip(("excluded", "included"), both, strict=True):
            model = SparseDistributed(radius=radius, own_site=own_site)
            found += [
                Entry(f"reading capacity of {model} from overlap {m}", LEADING, capacity, 5e-5,
                      partial(theory.reading_capacity, model, m))
                for m, capacity in zip(OVERLAPS, capacities, strict=True)
            ]  # fmt: skip
    return found


def _sharpness() -> list[Entry]:
    found = []
    for sharpness, softmax, flips in ((0.25, 0.21907020, 0.37988549), (1, 0.56621917, 0.67499725)):
        model = Exponential(sharpness=sharpness)
        for dynamics, capacity in (("parallel", softmax), ("zero-temperature", flips)):
            twice = "" if dynamics == "parallel" else "2 "
            found.append(
                Entry(
                    f"one pass of {dynamics} dynamics of {model} from the pattern",
                    f"{twice}l - ln cosh {twice}l",
                    capacity,
                    5e-9,
                    partial(theory.reading_capacity, model, dynamics=dynamics),
                )
            )
    best = np.arctanh(0.8)
    model = Exponential(sharpness=float(best))
    found.append(
        Entry("one pass of the softmax from overlap 0.8 at the sharpness artanh 0.8", SHANNON,
              0.368064, 5e-7, lambda: theory.reading_capacity(model, 0.8))
    )  # fmt: skip
    return found

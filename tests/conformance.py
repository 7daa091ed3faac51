"""Checks that every model, rule and kernel has to pass; imported by the tests."""

from __future__ import annotations

import functools
import itertools

import numpy as np
import scipy.stats

from hebbian import (
    Dense,
    Hopfield,
    Memory,
    Multitasking,
    Storing,
    Supervised,
    Unsupervised,
    streams,
)
from montecarlo.backend import Backend
from montecarlo.dynamics import DYNAMICS
from montecarlo.kernels import reference

RULES = (
    Storing(),
    Supervised(quality=0.7, n_examples=3),
    Unsupervised(quality=0.7, n_examples=3),
)

#: Every model x rule x index convention: pairs (id, model, load).
NETWORKS = [
    *((f"hopfield-{rule!r}", Hopfield(rule=rule), 0.3) for rule in RULES),
    *(
        (f"dense{order}-{indices}-{rule!r}", Dense(order=order, indices=indices, rule=rule), 0.2)
        for order, indices, rule in itertools.product((3, 4, 5), ("distinct", "all"), RULES)
    ),
    *(
        (f"multitasking-{rule!r}", Multitasking(n_patterns=3, dilution=0.3, rule=rule), None)
        for rule in RULES
    ),
]
IDS = [name for name, _, _ in NETWORKS]
CASES = [(model, alpha) for _, model, alpha in NETWORKS]


def all_configurations(n_spins: int) -> np.ndarray:
    """Every configuration: shape (2**n_spins, n_spins), spin 0 the slowest."""
    return np.array(list(itertools.product((-1, 1), repeat=n_spins)), np.int8)


def boltzmann(memory: Memory, T: float) -> np.ndarray:
    """Exact weights of all configurations, from the reference energy."""
    energies = np.array([memory.energy(s) for s in all_configurations(memory.n_spins)])
    weights = np.exp(-(energies - energies.min()) / T)
    return weights / weights.sum()


def parallel_fields(memory: Memory) -> np.ndarray:
    """Fields -dH/ds_i of all configurations, from the definition: (2**n_spins, n_spins)."""
    sites = range(memory.n_spins)
    return np.array(
        [
            [reference.parallel_field(memory, s, i) for i in sites]
            for s in all_configurations(memory.n_spins)
        ]
    )


def parallel_law(fields: np.ndarray, T: float) -> np.ndarray:
    """Stationary law of the exact transition matrix of parallel heat bath in these fields."""
    towards = fields @ all_configurations(fields.shape[1]).T
    norm = np.log(2 * np.cosh(fields / T)).sum(axis=1, keepdims=True)
    transition = np.exp(towards / T - norm)
    balance = np.vstack([transition.T - np.eye(len(transition)), np.ones(len(transition))])
    return np.linalg.lstsq(balance, np.eye(len(balance))[-1])[0]


@functools.cache
def chain_key(chain: int) -> np.ndarray:
    return streams.key(5, "dynamics", chain=chain)


def final_configurations(
    kernel: Backend,
    memory: Memory,
    T: float,
    *,
    dynamics: str,
    order: int,
    n_chains: int,
    n_sweeps: int,
) -> np.ndarray:
    """Last configurations of independent chains with random starts: (n_chains, n_spins)."""
    n_spins = memory.n_spins
    starts = np.random.default_rng(11).choice(np.array([-1, 1], np.int8), (n_chains, n_spins))
    keys = np.array([chain_key(chain) for chain in range(n_chains)])
    network, rule = kernel.lower(memory), DYNAMICS[dynamics].code
    final, energies = np.empty((n_chains, 1, n_spins), np.int8), np.empty((n_chains, 1))
    every = [...] if kernel.batched else range(n_chains)
    temperature = np.full(n_chains, T) if kernel.batched else T
    for c in every:
        state = kernel.prepare(network, starts[c])
        kernel.run(
            network, state, keys[c], temperature, rule, 0, 1, n_sweeps, final[c], energies[c], order
        )
    return final[:, 0]


def state_numbers(spins: np.ndarray) -> np.ndarray:
    """Index of each configuration in `all_configurations`."""
    bits = (spins > 0).astype(np.int64)
    return bits @ (1 << np.arange(spins.shape[-1])[::-1])


def chi_square_p(counts: np.ndarray, probabilities: np.ndarray) -> float:
    """p-value of observed counts, states merged until each expects at least ten."""
    total = counts.sum()
    order = np.argsort(probabilities)
    observed, expected = [], []
    seen = hoped = 0.0
    for state in order:
        seen += counts[state]
        hoped += total * probabilities[state]
        if hoped >= 10:
            observed.append(seen)
            expected.append(hoped)
            seen = hoped = 0.0
    observed[-1] += seen
    expected[-1] += hoped
    assert len(observed) > 2, "the test has no power: too few states are occupied"
    return float(scipy.stats.chisquare(observed, expected).pvalue)

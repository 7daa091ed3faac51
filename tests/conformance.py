"""Checks that every model, rule and kernel has to pass; imported by the tests."""

from __future__ import annotations

import itertools

import numpy as np
import scipy.stats

from hebbian import Dense, Hopfield, Memory, Multitasking, Storing, Supervised, Unsupervised

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

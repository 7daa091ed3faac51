"""Runs of many chains in lanes and of the same chains one by one; imported by the tests."""

import itertools
from typing import NamedTuple

import numpy as np

from hebbian import Dense, Hopfield, Multitasking, Supervised, Unsupervised, draw, streams
from montecarlo.dynamics import DYNAMICS, SITE_ORDERS
from montecarlo.kernels.many import coefficients, signs, tabulated, visits
from montecarlo.kernels.single import forms
from montecarlo.kernels.single import visits as one_by_one

FORMS = {"signs": signs, "coefficients": coefficients, "tabulated": tabulated}

#: Networks by name: a model, and rows over spins where it has a load.
MODELS = {
    "hopfield": Hopfield(),
    "pairs, all": Dense(order=2, indices="all"),
    "blank": Multitasking(n_patterns=7, dilution=0.3),
    "supervised": Hopfield(rule=Supervised(quality=0.7, n_examples=3)),
    "unsupervised": Hopfield(rule=Unsupervised(quality=0.7, n_examples=3)),
    **{
        f"{order} bodies, {indices}": Dense(order=order, indices=indices)
        for order, indices in itertools.product((3, 4, 5), ("distinct", "all"))
    },
}

BINARY = np.array([-1, 1], np.int8)

#: From frozen to free, 1e3 times any field: a lane that ran at another's would show.
TEMPERATURES = (0.0, 1.3, 0.02, 0.7, 1e-200, 2.5, 0.3, 1e3)

#: So that the sweeps of a run leave 32 bits.
FIRST_SWEEP = 2**32 - 4


def memory_of(name, n_spins, n_rows=33):
    """Return a sample with about this many patterns, at least 1."""
    model = MODELS[name]
    alpha = None if model.retrieves_several else model.load(n_rows, n_spins)
    return draw(model, n_spins=n_spins, alpha=alpha, seed=3).memory


def keys_of(n_chains):
    return np.array([streams.key(1, "dynamics", chain=chain) for chain in range(n_chains)])


def starts_of(memory, n_chains):
    """Archetypes, whose overlaps are large, and random configurations, in turn."""
    found = np.random.default_rng(5).choice(BINARY, (n_chains, memory.n_spins))
    for c in range(0, n_chains, 2):
        found[c] = np.where(memory.rows[c % memory.n_rows] < 0, -1, 1)
    return found


class Plan(NamedTuple):
    """A run: T (chains,) or (chains, sweeps), and measurements of `stride` sweeps each."""

    T: np.ndarray
    dynamics: str = "glauber"
    site_order: str = "sequential"
    n_measurements: int = 5
    stride: int = 3
    first_sweep: int = FIRST_SWEEP

    def of(self, first, stop):
        """Return the part of a run between two measurements."""
        sweeps = slice(first * self.stride, stop * self.stride)
        T = self.T if self.T.ndim == 1 else np.ascontiguousarray(self.T[:, sweeps])
        return self._replace(
            T=T,
            n_measurements=stop - first,
            first_sweep=self.first_sweep + first * self.stride,
        )


def advance(network, state, keys, plan):
    """Run lanes and return spins, energies and flips."""
    n_chains, n_spins = state.spins.shape
    spins = np.empty((n_chains, plan.n_measurements, n_spins), np.int8)
    energies = np.empty((n_chains, plan.n_measurements))
    flips = visits.run(
        network, state, keys, plan.T, DYNAMICS[plan.dynamics].move, plan.first_sweep,
        plan.n_measurements, plan.stride, spins, energies, SITE_ORDERS[plan.site_order],
    )  # fmt: skip
    return spins, energies, flips


def in_lanes(network, starts, keys, plan, cuts=()):
    """Return spins, energies, flips and periods of lanes whose run is cut there."""
    state, parts = visits.prepare(network, starts), []
    for first, stop in itertools.pairwise((0, *cuts, plan.n_measurements)):
        parts.append(advance(network, state, keys, plan.of(first, stop)))
    np.testing.assert_array_equal(state.spins, parts[-1][0][:, -1])
    spins, energies, flips = zip(*parts, strict=True)
    return (
        np.concatenate(spins, axis=1),
        np.concatenate(energies, axis=1),
        np.sum(flips, axis=0),
        visits.period(network, state),
    )


def apart(memory, starts, keys, plan):
    """Return the same of single chains."""
    network, (n_chains, n_spins) = forms.lower(memory, "auto", 1.0), starts.shape
    spins = np.empty((n_chains, plan.n_measurements, n_spins), np.int8)
    energies = np.empty((n_chains, plan.n_measurements))
    flips, periods = np.empty(n_chains, np.int64), np.empty(n_chains, np.int8)
    for c in range(n_chains):
        state = one_by_one.prepare(network, starts[c])
        flips[c] = one_by_one.run(
            network, state, keys[c], plan.T[c], DYNAMICS[plan.dynamics].move, plan.first_sweep,
            plan.n_measurements, plan.stride, spins[c], energies[c], SITE_ORDERS[plan.site_order],
        )  # fmt: skip
        periods[c] = one_by_one.period(network, state)
    return spins, energies, flips, periods


def assert_alike(found, expected):
    assert len(found) == len(expected)
    for name, x, y in zip(("spins", "energies", "flips", "period"), found, expected, strict=False):
        np.testing.assert_array_equal(x, y, err_msg=name)


def temperatures(n_chains, plan_sweeps=0):
    """Temperatures of the lanes; with sweeps, those of a cooling, faster in every lane."""
    first = np.resize(TEMPERATURES, n_chains)
    if plan_sweeps == 0:
        return first
    falls = np.linspace(1.0, 0.0, plan_sweeps) ** np.linspace(1, 4, n_chains)[:, None]
    return (first + 0.5)[:, None] * falls

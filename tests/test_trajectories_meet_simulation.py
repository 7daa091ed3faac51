"""Trajectories of the theory beside those of simulated networks, far from the separatrix.

Theory has the load, the temperature (alpha/Pi and T/Pi with distinct indices) and the start of the
finite network.  What is left is a bias of order 1/N, whose factor every case states, beside the
scatter of the disorder samples.
"""

from typing import NamedTuple

import numpy as np
import pytest

import montecarlo
import theory
from hebbian import Dense, Hopfield, Model, Multitasking, Sequence, Supervised, Unsupervised
from theory.conventions import weakness

NOISY = {"quality": 0.8, "n_examples": 5}


class Case(NamedTuple):
    """A network at two or more sizes, and the largest N |m - theory|."""

    model: Model
    alpha: float | None
    T: float
    start: float | str
    sizes: dict[int, int]  # N -> disorder samples
    trend: float
    dynamics: str = "parallel"
    n_steps: int = 6

    def __str__(self) -> str:
        return f"{self.model}, alpha = {self.alpha}, T = {self.T}, {self.dynamics}, {self.start}"


def hopfield(T, alpha=0.05, model=Hopfield(), **more):  # noqa: B008
    return Case(model, alpha, T, 0.4, {1000: 48, 2000: 32}, 10, **more)


def dense(order, alpha, start, n_spins, indices="distinct", **more):
    model = Dense(order=order, indices=indices)
    return Case(model, alpha, 0.3, start, {n_spins: 64, 3 * n_spins // 2: 48}, 6, **more)


def learnt(order, rule, alpha, start, sizes):
    return Case(Dense(order=order, rule=rule(**NOISY)), alpha, 0.3, start, sizes, 5, n_steps=4)


def sequence(order, alpha, start, sizes, indices="distinct", T=0.3):
    return Case(Sequence(order=order, indices=indices), alpha, T, start, sizes, 8, n_steps=5)


def multitasking(start, T=0.1, dynamics="parallel", **more):
    """With one pattern the others are small by chance, and grow at low temperatures."""
    model = Multitasking(n_patterns=3, dilution=0.3, **more)
    return Case(model, None, T, start, {1000: 64, 2000: 32}, 15, dynamics, n_steps=4)


CASES = [
    hopfield(0.0, alpha=0.08),
    hopfield(0.4),
    hopfield(0.4, dynamics="glauber", n_steps=4),
    hopfield(0.4, model=Dense(order=2, indices="all"), dynamics="parallel-diagonal"),
    dense(3, 0.2, 0.7, 100),
    dense(3, 1.0, 0.9, 100, n_steps=3),  # beyond the capacity, where a spin feels its past most
    dense(3, 0.2, 0.8, 100, dynamics="glauber", n_steps=4),
    dense(4, 0.6, 0.9, 40, n_steps=2),
    dense(3, 0.6, 0.9, 100, "all", n_steps=3),
    dense(4, 0.25, 0.8, 40, "all", n_steps=3),
    *(learnt(2, rule, 0.02, 0.5, {1000: 32, 2000: 24}) for rule in (Supervised, Unsupervised)),
    *(learnt(4, rule, 0.03, 0.8, {40: 48, 70: 16}) for rule in (Supervised, Unsupervised)),
    multitasking("hierarchical"),
    multitasking("parallel"),
    multitasking("hierarchical", dynamics="glauber"),
    multitasking("hierarchical", rule=Supervised(**NOISY)),
    multitasking("pattern", 0.5, rule=Unsupervised(**NOISY)),
]

#: Of which the spins of different times are independent.
REPLAYS = [
    sequence(2, 0.15, 0.6, {1000: 24, 2000: 16}),
    sequence(3, 0.2, 0.8, {100: 48, 150: 32}),
]

#: Large networks.
LARGE = [
    Case(Hopfield(), 0.08, 0.0, 0.4, {8000: 32}, 10, n_steps=10),
    Case(Hopfield(), 0.05, 0.4, 0.4, {8000: 32}, 10, n_steps=10),
    Case(Dense(order=3), 0.2, 0.3, 0.7, {300: 24, 600: 12}, 6, n_steps=10),
    Case(Dense(order=3, indices="all"), 0.1, 0.3, 0.7, {300: 24, 600: 12}, 6, n_steps=10),
    *REPLAYS,
    sequence(2, 0.2, 0.6, {8000: 16}, T=0.1),
    sequence(2, 0.3, 1.0, {4000: 24}, T=0.0),  # beyond the capacity
    sequence(3, 0.15, 0.8, {150: 48, 300: 24}, "all"),
    sequence(4, 0.25, 0.9, {40: 64, 70: 24}),
]


def simulated(case, n_spins, n_samples, **more):
    order = {"site_order": "random"} if case.dynamics == "glauber" else {}
    return montecarlo.simulate(
        case.model, alpha=case.alpha, T=case.T, start=case.start, dynamics=case.dynamics,
        n_spins=n_spins, n_samples=n_samples, n_replicas=2, seed=1,
        schedule=montecarlo.Schedule(warmup=0, sweeps=case.n_steps, stride=1), **order, **more,
    )  # fmt: skip


def predicted(case, run, n_spins):
    weak = weakness(case.model, n_spins)
    named = isinstance(case.start, str)
    return theory.trajectory(
        case.model,
        alpha=None if case.alpha is None else run.settings["alpha_effective"] / weak,
        T=case.T / weak,
        start=case.start if named else float(run.start_overlaps.mean()),
        n_steps=case.n_steps,
        dynamics=case.dynamics,
        n_trajectories=50_000 if case.dynamics == "glauber" else 100_000,
    )


def differences(case, n_spins, n_samples):
    """Yield what simulation and theory differ by in m and n at t = 1, 2, ..., and the errors."""
    run = simulated(case, n_spins, n_samples)
    known = predicted(case, run, n_spins)
    for name in ("m", "n"):
        of_samples = run.series[name].mean(axis=1)
        off = of_samples.mean(axis=0) - getattr(known, name)[1:]
        scatter = of_samples.std(axis=0, ddof=1) / n_samples**0.5
        yield off, np.hypot(scatter, getattr(known, f"{name}_err")[1:])


def check(case):
    for n_spins, n_samples in case.sizes.items():
        for off, error in differences(case, n_spins, n_samples):
            assert error.max() < 0.03
            assert (np.abs(off) < 4 * error + case.trend / n_spins).all(), (n_spins, off, error)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_overlaps(case):
    check(case)


@pytest.mark.heavy
@pytest.mark.parametrize("case", LARGE, ids=str)
def test_overlaps_of_large_networks(case):
    check(case)


HEAVY = [pytest.param(case, marks=pytest.mark.heavy) for case in REPLAYS]


@pytest.mark.parametrize("case", [CASES[0], CASES[2], CASES[5], *HEAVY], ids=str)
def test_correlations(case):
    """C(t, t') from the spins themselves, t and t' from 1 on."""
    n_spins, n_samples = list(case.sizes.items())[-1]
    run = simulated(case, n_spins, n_samples, keep_spins=True)
    known = predicted(case, run, n_spins).C[1:, 1:]
    spins = run.spins.astype(np.float32)
    found = (spins @ spins.swapaxes(-1, -2) / n_spins).mean(axis=1)
    error = found.std(axis=0, ddof=1) / n_samples**0.5
    assert (np.abs(found.mean(axis=0) - known) < 4 * error + case.trend / n_spins).all()


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("order", "indices", "alpha", "T", "n_spins"),
    [(2, "distinct", 0.2, 0.3, 2000), (3, "distinct", 0.2, 0.4, 200), (3, "all", 0.15, 0.4, 200)],
)
def test_replicas_of_a_replay_agree_as_predicted(order, indices, alpha, T, n_spins):
    """Far less than replicas in the same field: q of papers on sequences is another overlap."""
    model = Sequence(order=order, indices=indices)
    run = montecarlo.simulate(
        model, alpha=alpha, T=T, dynamics="parallel", n_spins=n_spins, n_samples=24, n_replicas=2,
        seed=3, schedule=montecarlo.Schedule(warmup=40, sweeps=100, stride=1),
    )  # fmt: skip
    weak = weakness(model, n_spins)
    known = theory.solve(model, alpha=run.settings["alpha_effective"] / weak, T=T / weak)
    for found, expected in ((run.m, known.m), (run.q, known.q)):
        assert abs(found.mean - expected) < 3 * found.error + 2 / n_spins
    assert run.q.mean + 3 * run.q.error < 1 - T * known.susceptibility


def responses(alpha, T, start, n_steps, field, n_spins=2000, n_samples=4, n_replicas=32):
    """(1/N) sum_i d<s_i(t)>/d theta_i(t') of parallel dynamics, by opposite fields of random signs.

    Both networks see the same random numbers.  Axes (sample, t, t').
    """
    found = np.zeros((n_samples, n_steps + 1, n_steps + 1))
    for sample in range(n_samples):
        rng = np.random.default_rng(sample)
        xi = rng.choice([-1.0, 1.0], (round(alpha * n_spins), n_spins)).astype(np.float32)
        first = xi[0] * np.where(rng.random((n_replicas, n_spins)) < (1 + start) / 2, 1, -1)
        signs = rng.choice([-1, 1], first.shape)
        u = rng.uniform(-1, 1, (n_steps, *first.shape))
        for begun in range(n_steps):
            both = []
            for theta in (field * signs, -field * signs):
                s = first.astype(np.float32)
                for t in range(n_steps):
                    h = (s @ xi.T @ xi - len(xi) * s) / n_spins + theta * (t == begun)
                    s = np.where(u[t] < np.tanh(h / T), 1, -1).astype(np.float32)
                    both.append(s)
            up, down = np.split(np.array(both), 2)
            found[sample, 1:, begun] = ((up - down) * signs).mean(axis=(1, 2)) / (2 * field)
    return found


def test_responses():
    """G(t, t'): a field on a site comes back to it through the others."""
    n_steps, at = 4, {"alpha": 0.15, "T": 0.5, "start": 0.4}
    found = responses(**at, n_steps=n_steps, field=0.1)
    known = theory.trajectory(Hopfield(), **at, n_steps=n_steps, n_trajectories=200_000).G
    error = found.std(axis=0, ddof=1) / len(found) ** 0.5
    off = np.abs(found.mean(axis=0) - known)
    assert error.max() < 0.03
    assert (off < 0.02).all(), off
    lower = np.tril_indices(n_steps + 1, -1)
    assert (known[lower] > 0.02).sum() > n_steps  # beyond the step itself
    assert (found[:, *np.triu_indices(n_steps + 1)] == 0).all()

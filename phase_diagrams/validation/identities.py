"""Identities that theory and simulation must obey, whatever the numbers."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

import hebbian
import montecarlo
import theory
from hebbian import (
    Dense,
    Exponential,
    Hopfield,
    Model,
    Multitasking,
    Storing,
    Supervised,
    Unsupervised,
)

from . import (
    assembly,
    dreaming,
    exponential,
    retrieval_dynamics,
    sequence,
    strengths,
    teacher_student,
)
from .entries import Entry

__all__ = ["entries"]

NOISY: dict[str, Any] = {"quality": 0.7, "n_examples": 5}
STATES: list[tuple[Model, float, float]] = [
    (Hopfield(), 0.05, 0.4),
    (Hopfield(rule=Unsupervised(**NOISY)), 0.01, 0.4),
    (Dense(order=3), 0.2, 0.5),
    (Dense(order=4, rule=Supervised(**NOISY)), 0.1, 0.3),
    (Dense(order=6, rule=Unsupervised(**NOISY)), 0.02, 0.4),
    (Dense(order=4, indices="all"), 0.05, 0.5),
]


def entries() -> list[Entry]:
    """Return every identity."""
    return [
        *(_energy(*state) for state in STATES),
        *(_nishimori(order) for order in (3, 4, 6)),
        *(_teacher(order) for order in (3, 4)),
        _conjugate_field(),
        *exponential.identities(),
        *dreaming.identities(),
        *assembly.identities(),
        *retrieval_dynamics.identities(),
        *sequence.identities(),
        *strengths.identities(),
        *teacher_student.identities(),
        *(_exact(model) for model in (*_small(), Exponential(sharpness=1.0))),
    ]


def _energy(model: Model, alpha: float, T: float) -> Entry:
    def ours() -> float:
        step = 1e-4
        beta = 1 / T + np.array([-2, -1, 1, 2]) * step
        s = theory.solve(model, alpha=alpha, T=1 / beta)
        slope = float(np.dot(beta * s.free_energy, [1, -8, 8, -1]) / (12 * step))
        return slope - float(theory.solve(model, alpha=alpha, T=T).energy)

    what = f"d(beta f)/d beta - energy, {model}, alpha = {alpha}, T = {T}"
    return Entry(what, "thermodynamics", 0.0, 1e-9, ours)


def _nishimori(order: int) -> Entry:
    def ours() -> float:
        s = theory.solve(Dense(order=order), alpha=0.2, T=0.2)
        return float(abs(s.m - s.q) + abs(s.energy + 0.5))

    what = f"|m - q| + |energy + 1/2| at T = alpha = 0.2, P = {order}"
    return Entry(what, "Nishimori line of stored archetypes", 0.0, 1e-9, ours)


def _teacher(order: int) -> Entry:
    def ours() -> float:
        without = Dense(order=order, rule=Unsupervised(**NOISY))
        with_one = Dense(order=order, rule=Supervised(**NOISY))
        kappa = theory.noise_ratio(without)
        a = theory.solve(without, alpha=0.02, T=0.3)
        b = theory.solve(with_one, alpha=0.02 * kappa, T=0.3)
        return float(abs(a.m - b.m) + abs(a.free_energy - b.free_energy))

    what = f"unsupervised at alpha = supervised at kappa alpha, P = {order}"
    return Entry(what, "arXiv:2211.14067 and 2212.00606 compared", 0.0, 1e-10, ours)


def _conjugate_field() -> Entry:
    def ours() -> float:
        r"""The T = 0 state of arXiv:2308.04106 is the limit of small T."""
        model = Multitasking(n_patterns=3, dilution=0.3)
        cold = theory.solve(model, T=0.0)
        warm = theory.solve(model, T=0.005)
        return float(np.abs(cold.m - warm.m).max())

    return Entry("largest |m(T = 0) - m(T = 0.005)|, K = 3, d = 0.3", "limit", 0.0, 1e-8, ours)


def _small() -> list[Model]:
    return [
        model
        for rule in (Storing(), Supervised(**NOISY), Unsupervised(**NOISY))
        for model in (
            Hopfield(rule=rule),
            Dense(order=3, rule=rule),
            Dense(order=4, indices="all", rule=rule),
            Multitasking(n_patterns=2, dilution=0.3, rule=rule),
        )
    ]


def _exact(model: Model) -> Entry:
    """Compare the mean energy of a chain with the sum over all configurations."""
    n_spins, T = 8, 1.2
    arguments: dict[str, Any] = {} if model.retrieves_several else {"alpha": 0.4}

    def ours() -> float:
        data = hebbian.draw(model, n_spins=n_spins, seed=3, **arguments)
        states = np.array(list(itertools.product([-1, 1], repeat=n_spins)), np.int8)
        energies = np.array([data.memory.energy(s) for s in states])
        weight = np.exp(-(energies - energies.min()) / T)
        exact = float(weight @ energies / weight.sum()) / n_spins
        run = montecarlo.simulate(
            model,
            T=T,
            data=data,
            n_replicas=16,
            schedule=montecarlo.Schedule(warmup=100, sweeps=8000, stride=1),
            seed=5,
        )
        series = run.series["energy"].mean(axis=-1).ravel()
        return (series.mean() - exact) / (series.std(ddof=1) / math.sqrt(len(series)))

    what = f"z of the mean energy, N = {n_spins}, T = {T}, {model}"
    return Entry(what, "exact enumeration", 0.0, 4.0, ours)

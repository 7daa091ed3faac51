r"""Numbers and identities of the retrieval dynamics.

The first two parallel steps are closed (E. Gardner, B. Derrida, P. Mottishaw, J. Physique 48, 741
(1987), at P = 2 and T = 0).  With :math:`V_0` the variance of the first noise and

.. math:: m_1 = E \tanh\frac{S_0 + \sqrt{V_0} x}{T}, \qquad g = E\,\mathrm{sech}^2/T, \qquad
          c = m_0 m_1,

the second step has the field :math:`S_1 + R s(0) + \sqrt{V_1} x`, with

* P = 2: :math:`V_0 = \alpha,\ V_1 = \alpha (1 + 2 g c + g^2),\ R = \alpha g`;
* P >= 3, distinct: :math:`V_0 = V_1 = \frac{\alpha P}{2},\ R = \frac{\alpha P (P-1)}{2} c^{P-2} g`.

They are averaged here by a quadrature of their own.
"""

from __future__ import annotations

import math
from functools import cache, partial

import numpy as np

import theory
from hebbian import Dense, Hopfield, Model, Multitasking, Unsupervised
from theory import Trajectory

from .entries import Entry

__all__ = ["identities", "numbers"]

FIRST_STEPS = (
    "closed form (Gardner, Derrida, Mottishaw, J. Physique 48, 741 (1987) at P = 2, T = 0), "
    "another quadrature"
)
SAMPLED = "1.6e6 trajectories of the effective spin with independent numbers, second solver"
AMARI = "Amari, Maginu, Neural Networks 1, 63 (1988)"
GLAUBER = "continuous time: detailed balance, replica symmetric"

#: (P, alpha, T, start) -> m(1), m(2), ... of the second solver.
FOLLOWED = {
    (2, 0.1, 0.0, 0.3): (0.6569, 0.7100, 0.7224, 0.7210),
    (3, 0.2, 0.3, 0.7): (0.7718, 0.9006, 0.9577, 0.9787),
}
#: Points whose first two steps are averaged.
STEPS = (*FOLLOWED, (2, 0.1, 0.3, 0.5), (4, 0.2, 0.0, 0.7))

#: Models, loads and temperatures whose states are replica symmetric.
STATIONARY: list[tuple[Model, float, float]] = [
    (Hopfield(), 0.05, 0.3),
    (Dense(order=3), 0.1, 0.5),
    (Dense(order=4, rule=Unsupervised(quality=0.8, n_examples=5)), 0.02, 0.4),
]


def numbers() -> list[Entry]:
    """Return the numbers."""
    found = []
    for point in STEPS:
        for step, value in enumerate(_two_steps(*point), start=1):
            # The first field is Gaussian, and sampled without scatter.
            tolerance = 2e-4 if step == 1 else 3e-3
            found.append(_entry(point, step, FIRST_STEPS, value, tolerance))
    for point, values in FOLLOWED.items():
        for step, value in enumerate(values, start=1):
            found.append(_entry(point, step, SAMPLED, value, 2e-3 if step == 1 else 5e-3))
    return [
        *found,
        Entry("capacity of the Hopfield network in statistical neurodynamics", AMARI, 0.16, 5e-3,
              _neurodynamic_capacity),
    ]  # fmt: skip


def _entry(
    point: tuple[int, float, float, float], step: int, source: str, value: float, tolerance: float
) -> Entry:
    order, alpha, T, start = point
    what = f"m({step}) of parallel dynamics, P = {order}, alpha = {alpha}, T = {T}, m(0) = {start}"
    return Entry(what, source, value, tolerance, lambda: _parallel(*point).m[step])


@cache
def _parallel(order: int, alpha: float, T: float, start: float) -> Trajectory:
    model = Dense(order=order)
    return theory.trajectory(
        model, alpha=alpha, T=T, start=start, n_steps=4, n_trajectories=1_000_000, seed=1
    )


def _two_steps(order: int, alpha: float, T: float, start: float) -> tuple[float, float]:
    """Return m(1) and m(2) in closed form."""
    V = alpha * order / 2
    first = _mean(_signal(order, start), V, T)
    response, seen = _slope(_signal(order, start), V, T), start * first
    R = 0.5 * alpha * order * (order - 1) * seen ** (order - 2) * response
    if order == 2:
        V *= 1 + 2 * response * seen + response**2
    second = sum(
        0.5 * (1 + s * start) * _mean(_signal(order, first) + R * s, V, T) for s in (-1, 1)
    )
    return first, second


def _signal(order: int, overlap: float) -> float:
    return order / 2 * overlap ** (order - 1)


def _mean(field: float, V: float, T: float) -> float:
    """Return E tanh(h/T) of a Gaussian field h."""
    if T == 0:
        return math.erf(field / math.sqrt(2 * V))
    x, weight = np.polynomial.hermite_e.hermegauss(120)
    return float(weight @ np.tanh((field + math.sqrt(V) * x) / T) / weight.sum())


def _slope(field: float, V: float, T: float) -> float:
    """Return the derivative of `_mean` by the field."""
    if T == 0:
        return math.sqrt(2 / (math.pi * V)) * math.exp(-(field**2) / (2 * V))
    x, weight = np.polynomial.hermite_e.hermegauss(120)
    seen = np.cosh((field + math.sqrt(V) * x) / T) ** -2.0
    return float(weight @ seen / weight.sum() / T)


def _neurodynamic_capacity() -> float:
    """Return the largest load at which m stays, on a grid finer than half the published digit."""
    alpha = np.arange(0.15, 0.17, 1e-3)
    last = theory.trajectory(
        Hopfield(), alpha=alpha, T=0.0, start=1.0, n_steps=1000, method="neurodynamics"
    ).m[:, -1]
    return float(alpha[last > 0.5].max())


def identities() -> list[Entry]:
    """Return the identities."""
    return [
        *(entry for state in STATIONARY for entry in _stationary(*state)),
        _fixed_point(),
        _opposite(),
        _without_a_load(),
    ]


def _stationary(model: Model, alpha: float, T: float) -> list[Entry]:
    """Return that long times of single-spin dynamics are the replica-symmetric state."""
    point = f"{model}, alpha = {alpha}, T = {T}, after 20 sweeps"

    @cache
    def ends() -> Trajectory:
        return theory.trajectory(
            model, alpha=alpha, T=T, start=0.95, n_steps=20, dynamics="glauber", time_step=0.5,
            n_trajectories=50_000,
        )  # fmt: skip

    state = partial(theory.solve, model, alpha=alpha, T=T)
    return [
        Entry(f"m(t) - m, {point}", GLAUBER, 0.0, 2e-3, lambda: ends().m[-1] - state().m),
        Entry(f"C(t, t - 10) - q, {point}", GLAUBER, 0.0, 6e-3,
              lambda: ends().C[-1, 8:14].mean() - state().q),
        Entry(f"sum of G(t, t') over t' - (1 - q)/T, {point}",
              "fluctuation-dissipation theorem", 0.0, 0.01,
              lambda: ends().G[-1].sum() - (1 - state().q) / T),
    ]  # fmt: skip


def _fixed_point() -> Entry:
    def ours() -> float:
        model, alpha = Dense(order=4), 0.2
        last = theory.trajectory(model, alpha=alpha, T=0.0, start=0.95, n_steps=12).m[-1]
        return float(last - theory.solve(model, alpha=alpha, T=0).m)

    return Entry("m after 12 parallel steps - m of the state at T = 0, P = 4, alpha = 0.2",
                 "fixed points of parallel and single-spin dynamics agree", 0.0, 1e-3,
                 ours)  # fmt: skip


def _opposite() -> Entry:
    def ours() -> float:
        found = theory.trajectory(
            Dense(order=4), alpha=0.1, T=0.3, start=[0.8, -0.8], n_steps=5, n_trajectories=10_000
        ).m
        return float(np.abs(found[0] + found[1]).max())

    return Entry("m(t) from 0.8 + m(t) from -0.8, P = 4", "symmetry of even orders", 0.0, 0.0,
                 ours)  # fmt: skip


def _without_a_load() -> Entry:
    def ours() -> float:
        one = theory.trajectory(Hopfield(), alpha=0.0, T=0.6, start=0.2, n_steps=8).m
        other = theory.trajectory(
            Multitasking(n_patterns=1, dilution=0.0), T=0.6, start=[0.2], n_steps=8
        ).m
        return float(np.abs(one - other[:, 0]).max())

    return Entry("m(t) of Hopfield without a load - of Multitasking with one pattern",
                 "m(t + 1) = tanh(m(t)/T)", 0.0, 1e-12, ours)  # fmt: skip

r"""Retrieval of a single example instead of the archetype.

A network without a teacher stores every example by itself.  On top of the state of
`theory.solve`, in which the examples of the retrieved class are all alike, the equations of
`theory.learning.example_symmetry` have solutions condensed on one of them,
:math:`\nu_1 > \nu_2 = ... = \nu_M`, with a free energy of their own.  Where the latter is the
lower one, roughly for :math:`M \lesssim r^{-P}` at low load and temperature, retrieval of the
archetype is metastable at best.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from hebbian import Model, Rule, Unsupervised, domain
from hebbian.calling import checked
from theory.averages.example_law import example_law
from theory.averages.gaussian import log_cosh, polarisation, quartic, random_field
from theory.compiled import compiled
from theory.labelled import labelled
from theory.one_pattern.branches import ReplicaSolution
from theory.one_pattern.crosstalk import (
    Crosstalk,
    crosstalk_energy,
    crosstalk_free_energy,
    instability,
    noise,
    susceptibility_gap,
)
from theory.one_pattern.replica import MeanField

from .example_symmetry import unsupervised

__all__ = ["SingleExample", "single_example"]

#: Largest violation of the equations of state that counts as a solution.
_TOLERANCE = 1e-9
# Closer overlaps are the state that treats all examples alike.
_SAME = 1e-6
# An iteration that has come this close to it does not part from it again.
_ALIKE = 1e-9


@dataclass(frozen=True, kw_only=True, repr=False)
class SingleExample(ReplicaSolution):
    r"""A state condensed on one example.

    Parameters
    ----------
    example_overlap : numpy.ndarray
        :math:`\nu_1 = (1/N) \sum_i \eta^1_i s_i` with the example that is retrieved.
    other_overlap : numpy.ndarray
        :math:`\nu_2`, with each other example of its class.
    """

    example_overlap: np.ndarray
    other_overlap: np.ndarray


class _Class(NamedTuple):
    """The retrieved class: sites by the sign of example 1 and the mean of the others."""

    order: int
    n_examples: int
    strength: float  # 1 / (M R^(P/2))
    sign: np.ndarray
    others: np.ndarray
    weight: np.ndarray
    crosstalk: Crosstalk


def _class(field: MeanField, rule: Rule) -> _Class:
    rest = example_law(
        Unsupervised(quality=rule.quality, n_examples=rule.n_examples - 1), "binomial"
    )
    mean = rest.u * rule.quality / rest.mean  # of the other examples, without normalisation
    half = 0.5 * (1 + rule.quality), 0.5 * (1 - rule.quality)
    return _Class(
        order=field.order,
        n_examples=rule.n_examples,
        strength=1 / (rule.n_examples * rule.second_moment ** (0.5 * field.order)),
        sign=np.repeat([1.0, -1.0], mean.size),
        others=np.tile(mean, 2),
        weight=np.concatenate([p * rest.weight for p in half]),
        crosstalk=field.crosstalk,
    )


@labelled
@checked
def single_example(model: Model, *, alpha: Any, T: Any) -> SingleExample:
    r"""Solve for the state condensed on one example of an archetype.

    Parameters
    ----------
    model : Hopfield or Dense
        With the rule `Unsupervised` and 2 to 100000 examples.
    alpha, T : float or array_like
        Load and temperature in [0, inf).

    Returns
    -------
    SingleExample
        Its `m` is the overlap with the archetype (r :math:`\nu_1` where the other examples
        exert no field), its `n` that with the example mean; free energies compare with
        those of `theory.solve`.  ``converged = False`` and NaN where iteration from the
        example leads to all examples alike, or to none.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or if the rule is not `Unsupervised`.

    Notes
    -----
    Replica symmetric and exact in M, at every load: the two order parameters replace the
    one of `theory.solve` for the retrieved class, on sites of which example 1 is +-1 with
    probabilities (1 +- r)/2 and of the M - 1 others a binomial number is +1.

    A local minimum of f only against perturbations that keep the other examples alike.
    The branch is followed from :math:`\nu_1 = 1`, :math:`\nu_2 = r^2`, the example itself.

    Examples
    --------
    >>> from hebbian import Dense
    >>> import theory
    >>> model = Dense(order=4, rule=Unsupervised(quality=0.4, n_examples=20))
    >>> example = single_example(model, alpha=0.0, T=0.15)
    >>> float(example.example_overlap.round(4)), float(example.m.round(4))
    (1.0, 0.4)
    >>> archetype = theory.solve(model, alpha=0.0, T=0.15)
    >>> float(example.free_energy.round(6)), float(archetype.free_energy.round(6))
    (-0.620314, -0.332301)
    """
    found, rule = unsupervised("single_example", model, "binomial"), model.rule
    domain.integer("n_examples", rule.n_examples, "[2, 100000]")
    load, temperature = found.controls(alpha, T=domain.real_array("T", T, "[0, inf)"))
    shape = load.shape
    group = _class(found.field, rule)
    values, n_iter = _condense(group, load.flatten(), temperature.flatten(), rule.quality)
    columns = dict(zip(_COLUMNS, values.T.reshape(9, *shape), strict=True))
    first, other = columns["example_overlap"], columns["other_overlap"]
    total = (first + (rule.n_examples - 1) * other) / rule.n_examples
    return SingleExample(
        **columns,
        n=rule.quality / rule.second_moment * total,
        converged=np.isfinite(columns["free_energy"]),
        n_iter=n_iter.reshape(shape),
    )


@compiled
def _signals(group: _Class, first: float, other: float) -> tuple[float, float]:
    """Return the signals of example 1 and of all others together."""
    scale = 0.5 * group.order * group.strength
    others = scale * (group.n_examples - 1) * other ** (group.order - 1)
    return scale * first ** (group.order - 1), others


@compiled
def _averages(group: _Class, first: float, other: float, V: float, T: float) -> np.ndarray:
    """Average over the sites.

    Returns nu_1, nu_2, m, q, chi; the derivatives of (nu_1, nu_2, chi) in the signal of
    example 1, in that of the others and in V.
    """
    S1, S2 = _signals(group, first, other)
    out = np.zeros(14)
    random = random_field(V, T)
    for k in range(group.weight.size):
        s, b, w = group.sign[k], group.others[k], group.weight[k]
        t, t2, c, psi, omega = polarisation(s * S1 + b * S2, random)
        out[0] += w * s * t
        out[1] += w * b * t
        out[2] += w * t
        out[3] += w * t2
        out[4] += w * c
        out[5] += w * c
        out[6] += w * s * b * c
        out[7] -= w * s * psi
        out[8] += w * s * b * c
        out[9] += w * b * b * c
        out[10] -= w * b * psi
        out[11] -= 2 * w * s * psi
        out[12] -= 2 * w * b * psi
        out[13] += 0.5 * w * omega
    return out


@compiled
def _tails(group: _Class, first: float, other: float, V: float, T: float) -> tuple[float, float]:
    """Average T ln 2 cosh(h/T) and sech^4(h/T)/T over the sites."""
    S1, S2 = _signals(group, first, other)
    soft = tail = 0.0
    random = random_field(V, T)
    for k in range(group.weight.size):
        h = group.sign[k] * S1 + group.others[k] * S2
        soft += group.weight[k] * log_cosh(h, random)
        tail += group.weight[k] * quartic(h, random)
    return soft, tail


@compiled
def _iterate(
    group: _Class, alpha: float, T: float, state: np.ndarray, until: float
) -> tuple[float, int]:
    """Iterate (nu_1, nu_2, q, chi, V) in place, damped, until it changes by less than `until`."""
    change = np.inf
    for iteration in range(1, 5001):
        image = _averages(group, state[0], state[1], state[4], T)
        q, chi = image[3], image[4]
        if group.crosstalk.resummed and susceptibility_gap(1.0, q, chi, T) <= 0:
            # P = 2 has no bounded crosstalk there.
            chi = 0.5 * (1 + state[3])
            q = 1 - T * chi
        change = max(abs(image[0] - state[0]), abs(image[1] - state[1]))
        change = max(change, abs(chi - state[3]) if T == 0 else abs(q - state[2]))
        state[0] += 0.5 * (image[0] - state[0])
        state[1] += 0.5 * (image[1] - state[1])
        state[2] += 0.5 * (q - state[2])
        state[3] += 0.5 * (chi - state[3])
        state[4] = alpha * noise(group.crosstalk, state[2], state[3], T)[0]
        if change <= until:
            return change, iteration
        if state[0] - state[1] <= _ALIKE:
            break
    return np.inf, iteration


def _polish(group: _Class, alpha: float, T: float, state: np.ndarray) -> np.ndarray | None:
    """Solve for (nu_1, nu_2, V) by Newton's method from close by."""
    x, P = state[[0, 1, 4]], group.order
    scale = 0.5 * P * (P - 1) * group.strength
    for _ in range(30):
        values = _averages(group, x[0], x[1], x[2], T)
        G, G_chi = noise(group.crosstalk, values[3], values[4], T)
        slopes = values[5:].reshape(3, 3)
        # From derivatives in the signals to derivatives in the overlaps.
        slopes[:, :2] *= scale * np.array([1, group.n_examples - 1]) * x[:2] ** (P - 2)
        slopes[2] *= alpha * G_chi
        wrong = x - np.array([values[0], values[1], alpha * G])
        try:
            move = np.linalg.solve(np.eye(3) - slopes, wrong)
        except np.linalg.LinAlgError:
            return None
        x = x - move
        size = np.abs(move).max()
        if not (size < 0.1 and x[2] >= 0):
            return None
        if size <= 1e-15:
            return x
    return x if size <= 1e-12 else None


def _follow(group: _Class, alpha: float, T: float, quality: float) -> tuple[np.ndarray | None, int]:
    """Follow the equations of state from the example to (nu_1, nu_2, V)."""
    V = alpha * noise(group.crosstalk, 1.0, 0.0, T)[0]
    state = np.array([1.0, quality**2, 1.0, 0.0, V])
    until, n_iter = 1e-3, 0
    while until > 1e-16:
        change, spent = _iterate(group, alpha, T, state, until)
        n_iter += spent
        if change > until:
            return None, n_iter
        x = _polish(group, alpha, T, state)
        if x is not None and np.abs(x - state[[0, 1, 4]]).max() <= 30 * change:
            return x, n_iter
        until *= 0.1
    return state[[0, 1, 4]], n_iter


_COLUMNS = (
    "example_overlap", "other_overlap", "m", "q", "susceptibility", "free_energy", "energy",
    "replicon", "residual",
)  # fmt: skip


def _measure(group: _Class, alpha: float, T: float, x: np.ndarray) -> tuple[float, ...]:
    """Return the `_COLUMNS`."""
    M, P, crosstalk = group.n_examples, group.order, group.crosstalk
    values = _averages(group, x[0], x[1], x[2], T)
    soft, tail = _tails(group, x[0], x[1], x[2], T)
    m, q, chi = values[2:5]
    residual = np.abs(values[:2] - x[:2]).max()
    power = group.strength * (x[0] ** P + (M - 1) * x[1] ** P)
    free_energy, energy = 0.5 * (P - 1) * power - soft, -0.5 * power
    replicon = 1.0
    if alpha > 0:
        change = abs(x[2] - alpha * noise(crosstalk, q, chi, T)[0])
        residual = max(residual, np.abs(values[[7, 10]]).max() * change)
        free_energy += alpha * crosstalk_free_energy(crosstalk, q, chi, T)
        energy += alpha * crosstalk_energy(crosstalk, q, chi, T)
        replicon = 1 - alpha * instability(crosstalk, q, chi, T) * tail / T if T > 0 else -np.inf
    if T == 0:
        energy = free_energy
    return x[0], x[1], m, q, chi, free_energy, energy, replicon, residual


@np.errstate(over="ignore", invalid="ignore")
def _condense(
    group: _Class, loads: np.ndarray, temperatures: np.ndarray, quality: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return rows as `_measure` and n_iter."""
    out, n_iter = np.full((loads.size, 9), np.nan), np.zeros(loads.size, dtype=np.int64)
    for i, (alpha, T) in enumerate(zip(loads.tolist(), temperatures.tolist(), strict=True)):
        x, n_iter[i] = _follow(group, alpha, T, quality)
        if x is not None and x[0] - x[1] > _SAME:
            values = _measure(group, alpha, T, x)
            if values[-1] <= _TOLERANCE:
                out[i] = values
    return out, n_iter

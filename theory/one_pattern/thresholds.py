r"""How many noisy examples a network needs before it retrieves archetypes it never saw.

**One step** (`first_step`).  With the Gaussian law of the example mean the field
of one parallel step from the archetype has the noise-to-signal ratio

.. math:: x(M) = \rho + \frac{2\alpha}{P^2} \sum_k k\,w_k \times
    \begin{cases} (1 + \rho)^P & \text{with a teacher} \\
    r^{2(k-P)} (1 + \rho_k) & \text{without} \end{cases},
    \qquad \rho_k = \frac{1 - r^{2k}}{M r^{2k}},

(:math:`w_P = 1` alone for distinct indices), and :math:`m_1 = {\rm erf}(1/\sqrt{2x})` at T = 0,
so that :math:`m_1 \ge {\rm erf}\,\theta` asks for :math:`x \le X = 1/(2\theta^2)`.  Without a
teacher x is linear in 1/M,

.. math:: M = \Bigl[\frac{1 - r^2}{r^2} + g\,\frac{1 - r^{2P}}{r^{2P}}\Bigr] \Big/ (X - g),
    \qquad g = \frac{2\alpha}{P}

for distinct indices; with a teacher :math:`M = (1 - r^2)/(r^2 \rho)` at the root of
:math:`\rho + g (1 + \rho)^P = X`.  Hence :math:`M \sim r^{-2}` with a teacher at any load,
and without one :math:`r^{-2}` below saturation and :math:`r^{-2P}` at it (arXiv:2212.00606,
arXiv:2211.14067).  No number of examples helps against :math:`g \ge X`.

**The state itself** may be lost although the first step is good, or kept although it is not:
``"self-consistent"`` and ``"existence"`` ask the equations of state.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np

from hebbian import Model, Rule
from theory.averages.gaussian import thermal
from theory.closure import closure
from theory.roots import root

from .crosstalk import Crosstalk

__all__ = ["CRITERIA", "examples_needed"]

CRITERIA = ("one-step", "self-consistent", "existence")

# Smallest ln rho: beyond, the number of examples is no longer a float.
_SMALLEST = -700.0
#: The largest number of examples a rule can have.
_MOST = 10**9
# Below, every number is tried: few examples make a coarse law, and alpha_c(M) is jagged.
_JAGGED = 40
_SMOOTH = 10**5


def examples_needed(
    model: Model,
    law: str,
    archetypes: Crosstalk,
    alpha: np.ndarray,
    T: np.ndarray,
    criterion: str,
    theta: float,
) -> np.ndarray:
    """Return the number of `theory.examples_needed` on arrays of one shape.

    `archetypes` is the crosstalk of the network that stores them.
    """
    if criterion == "one-step":
        weights = _weights(archetypes)
        points = zip(alpha.ravel().tolist(), T.ravel().tolist(), strict=True)
        found = [_one_step(model.rule, weights, load, heat, theta) for load, heat in points]
        answer = np.array(found, float)
    else:
        overlap = math.erf(theta) if criterion == "self-consistent" else 0.0
        answer = _from_which_on(model, alpha.ravel(), T.ravel(), overlap, law)
    return answer.reshape(alpha.shape)


def _weights(archetypes: Crosstalk) -> dict[int, float]:
    """Return the weights w_k by rank k, P first."""
    if archetypes.resummed:
        return {2: 1.0}
    ranks = archetypes.rank.astype(int).tolist()
    return dict(zip(ranks, archetypes.strength.tolist(), strict=True))


def _noise_to_signal(
    rule: Rule, weights: dict[int, float], alpha: float
) -> Callable[[float], float]:
    """Return x as a function of the dataset entropy rho."""
    if alpha == 0:
        return lambda rho: rho
    P, r2 = max(weights), np.float64(rule.quality**2)
    if rule.by_example:
        powers = [2 * alpha / P**2 * k * w * r2 ** (k - P) for k, w in weights.items()]
        # M rho_k = (1 - r^2k)/r^2k, a geometric sum in units of M rho.
        ratios = [sum(r2**-j for j in range(k)) for k in weights]
        floor, slope = sum(powers), 1 + sum(a * b for a, b in zip(powers, ratios, strict=True))
        return lambda rho: float(floor + slope * rho)
    g = 2 * alpha / P**2 * sum(k * w for k, w in weights.items())
    return lambda rho: rho + g * (1 + rho) ** P


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def _one_step(rule: Rule, weights: dict[int, float], alpha: float, T: float, theta: float) -> float:
    """Return the real M at which one step reaches the overlap erf(theta)."""
    x = _noise_to_signal(rule, weights, alpha)
    half = 0.5 * max(weights)
    largest = 1 / (2 * theta**2)

    def excess(log_rho: float) -> float:
        rho = math.exp(log_rho)
        if T == 0:
            return largest - x(rho)
        mean = half * (1 + rho) ** -half
        return thermal(mean, x(rho) * mean**2, T)[0] - math.erf(theta)

    # Temperature and crosstalk only take from m_1, so that rho stays below X.
    low, high = _SMALLEST, math.log(largest)
    if not excess(low) > 0:
        return math.nan
    rho = math.exp(root(excess, low, high)) if excess(high) < 0 else largest
    r2 = np.float64(rule.quality**2)
    number = float((1 - r2) / r2 / rho)
    return number if math.isfinite(number) else math.nan


def _from_which_on(
    model: Model, alpha: np.ndarray, T: np.ndarray, overlap: float, law: str
) -> np.ndarray:
    """Return the smallest M such that it and every larger number of examples retrieve."""

    def retrieves(numbers: np.ndarray, points: np.ndarray, law: str) -> np.ndarray:
        out = np.empty(points.size, dtype=bool)
        for M in np.unique(numbers):
            here = numbers == M
            rule = dataclasses.replace(model.rule, n_examples=int(M))
            found = closure(dataclasses.replace(model, rule=rule), law)
            state = found.solve(alpha[points[here]], T[points[here]], "retrieval")
            out[here] = state.converged & (np.nan_to_num(state.m) >= overlap)
        return out

    def last_failure(parity: int) -> np.ndarray:
        """Return the largest number 2 j - `parity` that fails, or - `parity` if none does."""
        found, above = np.zeros(alpha.size, dtype=np.int64), np.full(alpha.size, _MOST)
        ladder = [_MOST]
        while ladder[-1] > 2:
            ladder.append(max(ladder[-1] // 4 * 2, min(_JAGGED, ladder[-1] - 2)))
        todo = np.arange(alpha.size)
        for rung in ladder:
            # The two laws differ by 1/M: enough to tell between which rungs to bisect.
            coarse = "gaussian" if rung > _SMOOTH else law
            good = retrieves(np.full(todo.size, rung - parity), todo, coarse)
            above[todo[good]], found[todo[~good]] = rung, rung
            todo = todo[good]
        while (wide := np.flatnonzero(above - found > 2)).size:
            middle = found[wide] + (above - found)[wide] // 4 * 2
            good = retrieves(middle - parity, wide, law)
            above[wide[good]], found[wide[~good]] = middle[good], middle[~good]
        return found - parity

    last = np.maximum(last_failure(0), last_failure(1))
    return np.where(last >= _MOST - 1, np.nan, last + 1.0)

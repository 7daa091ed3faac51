r"""How many noisy examples a network needs before it retrieves archetypes it never saw.

**One step** (`theory.signal_to_noise`).  With the Gaussian law of the example mean the field
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
from typing import Any

import numpy as np

from hebbian import Dense, Hopfield, Model, Multitasking, Storing, Unsupervised, domain
from theory.averages.gaussian import thermal
from theory.closure import closure
from theory.labelled import labelled
from theory.many_patterns import learning as multitasking_learning
from theory.one_pattern.branches import ReplicaSymmetric
from theory.one_pattern.crosstalk import noise
from theory.one_pattern.dense import self_term_weights
from theory.roots import root
from theory.solve import solve

__all__ = ["CRITERIA", "examples_needed", "noise_ratio"]

CRITERIA = ("one-step", "self-consistent", "existence")

# Smallest ln rho: beyond, the number of examples is no longer a float.
_SMALLEST = -700.0
#: The largest number of examples a rule can have.
_MOST = 10**9
# Below, every number is tried: few examples make a coarse law, and alpha_c(M) is jagged.
_JAGGED = 40
_SMOOTH = 10**5


def noise_ratio(model: Model) -> float:
    r"""Return kappa, the power of the crosstalk relative to stored archetypes.

    Parameters
    ----------
    model : Hopfield or Dense

    Returns
    -------
    float
        For distinct indices :math:`\kappa = R_P/R^P = (1 + \rho_P)/(1 + \rho)^P \ge 1` without
        a teacher, 1 with one.  In general the ratio of the variances of the fields of the
        classes that are not retrieved, on spins with q = 1 and no response (one step).

    Raises
    ------
    ValueError
        If the model has no load.

    Notes
    -----
    At order P >= 3 with distinct indices it is the whole difference between the two rules:
    every order parameter obeys unsupervised(alpha) = supervised(kappa alpha), and a load of
    the phase diagram is that of the supervised network over kappa (arXiv:2211.14067).  At
    P = 2 and for ``indices="all"`` the noise also changes its dependence on q.

    Examples
    --------
    >>> from hebbian import Supervised
    >>> round(noise_ratio(Dense(order=4, rule=Unsupervised(quality=0.8, n_examples=6))), 6)
    1.276455
    >>> noise_ratio(Dense(order=4, rule=Supervised(quality=0.8, n_examples=6)))
    1.0
    """
    power = []
    for candidate in (model, dataclasses.replace(model, rule=Storing())):
        equations = closure(candidate)
        if not isinstance(equations, ReplicaSymmetric):
            raise ValueError(f"noise_ratio needs a model with a load, not {type(model).__name__}")
        power.append(noise(equations.field.crosstalk, 1.0, 0.0, 0.0)[0])
    return float(power[0] / power[1])


@labelled
def examples_needed(
    model: Model,
    *,
    alpha: Any = None,
    T: Any = 0.0,
    criterion: str = "one-step",
    threshold: float = math.sqrt(0.5),
    law: str = "binomial",
) -> Any:
    r"""Return the number of examples per archetype that a criterion asks for.

    Parameters
    ----------
    model : Hopfield, Dense or Multitasking
        Its rule says whether there is a teacher and gives the quality r of the examples;
        its number of examples is ignored.
    alpha : float or array_like, optional
        Load in [0, inf); absent for `Multitasking`.
    T : float or array_like
        Temperature in [0, inf); 0 for `Multitasking`.
    criterion : str
        ``"one-step"``: one parallel step from the archetype keeps an overlap
        :math:`m_1 \ge {\rm erf}\,\theta` (`theory.signal_to_noise`) in the Gaussian law of
        the example mean; a real number, in closed form at T = 0.
        ``"self-consistent"``: the smallest whole M from which on the retrieval state
        exists *and* has :math:`m \ge {\rm erf}\,\theta`, for M itself and every larger
        number.
        ``"existence"``: the same without the condition on m.  One or two very noisy
        examples are retrieved as if they were archetypes, with m = r: where the load is low
        enough for that at every M, the answer is 1 and says nothing about learning.
        For `Multitasking` the criteria of
        `theory.many_patterns.learning.examples_needed`, whose ``"signal-to-noise"`` is also
        called ``"one-step"`` here.
    threshold : float
        :math:`\theta` in (0, 3].
    law : {"binomial", "gaussian"}
        Law of the example mean for the last two criteria; the thresholds of `Multitasking`
        are functions of the dataset entropy alone, those of the Gaussian law.

    Returns
    -------
    float or numpy.ndarray
        Of the broadcast shape of `alpha` and `T`; NaN where no number of examples, or none
        up to 10^9 for the last two criteria, is enough.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or if the rule has no noisy examples.

    Notes
    -----
    "From which on", because the critical load is not monotonic in M: one or two examples
    are retrieved themselves, and an even number of them leaves sites undecided.  Every
    number up to 40 is tried; beyond, even and odd numbers are bisected by themselves
    between powers of 2, which assumes that no lapse is shorter than a factor of 2.  At
    P >= 3 and T = 0 the replica-symmetric states end too early (`theory.boundaries`): the
    number asked for there exceeds that of moderate T.

    Examples
    --------
    >>> from hebbian import Supervised
    >>> for rule in (Supervised, Unsupervised):
    ...     model = Dense(order=4, rule=rule(quality=0.3, n_examples=1))
    ...     print(
    ...         round(float(examples_needed(model, alpha=0.1)), 3),
    ...         examples_needed(model, alpha=[0.1, 0.5], criterion="self-consistent"),
    ...     )
    15.821 [16. nan]
    812.779 [5168.   nan]
    """
    domain.choice("law", law, ("binomial", "gaussian"))
    theta = domain.real("threshold", threshold, "(0, 3]")
    temperature = domain.real_array("T", T, "[0, inf)")
    if isinstance(model, Multitasking):
        return _multitasking(model, alpha, temperature, criterion, theta)
    if not isinstance(model, (Hopfield, Dense)):
        raise ValueError(f"there is no learning threshold of models of type {type(model).__name__}")
    domain.choice("criterion", criterion, CRITERIA)
    if alpha is None:
        raise ValueError(f"alpha = None: {type(model).__name__} needs a load in [0, inf)")
    load = domain.real_array("alpha", alpha, "[0, inf)")
    _noisy(model)
    try:
        load, temperature = np.broadcast_arrays(load, temperature)
    except ValueError:
        raise ValueError(
            f"alpha of shape {load.shape} and T of shape {temperature.shape} do not broadcast"
        ) from None
    if criterion == "one-step":
        answer = np.array(
            [
                _one_step(model, *point, theta)
                for point in zip(
                    load.flatten().tolist(), temperature.flatten().tolist(), strict=True
                )
            ]
        )
    else:
        overlap = math.erf(theta) if criterion == "self-consistent" else 0.0
        answer = _from_which_on(model, load.ravel(), temperature.ravel(), overlap, law)
    return answer.reshape(load.shape)[()]


def _noisy(model: Model) -> None:
    if model.rule.quality == 1:
        raise ValueError(f"rule = {model.rule!r} has no noisy examples: quality must be below 1")


def _multitasking(
    model: Multitasking, alpha: Any, T: np.ndarray, criterion: str, theta: float
) -> Any:
    if alpha is not None:
        raise ValueError(f"alpha = {alpha}: {type(model).__name__} has no load")
    domain.choice("criterion", criterion, ("one-step", *multitasking_learning.CRITERIA))
    if (T != 0).any():
        raise ValueError(f"T = {T.max()}: the thresholds of {type(model).__name__} are at T = 0")
    name = "signal-to-noise" if criterion == "one-step" else criterion
    number = multitasking_learning.examples_needed(model, criterion=name, threshold=theta)
    return np.full(T.shape, number if math.isfinite(number) else np.nan)[()]


def _noise_to_signal(model: Hopfield | Dense, alpha: float) -> Callable[[float], float]:
    """Return x as a function of the dataset entropy rho."""
    if alpha == 0:
        return lambda rho: rho
    P, r2 = model.order, np.float64(model.rule.quality**2)
    weights = self_term_weights(P, getattr(model, "indices", "distinct"))
    if isinstance(model.rule, Unsupervised):
        powers = [2 * alpha / P**2 * k * w * r2 ** (k - P) for k, w in weights.items()]
        # M rho_k = (1 - r^2k)/r^2k, a geometric sum in units of M rho.
        ratios = [sum(r2**-j for j in range(k)) for k in weights]
        floor, slope = sum(powers), 1 + sum(a * b for a, b in zip(powers, ratios, strict=True))
        return lambda rho: float(floor + slope * rho)
    g = 2 * alpha / P**2 * sum(k * w for k, w in weights.items())
    return lambda rho: rho + g * (1 + rho) ** P


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def _one_step(model: Hopfield | Dense, alpha: float, T: float, theta: float) -> float:
    """Return the real M at which one step reaches the overlap erf(theta)."""
    x = _noise_to_signal(model, alpha)
    half = 0.5 * model.order
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
    r2 = np.float64(model.rule.quality**2)
    number = float((1 - r2) / r2 / rho)
    return number if math.isfinite(number) else math.nan


def _from_which_on(
    model: Hopfield | Dense, alpha: np.ndarray, T: np.ndarray, overlap: float, law: str
) -> np.ndarray:
    """Return the smallest M such that it and every larger number of examples retrieve."""

    def retrieves(numbers: np.ndarray, points: np.ndarray, law: str) -> np.ndarray:
        out = np.empty(points.size, dtype=bool)
        for M in np.unique(numbers):
            here = numbers == M
            rule = dataclasses.replace(model.rule, n_examples=int(M))
            state = solve(
                dataclasses.replace(model, rule=rule),
                alpha=alpha[points[here]],
                T=T[points[here]],
                law=law,
            )
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

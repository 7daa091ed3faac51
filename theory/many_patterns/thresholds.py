r"""How many examples a multitasking network needs, and one step of its dynamics.

All thresholds are numbers of examples per archetype in the Gaussian law of the example
mean, where only :math:`\rho = (1 - r^2)/(M r^2)` matters: they scale as
:math:`(1 - r^2)/r^2`, with a teacher and without one alike (arXiv:2308.04106).

``"signal-to-noise"``
    the mean field of one step (`theory.signal_to_noise`) exceeds :math:`\theta \sqrt{2}` standard
    deviations, :math:`M = \frac{1 - r^2}{r^2} \frac{1 + S}{1/(2\theta^2) - S}`;
``"example-noise"``
    the same without the cross-talk of the patterns,
    :math:`M = 2 \theta^2 (1 + S) (1 - r^2)/r^2`;
``"self-consistent"``
    at T = 0 the hierarchical state itself, and not one step from it, has
    :math:`m_1 \ge (1 - d)\,{\rm erf}\,\theta` (at most 12 patterns);
``"hierarchy"``
    enough for the hierarchical state to exist at T = 0, the value of
    `zero_temperature.parallel_dataset_entropy`; :math:`\theta` is not used.

That both learn the same is exact as N grows at fixed K and M wherever the state without a
teacher is symmetric in its examples, that is where every
``MultitaskingSolution.example_eigenvalues`` is positive.  For the Gaussian law it always is,
:math:`\lambda^{\rm ex}_\mu = m_\mu/n_\mu`.  It fails

* for few examples of an even number M at low T: with probability of order
  :math:`M^{-1/2}` a spin sees as many faithful as unfaithful examples, S = 0, and answers
  to a field that tells them apart.  Without a teacher the network then prefers some of its
  examples and m changes by a few percent (M = 4 at r = 0.5, T = 0.05);
* at finite N unless :math:`r^2 N \gg K`: the single examples add a field noise of variance
  :math:`K/(r^4 M N)`, a fraction :math:`K/(r^2 N)` of :math:`\rho`, which only averaging by
  a teacher removes.  With an extensive number of patterns it is never small: learning
  without a teacher then needs :math:`M \sim r^{-4}`.
"""

from __future__ import annotations

import math

import numpy as np

from hebbian import Multitasking, domain
from theory.many_patterns.columns.choice import Columns
from theory.many_patterns.columns.law import Gaussian
from theory.roots import root_beyond
from theory.solution import SignalToNoise

from .descent import descend
from .equations import MultitaskingEquations
from .zero_temperature import parallel_dataset_entropy

__all__ = ["CRITERIA", "examples_needed", "first_step"]

#: Of `examples_needed`; see the module.
CRITERIA = ("signal-to-noise", "example-noise", "self-consistent", "hierarchy")


def first_step(equations: MultitaskingEquations, T: np.ndarray, start: np.ndarray) -> SignalToNoise:
    r"""Take one parallel step from overlaps `start` with the hierarchical configuration.

    Its spins follow the first pattern that is not blank, :math:`n_\mu = (1-d) d^{\mu-1}`.  On a
    spin that the first pattern decides the field :math:`\sum_\mu v^\mu n_\mu` has mean
    :math:`1 - d` along it and variance

    .. math:: (1-d)^2 [\rho (1 + S) + S], \qquad S = \frac{d^2 - d^{2K}}{1 + d}:

    the noise of the examples and the cross-talk of the other patterns.  Both are linear in the
    start.
    """
    model = equations.model
    d, K, rho = model.dilution, model.n_patterns, model.rule.dataset_entropy
    crosstalk = _crosstalk(d, K)
    n = start.reshape(-1, 1) * (1 - d) * d ** np.arange(K)
    m = equations.columns.responses(n, T.flatten()).m
    return SignalToNoise(
        m=np.where(start[..., None] == 0, 0.0, m.reshape(*T.shape, K)),
        field_mean=np.asarray(start * (1 - d)),
        field_variance=np.asarray(start**2 * ((1 - d) ** 2 * (rho * (1 + crosstalk) + crosstalk))),
    )


def examples_needed(
    model: Multitasking,
    criterion: str = "signal-to-noise",
    threshold: float = math.sqrt(0.5),
) -> float:
    """Return the number of examples of one of the `CRITERIA`; inf where none is enough."""
    d, r, K = model.dilution, model.rule.quality, model.n_patterns
    crosstalk = _crosstalk(d, K)
    if criterion == "signal-to-noise":
        room = 1 / (2 * threshold**2) - crosstalk
        rho = room / (1 + crosstalk) if room > 0 else 0.0
    elif criterion == "example-noise":
        rho = 1 / (2 * threshold**2 * (1 + crosstalk))
    elif criterion == "self-consistent":
        rho = _largest_noise(d, K, (1 - d) * math.erf(threshold))
    else:
        rho = _hierarchy_noise(d, K)
    return (1 - r * r) / (r * r) / rho if rho > 0 else math.inf


def _crosstalk(d: float, K: int) -> float:
    """Return S, the variance of the field of the other patterns over the squared signal."""
    return (d**2 - d ** (2 * K)) / (1 + d)


def _ladder(d: float, K: int) -> np.ndarray:
    return np.asarray((1 - d) * d ** np.arange(K))


def _hierarchy_noise(d: float, K: int) -> float:
    if K == 1 or d == 0:
        return math.inf  # equal overlaps are stable at no rho
    return float(parallel_dataset_entropy(d, K))


def _largest_noise(d: float, K: int, overlap: float) -> float:
    """Return the rho at which the first overlap of the state of T = 0 has dropped to `overlap`."""
    K = domain.integer("n_patterns", K, "[1, 12]")

    def excess(rho: float) -> float:
        columns = Columns(Gaussian(d, rho), K)
        end = descend(columns, _ladder(d, K)[None], np.zeros(1))
        return float(columns.responses(end.n, np.zeros(1)).m[0].max()) - overlap

    return 0.0 if excess(1e-4) < 0 else root_beyond(excess, 1e-4, 1.5, math.inf)

r"""The law of the example mean on one site.

In the gauge of the archetype (:math:`\xi_i = 1`) the retrieved class enters only through
:math:`u = \bar\eta / \sqrt R`, :math:`\bar\eta` the mean of M examples of quality r and
:math:`R = r^2 + (1 - r^2)/M`, so that :math:`E u^2 = 1` and
:math:`E u = c = 1/\sqrt{1 + \rho}` with :math:`\rho = (1 - r^2)/(M r^2)`.

* ``"binomial"``: exact, :math:`u_k = (2k - M)/(M \sqrt R)` with k binomial.
* ``"gaussian"``: :math:`u = c\,(1 + \sqrt\rho\,\lambda)`, :math:`\lambda \sim N(0, 1)`, the
  large-M law of arXiv:2212.00606.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from hebbian import Rule

__all__ = ["ExampleLaw", "example_law"]

# Weights below this fraction of the largest leave every average unchanged in float64.
_NEGLIGIBLE = 1e-20


class ExampleLaw(NamedTuple):
    r"""A mixture of points, or one Gaussian.

    Parameters
    ----------
    u, weight : numpy.ndarray
        Support in ascending order and probabilities.
    mean : float
        :math:`c = E u = r/\sqrt R = 1/\sqrt{1 + \rho}`.
    spread : float
        Variance of u around its single point: 0 for a discrete law.
    spacing, deviation : float
        Distance of neighbouring points and standard deviation; 0 for a single point.
    """

    u: np.ndarray
    weight: np.ndarray
    mean: float
    spread: float
    spacing: float
    deviation: float


def example_law(rule: Rule, law: str) -> ExampleLaw:
    """Return the law of the normalised example mean of `rule`; perfect data give u = 1.

    Examples
    --------
    >>> from hebbian import Supervised
    >>> example_law(Supervised(quality=0.6, n_examples=1), "binomial").u
    array([-1.,  1.])
    >>> round(example_law(Supervised(quality=0.5, n_examples=30), "gaussian").mean**-2, 12)
    1.1
    """
    r, n_examples, second_moment = rule.quality, rule.n_examples, rule.second_moment
    mean = r / math.sqrt(second_moment)
    deviation = math.sqrt((1 - r**2) / (n_examples * second_moment))
    if r == 1 or law == "gaussian":
        return ExampleLaw(
            u=np.full(1, mean),
            weight=np.ones(1),
            mean=mean,
            spread=deviation**2,
            spacing=0.0,
            deviation=0.0,
        )
    k, weight = _binomial(n_examples, (1 + r) / 2)
    scale = 1 / (n_examples * math.sqrt(second_moment))
    return ExampleLaw(
        u=(2 * k - n_examples) * scale,
        weight=weight,
        mean=mean,
        spread=0.0,
        spacing=2 * scale,
        deviation=deviation,
    )


def _binomial(n: int, p: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the counts that matter and their probabilities.

    Built outwards from the mode by the ratio p(k + 1)/p(k): log-gamma differences lose
    log10(n) digits.
    """
    mode = min(n, int((n + 1) * p))
    reach = 20 + int(10 * math.sqrt(n * p * (1 - p)))
    k = np.arange(max(0, mode - reach), min(n, mode + reach) + 1)
    log_ratio = np.log((n - k[:-1]) / (k[:-1] + 1)) + (math.log(p) - math.log1p(-p))
    log_weight = np.concatenate([[0.0], np.cumsum(log_ratio)])
    weight = np.exp(log_weight - log_weight[mode - k[0]])
    keep = weight > _NEGLIGIBLE
    return k[keep].astype(np.float64), weight[keep] / weight[keep].sum()

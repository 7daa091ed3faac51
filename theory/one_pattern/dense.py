r"""Theory of dense (P-body) Hebbian networks: what `theory.one_pattern.replica` needs of the model.

At :math:`K \sim N^{P-1}` the classes that are not retrieved act as one Gaussian P-spin
coupling.  With ``indices="distinct"`` its covariance is :math:`\kappa_P q^P`; with
``"all"`` the sites that coincide leave couplings of lower rank of the same order,

.. math:: \Bigl(\sum_i x_i\Bigr)^P \simeq \sum_k c_k N^{(P-k)/2}\,k!\,e_k(x), \qquad
          c_k = \frac{P!}{k!\,((P-k)/2)!\,2^{(P-k)/2}},

and the covariance is :math:`\sum_k w_k \kappa_k q^k` with :math:`w_k = c_k^2 k!/P!`,
k = P, P-2, ...; k = 1 is a random field and k = 0 a constant, which grows like
:math:`N^{P/2-1}` for even P >= 4 and is left out of energies.  Data noise:
:math:`\kappa_k = [r^{2k} + (1 - r^{2k})/M] / R^P` without a teacher, where each example
contributes a coupling of its own, and 1 otherwise.

References: E. Gardner, doi:10.1088/0305-4470/20/11/046; arXiv:2212.00606 (supervised);
arXiv:2211.14067 (unsupervised).
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from hebbian import Dense, Hopfield, Rule
from theory.averages.example_law import example_law
from theory.closure import Closure, closure, known_rule

from .closure import ReplicaSymmetric
from .crosstalk import Crosstalk
from .hopfield import pair_crosstalk
from .replica import MeanField
from .strengths.closure import UnequalPairs, UnequalStrengths
from .strengths.laws import law_of

__all__ = ["data_noise", "dense_crosstalk", "self_term_weights"]


def data_noise(rule: Rule, rank: int, order: int) -> float:
    """Return kappa_k, the noise power of rank k relative to perfect data.

    Examples
    --------
    >>> from hebbian import Supervised, Unsupervised
    >>> data_noise(Supervised(quality=0.8, n_examples=6), 4, 4)
    1.0
    >>> round(data_noise(Unsupervised(quality=0.8, n_examples=6), 4, 4), 6)
    1.276455
    """
    if not rule.by_example:
        return 1.0
    signal = rule.quality ** (2 * rank)
    moment = signal + (1 - signal) / rule.n_examples
    return float(moment / rule.second_moment**order)


def self_term_weights(order: int, indices: str) -> dict[int, float]:
    """Return the weights w_k of the noise covariance by rank k.

    Examples
    --------
    >>> self_term_weights(4, "distinct"), self_term_weights(4, "all")
    ({4: 1.0}, {4: 1.0, 2: 3.0})
    >>> self_term_weights(3, "all")
    {3: 1.0, 1: 1.5}
    """
    if indices == "distinct":
        return {order: 1.0}
    weights = {}
    for k in range(order, 0, -2):
        pairs = (order - k) // 2
        c = math.factorial(order) / (math.factorial(k) * math.factorial(pairs) * 2**pairs)
        weights[k] = c**2 * math.factorial(k) / math.factorial(order)
    return weights


def dense_crosstalk(rule: Rule, order: int, indices: str) -> Crosstalk:
    """Return the crosstalk at order P >= 3."""
    weights = self_term_weights(order, indices)
    return Crosstalk(
        resummed=False,
        strength=np.array([w * data_noise(rule, k, order) for k, w in weights.items()]),
        rank=np.array([float(k) for k in weights]),
        constant=0.0,
    )


@closure.register
def _(model: Dense | Hopfield, law: str = "binomial") -> Closure:
    rule = known_rule(model)
    if model.order == 2:
        crosstalk = pair_crosstalk(rule, model.indices)
    else:
        crosstalk = dense_crosstalk(rule, model.order, model.indices)
    uniform = ReplicaSymmetric(MeanField(model.order, example_law(rule, law), crosstalk))
    strengths = None if model.uniform else law_of(model.weights)
    if strengths is None:
        return uniform
    uniform.model, uniform.law = dataclasses.replace(model, weights=None), law
    kind = UnequalPairs if model.order == 2 else UnequalStrengths
    return kind(uniform, strengths)

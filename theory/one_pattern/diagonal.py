r"""The energy of the terms in which sites coincide: ``indices="all"``, even order.

The literal power :math:`(\sum_i x_i)^P`, :math:`x_i = u_i s_i` and :math:`u_i` a normalised row
of the rule, is not centred.  Its mean over all configurations and all data,

.. math:: \mu_P(N) = E \Big(\sum_i x_i\Big)^P = P!\,[t^P]\Big(\sum_k \frac{E u^{2k}}{(2k)!}
          t^{2k}\Big)^N = (P-1)!!\,N^{P/2} + O(N^{P/2-1}),

times the number of rows is a constant of the energy,

.. math:: \frac{E_0}{N} = -\frac{K}{2 N^P}\,\mu_P(N)
          \simeq -\alpha\,\frac{(P-1)!!}{P!}\,N^{P/2-1},

which moves no order parameter.  For P >= 4 it has no limit, and the theory is of the energy
above it; for P = 2 it is :math:`-\frac\alpha2 E u^2`, finite, and part of
`theory.one_pattern.hopfield`.  Odd powers and terms of distinct sites have mean zero.
"""

from __future__ import annotations

import math

import numpy as np

from hebbian import Dense, Model, Rule
from theory.averages.example_law import example_law
from theory.conventions import n_patterns

__all__ = ["diagonal_energy"]


def diagonal_energy(model: Model, alpha: np.ndarray, n_spins: int) -> np.ndarray:
    """Return the constant per spin at loads `alpha`, of any shape; 0 where it is none.

    Examples
    --------
    >>> from hebbian import Dense
    >>> load = np.array([0.05])
    >>> diagonal_energy(Dense(order=4, indices="all"), load, 60).round(4)
    array([-0.3708])
    >>> diagonal_energy(Dense(order=4), load, 60)
    array([0.])
    """
    if not isinstance(model, Dense) or model.indices != "all" or model.order % 2:
        return np.zeros(alpha.shape)
    P = model.order
    if P == 2:  # in the equations of state
        return np.zeros(alpha.shape)
    # As many as are stored, rounded like them; one where nothing but a pattern is.
    count = np.maximum(np.rint(n_patterns(alpha, n_spins=n_spins, order=P)), 1)
    mean = _power_of_sum(_even_moments(model.rule, P), n_spins, P)
    return np.asarray(-0.5 * mean / float(n_spins) ** P * count)


def _even_moments(rule: Rule, order: int) -> np.ndarray:
    """Return E u^{2k}, k = 0 ... order/2, of an entry of a row with E u^2 = 1."""
    powers = np.arange(0, order + 1, 2)
    if rule.by_example:
        return np.asarray(rule.second_moment ** (-0.5 * powers))
    entry = example_law(rule, "binomial")
    return np.array([entry.weight @ entry.u**power for power in powers])


def _power_of_sum(moments: np.ndarray, n_terms: int, order: int) -> float:
    """Return E (x_1 + ... + x_n)^order of independent symmetric terms, by their cumulants."""
    size = order // 2 + 1
    one = moments / np.array([math.factorial(2 * k) for k in range(size)])
    # k l_k = k a_k - sum_j j l_j a_{k-j} for the logarithm l of a series a, and back.
    log, power = np.zeros(size), np.zeros(size)
    power[0] = 1.0
    for k in range(1, size):
        j = np.arange(1, k)
        log[k] = one[k] - (j * log[j]) @ one[k - j] / k
        j = np.arange(1, k + 1)
        power[k] = n_terms * (j * log[j]) @ power[k - j] / k
    return float(power[-1] * math.factorial(order))

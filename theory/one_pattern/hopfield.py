r"""Theory of the Hopfield network: what `theory.one_pattern.replica` needs of the model.

At P = 2 and :math:`K = \alpha N` all cumulants of the overlaps with the other classes
survive; Gaussian integration over them resums the series (D. J. Amit, H. Gutfreund,
H. Sompolinsky, Ann. Phys. 173, 30 (1987), doi:10.1016/0003-4916(87)90092-3).  A class of M
examples contributes one Gaussian per eigenvalue v of the covariance of its normalised rows:

* storing and supervised: v = 1, once.
* unsupervised: v = 1 once (the archetype) and
  :math:`v = (1 - r^2)/(M R)`, M - 1 times (what tells the examples apart).
"""

from __future__ import annotations

import numpy as np

from hebbian import Rule

from .crosstalk import Crosstalk

__all__ = ["pair_crosstalk"]


def pair_crosstalk(rule: Rule, indices: str) -> Crosstalk:
    r"""Return the crosstalk at order 2.

    With ``indices="all"`` the diagonal of the couplings adds the constant
    :math:`-\frac\alpha2 \sum_g g v` to the energy per spin.

    Examples
    --------
    >>> from hebbian import Storing
    >>> pair_crosstalk(Storing(), "all").constant
    -0.5
    """
    multiplicity, eigenvalue = np.ones(1), np.ones(1)
    if rule.by_example:
        small = (1 - rule.quality**2) / (rule.n_examples * rule.second_moment)
        multiplicity, eigenvalue = np.array([1.0, rule.n_examples - 1.0]), np.array([1.0, small])
    diagonal = -0.5 * float(multiplicity @ eigenvalue)
    return Crosstalk(
        resummed=True,
        strength=multiplicity,
        rank=eigenvalue,
        constant=diagonal if indices == "all" else 0.0,
    )

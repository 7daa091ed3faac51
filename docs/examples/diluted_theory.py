r"""Dense network of diluted patterns: what is predicted.

Two things differ from `theory.one_pattern.dense`.  Of the retrieved pattern a site sees
:math:`u = |\xi|`, a blank with probability d; and a coupling of the others has the variance
of P entries that are not blank,

.. math:: h = u \tfrac P2 m^{P-1} + \sqrt V x, \qquad
          V = \alpha (1 - d)^P \tfrac P2 q^{P-1}, \qquad
          m = E\,u \tanh(h/T), \qquad q = E \tanh^2(h/T).

At T = 0, where q = 1, m/(1 - d) depends on :math:`\alpha (1 - d)^{2 - P}` alone: the
capacity is :math:`(1 - d)^{P-2}` times that of full patterns.
"""

from __future__ import annotations

import numpy as np
from diluted_network import Diluted

from theory.averages.example_law import ExampleLaw
from theory.closure import closure
from theory.one_pattern.closure import ReplicaSymmetric
from theory.one_pattern.crosstalk import Crosstalk
from theory.one_pattern.replica import MeanField

__all__ = ["entry_sizes"]


def entry_sizes(dilution: float) -> ExampleLaw:
    """Return the law of u; its mean is 1 because n and m are one overlap."""
    full = 1 - dilution
    points = [(1.0, full)] if dilution == 0 else [(0.0, dilution), (1.0, full)]
    return ExampleLaw(
        u=np.array([u for u, _ in points]),
        weight=np.array([weight for _, weight in points]),
        mean=1.0,
        spread=0.0,
        spacing=1.0,
        deviation=np.sqrt(dilution * full),
    )


@closure.register
def _(model: Diluted, law: str = "binomial") -> ReplicaSymmetric:
    crosstalk = Crosstalk(
        resummed=False,
        strength=np.array([(1 - model.dilution) ** model.order]),
        rank=np.array([float(model.order)]),
        constant=0.0,
    )
    return ReplicaSymmetric(MeanField(model.order, entry_sizes(model.dilution), crosstalk))

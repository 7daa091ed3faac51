r"""A student of pairs that is told how its examples are oriented.

It stores one row, their sum,

.. math:: H = -\frac{N}{2 M} \Bigl(\sum_a \epsilon_a m_a\Bigr)^2 = -\frac1{2N} \Bigl(\sum_i v_i
          s_i\Bigr)^2, \qquad v = \frac1{\sqrt M} \sum_a \epsilon_a \eta^a
          = \sqrt{\alpha w}\,\xi + z,

z normal on each site, in the units of the student without a teacher: both begin to learn below
:math:`T = 1 + \alpha w = E v^2`, this one at every load.  Its law of v is the Gaussian one of the
example mean of a single archetype (`theory.averages.example_law`) of variance
:math:`1 + \alpha w`, with

.. math:: m = E \tanh\frac{n_v v}T, \quad n_v = E\,v \tanh\frac{n_v v}T, \qquad
          m = \mathrm{erf}\sqrt{\alpha w/2} \quad (T = 0).

The sum has this signal where all examples are equally good, as independent flips of one quality,
and where the better ones of the teacher's own law count more, :math:`\epsilon_a` the field y_a
that drew them (`theory.teacher_student.pair`) in units of its deviation.  Signs alone put
:math:`2 \alpha w/\pi` in the place of :math:`\alpha w` if they are those of the fields, and
:math:`2 \alpha (1 + w)/\pi` if they are those of the overlaps with the teacher, which tell of it
what the examples do not.
"""

from __future__ import annotations

import math

import numpy as np

from hebbian import Storing
from theory.averages.example_law import ExampleLaw
from theory.one_pattern.branches import ReplicaSolution, solve_branch
from theory.one_pattern.hopfield import pair_crosstalk
from theory.one_pattern.replica import MeanField

from .scaled import in_units

__all__ = ["solve_supervised"]


def _row(told: float) -> MeanField:
    r"""Return the network of one row of signal :math:`\sqrt{\alpha w}` and unit noise."""
    mean, spread = math.sqrt(told / (1 + told)), 1 / (1 + told)
    law = ExampleLaw(np.full(1, mean), np.ones(1), mean, spread, 0.0, 0.0)
    return MeanField(2, law, pair_crosstalk(Storing(), "distinct"))


def solve_supervised(w: float, alpha: np.ndarray, T: np.ndarray) -> ReplicaSolution:
    """Return the state at low temperatures, the paramagnet above."""
    told, which = np.unique(alpha * w, return_inverse=True)
    which = which.reshape(alpha.shape)
    unit = 1 + alpha * w
    pieces = []
    for number, signal in enumerate(told.tolist()):
        field, here = _row(signal), which == number
        heat = (T / unit)[here]
        nothing = np.zeros(heat.shape)
        cold, warm = (
            solve_branch(field, nothing, heat, start) for start in ("retrieval", "paramagnet")
        )
        pieces.append(cold.lower(warm).fields())
    order = np.argsort(np.concatenate([np.flatnonzero(which == k) for k in range(told.size)]))
    joined = {
        name: np.concatenate([piece[name] for piece in pieces])[order].reshape(alpha.shape)
        for name in pieces[0]
    }
    return in_units(ReplicaSolution(**joined), unit)

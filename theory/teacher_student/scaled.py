r"""A student of P >= 3 bodies as a dense network in other units.

The sum over :math:`M = 2 \alpha N^{P-1}/P!` examples is a coupling of P spins of mean
:math:`\alpha \beta^* P!/2 N^{P-1}` along the teacher, since the teacher's law polarises products
of P spins alone, and with the fluctuations of as many random patterns; higher cumulants vanish:

.. math:: h = \tfrac P2 \alpha \beta^* m^{P-1} + \sqrt{\tfrac P2 \alpha q^{P-1}}\,z .

In units of :math:`\lambda = \alpha \beta^*` that is a dense network (`theory.one_pattern.replica`)
that retrieves a pattern at the load and the temperature

.. math:: \tilde\alpha = \frac\alpha{\lambda^2} = \frac1{\alpha \beta^{*2}}, \qquad
          \tilde T = \frac T\lambda = \frac T{\alpha \beta^*},

with :math:`\lambda` times its free energy, at any number of steps of broken symmetry.  More
examples are a lower load.  At one temperature the student moves along the ray
:math:`\tilde T = T \beta^* \tilde\alpha`, at the teacher's along :math:`\tilde T = \tilde\alpha`,
where m = q (R. Theriault, D. Tantari, arXiv:2401.04191).
"""

from __future__ import annotations

import dataclasses
from typing import TypeVar

import numpy as np

from theory.solution import Solution

__all__ = ["in_units", "scaled"]

_Solution = TypeVar("_Solution", bound=Solution)

#: What is in units of the energy, and what in units of its inverse.
_ENERGIES, _INVERSE = ("free_energy", "energy"), ("susceptibility", "reweighting")


def scaled(
    teacher_beta: float, alpha: np.ndarray, T: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Return :math:`\lambda, \tilde\alpha, \tilde T`; the last two 0 and 1 without examples."""
    unit = alpha * teacher_beta
    shown = unit > 0
    rate = np.divide(1, unit, out=np.zeros(unit.shape), where=shown)
    return unit, rate / teacher_beta, np.where(shown, T * rate, 1.0)


def in_units(solution: _Solution, unit: np.ndarray) -> _Solution:
    """Return a solution in units of the energy; not converged where these are 0."""
    there = unit > 0
    values = solution.fields()
    for name in _ENERGIES:
        values[name] = values[name] * unit
    for name in set(_INVERSE) & set(values):
        values[name] = np.divide(values[name], unit, out=np.full(unit.shape, np.nan), where=there)
    return dataclasses.replace(solution, **values).only(there)

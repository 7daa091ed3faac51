r"""Averages over pattern columns: the one interface of all evaluators.

With :math:`x = v \cdot n` the field of a column, everything follows from the convex
:math:`\Psi(n) = T\, E \ln 2\cosh(x/T)`, at T = 0 :math:`E|x|`:

.. math:: \nabla \Psi = E[v \tanh(x/T)], \qquad
          \nabla\nabla \Psi = \frac1T E[v v^{\rm t} (1 - \tanh^2(x/T))].

====================================  ===============================================
`enumeration`                         all columns of a few-valued law, any T;
                                      all archetype columns of the Gaussian law, T = 0
`fourier`                             one-dimensional Fourier integral: any K, any law,
                                      T > 0 (T = 0 for the Gaussian law)
`halves`                              few-valued law at T = 0: two halves of the column
====================================  ===============================================
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

__all__ = ["Averages", "Evaluator", "Responses"]


class Averages(NamedTuple):
    """Psi and its derivatives at the overlaps n of B points.

    `potential` (B,), `image` (B, K) and `curvature` (B, K, K) are Psi, its gradient and its
    Hessian; `singular` (B,) tells where the Hessian is infinite because at T = 0 a column
    that is not blank has no field.
    """

    potential: np.ndarray
    image: np.ndarray
    curvature: np.ndarray
    singular: np.ndarray


class Responses(NamedTuple):
    """What is measured at a solution.

    `m` (B, K) = E xi tanh(x/T); `q` (B,) = E tanh^2(x/T); `flexible` (B, K) =
    E[flexible (1 - tanh^2(x/T))]/T, the response to fields that tell the examples of one
    archetype apart (`columns.law.Atoms`); infinite where such a spin has no field.
    """

    m: np.ndarray
    q: np.ndarray
    flexible: np.ndarray


class Evaluator(Protocol):
    """An evaluator of column averages."""

    def averages(self, n: np.ndarray, T: np.ndarray, *, curvature: bool = True) -> Averages:
        """Evaluate Psi at overlaps `n` of shape (B, K) and temperatures `T` of shape (B,).

        Without `curvature` only the image is sure to be evaluated, the rest may be left 0.
        """

    def responses(self, n: np.ndarray, T: np.ndarray) -> Responses:
        """Evaluate the observables at overlaps `n` and temperatures `T`."""

r"""Column averages as one-dimensional Fourier integrals, for any number of patterns.

The hyperbolic functions are Fourier integrals, the first one [1]_ and, by integrating and
differentiating it with respect to x, the others:

.. math::
    \tanh\frac xT = \int_0^\infty \frac{\sin(u x/T)}{\sinh(\pi u/2)} du, \quad
    \ln\cosh\frac xT = \int_0^\infty \frac{1 - \cos(u x/T)}{u \sinh(\pi u/2)} du, \quad
    1 - \tanh^2\frac xT = \int_0^\infty \frac{u \cos(u x/T)}{\sinh(\pi u/2)} du,

and the average of a product over independent entries is a product, for instance
:math:`E[v^\mu \tanh(x/T)] = \int \chi'_\mu \prod_{\nu\neq\mu} \chi_\nu / \sinh(\pi u/2)\, du`
with :math:`\chi_\nu = E\cos(v u n_\nu/T)` and :math:`\chi'_\mu = E v \sin(v u n_\mu/T)`.

The integrands are even and analytic, so the midpoint rule of step h is exact up to the
aliases of the field: its error is exp(-2 (2 pi/h - |x|/T)).  At T = 0 the kernel
1/sinh(pi u/2) becomes 2/(pi u) and the rule is a square wave of half period 2 pi/h, exact
for every bounded field; the sum then converges by the damping of a continuous law.

References
----------
.. [1] I. S. Gradshteyn and I. M. Ryzhik, *Table of Integrals, Series, and Products*,
   3.981.1.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .averages import Averages, Responses
from .law import TAIL, Entry, Gaussian

__all__ = ["FourierIntegral"]

#: sinh(pi u/2) has grown to 1e17.
CUTOFF = 25.5
#: exp(-2 MARGIN) is the alias error.
MARGIN = 18.5
#: Entries of one block of the integrand, about a second-level cache.
BLOCK = 1 << 17
#: Most entries (nodes x patterns) of one integral.
LARGEST = 2e7


class FourierIntegral:
    """Any law, any K, T > 0; the Gaussian law at T = 0 too."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry

    def n_nodes(self, n: np.ndarray, T: np.ndarray) -> np.ndarray:
        """Return the number of nodes that each point needs, shape (B,)."""
        reach = self._entry.reach(n)
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            thermal = CUTOFF * (reach / T + MARGIN) / (2 * np.pi)
        if not isinstance(self._entry, Gaussian):
            return np.asarray(np.where(T > 0, thermal, np.inf))
        smallest = np.min(np.where(n == 0, np.inf, np.abs(n)), axis=1)
        smallest = np.where(np.isinf(smallest), 1.0, smallest)
        damped = TAIL * reach / (2 * np.pi * smallest * np.sqrt(self._entry.variance))
        return np.asarray(np.where(T > 0, thermal, damped + 1))

    def _blocks(
        self, n: np.ndarray, T: np.ndarray
    ) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
        """Yield points, the argument of the transforms, and the kernels of 1, 1/u and u.

        The kernels have shape (points, nodes); the one of u carries the factor 1/T.
        """
        far = self.n_nodes(n, T) * n.shape[1] > LARGEST
        if far.any():
            raise ValueError(
                f"T = {T[far][0]} is out of reach for {n.shape[1]} patterns with fields up to "
                f"{self._entry.reach(n[far])[0]:.3g}: use a larger T or fewer patterns"
            )
        counts = np.ceil(self.n_nodes(n, T)).astype(int)
        order = np.argsort(counts, kind="stable")
        first = 0
        while first < order.size:
            # neighbours share nodes: as many points as fill a block, of similar counts
            width = n.shape[1] * counts[order[first:]]
            fits = np.flatnonzero(width * np.arange(1, width.size + 1) <= BLOCK)
            points = order[first : first + max(1, fits.size)]
            first += points.size
            step, cold, count = self._steps(n[points], T[points], int(counts[points].max()))
            length = max(1, BLOCK // (n.shape[1] * points.size))
            for low in range(0, count, length):
                u = (np.arange(low, min(low + length, count)) + 0.5) * step[:, None]
                with np.errstate(over="ignore"):
                    sinh = np.where(cold[:, None], np.pi * u / 2, np.sinh(np.pi * u / 2))
                kernel = step[:, None] / sinh
                beta = 1 / np.where(cold, 1.0, T[points])[:, None]
                tau = (n[points] * beta)[:, :, None] * u[:, None, :]
                yield points, tau, kernel, kernel / u, kernel * u * beta

    def _steps(
        self, n: np.ndarray, T: np.ndarray, count: int
    ) -> tuple[np.ndarray, np.ndarray, int]:
        """Return the step of each point, where T = 0, and the common number of nodes."""
        cold = T == 0
        reach = self._entry.reach(n)
        scaled = np.where(cold, reach, reach / np.where(cold, 1.0, T) + MARGIN)
        return 2 * np.pi / np.where(scaled == 0, 1.0, scaled), cold, count

    def averages(self, n: np.ndarray, T: np.ndarray, *, curvature: bool = True) -> Averages:
        """See `Evaluator.averages`."""
        n_points, size = n.shape
        logarithm = np.zeros(n_points)
        image, hessian = np.zeros_like(n), np.zeros((n_points, size, size))
        for points, tau, kernel, over_u, times_u in self._blocks(n, T):
            chi, first, second = self._entry.field_transforms(tau)
            before, after = _exclusive_products(chi)
            others = before * after
            logarithm[points] += ((1 - before[:, -1] * chi[:, -1]) * over_u).sum(axis=1)
            image[points] += np.einsum("bkj,bj->bk", first * others, kernel)
            if not curvature:
                continue
            answer = np.einsum("bkj,bj->bk", second * others, times_u)
            for mu in range(size):
                hessian[points, mu, mu] += answer[:, mu]
                if mu + 1 < size:
                    chain = (first[:, mu] * before[:, mu] * times_u)[:, None]
                    between = np.cumprod(chi[:, mu + 1 : -1], axis=1)
                    between = np.concatenate([np.ones_like(chain), between], axis=1) * chain
                    pair = -(between * first[:, mu + 1 :] * after[:, mu + 1 :]).sum(axis=2)
                    hessian[points, mu, mu + 1 :] += pair
                    hessian[points, mu + 1 :, mu] += pair
        potential = T * (np.log(2) + logarithm)
        cold = T == 0
        potential[cold] = (n[cold] * image[cold]).sum(axis=1)  # E|x| is homogeneous
        singular = cold & (n == 0).any(axis=1)
        return Averages(potential, image, hessian, singular)

    def responses(self, n: np.ndarray, T: np.ndarray) -> Responses:
        """See `Evaluator.responses`."""
        m, flexible, response = np.zeros_like(n), np.zeros_like(n), np.zeros(len(n))
        for points, tau, kernel, _, times_u in self._blocks(n, T):
            chi, first, second = self._entry.archetype_transforms(tau)
            before, after = _exclusive_products(chi)
            others = before * after
            m[points] += np.einsum("bkj,bj->bk", first * others, kernel)
            flexible[points] += np.einsum("bkj,bj->bk", second * others, times_u)
            response[points] += (before[:, -1] * chi[:, -1] * times_u).sum(axis=1)
        cold = T == 0
        blank = self._entry.dilution ** np.count_nonzero(n, axis=1)
        flexible[cold & (n == 0).any(axis=1)] = np.inf
        return Responses(m, 1 - np.where(cold, blank, response * T), flexible)


def _exclusive_products(chi: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the products over the patterns before and after each one; chi is (b, K, j)."""
    before, after = np.ones_like(chi), np.ones_like(chi)
    np.cumprod(chi[:, :-1], axis=1, out=before[:, 1:])
    np.cumprod(chi[:, :0:-1], axis=1, out=after[:, -2::-1])
    return before, after

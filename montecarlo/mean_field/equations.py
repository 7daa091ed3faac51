r"""Mean-field equations of a network: energy, fields and one step of the dynamics.

For independent spins of mean m the energy of a row is the mean of its interaction.  Both
index conventions make it a complete Bell polynomial of sums over sites,

.. math:: \langle F \rangle = B_P(c_1, ..., c_P), \qquad
          c_k = \sum_i \eta_i^k \kappa_k(m_i).

For the literal power, :math:`\kappa_k` is the k-th cumulant of a spin of mean m, since the
P-th moment of a sum is that polynomial of its cumulants; for distinct sites
:math:`\kappa_k = (-1)^{k-1} (k-1)! \, m^k` and :math:`P! \, e_P` is that polynomial of the
power sums (Newton's identities).  The local field follows from
:math:`\partial B_P / \partial c_k = \binom{P}{k} B_{P-k}`,

.. math:: h_i = -\frac{\partial \langle H \rangle}{\partial m_i}
          = w \sum_k \binom{P}{k} \kappa_k'(m_i) \sum_r \eta_{ri}^k B_{P-k}(r),

and is independent of m_i itself, for the energy is linear in each spin: the self-terms of
a naive power of the overlap, which freeze the dynamics at a load of order N^(P-1), drop
out.  A step costs one pass over the rows, O(rows x N); no coupling is ever built.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from hebbian import Memory

from .reaction import Reaction, second_order

__all__ = ["Equations", "Interaction", "Point", "entropy", "response", "step"]

#: (places of samples (n,), cumulants (P + 1, n, n_spins)) -> totals (n,), sums like cumulants.
RowSums = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


class Point(NamedTuple):
    """The equations at one state.

    Parameters
    ----------
    free_energy : float
        G(m), extensive, to the order of the reaction; NaN where it does not exist.
    energy : float
        Energy to the same order, extensive; NaN likewise.
    field : (n_spins,) float64
        h_i, first order.
    strength : (n_spins,) float64
        c_i of the reaction -c_i m_i on beta h_i.
    valid : bool
        Whether the second order exists here.
    """

    free_energy: float
    energy: float
    field: np.ndarray
    strength: np.ndarray
    valid: bool


class Interaction:
    """What the interaction makes of sums over rows.

    Parameters
    ----------
    memory : Memory
        Order, index convention and weight are used, not the rows.
    """

    def __init__(self, memory: Memory) -> None:
        self.order, self._weight = memory.order, memory.weight
        if memory.indices == "distinct":
            self._weight /= math.factorial(memory.order)
        self._cumulants, self._slopes = _cumulants(memory.order, memory.indices)

    def cumulants(self, magnetizations: np.ndarray) -> np.ndarray:
        """Return kappa_k of every spin: shape (P + 1, ...)."""
        return np.array([p(magnetizations) for p in self._cumulants])

    def energy(self, total: Any) -> Any:
        """Return the mean energy from sum_r B_P."""
        return -self._weight * total

    def field(self, magnetizations: np.ndarray, sums: np.ndarray) -> np.ndarray:
        """Return the local fields from sums of shape (P + 1, ...)."""
        field = np.zeros_like(magnetizations)
        for k in range(1, self.order + 1):
            field += math.comb(self.order, k) * self._slopes[k](magnetizations) * sums[k]
        return self._weight * field


class Equations:
    """Mean energies, local fields and reactions of some disorder samples.

    Parameters
    ----------
    interaction : Interaction
    sums : callable
        Sums over the rows: `montecarlo.kernels.parallel.sums.RowSums`, or those of a device.
    reactions : sequence of Reaction or None
        Of every sample; None for the first order.
    """

    def __init__(
        self, interaction: Interaction, sums: RowSums, reactions: Sequence[Reaction | None]
    ) -> None:
        self._interaction, self._sums, self.reactions = interaction, sums, reactions

    @classmethod
    def on_host(cls, memory: Memory, reaction: Reaction | None = None) -> Equations:
        """Return the equations of one sample.

        Examples
        --------
        >>> memory = Memory(rows=np.array([[1, 1, 1]]), order=3, indices="distinct", weight=2.0)
        >>> m = np.array([[0.5, 0.5, 1.0]])
        >>> energies, fields = Equations.on_host(memory).fields(np.array([0]), m)
        >>> energies.tolist(), fields.tolist()
        ([-0.5], [[1.0, 1.0, 0.5]])
        """
        # Compiled code is imported when it runs.
        from montecarlo.kernels.parallel import sums

        return cls(Interaction(memory), sums.RowSums(memory), [reaction])

    def fields(self, places: np.ndarray, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean energies (n,), extensive, and local fields (n, n_spins); see `at`."""
        totals, sums = self._sums(places, self._interaction.cumulants(states))
        return self._interaction.energy(totals), self._interaction.field(states, sums)

    def at(self, places: np.ndarray, betas: np.ndarray, states: np.ndarray) -> list[Point]:
        """Evaluate the equations at some states.

        Parameters
        ----------
        places : (n,) int
            Place of every state's sample.
        betas : (n,) float64
        states : (n, n_spins) float64
        """
        found = zip(states, *self.fields(places, states), betas, places, strict=True)
        return [
            _point(m, energy, field, float(beta), self.reactions[place])
            for m, energy, field, beta, place in found
        ]


def _point(
    magnetizations: np.ndarray,
    energy: float,
    field: np.ndarray,
    beta: float,
    reaction: Reaction | None,
) -> Point:
    free_energy = energy - entropy(magnetizations) / beta
    if reaction is None:
        return Point(free_energy, energy, field, np.zeros_like(field), True)
    phi, correction, strength, valid = second_order(reaction, magnetizations, beta)
    if not valid:
        phi = correction = np.nan
    return Point(free_energy - phi / beta, energy + correction, field, strength, valid)


def _cumulants(order: int, indices: str) -> tuple[list[np.poly1d], list[np.poly1d]]:
    """Return kappa_k(m) and its derivative for k = 0..P; entry 0 is zero."""
    polynomials = [np.poly1d([0.0]), np.poly1d([1.0, 0.0])]
    for k in range(2, order + 1):
        if indices == "distinct":
            coefficients = np.zeros(k + 1)
            coefficients[0] = (-1) ** (k - 1) * math.factorial(k - 1)
            polynomials.append(np.poly1d(coefficients))
        else:  # m = tanh h: every cumulant is the derivative in h of the one before
            polynomials.append(np.poly1d([-1.0, 0.0, 1.0]) * polynomials[-1].deriv())
    return polynomials, [p.deriv() for p in polynomials]


def entropy(magnetizations: np.ndarray) -> float:
    """Return the entropy of independent spins, extensive.

    Examples
    --------
    >>> bool(entropy(np.zeros(2)) == 2 * np.log(2)), entropy(np.array([1.0, -1.0]))
    (True, 0.0)
    """
    p = 0.5 * (1.0 + np.concatenate([magnetizations, -magnetizations]))
    return float((p * -np.log(np.maximum(p, 1e-300))).sum())


def response(drive: np.ndarray, strength: np.ndarray) -> np.ndarray:
    r"""Solve :math:`m = \tanh(a - c m)` for :math:`c \ge 0`: the one root, site by site.

    With m = tanh y the root of y + c tanh y = a is wanted.  For a > 0 the left side is
    concave, and Newton's method from max(a - c, 0), left of the root, climbs to it.

    Parameters
    ----------
    drive, strength : (n_spins,) float64
        a and c.

    Examples
    --------
    >>> m = response(np.array([-2.0, 0.0, 0.3]), np.array([0.0, 4.0, 1.0]))
    >>> np.abs(m - np.tanh([-2.0, -4 * m[1], 0.3 - m[2]])).max() < 1e-15
    np.True_
    """
    a = np.abs(drive)
    y = np.maximum(a - strength, 0.0)
    for _ in range(100):
        t = np.tanh(y)
        step = (a - y - strength * t) / (1.0 + strength * (1.0 - t * t))
        y += step
        if np.max(step) <= 1e-15 * (1.0 + np.max(y)):
            break
    return np.sign(drive) * np.tanh(y)


def step(point: Point, beta: float) -> np.ndarray:
    """Return m(t + 1) from the equations at m(t)."""
    return response(beta * point.field, point.strength)

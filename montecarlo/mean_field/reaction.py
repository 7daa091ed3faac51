r"""Second order of the Plefka expansion: the reaction of the network on a spin.

For independent spins of mean m the energy is multilinear, and with
:math:`v_i = 1 - m_i^2` the second order of the Gibbs potential is [1]_ [2]_

.. math:: \Phi_2 = \frac{\beta^2}{2} \Big\langle \big(H - \langle H \rangle
          - \sum_i (s_i - m_i) \partial_i \langle H \rangle\big)^2 \Big\rangle
          = \frac{\beta^2}{2} \sum_{|A| \ge 2} (\partial_A \langle H \rangle)^2
            \prod_{i \in A} v_i .

As it stands it couples all pairs of rows.  Rows of different archetypes are independent
of each other and of m, but for the few that are retrieved, whose share is O(1) in N; the
sums over sites then average themselves.  An interaction :math:`e_n` of rows with
:math:`s_i = E \eta_i \eta'_i` for a pair of rows (:math:`\eta' = \eta`, or two examples of
one archetype) has, with :math:`z_i = s_i m_i^2`,

.. math:: \psi_n = e_n(s) - e_n(z) - \sum_i s_i v_i \, e_{n-1}(z_{\setminus i}), \qquad
          \frac{\partial \psi_n}{\partial m_i} = -2 m_i s_i \sum_{j \ne i} s_j v_j \,
          e_{n-2}(z_{\setminus ij}),

:math:`\Phi_2 = \frac{(\beta w)^2}{2} \sum A_n \psi_n`: O(N), no couplings.  For large N
:math:`\psi_P \to \frac{N^P}{P!} [1 - P q^{P-1} + (P-1) q^P]`, the term of the replica free
energy.  A literal power is a sum of :math:`e_n`, n = P, P-2, ...; the weights :math:`A_n`
are coefficients of :math:`(t u)^P` in :math:`C^{N-n} S^n` with
:math:`C = E \cosh t\eta \cosh u\eta`, :math:`S = E \sinh t\eta \sinh u\eta`.

P = 2 with a number of rows of order N is special: all orders are of one size.  They are
the rings of one row's response, :math:`x = \beta \sum_i s_i v_i / N` in the units of
Hopfield, and sum to :math:`-\frac12 \ln(1 - x)` for each eigenvalue of a class of examples,
whose first terms x/2 and x^2/4 are the orders above.  With them the fixed points are those
of [3]_ and [4]_: reaction :math:`-\alpha \beta \frac{x}{1 - x} m_i`, :math:`x = \beta(1-q)`.

References
----------
.. [1] T. Plefka, J. Phys. A 15, 1971 (1982), doi:10.1088/0305-4470/15/6/035.
.. [2] A. Georges, J. S. Yedidia, J. Phys. A 24, 2173 (1991),
   doi:10.1088/0305-4470/24/9/024.
.. [3] M. Mezard, G. Parisi, M. A. Virasoro, *Spin glass theory and beyond*, World
   Scientific (1987), ch. XIII.
.. [4] K. Nakanishi, H. Takayama, J. Phys. A 30, 8085 (1997),
   doi:10.1088/0305-4470/30/23/009.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from hebbian import Dataset, Memory, Model

from .moments import Moments, moments_of

__all__ = ["Reaction", "reaction_from", "reaction_of", "replicon", "second_order"]

LARGEST_RING = 0.98  # beyond it the rings of a row diverge: no such state is stable


class Term(NamedTuple):
    """A_n psi_n: interaction of n bodies, weight A_n, and s of shape (n_spins,)."""

    n: int
    weight: float
    s: np.ndarray


class Ring(NamedTuple):
    """Eigenvalue of the correlation of rows: multiplicity and site weights (n_spins,)."""

    multiplicity: float
    s: np.ndarray


class Reaction(NamedTuple):
    """Second-order data of one network.

    Parameters
    ----------
    coupling : float
        w, the weight of the energy.
    terms : list of Term
    rings : list of Ring
        Empty for P >= 3.
    ring_coupling : float
        x = beta ring_coupling sum_i s_i v_i.
    """

    coupling: float
    terms: list[Term]
    rings: list[Ring]
    ring_coupling: float


def reaction_of(data: Dataset) -> Reaction:
    """Measure the second moments of the rows of `data`."""
    return reaction_from(moments_of(data), data.model, data.memory)


def reaction_from(moments: Moments, model: Model, memory: Memory) -> Reaction:
    """Build the second order; of `memory` the interaction and its weight are used."""
    order, n_rows, diagonal = memory.order, moments.n_rows, moments.squares
    pairs = [(float(n_rows), diagonal)]
    rings = [Ring(float(n_rows), diagonal)]
    if moments.class_squares is not None:
        n_classes, size = moments.n_patterns, model.rule.n_examples
        n_pairs = n_classes * size * (size - 1)
        squares = moments.class_squares * n_classes
        correlated = (squares - n_rows * diagonal) / n_pairs
        pairs.append((float(n_pairs), correlated))
        rings = [
            Ring(float(n_classes), diagonal + (size - 1) * correlated),
            Ring(float(n_classes * (size - 1)), diagonal - correlated),
        ]
    if memory.indices == "distinct":
        terms = [Term(order, count, s) for count, s in pairs]
    elif order == 2:
        terms = [Term(2, 4.0 * count, s) for count, s in pairs]
    else:
        assert moments.powers is not None
        scale = float(diagonal.mean())
        weights = scale**order * _power_weights(moments.powers, memory.n_spins)
        terms = [
            Term(n, count * float(weights[n]), s / scale)
            for count, s in pairs
            for n in range(order, 1, -2)
        ]
    return Reaction(
        coupling=memory.weight,
        terms=terms,
        rings=rings if order == 2 else [],
        ring_coupling=memory.weight * (1.0 if memory.indices == "distinct" else 2.0),
    )


def _power_weights(moments: np.ndarray, n_spins: int) -> np.ndarray:
    """A_0..A_P of the literal power, of rows in units of their root mean square."""
    order = len(moments) - 1
    c, s = np.zeros((2, order + 1, order + 1))
    for a in range(order + 1):
        for b in range(a % 2, order + 1, 2):
            entry = moments[(a + b) // 2] / (math.factorial(a) * math.factorial(b))
            (s if a % 2 else c)[a, b] = entry
    weights = np.zeros(order + 1)
    for n in range(order % 2, order + 1, 2):
        product = _multiply(_power(c, n_spins - n), _power(s, n))
        weights[n] = product[order, order] * math.factorial(order) ** 2
    return weights


def _multiply(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Product of two polynomials in t and u, cut at the order of the arrays."""
    product = np.zeros_like(x)
    for a, b in zip(*np.nonzero(x), strict=True):
        product[a:, b:] += x[a, b] * y[: len(x) - a, : len(x) - b]
    return product


def _power(x: np.ndarray, n: int) -> np.ndarray:
    result = np.zeros_like(x)
    result[0, 0] = 1.0
    while n > 0:
        if n & 1:
            result = _multiply(result, x)
        x, n = _multiply(x, x), n >> 1
    return result


def second_order(
    reaction: Reaction, magnetizations: np.ndarray, beta: float
) -> tuple[float, float, np.ndarray, bool]:
    r"""Evaluate the second order at one state.

    Parameters
    ----------
    reaction : Reaction
    magnetizations : (n_spins,) float64
    beta : float

    Returns
    -------
    phi : float
        What the second order adds to :math:`-\beta G`, extensive.
    energy : float
        What it adds to the energy, :math:`-\partial_\beta \Phi` at fixed m.
    strength : (n_spins,) numpy.ndarray
        :math:`c_i \ge 0` of the reaction :math:`-c_i m_i = \partial \Phi / \partial m_i`.
    valid : bool
        Whether the rings of P = 2 converge.
    """
    squares = np.square(magnetizations)
    v = 1.0 - squares
    strength = np.zeros_like(v)
    phi = 0.0
    amplitude = (beta * reaction.coupling) ** 2
    for n, weight, s in reaction.terms:
        psi, coupled = _psi(n, s, s * squares, s * v)
        phi += 0.5 * amplitude * weight * psi
        strength += amplitude * weight * s * coupled
    energy = -2.0 * phi / beta
    valid = True
    for count, s in reaction.rings:
        unit = beta * reaction.ring_coupling
        x = unit * float((s * v).sum())
        valid &= x <= LARGEST_RING
        x = min(x, LARGEST_RING)
        slope = 0.5 * x * x / (1.0 - x)
        phi += count * (-0.5 * math.log1p(-x) - 0.5 * x - 0.25 * x * x)
        energy -= count * slope * x / beta
        strength += 2.0 * unit * count * slope * s
    return phi, energy, strength, valid


def replicon(reaction: Reaction, magnetizations: np.ndarray, beta: float) -> float:
    r"""Stability of a state: the expansion holds where this is positive.

    Couplings of variance J^2 between all pairs give
    :math:`1 - \beta^2 J^2 N \langle (1 - m^2)^2 \rangle`, the de Almeida-Thouless condition
    at the fixed points (T. Plefka, J. Phys. A 15, 1971 (1982)).  Here
    :math:`J^2 = w^2 A_n s_i s_j e_{n-2}(z)`, for P = 2 enlarged by :math:`(1 - x)^{-2}`; NaN
    where x is 1 or more.
    """
    squares = np.square(magnetizations)
    v = 1.0 - squares
    if reaction.rings:
        total = 0.0
        for count, s in reaction.rings:
            unit = beta * reaction.ring_coupling
            x = unit * float((s * v).sum())
            if x > LARGEST_RING:
                return np.nan
            total += count * (unit / (1.0 - x)) ** 2 * float(np.square(s * v).sum())
        return 1.0 - total
    pairs = sum(
        weight * _elementary(s * squares, n - 2)[n - 2] * float(np.square(s * v).sum())
        for n, weight, s in reaction.terms
    )
    return 1.0 - (beta * reaction.coupling) ** 2 * pairs


def _psi(n: int, s: np.ndarray, z: np.ndarray, sv: np.ndarray) -> tuple[float, np.ndarray]:
    """Return psi_n and sum_{j != i} s_j v_j e_{n-2}(z without i and j) for all i."""
    e = _elementary(z, n)
    signs = (-1.0) ** np.arange(n)
    powers = np.array([z**k for k in range(n)])
    u = signs * (powers * sv).sum(axis=1)
    psi = _elementary(s, n)[n] - e[n] - sum(u[k] * e[n - 1 - k] for k in range(n))
    without = [np.ones_like(z)]  # e_k of the others
    for k in range(1, n - 1):
        without.append(e[k] - z * without[-1])
    coupled = np.zeros_like(z)
    for k in range(n - 1):
        coupled += (u[k] - signs[k] * sv * powers[k]) * without[n - 2 - k]
    return float(psi), coupled


def _elementary(z: np.ndarray, n: int) -> list[float]:
    """Elementary symmetric polynomials 0..n by Newton's identities."""
    power_sums = [float((z**k).sum()) for k in range(n + 1)]
    e = [1.0]
    for k in range(1, n + 1):
        e.append(sum((-1) ** (j - 1) * e[k - j] * power_sums[j] for j in range(1, k + 1)) / k)
    return e

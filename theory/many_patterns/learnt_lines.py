r"""Lines of networks that learn M noisy examples, in the exact law of their mean.

With S the sum of the signs of the M examples of a pattern, :math:`v = \xi S/(r M)` takes few
values, and averages over the field y V are sums: over the values of v where one pattern is
retrieved, over those of the sum V of K of them where all are.  With y = n/T the two states
and the limits of their stability are

.. math::
    n &= E[v \tanh(y v)], & T &> (1-d)(1+\rho)\, E[1 - \tanh^2(y v)], \\
    n &= E[v^1 \tanh(y V)], & T &> E[\tfrac12 (v^1 - v^2)^2 (1 - \tanh^2(y V))].

The first one cannot be stable at T = 0 if some spins are blank or have S = 0, the second one if
V = 0 has a chance: then the equal overlaps of this law are unstable at low T for every number
of examples, and there is no counterpart of
`theory.many_patterns.zero_temperature.parallel_dataset_entropy`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hebbian import Rule, domain
from theory.many_patterns.columns.law import Atoms, Binomial
from theory.roots import root

__all__ = ["LearntSymmetric", "dataset_entropy_of", "learnt_pure_temperature"]

#: Most values of the field.
LARGEST = 200_000
#: A chance of no field that is rounding.
RARE = 1e-15


def dataset_entropy_of(rule: Rule | None, dataset_entropy: Any) -> np.ndarray:
    """Return rho of the data of a line, given by one of two arguments alone."""
    rho = domain.real_array("dataset_entropy", dataset_entropy, "[0, 1e6]")
    if rule is None:
        return rho
    if not isinstance(rule, Rule):
        raise ValueError(f"rule of type {type(rule).__name__} is not a rule of learning")
    if rho.any():
        raise ValueError(f"dataset_entropy next to rule = {rule!r}: give one of the two")
    return np.asarray(domain.real("dataset_entropy", rule.dataset_entropy, "[0, 1e6]"))


def _atoms(d: float, rule: Rule) -> Atoms:
    domain.integer("n_examples", rule.n_examples, "[1, 1000000]")
    return Binomial(d, rule.quality, rule.n_examples).atoms()


def learnt_pure_temperature(d: float, rule: Rule) -> float:
    """Return where a pure state lets a second pattern condense, see `lines.pure_temperature`."""
    atoms = _atoms(d, rule)
    v, weight = atoms.v, atoms.weight
    most = (1 - d) * (1 + rule.dataset_entropy)
    size, silent = float(weight @ np.abs(v)), float(weight[v == 0].sum())

    def stability(y: Any) -> Any:
        """Return T/T_c - (1 - q)."""
        tanh = np.tanh(np.multiply.outer(y, v))
        return tanh @ (weight * v) / (most * y) - (1 - tanh**2) @ weight

    # beyond it every spin that has a field is frozen
    frozen = 60 / v[v > 0].min()
    last = max(frozen, 10 * size / (most * silent)) if silent > RARE else frozen
    grid = np.geomspace(1e-3 / np.sqrt(1 + rule.dataset_entropy), last, 400)
    stable = stability(grid) > 0
    if not stable.any():
        return np.nan
    first = int(np.argmax(stable))
    until = first + int(np.argmin(stable[first:]))
    if until == first:
        return 0.0
    y = float(root(stability, grid[until - 1], grid[until]))
    tanh = np.tanh(y * v)
    T = float(weight @ (v * tanh)) / y
    if rule.rows_per_pattern > 1:
        loose = float(weight @ (atoms.flexible * (1 - tanh**2))) / T
        if rule.dataset_entropy * loose > 1:
            return np.nan
    return T


class LearntSymmetric:
    """The state of K >= 2 equal overlaps at dilution d, learnt from examples, along y = n/T."""

    def __init__(self, d: float, K: int, rule: Rule) -> None:
        from scipy.signal import convolve

        atoms = _atoms(d, rule)
        parity = 2 if rule.n_examples % 2 == 0 else 1
        scale = rule.quality * rule.n_examples
        S = np.rint(atoms.v * scale).astype(int) // parity
        reach = int(S[-1])
        domain.integer(f"n_examples of {K} patterns: values of the field", 2 * K * reach + 1,
                       f"[1, {LARGEST}]")  # fmt: skip
        entry = np.zeros(2 * reach + 1)
        entry[S + reach] = atoms.weight
        value = np.arange(-reach, reach + 1) * parity / scale
        # E[(v1 - v2)^2 / 2], where all terms of v1 + v2 = 0 are positive
        pair = convolve(value**2 * entry, entry) - convolve(value * entry, value * entry)
        rest = np.ones(1)
        for _ in range(K - 2):
            rest = convolve(rest, entry)
        less = convolve(rest, entry)
        flexible = np.zeros_like(entry)
        flexible[S + reach] = atoms.weight * atoms.flexible
        self._V = np.arange(-K * reach, K * reach + 1) * parity / scale
        self._along = convolve(value * entry, less)
        self._apart = convolve(pair, rest)
        self._loose = convolve(flexible, less) * rule.dataset_entropy
        self._rule = rule
        size = float(self._along @ np.sign(self._V))
        silent = float(self._apart[self._V == 0].sum())
        frozen = 60 / self._V[self._V > 0].min()
        last = max(frozen, 10 * size / silent) if silent > RARE * size else frozen
        #: From near T_c to where every spin that has a field is frozen.
        self.grid = np.geomspace(1e-4 / np.sqrt(1 + rule.dataset_entropy), last, 600)

    def temperature(self, y: float) -> float:
        """Return T = n/y; NaN where without a teacher the examples do not stay alike."""
        tanh = np.tanh(y * self._V)
        T = float(self._along @ tanh) / y
        if self._rule.rows_per_pattern > 1 and self._loose @ (1 - tanh**2) > T:
            return np.nan
        return T

    def stability(self, y: Any) -> Any:
        """Return the transverse eigenvalue of the Hessian, an array for an array."""

        def one(y: float) -> float:
            tanh = np.tanh(y * self._V)
            return float(1 - y * (self._apart @ (1 - tanh**2)) / (self._along @ tanh))

        return np.vectorize(one, otypes=[float])(y)

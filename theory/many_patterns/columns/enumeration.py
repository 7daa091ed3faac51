r"""Column averages by enumeration of all columns."""

from __future__ import annotations

import numpy as np

from .averages import Averages, Responses
from .law import Atoms, Entry, Gaussian, Ternary

__all__ = ["ColumnSum", "Enumeration", "ErfEnumeration", "half_columns"]

#: A field below this fraction of its reach is a tie of equal overlaps, not a field.
TIE = 2e-14
#: Ties of so small a part of the spins that are not blank are rounding, too.
RARE = 1e-13


def half_columns(atoms: Atoms, n_patterns: int) -> tuple[np.ndarray, np.ndarray]:
    """Return one column of each pair (v, -v) as indices of atoms, (C, K), and its weight, (C,).

    The first column is blank, the others stand for two.
    """
    shape = (atoms.v.size,) * n_patterns
    # the values are symmetric and sorted: the last column minus c is minus column c
    middle = (atoms.v.size**n_patterns - 1) // 2
    columns = np.stack(np.unravel_index(np.arange(middle, 2 * middle + 1), shape), axis=1)
    weight = atoms.weight[columns].prod(axis=1)
    weight[1:] *= 2
    return columns, weight


class ColumnSum:
    """A list of columns with their probabilities, at any temperature.

    `v`, `xi` and `flexible`, shape (C, ...), are their entries and what these say (`Atoms`); the
    first column is the blank one.  So small a probability as `rare` is rounding.
    """

    def __init__(
        self,
        v: np.ndarray,
        xi: np.ndarray,
        flexible: np.ndarray,
        weight: np.ndarray,
        rare: float,
    ) -> None:
        self._v, self._xi, self._flexible, self._weight = v, xi, flexible, weight
        self._reach, self._rare = np.abs(v).max(), rare
        self._pairs = (v[:, :, None] * v[:, None, :]).reshape(len(v), -1)

    def _spins(self, n: np.ndarray, T: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return x, x/T (x itself at T = 0) and tanh(x/T), shape (B, C) each."""
        x = n @ self._v.T
        cold = T == 0
        if cold.any():
            tie = TIE * self._reach * np.abs(n).sum(axis=1)
            x = np.where(cold[:, None] & (np.abs(x) <= tie[:, None]), 0.0, x)
        with np.errstate(over="ignore"):
            y = x / np.where(cold, 1.0, T)[:, None]
        tanh = np.tanh(y)
        if cold.any():
            tanh[cold] = np.sign(x[cold])
        return x, y, tanh

    def _thermal(
        self, n: np.ndarray, T: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return x, exp(-2|x|/T), tanh(x/T) and (1 - tanh^2)/T, shape (B, C) each."""
        x, y, tanh = self._spins(n, T)
        cold = T == 0
        with np.errstate(over="ignore"):
            decay = np.exp(-2 * np.abs(y))
            response = 4 * decay / (1 + decay) ** 2 / np.where(cold, 1.0, T)[:, None]
        if cold.any():
            decay[cold] = 0
            response[cold] = 0
        return x, decay, tanh, response

    def averages(self, n: np.ndarray, T: np.ndarray, *, curvature: bool = True) -> Averages:
        """See `Evaluator.averages`."""
        shape = (len(n), n.shape[1], n.shape[1])
        if not curvature:
            image = (self._spins(n, T)[2] * self._weight) @ self._v
            return Averages(np.zeros(len(n)), image, np.zeros(shape), np.zeros(len(n), bool))
        x, decay, tanh, response = self._thermal(n, T)
        potential = (np.abs(x) + T[:, None] * np.log1p(decay)) @ self._weight
        image = (tanh * self._weight) @ self._v
        hessian = ((response * self._weight) @ self._pairs).reshape(shape)
        singular = (T == 0) & ((x[:, 1:] == 0) @ self._weight[1:] > self._rare)
        return Averages(potential, image, hessian, singular)

    def responses(self, n: np.ndarray, T: np.ndarray) -> Responses:
        """See `Evaluator.responses`."""
        x, _, tanh, response = self._thermal(n, T)
        flexible = (response * self._weight) @ self._flexible
        loose = ((T == 0)[:, None] & (x == 0)) * self._weight @ self._flexible
        flexible[loose > 0] = np.inf
        return Responses((tanh * self._weight) @ self._xi, tanh**2 @ self._weight, flexible)


class Enumeration(ColumnSum):
    """All columns of a law with few values, (number of atoms)^K / 2."""

    def __init__(self, entry: Entry, n_patterns: int) -> None:
        atoms = entry.atoms()
        assert atoms is not None
        columns, weight = half_columns(atoms, n_patterns)
        rows = atoms.v[columns], atoms.xi[columns], atoms.flexible[columns]
        super().__init__(*rows, weight, RARE * (1 - entry.dilution))


class ErfEnumeration:
    r"""Gaussian law at T = 0: given the archetypes the field is normal.

    Its mean is :math:`\bar x = \xi \cdot n` and its variance
    :math:`s^2 = \rho \sum_\mu (\xi^\mu n_\mu)^2`, so that
    :math:`E\,{\rm sign}\,x = {\rm erf}(\bar x / \sqrt 2 s)`; averages with v follow by parts
    from :math:`{\rm Cov}(v^\mu, x) = \rho (\xi^\mu)^2 n_\mu`.  There are 3^K / 2 columns.
    """

    def __init__(self, entry: Gaussian, n_patterns: int) -> None:
        self._rho = entry.variance
        self._rare = RARE * (1 - entry.dilution)
        atoms = Ternary(entry.dilution).atoms()
        columns, self._weight = half_columns(atoms, n_patterns)
        self._xi = atoms.v[columns]
        self._occupied = self._xi**2

    def _field(
        self, n: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return the mean, variance, erf, 2 x density at 0, and where there is no field."""
        from scipy.special import erf

        mean, variance = n @ self._xi.T, self._rho * n**2 @ self._occupied.T
        none = variance == 0
        safe = np.where(none, 1.0, variance)
        density = 2 * np.exp(-0.5 * mean**2 / safe) / np.sqrt(2 * np.pi * safe)
        density[none] = 0
        return mean, safe, erf(mean / np.sqrt(2 * safe)), density, none

    def averages(self, n: np.ndarray, T: np.ndarray, *, curvature: bool = True) -> Averages:
        """See `Evaluator.averages`; every `T` is 0."""
        mean, variance, erf, density, none = self._field(n)
        lean, peak = self._weight * erf, self._weight * density
        shift = self._rho * n
        potential = (mean * lean + variance * peak).sum(axis=1)
        image = lean @ self._xi + shift * (peak @ self._occupied)
        hessian = np.zeros((len(n), n.shape[1], n.shape[1]))
        # E[v v | x = 0]: mean xi - C x/s^2, covariance rho xi^2 - C C/s^2, C = rho xi^2 n
        slope, bend = peak * mean / variance, peak * (mean**2 / variance - 1) / variance
        for b in range(len(n) if curvature else 0):
            mixed = (self._xi.T * slope[b]) @ self._occupied * shift[b]
            hessian[b] = (
                (self._xi.T * peak[b]) @ self._xi
                - mixed
                - mixed.T
                + (self._occupied.T * bend[b]) @ self._occupied * np.outer(shift[b], shift[b])
                + np.diag(self._rho * (peak[b] @ self._occupied))
            )
        singular = none[:, 1:] @ self._weight[1:] > self._rare
        return Averages(potential, image, hessian, singular)

    def responses(self, n: np.ndarray, T: np.ndarray) -> Responses:
        """See `Evaluator.responses`; every `T` is 0."""
        _, _, erf, density, none = self._field(n)
        flexible = (self._weight * density) @ self._occupied
        flexible[(none @ self._occupied) > 0] = np.inf
        q = (~none) @ self._weight
        return Responses((self._weight * erf) @ self._xi, q, flexible)

r"""The lowered form of a network: rows and an interaction, and its reference energy.

Every network here is an energy of the overlaps of the spins with a set of integer rows,

.. math:: H(s) = -w\, g\Bigl(\sum_r F(\eta_r, s)\Bigr), \qquad M_r = \sum_i \eta_{ri} s_i,

the outer function g the identity or the logarithm.  The interaction F is

* a polynomial of degree P: for ``indices="all"`` the literal power :math:`M_r^P`, for
  ``indices="distinct"`` the elementary symmetric polynomial
  :math:`e_P(\eta_{r1} s_1, ..., \eta_{rN} s_N)`, the sum over :math:`i_1 < ... < i_P`, no site
  twice; g is the identity;
* or any function of the overlap with rows +-1, tabulated over M = -N, -N + 2, ..., N: ``table``,
  which holds ln F where g is the logarithm, so that no exponential overflows.

Dynamics of single spins knows energies alone.  Parallel dynamics sees the fields
:math:`(H(s_i = -1) - H(s_i = +1))/2`, in which no spin sees itself (D. Krotov, J. Hopfield,
arXiv:1606.01164), or, where ``slopes`` tabulate a function f of the overlap,

.. math:: h_i = w \sum_r p_r f(M_r) v_{ri},

p_r = 1, or, with the logarithm, the softmax of ln F; v the rows themselves, or other ``values``.
With slopes alone there is no energy: the memory is read, and all sites at once.

The functions here follow these definitions, polynomials in exact integer arithmetic, slowly; the
kernels of `montecarlo` are tested against them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from . import domain
from .packed import Packed, Rows
from .spins import signs

__all__ = ["OUTER", "Memory"]

#: Outer functions g of the sum over rows.
OUTER = ("identity", "log")


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Rows and interaction of one disorder sample.

    Parameters
    ----------
    rows : numpy.ndarray or Packed
        Shape (n_rows, n_spins), integer.  Packed rows stay packed; reading the attribute
        unpacks them.
    order : int
        Degree P of a polynomial interaction, else 0.
    indices : {"distinct", "all"}
        Whether the P sites of a term are distinct; empty without an order.
    weight : float
        Prefactor w, positive.
    table : numpy.ndarray, optional
        Shape (n_spins + 1,): F, or ln F with the logarithm, at the overlaps
        -n_spins, -n_spins + 2, ..., n_spins.  Rows are +-1.
    outer : {"identity", "log"}
        The function g.
    slopes : numpy.ndarray, optional
        Shape (n_spins + 1,): f at the same overlaps.  Rows are +-1.
    values : numpy.ndarray, optional
        Shape (n_rows, n_spins), integer: v in the place of the rows; with `slopes` alone.
    keeps : bool
        Whether a spin without a field stays as it is in parallel dynamics at T = 0; else a fair
        coin decides.

    Raises
    ------
    ValueError
        If the rows are not integers, if there is not one interaction, or an array does not fit;
        of its functions, if spins are not +-1, one for each site.

    Examples
    --------
    Two spins, one pattern, two-body: only the pair interacts.

    >>> rows = np.array([[1, 1]], np.int8)
    >>> memory = Memory(rows=rows, order=2, indices="distinct", weight=0.5)
    >>> memory.energy(np.array([1, 1])), memory.energy(np.array([1, -1]))
    (-0.5, 0.5)

    The logarithm of a sum of exponentials of the overlap, one pattern: H = -M.

    >>> memory = Memory(rows=rows, table=0.5 * np.array([-2, 0, 2]), outer="log", weight=2.0)
    >>> memory.energy(np.array([1, 1])), memory.energy(np.array([1, -1]))
    (-2.0, -0.0)
    """

    rows: Rows = Rows()  # noqa: RUF009 -- a descriptor
    order: int = 0
    indices: str = ""
    weight: float
    table: np.ndarray | None = None
    outer: str = "identity"
    slopes: np.ndarray | None = None
    values: np.ndarray | None = None
    keeps: bool = False

    def __post_init__(self) -> None:
        rows = self.kept_rows
        if not isinstance(rows, Packed):
            _check_integers("rows", rows)
        domain.choice("outer", self.outer, OUTER)
        if self.order:
            if self.table is not None or self.slopes is not None or self.outer != "identity":
                raise ValueError("a memory has either an order or tables of its interaction")
            return
        if self.table is None and self.slopes is None:
            raise ValueError("a memory needs an interaction: an order, a table, or slopes")
        if self.outer == "log" and self.table is None:
            raise ValueError("outer = 'log' needs a table")
        for name in ("table", "slopes"):
            array = getattr(self, name)
            if array is not None and (
                array.shape != (self.n_spins + 1,) or not np.isfinite(array).all()
            ):
                raise ValueError(f"{name}: not {self.n_spins + 1} finite numbers, one an overlap")
        if not self.binary:
            raise ValueError("tables are over the overlaps of rows +-1, these have other entries")
        if self.values is not None:
            _check_integers("values", self.values)
            if self.values.shape != rows.shape or self.table is not None:
                raise ValueError("values: of the shape of the rows, with slopes and no table")

    def _configuration(self, spins: np.ndarray) -> np.ndarray:
        return signs("spins", spins, ("n_spins",), lengths=(self.n_spins,))

    @property
    def polynomial(self) -> bool:
        """Whether the interaction is a polynomial of the overlaps, of degree `order`."""
        return self.order > 0

    @property
    def energetic(self) -> bool:
        """Whether there is an energy, and with it dynamics of single spins."""
        return self.polynomial or self.table is not None

    @property
    def kept_rows(self) -> np.ndarray | Packed:
        """The rows as they are kept, never unpacked."""
        kept: np.ndarray | Packed = self.__dict__["_rows"]
        return kept

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return int(self.kept_rows.shape[0])

    @property
    def n_spins(self) -> int:
        """Number of spins."""
        return int(self.kept_rows.shape[1])

    @property
    def binary(self) -> bool:
        """Whether every entry of the rows is +1 or -1."""
        rows = self.kept_rows
        if isinstance(rows, Packed):
            return True
        lines = rows if rows.flags.c_contiguous else rows.T
        blocks = np.array_split(lines, 1 + (lines.nbytes >> 20))
        return all(bool((np.abs(block) == 1).all()) for block in blocks)

    def overlaps(self, spins: np.ndarray) -> np.ndarray:
        """Return the integer overlaps of every row: shape (n_rows,), int64."""
        return self.rows.astype(np.int64) @ self._configuration(spins).astype(np.int64)

    def interaction(self, spins: np.ndarray) -> list[int] | list[float]:
        """Return F of every row, ln F with the logarithm; a polynomial as Python integers."""
        if self.table is not None:
            return list(self.table[self.overlaps(spins) + self.n_spins >> 1].tolist())
        terms = self.rows.astype(object) * self._configuration(spins).astype(object)
        if self.indices == "all":
            return [int(sum(row)) ** self.order for row in terms]
        return [_elementary(row, self.order) for row in terms]

    def energy(self, spins: np.ndarray) -> float:
        """Return the extensive energy H of one configuration of shape (n_spins,).

        NaN where there is none.
        """
        if not self.energetic:
            return math.nan
        return -self.weight * float(self._outer(self.interaction(spins)))

    def flip_cost(self, spins: np.ndarray, site: int) -> float:
        """Return H after flipping `site` minus H before, without rounding of sums."""
        flipped = self._configuration(spins)
        flipped[site] = -flipped[site]
        after, before = self.interaction(flipped), self.interaction(spins)
        if self.table is None:
            return -self.weight * float(sum(after) - sum(before))
        if self.outer == "log":
            peaks = max(after), max(before)
            sums = [
                math.fsum(math.exp(x - peak) for x in terms)
                for terms, peak in zip((after, before), peaks, strict=True)
            ]
            return -self.weight * (peaks[0] - peaks[1] + math.log(sums[0] / sums[1]))
        return -self.weight * math.fsum([*after, *(-x for x in before)])

    def _outer(self, terms: list[int] | list[float]) -> float:
        if self.table is None:
            return sum(terms)
        if self.outer == "identity":
            return math.fsum(terms)
        largest = max(terms)
        return largest + math.log(math.fsum(math.exp(x - largest) for x in terms))


def _check_integers(name: str, array: np.ndarray) -> None:
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "iu" or array.ndim != 2:
        kind = f"{getattr(array, 'dtype', type(array).__name__)} and shape {np.shape(array)}"
        raise ValueError(f"{name} of type {kind} are not an array (n_rows, n_spins) of integers")


def _elementary(terms: np.ndarray, degree: int) -> int:
    """Coefficient of t**degree in prod_i (1 + t terms[i])."""
    coefficients = [1] + [0] * degree
    for x in terms:
        for k in range(degree, 0, -1):
            coefficients[k] += int(x) * coefficients[k - 1]
    return coefficients[degree]

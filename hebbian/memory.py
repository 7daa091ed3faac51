r"""The lowered form of a network: rows and an interaction, and its reference energy.

Every network here is an energy of the overlaps of the spins with a set of integer rows,

.. math:: H(s) = -w \sum_r F(\eta_r, s),

where for ``indices="all"`` :math:`F = (\sum_i \eta_{ri} s_i)^P` is the literal power and
for ``indices="distinct"`` :math:`F = e_P(\eta_{r1} s_1, ..., \eta_{rN} s_N)` is the
elementary symmetric polynomial: the sum over :math:`i_1 < ... < i_P`, no site twice.

The functions here follow these definitions in exact integer arithmetic, slowly; the
kernels of `montecarlo` are tested against them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .packed import Packed, Rows
from .spins import signs

__all__ = ["Memory"]


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Rows and interaction of one disorder sample.

    Parameters
    ----------
    rows : numpy.ndarray or Packed
        Shape (n_rows, n_spins), integer.  Packed rows stay packed; reading the attribute
        unpacks them.
    order : int
        Degree P of the interaction.
    indices : {"distinct", "all"}
        Whether the P sites of a term are distinct.
    weight : float
        Prefactor w, positive.

    Raises
    ------
    ValueError
        If the rows are not integers; of its functions, if spins are not +-1, one for each site.

    Examples
    --------
    Two spins, one pattern, two-body: only the pair interacts.

    >>> rows = np.array([[1, 1]], np.int8)
    >>> memory = Memory(rows=rows, order=2, indices="distinct", weight=0.5)
    >>> memory.energy(np.array([1, 1])), memory.energy(np.array([1, -1]))
    (-0.5, 0.5)
    """

    rows: Rows = Rows()  # noqa: RUF009 -- a descriptor
    order: int
    indices: str
    weight: float

    def __post_init__(self) -> None:
        rows = self.kept_rows
        if isinstance(rows, Packed):
            return
        if not isinstance(rows, np.ndarray) or rows.dtype.kind not in "iu" or rows.ndim != 2:
            kind = f"{getattr(rows, 'dtype', type(rows).__name__)} and shape {np.shape(rows)}"
            raise ValueError(f"rows of type {kind} are not an array (n_rows, n_spins) of integers")

    def _configuration(self, spins: np.ndarray) -> np.ndarray:
        return signs("spins", spins, ("n_spins",), lengths=(self.n_spins,))

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

    def interaction(self, spins: np.ndarray) -> list[int]:
        """Return F of every row as exact Python integers."""
        terms = self.rows.astype(object) * self._configuration(spins).astype(object)
        if self.indices == "all":
            return [int(sum(row)) ** self.order for row in terms]
        return [_elementary(row, self.order) for row in terms]

    def energy(self, spins: np.ndarray) -> float:
        """Return the extensive energy H of one configuration of shape (n_spins,)."""
        return -self.weight * float(sum(self.interaction(spins)))

    def flip_cost(self, spins: np.ndarray, site: int) -> float:
        """Return H after flipping `site` minus H before, differenced as integers."""
        flipped = self._configuration(spins)
        flipped[site] = -flipped[site]
        change = sum(self.interaction(flipped)) - sum(self.interaction(spins))
        return -self.weight * float(change)


def _elementary(terms: np.ndarray, degree: int) -> int:
    """Coefficient of t**degree in prod_i (1 + t terms[i])."""
    coefficients = [1] + [0] * degree
    for x in terms:
        for k in range(degree, 0, -1):
            coefficients[k] += int(x) * coefficients[k - 1]
    return coefficients[degree]

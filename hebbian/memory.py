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
With slopes alone there is no energy: the memory is read, and all sites at once.  A polynomial with
``values`` has the fields

.. math:: h_i = w \sum_r v_{ri}\, f_i(\eta_r, s),

:math:`f_i = M_r^{P-1}` for ``indices="all"`` and for two bodies, else the elementary symmetric
polynomial :math:`e_{P-1}` of the terms of all sites but i, and no energy either.

Rows may be of unequal ``strengths``, whole numbers :math:`g_r \ge 0`: a polynomial is then
summed as :math:`g_r F`.

Two more networks of pairs are no function of one overlap a row.  Where the sites are cut into
``layers`` A = 1 ... L with an integer ``mixing`` :math:`g_{AB}`, a row has one overlap a layer,

.. math:: F = \sum_{i<j} g_{A(i) A(j)}\, \eta_{ri} s_i\, \eta_{rj} s_j.

Where there are ``couplings``, rows are what the couplings were learnt from and do not enter,

.. math:: H = -\sum_{i<j} J_{ij} s_i s_j,

J real and symmetric, kept as whole numbers (`hebbian.whole_couplings`); its diagonal is for
``dynamics="parallel-diagonal"``.

The functions here follow these definitions, polynomials in exact integer arithmetic, slowly; the
kernels of `montecarlo` are tested against them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from . import domain
from .calling import checked
from .packed import Packed, Rows
from .spins import signs
from .strengths import BITS
from .whole_couplings import WholeCouplings, whole_couplings

__all__ = ["COUPLING_BITS", "OUTER", "Memory"]

#: Outer functions g of the sum over rows.
OUTER = ("identity", "log")


#: Largest strength of a row.
MOST_STRENGTH = 2**BITS

#: Of a coupling: as it is given, and as a whole number.
COUPLING_BITS = 128


@checked
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
    values : numpy.ndarray or Packed, optional
        Shape (n_rows, n_spins), integer: v in the place of the rows; with `slopes` or an order.
    strengths : numpy.ndarray, optional
        Shape (n_rows,), int64, not negative: g, of a polynomial without `values` and `layers`.
    layers : tuple of int
        Sites of each layer, which follow each other; with a mixing, distinct sites and order 2.
    mixing : numpy.ndarray, optional
        Shape (n_layers, n_layers), integer, symmetric: g.
    couplings : numpy.ndarray, optional
        Shape (n_spins, n_spins), real, symmetric: J, in the place of any other interaction.
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
    values: np.ndarray | Packed | None = None
    strengths: np.ndarray | None = None
    layers: tuple[int, ...] = ()
    mixing: np.ndarray | None = None
    couplings: np.ndarray | None = None
    keeps: bool = False

    def __post_init__(self) -> None:
        rows = self.kept_rows
        if not isinstance(rows, Packed):
            _check_integers("rows", rows)
        domain.choice("outer", self.outer, OUTER)
        if self.values is not None:
            if not isinstance(self.values, Packed):
                _check_integers("values", self.values)
            if self.values.shape != rows.shape or self.table is not None:
                raise ValueError("values: of the shape of the rows, and no table")
        if self.strengths is not None:
            self._check_strengths(self.strengths)
        if self.couplings is not None:
            self._check_couplings(self.couplings)
            return
        if self.layers or self.mixing is not None:
            self._check_layers()
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

    def _check_couplings(self, couplings: np.ndarray) -> None:
        n = self.n_spins
        if (
            self.order
            or self.layers
            or any(a is not None for a in (self.table, self.slopes, self.values, self.mixing))
        ):
            raise ValueError("a memory has either couplings or another interaction")
        if couplings.dtype != np.float64 or couplings.shape != (n, n):
            raise ValueError(f"couplings: not an array of float64 of shape ({n}, {n})")
        if not np.isfinite(couplings).all() or not np.array_equal(couplings, couplings.T):
            raise ValueError("couplings: not finite and symmetric")

    def _check_strengths(self, strengths: np.ndarray) -> None:
        if not self.order or self.values is not None or self.mixing is not None:
            raise ValueError("strengths are of a polynomial, without values and layers")
        if strengths.dtype != np.int64 or strengths.shape != (self.n_rows,):
            raise ValueError(f"strengths: not {self.n_rows} integers of type int64, one a row")
        if not 0 <= strengths.min() <= strengths.max() <= MOST_STRENGTH:
            raise ValueError(f"strengths: outside [0, {MOST_STRENGTH}]")

    def _check_layers(self) -> None:
        g, n_layers = self.mixing, len(self.layers)
        if self.order != 2 or self.indices != "distinct" or self.values is not None:
            raise ValueError("layers are of two bodies, distinct sites, and no values")
        if sum(self.layers) != self.n_spins or min(self.layers, default=0) < 1:
            raise ValueError(f"layers = {self.layers} are not the {self.n_spins} spins")
        if g is None or g.shape != (n_layers, n_layers) or g.dtype.kind != "i":
            raise ValueError(f"mixing: not integers of shape ({n_layers}, {n_layers})")
        if not np.array_equal(g, g.T):
            raise ValueError("mixing: not symmetric")

    def _configuration(self, spins: np.ndarray) -> np.ndarray:
        return signs("spins", spins, ("n_spins",), lengths=(self.n_spins,))

    @property
    def polynomial(self) -> bool:
        """Whether the interaction is a polynomial of the overlaps, of degree `order`."""
        return self.order > 0

    @property
    def energetic(self) -> bool:
        """Whether there is an energy, and with it dynamics of single spins."""
        if self.values is not None:
            return False
        return self.polynomial or self.table is not None or self.couplings is not None

    @cached_property
    def whole_couplings(self) -> WholeCouplings:
        """The couplings as whole numbers."""
        assert self.couplings is not None
        return whole_couplings(self.couplings)

    @property
    def layer_slices(self) -> tuple[slice, ...]:
        """The sites of every layer."""
        ends = np.cumsum([0, *self.layers]).tolist()
        return tuple(slice(a, b) for a, b in pairwise(ends))

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
        """Return F of every row, ln F with the logarithm; Python integers g F of a polynomial."""
        if self.table is not None:
            return list(self.table[self.overlaps(spins) + self.n_spins >> 1].tolist())
        terms = self.rows.astype(object) * self._configuration(spins).astype(object)
        if self.mixing is not None:
            return [self._layered(row, self.mixing.tolist()) for row in terms]
        if self.indices == "all":
            found = [int(sum(row)) ** self.order for row in terms]
        else:
            found = [_elementary(row, self.order) for row in terms]
        if self.strengths is None:
            return found
        return [g * F for g, F in zip(self.strengths.tolist(), found, strict=True)]

    def energy(self, spins: np.ndarray) -> float:
        """Return the extensive energy H of one configuration of shape (n_spins,).

        NaN where there is none.
        """
        if not self.energetic:
            return math.nan
        if self.couplings is not None:
            s = self._configuration(spins).astype(np.int64)
            twice = sum((s * self.whole_couplings.fields(s)).tolist())
            return -0.5 * self.weight * self.whole_couplings.unit * twice
        return -self.weight * float(self._outer(self.interaction(spins)))

    def flip_cost(self, spins: np.ndarray, site: int) -> float:
        """Return H after flipping `site` minus H before, without rounding of sums."""
        flipped = self._configuration(spins)
        if self.couplings is not None:
            found = self.whole_couplings.fields(flipped)[site]
            return 2 * self.weight * self.whole_couplings.unit * float(flipped[site] * found)
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

    def _layered(self, terms: np.ndarray, g: list[list[int]]) -> int:
        """Sum of g over the pairs of sites, of a row: integers."""
        of_layers = [terms[sites] for sites in self.layer_slices]
        M = [int(x.sum()) for x in of_layers]
        both = sum(g[A][B] * M[A] * M[B] for A in range(len(M)) for B in range(len(M)))
        same = sum(g[A][A] * int((x * x).sum()) for A, x in enumerate(of_layers))
        return (both - same) // 2

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

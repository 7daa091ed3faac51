"""From rows and an interaction to the arrays of a kernel."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from hebbian import Memory
from hebbian.packed import pack
from montecarlo.kernels.shared.levels import level_tables, moments, polynomials

from .forms import checked, fastest
from .two_bodies import Couplings, Pairs, couplings, pairs

__all__ = [
    "Binary",
    "Network",
    "Polynomial",
    "Quadratic",
    "check_range",
    "lower",
    "lower_as",
]

_INT32 = 2**31 - 1
_INT64 = 2**62


class Binary(NamedTuple):
    r"""Rows +-1 and an interaction tabulated over the level u = (M + N)/2 of a row.

    With :math:`G(M') = (F(M' + 1) - F(M' - 1))/2` at the overlap M' of the other spins,
    a row adds :math:`\eta_i G(M - \eta_i s_i) = (\eta_i A - s_i B)/2` to the field,
    :math:`A = G(M-1) + G(M+1)` and :math:`B = G(M+1) - G(M-1)`: a signed sum of A over
    rows, and a sum of B that is the same for all spins.

    Parameters
    ----------
    bits : (n_spins, n_words) uint64
    n_rows : int
    signed, common : (n_spins + 1,) int32, int64 or float64
        A and B; floats where the sums would leave 62 bits.
    interaction : (n_spins + 1,) float64
        F.
    polynomials : (2, n_terms) of the type of signed
        A and B as polynomials of M, one even and one odd, in powers of M**2 from the
        highest down and in the arithmetic of two's complement; no terms where the table
        has to be looked up.
    odd : int
        1 if A is the odd one, 0 if B is.
    right : int
        Bits by which the polynomials are shifted to the right.
    flush : int
        Words after which 32-bit partial sums have to be widened.
    powers : (2, 2) or (2, 0) int64
        A and B times an odd number as polynomials of x, M/2 for an even number of spins and M
        for an odd one: coefficients of x**2 and 1, one of the two polynomials times x.  Where
        there are terms a chain keeps the levels alone; see `montecarlo.kernels.lanes.moments`.
    inverse : int
        Of that number, modulo 2**64.
    weight : float
    """

    bits: np.ndarray
    n_rows: int
    signed: np.ndarray
    common: np.ndarray
    interaction: np.ndarray
    polynomials: np.ndarray
    odd: int
    right: int
    flush: int
    powers: np.ndarray
    inverse: int
    weight: float


class Quadratic(NamedTuple):
    """Integer rows with a two-body interaction.

    Parameters
    ----------
    rows : (n_spins, n_rows) int8, int16 or int32
    squares : (n_spins,) int64
        Sum of row_i**2 over rows: what a spin adds to the overlaps it feels.
    self_energy : float
        Sum of the squares where sites are distinct, else 0.
    half : float
        1/2 where sites are distinct (each pair once), else 1.
    weight : float
    """

    rows: np.ndarray
    squares: np.ndarray
    self_energy: float
    half: float
    weight: float


class Polynomial(NamedTuple):
    """Integer rows with an interaction of three bodies or more.

    Parameters
    ----------
    rows : (n_spins, n_rows) int8, int16 or int32
    even : (order // 2, n_rows) float64
        Power sums 2, 4, ..., which no flip changes.
    shifts : ((order + 1) // 2,) int64
        Bits by which the powers 1, 3, ... of entries are shifted to the right: 0 where their
        sums fit 62 bits and are exact.  Beyond, a sum is that of rounded powers, an integer
        that still does not drift, and is as good as a float64.
    order : int
    distinct : bool
    weight : float
    """

    rows: np.ndarray
    even: np.ndarray
    shifts: np.ndarray
    order: int
    distinct: bool
    weight: float


Network = Binary | Quadratic | Polynomial | Pairs | Couplings


def lower_as(memory: Memory, form: str, T: Any) -> Network:
    """Lower to the named form, or to the fastest one at these temperatures.

    Parameters
    ----------
    memory : Memory
    form : {"auto", "overlaps", "couplings", "tables", "polynomials"}
        See `montecarlo.kernels.single.forms`.
    T : array_like

    Raises
    ------
    ValueError
        If the network does not have this form or its integers would not fit.

    Examples
    --------
    >>> from hebbian import Hopfield, draw
    >>> memory = draw(Hopfield(), n_spins=20, alpha=0.1).memory
    >>> type(lower_as(memory, "couplings", 0.5)).__name__
    'Couplings'
    """
    form = fastest(memory, T) if form == "auto" else checked(form, memory)
    if form == "couplings":
        return couplings(memory)
    if form == "overlaps" and memory.binary:
        return pairs(memory)
    return lower(memory)


def lower(memory: Memory) -> Network:
    """Fill the arrays of the form that holds any interaction of these rows.

    Raises
    ------
    ValueError
        If the integers of the interaction would not fit 64 bits.

    Examples
    --------
    >>> from hebbian import Hopfield, draw
    >>> type(lower(draw(Hopfield(), n_spins=20, alpha=0.1).memory)).__name__
    'Binary'
    """
    if memory.binary:
        return _binary(memory)
    transposed = np.ascontiguousarray(memory.rows.T)
    largest = max(int(transposed.max()), -int(transposed.min()))
    if memory.order == 2:
        check_range(largest, memory.order, memory.n_spins)
        distinct = memory.indices == "distinct"
        squares = np.einsum("ir,ir->i", transposed, transposed, dtype=np.int64)
        return Quadratic(
            rows=transposed,
            squares=squares,
            self_energy=float(squares.sum()) if distinct else 0.0,
            half=0.5 if distinct else 1.0,
            weight=memory.weight,
        )
    even = np.zeros((memory.order // 2, memory.n_rows))
    for row in transposed:  # spin by spin: powers of all rows at once would take many times theirs
        square = row.astype(np.float64) ** 2
        for k in range(len(even)):
            even[k] += square ** (k + 1)
    bounds = [largest**power * memory.n_spins for power in range(1, memory.order + 1, 2)]
    return Polynomial(
        rows=transposed,
        even=even,
        shifts=np.array([max(0, bound.bit_length() - 62) for bound in bounds]),
        order=memory.order,
        distinct=memory.indices == "distinct",
        weight=memory.weight,
    )


def check_range(largest: int, order: int, n_spins: int) -> None:
    """Refuse integer rows whose overlaps or power sums would not fit.

    Raises
    ------
    ValueError
        Naming the largest entry.
    """
    power = 1 if order == 2 else order - 1 + order % 2
    if largest**power * n_spins >= _INT64 or largest * n_spins >= _INT32:
        raise ValueError(
            f"n_examples is too large for 64-bit overlaps: rows reach {largest} at order "
            f"{order} and n_spins {n_spins}"
        )


def _binary(memory: Memory) -> Binary:
    order, n_rows = memory.order, memory.n_rows
    signed, common, interaction = level_tables(memory.n_spins, order, memory.indices)
    largest = max(1, *map(abs, signed + common))  # fewer spins than sites: no interaction at all
    flush = 1 << 40
    dtype: type = np.float64
    if 4 * largest <= _INT32 and largest * n_rows < _INT64:
        dtype, flush = np.int32, _INT32 // (4 * largest)
    elif largest * n_rows < _INT64:
        dtype = np.int64
    terms, right = polynomials(signed, common, order, dtype)
    powers, inverse = moments(signed, common, order)
    return Binary(
        bits=pack(memory.kept_rows),
        n_rows=n_rows,
        signed=np.array(signed, dtype),
        common=np.array(common, dtype),
        interaction=np.array(interaction, np.float64),
        polynomials=terms,
        odd=(order + 1) % 2,
        right=right,
        flush=flush,
        powers=powers,
        inverse=inverse,
        weight=memory.weight,
    )

"""Exact tables of an interaction over the levels of rows +-1, and their polynomials."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

__all__ = ["level_tables", "moments", "polynomials"]

MOST_SPINS = 255  # whose levels fit a byte and the squares of whose overlaps fit two


def level_tables(n: int, order: int, indices: str) -> tuple[list[int], list[int], list[int]]:
    """Return A, B and F of `montecarlo.kernels.single.tables.Tables` for N = n spins."""
    if indices == "all":
        interaction = [(2 * u - n) ** order for u in range(n + 1)]
        field = [((2 * v - n) ** order - (2 * v - n - 2) ** order) // 2 for v in range(1, n + 1)]
    else:
        interaction = _elementary(n, order)
        field = _elementary(n - 1, order - 1)
    # field[v] is G with v of the other n - 1 spins in agreement.  A row at level u sees
    # v = u - 1 or v = u; the ends -1 and n belong to no spin and cancel between A and B.
    padded = [_extended(field, order), *field, _extended(field[::-1], order)]
    signed = [padded[u] + padded[u + 1] for u in range(n + 1)]
    common = [padded[u + 1] - padded[u] for u in range(n + 1)]
    return signed, common, interaction


def _extended(values: list[int], order: int) -> int:
    """Continue a polynomial of degree order - 1 by the value before values[0]."""
    if len(values) < order:
        return 0
    return sum((-1) ** k * math.comb(order, k + 1) * values[k] for k in range(order))


def polynomials(
    signed: list[int], common: list[int], order: int, dtype: type
) -> tuple[np.ndarray, int]:
    """Return the coefficients of A and B that a vector unit evaluates, and the shift they need.

    The coefficients are fractions.  The odd part of a denominator has an inverse modulo
    2**bits, which gives the exact integer because the result fits; the powers of two are
    kept as a shift.  Where that does not reproduce the table there are no terms.
    """
    n, n_terms = len(signed) - 1, (order + 1) // 2
    none: np.ndarray = np.empty((2, 0), np.int64 if dtype is np.float64 else dtype)
    if dtype is np.float64 or n < 4 * n_terms:
        return none, 0
    bits = np.iinfo(dtype).bits
    fractions = _even_parts(signed, common, order, unit=1)
    right = max((f.denominator & -f.denominator).bit_length() - 1 for row in fractions for f in row)
    if max(map(abs, signed + common)) << right >= 1 << (bits - 1):
        return none, 0
    coefficients = []
    for row in fractions:
        scaled = [f * 2**right for f in row]
        whole = [f.numerator * pow(f.denominator, -1, 1 << bits) % (1 << bits) for f in scaled]
        coefficients.append([w - (1 << bits) if w >> (bits - 1) else w for w in whole])
    return np.array(coefficients, dtype), right


def moments(signed: list[int], common: list[int], order: int) -> tuple[np.ndarray, int]:
    """Return d A and d B as polynomials of x, and 1/d, where sums of powers of x do for a field.

    x is M, or M/2 for an even number of spins.  The coefficients are those of x**2 and 1; one
    of the polynomials is times x.  Without terms where the order is not 3 or 4 or the spins
    are too few or too many.  The common denominator d is odd, so that it has an inverse modulo
    2**64, which undoes it exactly.
    """
    n = len(signed) - 1
    if order not in (3, 4) or not 2 * order <= n <= MOST_SPINS:
        return np.empty((2, 0), np.int64), 1
    fractions = _even_parts(signed, common, order, unit=1 + (n + 1) % 2)
    divisor = math.lcm(*(f.denominator for row in fractions for f in row))
    inverse = pow(divisor, -1, 1 << 64)
    powers = np.array([[int(f * divisor) for f in row] for row in fractions], np.int64)
    return powers, inverse - (inverse >> 63 << 64)


def _even_parts(
    signed: list[int], common: list[int], order: int, unit: int
) -> list[list[Fraction]]:
    """Coefficients of A and B in powers of x**2, x = M/unit, the odd one divided by x."""
    n = len(signed) - 1
    levels = [n // 2 + 1 + k for k in range((order + 1) // 2)]
    x = [Fraction(2 * u - n, unit) for u in levels]
    return [
        _interpolated(
            [y * y for y in x],
            [Fraction(table[u]) / (y if odd else 1) for u, y in zip(levels, x, strict=True)],
        )
        for odd, table in ((order % 2 == 0, signed), (order % 2 == 1, common))
    ]


def _interpolated(points: list[Fraction], values: list[Fraction]) -> list[Fraction]:
    """Coefficients, highest power first, of the polynomial through (points, values)."""
    total = [Fraction(0)] * len(points)
    for x, y in zip(points, values, strict=True):
        basis = [y]
        for other in points:
            if other != x:
                basis = [
                    (a - other * b) / (x - other)
                    for a, b in zip([*basis, Fraction(0)], [Fraction(0), *basis], strict=True)
                ]
        total = [a + b for a, b in zip(total, basis, strict=True)]
    return total


def _elementary(n: int, degree: int) -> list[int]:
    """e_degree of n signs, u of them +1, for u = 0..n: coefficient in (1+t)^u (1-t)^(n-u).

    Its derivative gives (k+1) e_{k+1} = M e_k - (n-k+1) e_{k-1} with M = 2u - n.
    """
    overlap = np.arange(-n, n + 1, 2).astype(object)
    before, last = 0 * overlap, 0 * overlap + 1
    for k in range(degree):
        before, last = last, (overlap * last - (n - k + 1) * before) // (k + 1)
    return list(last)

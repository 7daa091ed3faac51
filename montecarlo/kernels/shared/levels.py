"""Exact tables of an interaction over the levels of rows +-1, and their polynomials."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

__all__ = ["level_tables", "moments", "polynomials"]

MOST_SPINS = 255  # whose levels fit a byte and the squares of whose overlaps fit two


def level_tables(n: int, order: int, indices: str) -> tuple[list[int], list[int], list[int]]:
    r"""Return A, B and F over the levels u = (M + N)/2 of rows +-1, for N = n spins.

    A field is :math:`h_i = (w/2) \sum_r [\eta_{ri} A(u_r) - s_i B(u_r)]`, half of an energy
    difference.  With :math:`x = \eta_{ri} s_i` a row gives :math:`s_i h_i` half of
    :math:`M^P - (M - 2x)^P`, or x times the symmetric polynomial of degree P - 1 of the other
    spins, :math:`\sum_k (-x)^k e_{P-1-k}`; A is odd in x, B even.  A and B are even numbers.
    """
    overlaps = range(-n, n + 1, 2)
    if indices == "all":
        up, down = ([(m + step) ** order for m in overlaps] for step in (2, -2))
        interaction = [m**order for m in overlaps]
        signed = [(a - b) // 2 for a, b in zip(up, down, strict=True)]
        common = [(a + b) // 2 - f for a, b, f in zip(up, down, interaction, strict=True)]
        return signed, common, interaction
    *others, interaction = _elementary(n, order)
    signed, common = ([2 * sum(e) for e in zip(*others[k::-2], strict=True)] for k in (-1, -2))
    return signed, common, interaction


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


def _elementary(n: int, degree: int) -> list[list[int]]:
    """e_0 ... e_degree of n signs, u of them +1, for u = 0..n: coefficients of (1+t)^u (1-t)^(n-u).

    Its derivative gives (k+1) e_{k+1} = M e_k - (n-k+1) e_{k-1} with M = 2u - n.
    """
    overlap = np.arange(-n, n + 1, 2).astype(object)
    found = [0 * overlap, 0 * overlap + 1]
    for k in range(degree):
        found.append((overlap * found[-1] - (n - k + 1) * found[-2]) // (k + 1))
    return [list(e) for e in found[1:]]

r"""The decision of a visit in all lanes, in single precision wherever that can decide.

Fields are :math:`h = cS`, S a whole number.  Heat bath is :math:`u(1 + 2^y) < 1` with
:math:`y = -2 \beta c S/\ln 2`, Metropolis :math:`u 2^y < 1` with :math:`y = 2 \beta c S s/\ln 2`,
the same comparisons as with the random logarithms of the contract.  What is too close to 1 for
single precision, two to four visits of a chain in a hundred thousand, takes these logarithms
(`settle`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba.extending import overload

from montecarlo.dynamics import GLAUBER, METROPOLIS, ZERO_TEMPERATURE
from montecarlo.kernels.shared.philox import fill_logarithms, njit

from .memory import store
from .vectors import as_bits, cast, choose, like, viewed

__all__ = ["RULES", "Heat", "Slopes", "close", "draws", "excess", "is_heat", "set_slopes", "settle"]

#: Bound on the error of the excess near zero: 3e-6 of the polynomial, 6e-6 of the exponent.
UNSURE = np.float32(2e-5)

_LOG2_E = 1.4426950408889634
_ONE, _UNIT, _HALF_UNIT = np.float32(1.0), np.float32(2.0**-32), np.float32(2.0**-33)
_CERTAIN = 64.0  # exponents beyond 33 decide for certain, and floats have these
_WHOLE = np.float32(1.5 * 2**23)  # whole numbers added to it are in its lowest bits
_MAGNITUDE = np.int32(0x7FFFFFFF)
# 2**f to 2.6e-6 for |f| <= 1/2, from the highest power down.
_P = tuple(
    np.float32(c) for c in (0.0095701017, 0.0559178603, 0.240247448, 0.693121815, 0.999999261)
)


class Heat(NamedTuple):
    """Marks code of heat bath, which draws a spin."""

    none: int = 0


class Cost(NamedTuple):
    """Marks code of Metropolis, which draws whether a spin flips."""

    none: int = 0


class Descent(NamedTuple):
    """Marks code of zero temperature, which draws nothing."""

    none: int = 0


#: Code of a move -> its mark, which is a type for the compiler.
RULES = {GLAUBER: Heat(), METROPOLIS: Cost(), ZERO_TEMPERATURE: Descent()}


def is_heat(rule):
    """Whether the rule is heat bath; known to the compiler."""
    raise TypeError("compiled code only")


@overload(is_heat, inline="always")
def _overload_is_heat(rule):
    found = rule.instance_class is Heat
    return lambda rule: found


def draws(rule):
    """Whether the rule takes random numbers; known to the compiler."""
    raise TypeError("compiled code only")


@overload(draws, inline="always")
def _overload_draws(rule):
    found = rule.instance_class is not Descent
    return lambda rule: found


class Slopes(NamedTuple):
    """What the temperatures of a sweep make of fields.

    Parameters
    ----------
    slopes : (1, lanes) float32
        y over S.
    most : (1, lanes) of the type of S
        Larger ones decide as these do.
    half_T : (lanes,) float64
    exact : (3, 4, 1) float64
        Scratch memory.
    value : (1, lanes) int32 or int64
        Likewise.
    """

    slopes: np.ndarray
    most: np.ndarray
    half_T: np.ndarray
    exact: np.ndarray
    value: np.ndarray


@njit
def set_slopes(found, T, unit, largest, heat):
    """Fill the slopes at the temperatures T of the lanes.

    Fields are `unit` times whole numbers of a type that holds `largest` and less.
    """
    for c in range(T.shape[0]):
        half_T = 0.5 * T[c]
        steep = min(_LOG2_E * unit / max(half_T, 1e-300), _CERTAIN)
        found.half_T[c] = half_T
        found.slopes[0, c] = -steep if heat else steep
        found.most[0, c] = min(1.5 * _CERTAIN / steep, largest)


@njit(inline="always")
def excess(heat, value, slope, most, word):
    """Return u (1 + 2^y) - 1 or u 2^y - 1, y = slope value: negative for up, or for a flip."""
    value = choose(value < most, value, most)
    value = choose(value > like(most, 0) - most, value, like(most, 0) - most)
    steps = cast(value, np.float32)
    shifted = steps * slope + _WHOLE
    f = steps * slope - (shifted - _WHOLE)
    square = f * f
    p = (square * _P[0] + (f * _P[1] + _P[2])) * square + (f * _P[3] + _P[4])
    # The low bits of what was shifted are the whole part of y: 23 bits up, it is an exponent.
    growth = viewed(viewed(p, np.int32) + (viewed(shifted, np.int32) << np.int32(23)), np.float32)
    u = cast(word, np.float32) * _UNIT + _HALF_UNIT
    if heat:
        return u * growth + (u - _ONE)
    return u * growth - _ONE


@njit(inline="always")
def close(x):
    """Return the lanes, as bits, in which an excess is too close to zero to be sure of."""
    return as_bits(viewed(viewed(x, np.int32) & _MAGNITUDE, np.float32) < UNSURE)


@njit
def settle(slopes, streams, rule, unit, visit, sweep, near, flips, value, spins):
    """Return the lanes that flip, as bits, those of `near` as the contract says.

    Parameters
    ----------
    slopes : Slopes
    streams : (lanes, 2) uint32
        Keys.
    rule : Heat, Cost or Descent
    unit : float
    visit, sweep : int
    near, flips : uint64
        Lanes in doubt, and lanes that flip where there is none.
    value : vector
        Whole numbers of the fields.
    spins : (lanes,) int8
    """
    store(slopes.value, 0, value)
    words, ratio, logs = slopes.exact[0].view(np.uint64), slopes.exact[1], slopes.exact[2]
    for c in range(spins.shape[0]):
        lane = np.uint64(1) << np.uint64(c)
        if near & lane:
            fill_logarithms(
                streams[c], visit & ~3, sweep, is_heat(rule), 1, words, ratio,
                ratio.view(np.int64), logs,
            )  # fmt: skip
            x = logs[visit & 3, 0]
            h, s = unit * np.float64(slopes.value[0, c]), np.float64(spins[c])
            toward = s if is_heat(rule) else -1.0
            flip = s * h <= toward * slopes.half_T[c] * x and (
                h != 0.0 or not is_heat(rule) or s * x > 0.0
            )
            flips = (flips | lane) if flip else (flips & ~lane)
    return flips

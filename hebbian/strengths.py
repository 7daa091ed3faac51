r"""Patterns of unequal strengths: :math:`H(s) = -\frac N2 \sum_\mu g_\mu m_\mu^P`.

A law says how strong the :math:`\mu`-th pattern is, :math:`\mu = 1, ..., K`:

* ``"zipf:a"``: :math:`g_\mu = \mu^{-a}`, frequencies of words, say;
* ``"palimpsest:L"``: :math:`g_\mu = e^{-L \alpha_\mu}`, the newest first, where :math:`\alpha_\mu`
  is the load of the :math:`\mu - 1` patterns that came after it: K is as large as one likes,
  and old patterns fade (M. Mezard, J. P. Nadal, G. Toulouse, J. Physique 47, 1457 (1986),
  doi:10.1051/jphys:019860047090145700);
* any K numbers.

Kernels see whole numbers, `BITS` bits of the largest strength.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from . import domain

__all__ = [
    "BITS",
    "LAWS",
    "check_number",
    "checked_weights",
    "palimpsest_rate",
    "shown_weights",
    "strengths",
    "whole_strengths",
]

#: Bits of the largest strength as a whole number.
BITS = 32

MOST_STRENGTHS = 1_000_000
MOST_SHOWN = 3

#: Names of laws and the ranges of their parameters.
LAWS = {"zipf": "[0, 10]", "palimpsest": "[0, 1000]"}


def checked_weights(given: Any) -> str | tuple[float, ...] | None:
    """Return a law, its parameter checked, or numbers as a tuple; None stays.

    Raises
    ------
    ValueError
        For an unknown law, a parameter out of range, or strengths that are negative, not finite,
        all 0, too many or none.

    Examples
    --------
    >>> checked_weights("zipf:1.50"), checked_weights([2, 1, 0.5])
    ('zipf:1.5', (2.0, 1.0, 0.5))
    """
    if given is None:
        return None
    if isinstance(given, str):
        name, _, parameter = given.partition(":")
        if name not in LAWS or not parameter:
            known = ", ".join(f"{law}:X with X in {allowed}" for law, allowed in LAWS.items())
            raise domain.UnknownWord(
                f"weights = {domain.shown(given)} is not one of {known}, nor numbers",
                name,
                list(LAWS),
            )
        try:
            number = float(parameter)
        except ValueError:
            raise ValueError(
                f"weights = {domain.shown(given)}: a number in {LAWS[name]} has to follow {name}:"
            ) from None
        return f"{name}:{domain.real(f'weights = {name}', number, LAWS[name]):.12g}"
    values = domain.real_array("weights", given, "[0, inf)")
    if values.ndim != 1 or not 1 <= values.size <= MOST_STRENGTHS or not values.max() > 0:
        raise ValueError(
            f"weights of shape {values.shape}: from 1 to {MOST_STRENGTHS} strengths are needed, "
            "not all of them 0"
        )
    return tuple(values.tolist())


def shown_weights(weights: str | tuple[float, ...] | None) -> str:
    """Return weights as an argument that is followed by others; nothing where there are none."""
    if weights is None:
        return ""
    if isinstance(weights, tuple) and len(weights) > MOST_SHOWN:
        shown = ", ".join(map(str, weights[:MOST_SHOWN]))
        return f"weights=({shown}, ... {len(weights)} numbers), "
    return f"weights={weights!r}, "


def palimpsest_rate(weights: Any) -> float | None:
    """Return L of a palimpsest, of any other weights None."""
    if isinstance(weights, str) and weights.startswith("palimpsest:"):
        return float(weights.partition(":")[2])
    return None


def check_number(
    weights: str | tuple[float, ...] | None, n_patterns: int, load: Callable[[int], float]
) -> None:
    """Refuse numbers that are not as many as the patterns; a law is of any number.

    Raises
    ------
    ValueError
        Naming the load at which there are as many.

    Examples
    --------
    >>> check_number((1.0, 0.5), 2, lambda k: k / 100)
    """
    if isinstance(weights, tuple) and len(weights) != n_patterns:
        raise ValueError(
            f"weights: {len(weights)} strengths for {n_patterns} patterns: "
            f"alpha = {load(len(weights)):.6g} has as many, or name a law such as 'zipf:1.5'"
        )


def strengths(
    weights: str | tuple[float, ...], n_patterns: int, load: Callable[[int], float]
) -> np.ndarray:
    """Return the strengths of K patterns: shape (n_patterns,), float64.

    Parameters
    ----------
    weights : str or tuple of float
        From `checked_weights`.
    n_patterns : int
    load : callable
        Of a number of patterns, in the network that they are in.

    Raises
    ------
    ValueError
        If there are not as many numbers as patterns.

    Examples
    --------
    >>> strengths("zipf:1", 4, lambda k: k / 100)
    array([1.        , 0.5       , 0.33333333, 0.25      ])
    """
    check_number(weights, n_patterns, load)
    if not isinstance(weights, str):
        return np.array(weights)
    law, parameter = weights.split(":")
    rank = np.arange(1.0, n_patterns + 1)
    if law == "zipf":
        return np.asarray(rank ** -float(parameter))
    # Loads are proportional to the number of patterns.
    return np.exp(-float(parameter) * load(1) * (rank - 1))


def whole_strengths(values: np.ndarray) -> tuple[np.ndarray, float]:
    """Return strengths as whole numbers, int64, and their unit, a power of two.

    Examples
    --------
    >>> whole, unit = whole_strengths(np.array([1.0, 0.5]))
    >>> (whole * unit).tolist()
    [1.0, 0.5]
    """
    unit = math.ldexp(1.0, math.frexp(float(values.max()))[1] - BITS)
    return np.rint(values / unit).astype(np.int64), unit

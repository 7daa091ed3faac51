r"""Which form of a network is the fastest: a model of the time of one visit.

A visit draws a random logarithm and computes a field; a fraction f of the visits flips:

==============  ====================================  =============================
form            visit                                 flip
==============  ====================================  =============================
``overlaps``    adds the overlaps of K rows           shifts the overlaps of K rows
``couplings``   reads one maintained field            adds N couplings to N fields
==============  ====================================  =============================

so that :math:`t = t_0 + a K + f (t_m + b K)` for overlaps and
:math:`t = t_0' + f (t_m' + c N) + N (u + v K) / S` for couplings.  c grows with the bytes of
the matrix, which leave one cache after the other, and the last term is the time to build it,
shared by the S sweeps of a run.

The constants are nanoseconds on one core of a Zen 4 server, fitted to
``benchmarks/test_forms.py`` (N = 100 ... 4000, K/N = 0.01 ... 1, T = 0.3 ... 1.2; 8 percent
root mean square for overlaps, 10 for couplings); only their ratios matter.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from hebbian import Memory, domain

__all__ = ["FORMS", "FORM_OF", "checked", "fastest", "flip_rate", "legal", "visit_time"]

#: What a lowered network is called in the settings of a run.
FORM_OF = {
    "Pairs": "overlaps",
    "Quadratic": "overlaps",
    "Couplings": "couplings",
    "Binary": "tables",
    "Polynomial": "polynomials",
    "Memory": "definition",
    "Network": "products",  # of matrices: parallel dynamics
}
FORMS = ("auto", "overlaps", "couplings", "tables", "polynomials")

VISIT_OVERLAPS, PER_PACKED_ROW, PER_INTEGER_ROW = 9.4, 0.0143, 0.085
FLIP_OVERLAPS, SHIFT_PACKED_ROW, SHIFT_INTEGER_ROW = 30.0, 0.019, 0.055
VISIT_COUPLINGS, FLIP_COUPLINGS = 4.9, 38.5
PER_FIELD, PER_FIELD_AND_MEGABYTE = 0.034, 0.0031
BUILD_ENTRY, BUILD_ROW = 4.9, 0.0099
SWEEPS = 5000  # of all chains of a sample that share the couplings: the default schedule
LEAST_LOAD = 0.02  # below it the flips of rows with blanks are those of the blanks: unknown
MOST_COUPLINGS = 4096  # spins whose couplings stay in the last cache and build in a moment


def flip_rate(T: Any, alpha: float) -> float:
    r"""Return the expected flips per visit of heat bath, averaged over temperatures.

    With the order parameters of Amit, Gutfreund and Sompolinsky (Phys. Rev. Lett. 55, 1530,
    1985), m = 1 at the start, a spin feels :math:`g = m + \sqrt{\alpha r}\, z` from all
    others as they are without it, and these follow its own state: given
    :math:`s = \pm 1`, which has probability :math:`(1 + s \tanh \beta g)/2`, the field is
    Gaussian with mean :math:`g + \beta v s` and variance
    :math:`v = \alpha (1 - q)/(1 - \beta(1 - q))`.  Heat bath flips with probability
    :math:`\mathbb{E}\, \tfrac12 \operatorname{sech}^2 \beta h`.  Deep in the glass the
    symmetric theory freezes too much; simulations from T = 0.3 to half the glass temperature
    have a rate that goes as T**1.5.

    Examples
    --------
    >>> round(flip_rate(0.5, 0.05), 3), round(flip_rate(5.0, 0.05), 1)
    (0.082, 0.5)
    """
    different = np.unique(np.maximum(np.asarray(T, np.float64), 1e-3))
    few = different[:: max(1, len(different) // 16)]  # a ramp has as many as sweeps
    return _flip_rate(tuple(few.tolist()), float(alpha))


@lru_cache(maxsize=4096)
def _flip_rate(temperatures: tuple[float, ...], alpha: float) -> float:
    T = np.array(temperatures)
    rate, m = _replica_symmetric(T, alpha)
    glass = 0.5 * (1.0 + np.sqrt(alpha))
    frozen = (m < 0.5) & (glass > T)
    rate[frozen] = (T[frozen] / glass) ** 1.5 * _replica_symmetric(np.array([glass]), alpha)[0]
    return float(rate.mean())


def _replica_symmetric(T: np.ndarray, alpha: float) -> tuple[np.ndarray, np.ndarray]:
    """Flips per visit and m at every temperature."""
    points, weights = np.polynomial.hermite_e.hermegauss(31)
    weights /= weights.sum()
    beta = 1 / T[:, None]
    m, q = np.ones_like(beta), np.ones_like(beta)
    for _ in range(100):
        susceptibility = np.minimum(beta * (1 - q), 0.98)
        g = m + np.sqrt(alpha * q) / (1 - susceptibility) * points
        t = np.tanh(beta * g)
        m = 0.5 * (m + (t @ weights)[:, None])
        q = 0.5 * (q + (t * t @ weights)[:, None])
    v = alpha * (1 - q) / (1 - np.minimum(beta * (1 - q), 0.98))
    rate = np.zeros(len(T))
    for s in (-1, 1):
        h = (g + beta * v * s)[..., None] + np.sqrt(v)[..., None] * points
        flips = 0.5 / np.cosh(np.minimum(np.abs(beta[..., None] * h), 300)) ** 2 @ weights
        rate += (0.5 * (1 + s * t) * flips) @ weights
    return rate, m[:, 0]


def visit_time(form: str, n_spins: int, n_rows: int, flips: float, *, packed: bool) -> float:
    """Return the modelled nanoseconds of one visit of a two-body network, building included.

    Parameters
    ----------
    form : {"overlaps", "couplings"}
    n_spins, n_rows : int
    flips : float
        Flips per visit.
    packed : bool
        Rows +-1, one bit an entry.
    """
    if form == "couplings":
        width = 1 if n_rows < 600 else 2  # a coupling rarely exceeds 5 sqrt(n_rows)
        per_field = PER_FIELD + PER_FIELD_AND_MEGABYTE * 1e-6 * width * n_spins**2
        build = n_spins * (BUILD_ENTRY + BUILD_ROW * n_rows) / SWEEPS
        return VISIT_COUPLINGS + flips * (FLIP_COUPLINGS + n_spins * per_field) + build
    visit, shift = (
        (PER_PACKED_ROW, SHIFT_PACKED_ROW) if packed else (PER_INTEGER_ROW, SHIFT_INTEGER_ROW)
    )
    return VISIT_OVERLAPS + visit * n_rows + flips * (FLIP_OVERLAPS + shift * n_rows)


def fastest(memory: Memory, T: Any) -> str:
    """Return the form in which the compiled kernel visits spins fastest.

    Parameters
    ----------
    memory : Memory
    T : array_like
        Temperatures the network will be run at.

    Examples
    --------
    >>> from hebbian import Hopfield, draw
    >>> fastest(draw(Hopfield(), n_spins=2000, alpha=0.05).memory, 0.5)
    'overlaps'
    >>> fastest(draw(Hopfield(), n_spins=1000, alpha=0.13).memory, 0.05)
    'couplings'
    """
    forms = legal(memory)
    n_rows, n_spins = memory.n_rows, memory.n_spins
    few = not memory.binary and n_rows < LEAST_LOAD * n_spins
    if "couplings" not in forms or n_spins > MOST_COUPLINGS or few:
        return forms[0]
    flips = flip_rate(T, n_rows / n_spins)
    return min(
        ("overlaps", "couplings"),
        key=lambda form: visit_time(form, n_spins, n_rows, flips, packed=memory.binary),
    )


def legal(memory: Memory) -> tuple[str, ...]:
    """Return the forms that hold this network, the general one first."""
    if memory.order == 2:
        return ("overlaps", "couplings", "tables") if memory.binary else ("overlaps", "couplings")
    return ("tables",) if memory.binary else ("polynomials",)


def checked(form: str, memory: Memory) -> str:
    """Return `form` if the network has it.

    Raises
    ------
    ValueError
        If it does not.
    """
    return domain.choice("form", form, legal(memory))

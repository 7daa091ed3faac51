r"""Which form of a network is the fastest: a model of the time of one visit.

A visit draws a random logarithm and computes a field; a fraction f of the visits flips:

==============  ====================================  =============================
form            visit                                 flip
==============  ====================================  =============================
``overlaps``    adds the overlaps of K rows           shifts the overlaps of K rows
``couplings``   reads one maintained field            adds N couplings to N fields
==============  ====================================  =============================

so that :math:`t = t_0 + a K + f (t_m + b K)` for overlaps and
:math:`t = t_0' + f (t_m + c N B)` for couplings of B bytes.  Near retrieval a spin feels a
field of mean 1 and variance alpha, elsewhere none of a fixed sign, and heat bath flips it
with probability :math:`f = \mathbb{E}\, \tfrac12 \operatorname{sech}^2(h/T)`.  The constants
are nanoseconds on one core of a Zen 4 server; only their ratios matter.
"""

from __future__ import annotations

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

VISIT_OVERLAPS, PER_PACKED_ROW, PER_INTEGER_ROW = 7.0, 0.015, 0.06
VISIT_COUPLINGS = 5.0
MISS = 10.0  # two mispredicted branches
SHIFT_PACKED_ROW, SHIFT_INTEGER_ROW = 0.02, 0.08
PER_COUPLING_BYTE, PER_FIELD = 0.03, 0.02
MOST_COUPLINGS = 4096  # spins whose couplings stay in the last cache and build in a moment
LEAST_LOAD = 0.02  # below it fields are not those of retrieval under a load: flips are unknown
ADVANTAGE = 0.6  # what the couplings must save to be worth building


def flip_rate(T: Any, alpha: float) -> float:
    """Return the expected flips per visit of heat bath, averaged over temperatures.

    Examples
    --------
    >>> round(flip_rate(0.5, 0.05), 3), round(flip_rate(5.0, 0.05), 1)
    (0.049, 0.5)
    """
    T = np.maximum(np.asarray(T, np.float64), 1e-3)[..., None]
    points, weights = np.polynomial.hermite_e.hermegauss(31)
    h = np.where(T < 1, 1.0, 0.0) + np.sqrt(alpha) * points
    return float(
        (0.5 / np.cosh(np.minimum(np.abs(h / T), 300)) ** 2 @ weights).mean() / weights.sum()
    )


def visit_time(form: str, n_spins: int, n_rows: int, flips: float, *, packed: bool) -> float:
    """Return the modelled nanoseconds of one visit of a two-body network.

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
        return VISIT_COUPLINGS + flips * (MISS + n_spins * (PER_FIELD + width * PER_COUPLING_BYTE))
    visit, shift = (
        (PER_PACKED_ROW, SHIFT_PACKED_ROW) if packed else (PER_INTEGER_ROW, SHIFT_INTEGER_ROW)
    )
    return VISIT_OVERLAPS + visit * n_rows + flips * (MISS + shift * n_rows)


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
    n_rows = memory.n_rows
    load = n_rows / memory.n_spins
    if "couplings" not in forms or memory.n_spins > MOST_COUPLINGS or load < LEAST_LOAD:
        return forms[0]
    flips = flip_rate(T, load)
    overlaps, couplings = (
        visit_time(form, memory.n_spins, n_rows, flips, packed=memory.binary)
        for form in ("overlaps", "couplings")
    )
    return "couplings" if couplings < ADVANTAGE * overlaps else "overlaps"


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

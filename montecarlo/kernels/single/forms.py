r"""The forms of a network that is visited spin by spin, and which of them is the fastest.

A form is a file: its arrays, a named tuple whose type is the form for numba, and

* ``NAME``, what a user calls it;
* ``holds(memory)``: whether it can be the form of this network;
* ``lower(memory)``: fills the arrays;
* ``visit_time(memory, flips)``: nanoseconds of a visit, of which this fraction flips;
* ``prepare(network, spins)``: the `State` of a chain;
* ``field``, ``flip`` and ``energy`` of (network, state[, i]), which numba inlines in a sweep.

All forms of a network give every field as the same number, hence the same spins; `FORMS` is
the only list of them.  Times were fitted on one core of a Zen 4 server to
``benchmarks/test_forms.py`` (N = 100 ... 4000, K/N = 0.01 ... 1, T = 0.3 ... 1.2; 8 percent
root mean square for overlaps, 10 for couplings); only their ratios matter.
"""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np

from hebbian import Memory, domain

from . import (
    couplings,
    histograms,
    integer_overlaps,
    layered,
    overlaps,
    polynomials,
    tables,
    weighted,
)

__all__ = ["FORMS", "Network", "fastest", "flip_rate", "legal", "lower", "name_of", "names"]

Network = (
    overlaps.Overlaps
    | integer_overlaps.IntegerOverlaps
    | layered.Layered
    | couplings.Couplings
    | tables.Tables
    | polynomials.Polynomials
    | histograms.Histograms
    | weighted.Weighted
)

#: Type of the arrays -> the form; the first that holds a network is the general one.
FORMS = {
    overlaps.Overlaps: overlaps,
    integer_overlaps.IntegerOverlaps: integer_overlaps,
    layered.Layered: layered,
    couplings.Couplings: couplings,
    tables.Tables: tables,
    polynomials.Polynomials: polynomials,
    histograms.Histograms: histograms,
    weighted.Weighted: weighted,
}


def name_of(network: Network) -> str:
    """Return what the form of a network is called in the settings of a run."""
    return FORMS[type(network)].NAME


def names() -> tuple[str, ...]:
    """Return the names of all forms."""
    return tuple(dict.fromkeys(form.NAME for form in FORMS.values()))


def legal(memory: Memory) -> dict[str, Any]:
    """Return the forms that hold this network by their names, the general one first."""
    return {form.NAME: form for form in FORMS.values() if form.holds(memory)}


def lower(memory: Memory, name: str, T: Any) -> Network:
    """Lower to the named form, or to the fastest one at these temperatures that fits.

    Parameters
    ----------
    memory : Memory
    name : {"auto", "overlaps", "layers", "couplings", "tables", "polynomials", "histograms", \
        "weighted"}
    T : array_like

    Raises
    ------
    ValueError
        If the network does not have this form or its integers would not fit.

    Examples
    --------
    >>> from hebbian import Hopfield, draw
    >>> memory = draw(Hopfield(), n_spins=20, alpha=0.1).memory
    >>> type(lower(memory, "couplings", 0.5)).__name__
    'Couplings'
    """
    forms = legal(memory)
    if name == "auto":
        with contextlib.suppress(couplings.TooLarge):
            return forms[fastest(memory, T)].lower(memory)
        name = next(iter(forms))
    return forms[domain.choice("form", name, tuple(forms))].lower(memory)


def fastest(memory: Memory, T: Any) -> str:
    """Return the form in which spins are visited fastest.

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
    forms, flips = legal(memory), flip_rate(T, memory.n_rows / memory.n_spins)
    return min(forms, key=lambda name: forms[name].visit_time(memory, flips))


def flip_rate(T: Any, alpha: float) -> float:
    r"""Return the expected flips per visit of heat bath, averaged over temperatures.

    A pattern is kept below :math:`T = 1 - 1.7\,\alpha^{0.4}`, where spins see a field of one
    with a noise of :math:`\sqrt\alpha`; elsewhere the rate is a function of
    :math:`T/(1 + \sqrt\alpha)`, the temperature in units of the glass temperature (D. J. Amit,
    H. Gutfreund and H. Sompolinsky, Phys. Rev. Lett. 55, 1530 (1985)).  The numbers fit
    simulations of the Hopfield model (alpha = 0.01 ... 2, T = 0.2 ... 5) to a third where all
    samples are on one side.

    Examples
    --------
    >>> round(flip_rate(0.5, 0.05), 3), round(flip_rate(5.0, 0.05), 1)
    (0.124, 0.5)
    """
    T = np.maximum(np.asarray(T, np.float64), 1e-3)
    kept = 0.5 / np.cosh(1 / np.hypot(T, np.sqrt(alpha)).clip(0.01)) ** 2
    lost = -0.5 * np.expm1(-1.3 * (T / (1 + np.sqrt(alpha))) ** 1.7)
    return float(np.where(1 - 1.7 * alpha**0.4 > T, kept, lost).mean())

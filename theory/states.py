"""The stable states of a network, and the one of lowest free energy."""

from __future__ import annotations

from typing import Any

from hebbian import Model, domain
from hebbian.calling import checked

from .closure import equations
from .labelled import labelled
from .solution import State

__all__ = ["ground_state", "stable_states"]

_STARTS = "[1, 1000000]"


@checked
def stable_states(
    model: Model, T: float, *, law: str = "binomial", n_starts: int = 300
) -> list[State]:
    """Find the stable states of a network without a load.

    Parameters
    ----------
    model : Multitasking
        With at most 200 patterns; or a model whose closure lists its states.
    T : float
        Temperature in [0, inf).
    law : {"binomial", "gaussian"}
        Law of the example mean.
    n_starts : int
        Starting points, at least 1; K = 2 and 3 are searched on a grid, finer with more.

    Returns
    -------
    list of State
        By ascending free energy.  Complete for K <= 3 up to valleys narrower than the grid
        (1/64 of the angle for K = 2, 1/24 of an edge of the triangle for K = 3, or less with
        more starts), which few noisy examples have at low T; a lower bound for K > 3.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the model has no such list.

    Examples
    --------
    Three archetypes have a hierarchy and a metastable odd mixture:

    >>> from hebbian import Multitasking
    >>> for state in stable_states(Multitasking(n_patterns=3, dilution=0.3), T=0.0):
    ...     print(state.label, state.m.round(4), round(state.free_energy, 6))
    hierarchical [0.7   0.21  0.063] -0.269034
    hierarchical [0.5285 0.3815 0.2345] -0.239922
    """
    found = equations(model, law)
    temperature = domain.real("T", T, "[0, inf)")
    return found.stable_states(temperature, domain.integer("n_starts", n_starts, _STARTS))


@labelled
@checked
def ground_state(model: Model, T: Any, *, law: str = "binomial", n_starts: int = 100) -> Any:
    """Return the state of lowest free energy that is found, of a network without a load.

    For `Multitasking` it is the best of the states reached from ``hierarchical``, ``parallel``
    and ``pure``, and for K > 3 also from `n_starts` points that fill the cone of directions.

    Parameters
    ----------
    model : Model
        `Multitasking` with at most 200 patterns, or another without a load.
    T : float or array_like
        Temperature in [0, inf).
    law : {"binomial", "gaussian"}
        Law of the example mean.
    n_starts : int
        Further starting points for K > 3, at least 1.  For few noisy examples at low T, and
        from K = 5 on at low T and dilutions around 1/2, there are many states within 1e-4 of
        the lowest one; what is returned there is an upper bound.

    Returns
    -------
    Solution
        Arrays of the shape of `T`; a `MultitaskingSolution` for `Multitasking`.

    Raises
    ------
    ValueError
        If a parameter is outside its range, the model has a load, or a temperature is out of
        reach (`theory.solve`).

    Examples
    --------
    >>> from hebbian import Multitasking
    >>> ground_state(Multitasking(n_patterns=2, dilution=0.3), T=[0.1, 0.4, 0.8]).label.tolist()
    ['hierarchical', 'pure', 'ergodic']
    """
    found = equations(model, law)
    temperature = domain.real_array("T", T, "[0, inf)")
    return found.ground_state(temperature, domain.integer("n_starts", n_starts, _STARTS))

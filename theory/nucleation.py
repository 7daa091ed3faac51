"""The barrier that keeps a chain in retrieval, of any model whose closure knows it."""

from __future__ import annotations

from typing import Any

from hebbian import Model, domain
from hebbian.calling import checked

from .closure import equations
from .conventions import weakness
from .labelled import labelled

__all__ = ["nucleation_barrier"]


@labelled
@checked
def nucleation_barrier(
    model: Model, alpha: Any, T: Any, *, n_spins: int | None = None, law: str = "binomial"
) -> Any:
    r"""Return the free-energy barrier per spin between retrieval and its escape.

    Parameters
    ----------
    model : Model
        With a load.
    alpha, T : float or array_like
        Load and temperature in [0, inf), broadcast against each other.
    n_spins : int, optional
        Of a finite network in its own units of load and temperature; default: infinite.
    law : {"binomial", "gaussian"}
        Law of the example mean.

    Returns
    -------
    float or numpy.ndarray
        :math:`\Delta f \ge 0`; NaN where there is no retrieval state, or where the potential has
        no replica-symmetric saddle.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the model has no load.

    Notes
    -----
    The potential is the replica-symmetric free energy at a fixed overlap with the pattern, and
    the barrier that of its maximum next to retrieval: the unstable branch of the equations of
    state (`theory.one_pattern.nucleation`).  It is 0 at the spinodal, where it closes like
    :math:`(T_M - T)^{3/2}`.  Of `Exponential` the maximum is a kink, where the pattern disappears
    in the floor of the others (`theory.exponential.law.PatternLaw.barrier`), and closes like
    :math:`(T_M - T)^2`.  A chain of a network of N spins leaves retrieval after a time of
    order :math:`e^{N \Delta f/T}` (R. B. Griffiths, C.-Y. Weng, J. S. Langer, Phys. Rev. 149, 301
    (1966), doi:10.1103/PhysRev.149.301): the slope of its logarithm in N, the prefactor unknown.
    A finite network has :math:`\Pi` times the barrier of the infinite one at load
    :math:`\alpha/\Pi` and temperature :math:`T/\Pi` (`theory.conventions.weakness`).

    Examples
    --------
    >>> from hebbian import Dense
    >>> nucleation_barrier(Dense(order=4), 0.1, [0.6, 0.8, 0.92, 0.95]).round(5)
    array([0.09647, 0.02455, 0.00033,     nan])
    """
    load = domain.real_array("alpha", alpha, "[0, inf)")
    temperature = domain.real_array("T", T, "[0, inf)")
    found, scale = equations(model, law), weakness(model, n_spins)
    controls = found.controls(load / scale, T=temperature / scale)
    return scale * found.nucleation_barrier(*controls)

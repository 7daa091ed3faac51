"""Lines of memories of exponentially many patterns: loads alpha = ln K / N.

=========================  ==========================================================
`single_transition_load`   up to it one pattern alone has the lowest free energy
`condensation_load`        up to it few patterns make that of the paramagnet
`single_flip_load`         up to it patterns are stable against single flips at T = 0
=========================  ==========================================================

The spinodal and the transition of all patterns together are those of `theory.boundaries` and
`theory.transition`; the difference of the two transitions is the complexity, alpha itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hebbian import Model, domain
from hebbian.calling import checked

from .closure import equations
from .labelled import labelled

__all__ = ["condensation_load", "single_flip_load", "single_transition_load"]


@labelled
@checked
def single_transition_load(model: Model, T: Any, *, law: str = "binomial") -> Any:
    r"""Return the load up to which one pattern alone has the lowest free energy.

    Parameters
    ----------
    model : Exponential
    T : float or array_like
        Temperature in [0, inf).
    law : {"binomial", "gaussian"}
        Without effect.

    Returns
    -------
    float or numpy.ndarray
        Of the shape of `T`.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the model has no such line.

    Notes
    -----
    Where the free energies of `theory.solve` of retrieval and the paramagnet are equal:
    :math:`\lambda T \zeta(1/T) - \zeta(\lambda)` while :math:`T \zeta(1/T) \ge \tanh\lambda`, and
    :math:`I(T \zeta(1/T))` at higher temperatures, where few patterns make the floor of the
    paramagnet.  Between it and `transition_load` retrieval is the ground state by the number of its
    states alone, whose entropy is the load; other networks here have too few patterns for that.

    Examples
    --------
    >>> from hebbian import Exponential
    >>> single_transition_load(Exponential(sharpness=1.0), [0.0, 0.2, 0.5]).round(6)
    array([0.566219, 0.427599, 0.23925 ])
    """
    return _at(model, "single_transition_load", T, law)


@labelled
@checked
def condensation_load(model: Model, T: Any = 0.0, *, law: str = "binomial") -> Any:
    r"""Return the load up to which few patterns make the energy of a typical configuration.

    Parameters
    ----------
    model : Exponential
    T : float or array_like
        Temperature in [0, inf), without effect: the typical configurations are all of them.
    law : {"binomial", "gaussian"}
        Without effect.

    Returns
    -------
    float or numpy.ndarray
        :math:`\alpha_d = \lambda \tanh\lambda - \ln\cosh\lambda`, of the shape of `T`.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the model has no such line.

    Notes
    -----
    A random energy model: below :math:`\alpha_d` the nearest patterns of a configuration, at the
    overlap :math:`I^{-1}(\alpha)`, have the weight of all.  The free energy of the paramagnet has a
    jump in its second derivative there.  For :math:`T < 1/\lambda` retrieval is the ground state on
    the line; at :math:`T = 1/\lambda` it meets the spinodal and the transition.

    Examples
    --------
    >>> from hebbian import Exponential
    >>> float(condensation_load(Exponential(sharpness=1.0)).round(6))
    0.327813
    """
    return _at(model, "condensation_load", T, law)


@labelled
@checked
def single_flip_load(model: Model, T: Any = 0.0, *, law: str = "binomial") -> Any:
    r"""Return the load up to which single flips leave a pattern as it is, at T = 0.

    Parameters
    ----------
    model : Exponential
    T : float or array_like
        Temperature in [0, inf).
    law : {"binomial", "gaussian"}
        Without effect.

    Returns
    -------
    float or numpy.ndarray
        :math:`2\lambda - \ln\cosh 2\lambda` at T = 0, of the shape of `T`; NaN at T > 0.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the model has no such line.

    Notes
    -----
    Between `spinodal_load` at T = 0 and this load the energy of a pattern is that of any
    configuration, up to a part that is exponentially small in N; the sign of that part keeps the
    pattern a local minimum.  No temperature is low enough to feel it in an infinite network.

    Examples
    --------
    >>> from hebbian import Exponential
    >>> [float(single_flip_load(Exponential(sharpness=l)).round(8)) for l in (0.25, 1.0)]
    [0.37988549, 0.67499725]
    """
    return _at(model, "single_flip_load", T, law)


def _at(model: Model, name: str, T: Any, law: str) -> np.ndarray:
    return equations(model, law).line(name, domain.real_array("T", T, "[0, inf)"))

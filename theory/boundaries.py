r"""Lines of the phase diagram of networks with a load.

=========================  ==========================================================
`critical_load`            beyond it no retrieval state is left (spinodal)
`spinodal_temperature`     the same line, seen from the load: :math:`T_M(\alpha)`
`transition_temperature`   below it retrieval has the lowest free energy: :math:`T_c`
`glass_temperature`        below it the state without retrieval is a spin glass
`replicon_temperature`     below it the retrieval state breaks replica symmetry
=========================  ==========================================================

Units are those of the models, :math:`\alpha = (P!/2) K / N^{P-1}` and T with weight
:math:`e^{-H/T}`.  Retrieval is replica symmetric unless `critical_load` is told otherwise.
For P >= 3 that is exact down to `replicon_temperature` and fails below: the load of the
spinodal then *falls* as T -> 0 (P = 4: 0.4602 at T = 0.46, 0.3957 at T = 0), which one step of
replica-symmetry breaking removes almost entirely.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hebbian import Model, domain

from .closure import closure
from .labelled import labelled
from .one_pattern.branches import ReplicaSymmetric
from .one_pattern.broken.branches import spinodal_loads
from .one_pattern.broken.glass import OneStepGlass, one_step_glass
from .one_pattern.broken.metastable import dynamic_temperature
from .one_pattern.inversion import largest_temperatures
from .one_pattern.low_load import summit
from .one_pattern.spin_glass import continuous_glass, glass_extrema
from .one_pattern.stability import replicon_temperatures
from .one_pattern.transitions import Landscape, line

__all__ = [
    "critical_load",
    "glass_temperature",
    "replicon_temperature",
    "spinodal_temperature",
    "transition_temperature",
]

_NO_GLASS = OneStepGlass(*(np.empty(0) for _ in OneStepGlass._fields))


def _landscape(quantity: str, model: Model, law: str, rsb: int = 0) -> Landscape:
    domain.choice("law", law, ("binomial", "gaussian"))
    equations = closure(model, law)
    if not isinstance(equations, ReplicaSymmetric):
        raise ValueError(f"{quantity} needs a model with a load, not {type(model).__name__}")
    field = equations.field
    crosstalk = field.crosstalk
    glass = _NO_GLASS
    if rsb and not crosstalk.resummed and crosstalk.rank.min() > 1:
        glass = one_step_glass(crosstalk)
    top_a, top_T = summit(field)
    return Landscape(
        field=field,
        top_a=top_a,
        top_T=top_T,
        glass=glass,
        glass_extrema=glass_extrema(crosstalk),
    )


@labelled
def critical_load(model: Model, T: Any = 0.0, *, law: str = "binomial", rsb: int = 0) -> Any:
    """Return the largest load with a retrieval state.

    Parameters
    ----------
    model : Hopfield or Dense
    T : float or array_like
        Temperature in [0, inf); at 0 the exact zero-temperature equations are used.
    law : {"binomial", "gaussian"}
        Law of the example mean.
    rsb : {0, 1}
        Steps of replica-symmetry breaking; 1 for `Dense` of order >= 3.  With 1, the larger
        of the loads up to which there are states with one step of breaking and, where the
        spinodal is stable against it, without.

    Returns
    -------
    float or numpy.ndarray
        Of the shape of `T`; NaN where there is no retrieval at any load.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the model has no load.

    References
    ----------
    D. J. Amit, H. Gutfreund, H. Sompolinsky, Phys. Rev. Lett. 55, 1530 (1985),
    doi:10.1103/PhysRevLett.55.1530 (P = 2); E. Gardner, J. Phys. A 20, 3453 (1987),
    doi:10.1088/0305-4470/20/11/046.

    Examples
    --------
    >>> from hebbian import Dense, Hopfield
    >>> float(critical_load(Hopfield()).round(6)), float(critical_load(Dense(order=4)).round(6))
    (0.137906, 0.39572)
    >>> float(critical_load(Dense(order=4), rsb=1).round(6))
    0.458343
    """
    T = domain.real_array("T", T, "[0, inf)")
    steps = domain.integer("rsb", rsb, "[0, 1]")
    loads, _ = line(_landscape("critical_load", model, law), False, T.flatten())
    if steps:
        loads = spinodal_loads(closure(model, law), T.flatten(), loads)
    return np.where(loads > 0, loads, np.nan).reshape(T.shape)[()]


@labelled
def spinodal_temperature(model: Model, alpha: Any, *, law: str = "binomial") -> Any:
    """Return T_M, the largest temperature with a retrieval state.

    Parameters
    ----------
    model : Hopfield or Dense
    alpha : float or array_like
        Load in [0, inf).
    law : {"binomial", "gaussian"}
        Law of the example mean.

    Returns
    -------
    float or numpy.ndarray
        Of the shape of `alpha`; NaN beyond the largest load of the spinodal.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the model has no load.

    Examples
    --------
    >>> from hebbian import Dense
    >>> spinodal_temperature(Dense(order=4), [0.0, 0.3, 0.5]).round(6)
    array([0.991573, 0.777011,      nan])
    """
    alpha = domain.real_array("alpha", alpha, "[0, inf)")
    landscape = _landscape("spinodal_temperature", model, law)
    return largest_temperatures(landscape, False, alpha.flatten()).reshape(alpha.shape)[()]


@labelled
def transition_temperature(model: Model, alpha: Any, *, law: str = "binomial", rsb: int = 1) -> Any:
    r"""Return T_c, below which retrieval is the global minimum of the free energy.

    Parameters
    ----------
    model : Hopfield or Dense
    alpha : float or array_like
        Load in [0, inf).
    law : {"binomial", "gaussian"}
        Law of the example mean.
    rsb : {0, 1}
        Steps of replica-symmetry breaking in the competing glass of P >= 3.

    Returns
    -------
    float or numpy.ndarray
        Of the shape of `alpha`; NaN where retrieval dominates at no temperature.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the model has no load.

    Notes
    -----
    The competitor is the paramagnet or the glass, whichever is thermodynamic: for P >= 3
    the one-step glass of `theory.one_pattern.broken.glass` or, with ``rsb=0``, the
    replica-symmetric one where its free energy is above the paramagnet's; for P = 2 the
    replica-symmetric glass of Amit, Gutfreund and Sompolinsky.  The two glasses of P >= 3
    change the line only next to its tip: at larger temperatures the paramagnet is the
    competitor.  With ``indices="all"`` at odd order the crosstalk contains a random field, and
    the competitor is the replica-symmetric state in it.

    Examples
    --------
    >>> from hebbian import Dense, Hopfield
    >>> transition_temperature(Hopfield(), [0.0, 0.03, 0.1]).round(6)
    array([1.      , 0.478793,      nan])
    >>> float(transition_temperature(Dense(order=4), 0.3).round(6))
    0.536662
    """
    alpha = domain.real_array("alpha", alpha, "[0, inf)")
    steps = domain.integer("rsb", rsb, "[0, 1]")
    landscape = _landscape("transition_temperature", model, law, steps)
    return largest_temperatures(landscape, True, alpha.flatten()).reshape(alpha.shape)[()]


@labelled
def glass_temperature(
    model: Model, alpha: Any, *, kind: str = "static", law: str = "binomial"
) -> Any:
    r"""Return T_g, below which the state without retrieval is a spin glass.

    Parameters
    ----------
    model : Hopfield or Dense
    alpha : float or array_like
        Load in [0, inf).
    kind : {"static", "dynamic"}
        For P >= 3 the thermodynamic transition T_K or the temperature T_d at which an
        exponential number of metastable states appears, both proportional to
        :math:`\sqrt\alpha`.  For P = 2 the transition is continuous and the two coincide,
        :math:`1 + \sqrt\alpha` without data noise.
    law : {"binomial", "gaussian"}
        Without effect: the retrieved class does not take part.

    Returns
    -------
    float or numpy.ndarray
        Of the shape of `alpha`; NaN for ``indices="all"`` at odd order, whose crosstalk
        contains a random field: q > 0 at every temperature, and nothing freezes at q = 0.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the model has no load.

    Examples
    --------
    >>> from hebbian import Dense, Hopfield
    >>> float(glass_temperature(Hopfield(), 0.04).round(12))
    1.2
    >>> float(glass_temperature(Dense(order=3), 1.0, kind="dynamic").round(6))
    0.681598
    """
    alpha = domain.real_array("alpha", alpha, "[0, inf)")
    domain.choice("kind", kind, ("static", "dynamic"))
    landscape = _landscape("glass_temperature", model, law, 1)
    crosstalk = landscape.field.crosstalk
    if crosstalk.resummed:
        return continuous_glass(crosstalk, alpha.flatten()).reshape(alpha.shape)[()]
    if landscape.glass.tau.size == 0:
        return np.full(alpha.shape, np.nan)[()]
    scale = landscape.glass.tau[-1] if kind == "static" else dynamic_temperature(crosstalk)
    return (scale * np.sqrt(alpha))[()]


@labelled
def replicon_temperature(model: Model, alpha: Any, *, law: str = "binomial") -> Any:
    """Return the de Almeida-Thouless line of the retrieval state.

    Parameters
    ----------
    model : Hopfield or Dense
    alpha : float or array_like
        Load in [0, inf).
    law : {"binomial", "gaussian"}
        Law of the example mean.

    Returns
    -------
    float or numpy.ndarray
        Of the shape of `alpha`: the temperature below which replica symmetry is broken; NaN
        where there is no retrieval state, where it is unstable up to its spinodal, and at
        alpha = 0; 0 where the line is below the smallest float.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the model has no load.

    Examples
    --------
    >>> from hebbian import Dense
    >>> float(replicon_temperature(Dense(order=3), 0.35).round(6))
    0.14093
    """
    alpha = domain.real_array("alpha", alpha, "[0, inf)")
    landscape = _landscape("replicon_temperature", model, law)
    return replicon_temperatures(landscape, alpha.flatten()).reshape(alpha.shape)[()]

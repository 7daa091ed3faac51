r"""Lines of the phase diagram of networks with a load.

=========================  ==========================================================
`critical_load`            beyond it no retrieval state is left (spinodal)
`spinodal_load`            the same as a function of the temperature
`spinodal_temperature`     the same line, seen from the load: :math:`T_M(\alpha)`
`glass_temperature`        below it the state without retrieval is a spin glass
`replicon_temperature`     below it the retrieval state breaks replica symmetry
=========================  ==========================================================

Units are those of the models, :math:`\alpha = (P!/2) K / N^{P-1}` and T with weight
:math:`e^{-H/T}`.  The spinodal is replica symmetric unless `critical_load` is told otherwise.
For P >= 3 that is exact down to `replicon_temperature` and fails below: its load then *falls* as
T -> 0 (P = 4: 0.4602 at T = 0.46, 0.3957 at T = 0), which one step of replica-symmetry breaking
removes almost entirely.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hebbian import Model, domain
from hebbian.calling import checked

from .closure import equations
from .labelled import labelled

__all__ = [
    "critical_load",
    "glass_temperature",
    "replicon_temperature",
    "spinodal_load",
    "spinodal_temperature",
]


def _along(model: Model, name: str, alpha: Any, law: str, **options: Any) -> np.ndarray:
    load = domain.real_array("alpha", alpha, "[0, inf)")
    return equations(model, law).line(name, load, **options)


@labelled
@checked
def critical_load(model: Model, T: Any = 0.0, *, law: str = "binomial", rsb: int = 0) -> Any:
    """Return the largest load with a retrieval state.

    Parameters
    ----------
    model : Model
        With a load.
    T : float or array_like
        Temperature in [0, inf); at 0 the exact zero-temperature equations are used.
    law : {"binomial", "gaussian"}
        Law of the example mean.
    rsb : {0, 1}
        Steps of replica-symmetry breaking.  With 1, the larger of the loads up to which
        there are states with one step of breaking and, where the spinodal is stable against
        it, without.

    Returns
    -------
    float or numpy.ndarray
        Of the shape of `T`; NaN where there is no retrieval at any load.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the model has no such line.

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
    >>> [float(critical_load(m, rsb=1).round(6)) for m in (Hopfield(), Dense(order=4))]
    [0.138186, 0.458343]
    """
    return spinodal_load(model, T, law=law, rsb=rsb)


@labelled
@checked
def spinodal_load(model: Model, T: Any, *, law: str = "binomial", rsb: int = 0) -> Any:
    r"""Return the spinodal :math:`\alpha_M(T)`: `critical_load` at a temperature that is given.

    Parameters
    ----------
    model : Model
        With a load.
    T : float or array_like
        Temperature in [0, inf).
    law : {"binomial", "gaussian"}
        Law of the example mean.
    rsb : {0, 1}
        Steps of replica-symmetry breaking, as for `critical_load`.

    Returns
    -------
    float or numpy.ndarray
        Of the shape of `T`; NaN where there is no retrieval at any load.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the model has no such line.

    Notes
    -----
    Of `Exponential`: :math:`\lambda \tanh(1/T) - \ln\cosh\lambda` for :math:`T \le 1/\lambda`, all
    patterns making the floor, and :math:`I(\tanh 1/T)` from there on, where few do
    (`theory.exponential.law`).  At T = 0 it is the limit of small temperatures,
    :math:`\lambda - \ln\cosh\lambda`: up to there the energy of a pattern is below all others, and
    softmax dynamics keeps it.  Single flips at T = 0 keep it up to `single_flip_load`.

    Examples
    --------
    >>> from hebbian import Exponential
    >>> spinodal_load(Exponential(sharpness=1.0), [0.0, 0.5, 1.0, 2.0]).round(6)
    array([0.566219, 0.530247, 0.327813, 0.110944])
    """
    steps = domain.integer("rsb", rsb, "[0, 1]")
    temperature = domain.real_array("T", T, "[0, inf)")
    return equations(model, law).line("critical_load", temperature, rsb=steps)


@labelled
@checked
def spinodal_temperature(model: Model, alpha: Any, *, law: str = "binomial") -> Any:
    """Return T_M, the largest temperature with a retrieval state.

    Parameters
    ----------
    model : Model
        With a load.
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
        If a parameter is outside its range, or the model has no such line.

    Examples
    --------
    >>> from hebbian import Dense
    >>> spinodal_temperature(Dense(order=4), [0.0, 0.3, 0.5]).round(6)
    array([0.991573, 0.777011,      nan])
    """
    return _along(model, "spinodal_temperature", alpha, law)


@labelled
@checked
def glass_temperature(
    model: Model, alpha: Any, *, kind: str = "static", law: str = "binomial"
) -> Any:
    r"""Return T_g, below which the state without retrieval is a spin glass.

    Parameters
    ----------
    model : Model
        With a load.
    alpha : float or array_like
        Load in [0, inf).
    kind : {"static", "dynamic"}
        For P >= 3 the thermodynamic transition T_K or the temperature T_d at which an
        exponential number of metastable states appears, both proportional to
        :math:`\sqrt\alpha`.  For P = 2 the transition is continuous and the two coincide,
        :math:`1 + \sqrt\alpha` without data noise; for `Dreaming` it is where the paramagnet
        becomes unstable, 0 if ``sleep`` is infinite.
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
        If a parameter is outside its range, or the model has no such line.

    Examples
    --------
    >>> from hebbian import Dense, Hopfield
    >>> float(glass_temperature(Hopfield(), 0.04).round(12))
    1.2
    >>> float(glass_temperature(Dense(order=3), 1.0, kind="dynamic").round(6))
    0.681598
    """
    domain.choice("kind", kind, ("static", "dynamic"))
    return _along(model, "glass_temperature", alpha, law, kind=kind)


@labelled
@checked
def replicon_temperature(model: Model, alpha: Any, *, law: str = "binomial") -> Any:
    """Return the de Almeida-Thouless line of the retrieval state.

    Parameters
    ----------
    model : Model
        With a load.
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
        If a parameter is outside its range, or the model has no such line.

    Examples
    --------
    >>> from hebbian import Dense
    >>> float(replicon_temperature(Dense(order=3), 0.35).round(6))
    0.14093
    """
    return _along(model, "replicon_temperature", alpha, law)

r"""Lines of the phase diagram of networks with a load.

=========================  ==========================================================
`critical_load`            beyond it no retrieval state is left (spinodal)
`spinodal_temperature`     the same line, seen from the load: :math:`T_M(\alpha)`
`transition_temperature`   below it retrieval has the lowest free energy: :math:`T_c`
`transition_load`          the same line, seen from the temperature: :math:`\alpha_1(T)`
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

from .closure import equations
from .labelled import labelled

__all__ = [
    "critical_load",
    "glass_temperature",
    "replicon_temperature",
    "spinodal_temperature",
    "transition_load",
    "transition_temperature",
]


def _along(model: Model, name: str, alpha: Any, law: str, **options: Any) -> np.ndarray:
    load = domain.real_array("alpha", alpha, "[0, inf)")
    return equations(model, law).line(name, load, **options)


@labelled
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
    >>> float(critical_load(Dense(order=4), rsb=1).round(6))
    0.458343
    """
    steps = domain.integer("rsb", rsb, "[0, 1]")
    temperature = domain.real_array("T", T, "[0, inf)")
    return equations(model, law).line("critical_load", temperature, rsb=steps)


@labelled
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
def transition_temperature(
    model: Model, alpha: Any, *, law: str = "binomial", rsb: int = 1, n_spins: int | None = None
) -> Any:
    r"""Return T_c, below which retrieval is the global minimum of the free energy.

    Parameters
    ----------
    model : Model
        With a load.
    alpha : float or array_like
        Load in [0, inf).
    law : {"binomial", "gaussian"}
        Law of the example mean.
    rsb : {0, 1}
        Steps of replica-symmetry breaking in the competing glass of P >= 3.
    n_spins : int, optional
        N of a finite network, larger than the order; by default infinite.

    Returns
    -------
    float or numpy.ndarray
        Of the shape of `alpha`; NaN where retrieval dominates at no temperature.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the model has no such line.

    Notes
    -----
    The competitor is the paramagnet or the glass, whichever is thermodynamic: for P >= 3
    the 1RSB glass of `theory.one_pattern.broken.glass` or, with ``rsb=0``, the
    replica-symmetric one where its free energy is above the paramagnet's; for P = 2 the
    replica-symmetric glass of Amit, Gutfreund and Sompolinsky.  The two glasses of P >= 3
    change the line only next to its tip: at larger temperatures the paramagnet is the
    competitor.  With ``indices="all"`` at odd order the crosstalk contains a random field, and
    the competitor is the replica-symmetric state in it.

    **A finite network** retrieves any of its K patterns, at even order their negatives too:
    their entropy :math:`\ln(2K)/N` (:math:`\ln K/N` at odd order) is on the side of retrieval,
    and the two meet where

    .. math:: f_{\rm retrieval} - f_{\rm competitor} = T\,\frac{\ln 2K}{N} .

    K grows like :math:`N^{P-1}`, so that T_c of infinite N is approached like ln(N)/N and from
    above.  With distinct indices the couplings are weaker by
    :math:`\Pi = \prod_{k<P}(1 - k/N)`, and `alpha` and the result are those of the network
    itself, :math:`\Pi` times those of the equations, as `montecarlo.simulate` takes them.  K is
    not rounded to a whole number, and at least 1.

    Examples
    --------
    >>> from hebbian import Dense, Hopfield
    >>> transition_temperature(Hopfield(), [0.0, 0.03, 0.1]).round(6)
    array([1.      , 0.478793,      nan])
    >>> float(transition_temperature(Dense(order=4), 0.3).round(6))
    0.536662
    >>> T = [transition_temperature(Dense(order=4), 0.1, n_spins=n) for n in (100, None)]
    >>> [round(float(t), 4) for t in T]
    [0.7575, 0.6746]
    """
    load = domain.real_array("alpha", alpha, "[0, inf)")
    options = _competition(rsb, n_spins)
    return equations(model, law).line("transition_temperature", load, **options)


def _competition(rsb: int, n_spins: int | None) -> dict[str, int]:
    """Return the options of the two functions of the transition; N only where one is given."""
    options = {"rsb": domain.integer("rsb", rsb, "[0, 1]")}
    if n_spins is not None:
        options["n_spins"] = domain.integer("n_spins", n_spins, "[1, inf)")
    return options


@labelled
def transition_load(
    model: Model, T: Any, *, law: str = "binomial", rsb: int = 1, n_spins: int | None = None
) -> Any:
    """Return the load up to which retrieval is the global minimum of the free energy.

    Parameters
    ----------
    model : Model
        With a load.
    T : float or array_like
        Temperature in [0, inf); at 0 the exact zero-temperature equations are used.
    law : {"binomial", "gaussian"}
        Law of the example mean.
    rsb : {0, 1}
        Steps of replica-symmetry breaking, as for `transition_temperature`.
    n_spins : int, optional
        N of a finite network, as for `transition_temperature`.

    Returns
    -------
    float or numpy.ndarray
        Of the shape of `T`; NaN where retrieval dominates at no load.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the model has no such line.

    Examples
    --------
    >>> from hebbian import Dense
    >>> transition_load(Dense(order=4), [0.0, 0.5, 0.9]).round(6)
    array([0.380573, 0.333712,      nan])
    """
    temperature = domain.real_array("T", T, "[0, inf)")
    options = _competition(rsb, n_spins)
    return equations(model, law).line("transition_load", temperature, **options)


@labelled
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

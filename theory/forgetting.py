"""How far back a palimpsest remembers, and how fast it should forget."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, NamedTuple

import numpy as np

from hebbian import Dense, Hopfield, Model, domain
from hebbian.calling import checked
from hebbian.strengths import palimpsest_rate

from .closure import equations
from .labelled import labelled, pointwise
from .one_pattern.closure import ReplicaSymmetric
from .one_pattern.strengths.laws import points_of_ages
from .one_pattern.strengths.spectrum import spectrum
from .one_pattern.transitions import landscape, line
from .roots import highest, root

__all__ = ["Forgetting", "best_forgetting", "forgetting_age"]

#: Rates among which the best is looked for.
_RATES = np.geomspace(0.3, 300, 25)


class Forgetting(NamedTuple):
    """A rate L of forgetting, and the age of the oldest pattern that is retrieved."""

    rate: float
    age: float


@labelled
@checked
def forgetting_age(model: Model, T: Any = 0.0, *, law: str = "binomial") -> Any:
    r"""Return the age of the oldest pattern that a palimpsest retrieves, of infinitely many stored.

    Parameters
    ----------
    model : Hopfield or Dense
        With ``weights="palimpsest:L"``, L > 0.
    T : float or array_like
        Temperature in [0, inf).
    law : {"binomial", "gaussian"}
        Law of the example mean.

    Returns
    -------
    float or numpy.ndarray
        Of the shape of `T`, in units of the load: that of the patterns that are retrieved, which
        are the newest.  0 where not even the newest one is.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the model is no palimpsest.

    Notes
    -----
    A pattern of age a is one of strength :math:`e^{-La}`.  At P >= 3 the others make the noise of
    the load :math:`1/(2L)` of strength 1, so that the oldest has the strength g at which
    :math:`1/(2 L g^2)` is the critical load of the uniform network at T/g.  At T = 0, where that is
    :math:`\alpha_c`, the age is :math:`\ln(2 L \alpha_c)/(2L)`.  At P = 2

    .. math:: V = \frac qL \int_0^1 \frac{u\,du}{(1 - u\chi)^2}

    and the state ends at a :math:`\chi < 1` (M. Mezard, J. P. Nadal, G. Toulouse, J. Physique 47,
    1457 (1986), doi:10.1051/jphys:019860047090145700).

    Examples
    --------
    >>> from hebbian import Hopfield
    >>> forgetting_age(Hopfield(weights="palimpsest:8"), [0.0, 0.1, 0.3]).round(5)
    array([0.04889, 0.04589, 0.0278 ])
    """
    uniform, rate = _palimpsest(model, law)
    if rate is None or rate == 0:
        given = getattr(model, "weights", None)
        raise ValueError(f"weights = {given!r} is no palimpsest: 'palimpsest:L', L > 0")
    temperature = domain.real_array("T", T, "[0, inf)")
    return pointwise(lambda heat: _age(uniform, rate, heat), temperature)


@checked
def best_forgetting(model: Model, T: float = 0.0, *, law: str = "binomial") -> Forgetting:
    r"""Return the rate at which a palimpsest retrieves the most patterns.

    Parameters
    ----------
    model : Hopfield or Dense
        Whose own ``weights`` do not matter.
    T : float
        Temperature in [0, inf).
    law : {"binomial", "gaussian"}
        Law of the example mean.

    Returns
    -------
    Forgetting
        NaN and 0 where no rate retrieves any.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Notes
    -----
    At P >= 3 and T = 0 it is :math:`L = e/(2\alpha_c)`, at which the load
    :math:`\alpha_c/e` is retrieved.

    Examples
    --------
    >>> from hebbian import Hopfield
    >>> [round(value, 4) for value in best_forgetting(Hopfield())]
    [8.4383, 0.049]
    """
    uniform, _ = _palimpsest(model, law)
    heat = domain.real("T", T, "[0, inf)")
    place, age = highest(
        lambda log_rate: _age(uniform, math.exp(log_rate), heat), np.log(_RATES), 1e-7
    )
    return Forgetting(math.exp(place), age) if age > 0 else Forgetting(math.nan, 0.0)


def _palimpsest(model: Model, law: str) -> tuple[ReplicaSymmetric, float | None]:
    """Return the theory of one strength, and the rate of a palimpsest."""
    if not isinstance(model, Dense | Hopfield):
        raise ValueError(f"a palimpsest is a Hopfield or Dense, not {type(model).__name__}")
    found = equations(dataclasses.replace(model, weights=None), law)
    assert isinstance(found, ReplicaSymmetric)
    return found, palimpsest_rate(model.weights)


def _age(uniform: ReplicaSymmetric, rate: float, T: float) -> float:
    mass, u = points_of_ages(0.0)

    def margin(age: float) -> float:
        """Return by how much the noise may grow before the state of an age ends; its logarithm."""
        g = math.exp(-rate * age)
        if not uniform.field.crosstalk.resummed:
            among, load = uniform.field, 0.5 / rate / g**2
        else:
            crosstalk = spectrum(uniform.field.crosstalk, mass / rate, u / g)
            among, load = uniform.field._replace(crosstalk=crosstalk), 1.0
        most = float(line(landscape(among, False), False, np.array([T / g]))[0][0])
        return math.log(most / load) if most > 0 else -math.inf

    if not margin(0.0) > 0:
        return 0.0
    beyond = 1e-3 / rate
    while margin(beyond) > 0:
        beyond *= 2
    low, high = 0.5 * beyond if beyond > 1e-3 / rate else 0.0, beyond
    while margin(high) == -math.inf and high - low > 1e-15 * high:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if margin(middle) > 0 else (low, middle)
    return root(margin, low, high) if margin(high) > -math.inf else low

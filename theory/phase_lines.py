"""All lines of a phase diagram at once, labelled."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from hebbian import QUANTITIES, Model, domain
from hebbian.calling import checked

from .closure import equations
from .lines import Curve

if TYPE_CHECKING:
    from xarray import Dataset

__all__ = ["phase_lines"]


@checked
def phase_lines(
    model: Model,
    *,
    n_spins: int | None = None,
    law: str = "binomial",
    rsb: int | None = None,
    n_points: int = 200,
) -> Dataset:
    r"""Return all lines of the phase diagram of a model, each on its own fine grid.

    Parameters
    ----------
    model : Model
        With a load, or `Multitasking`.
    n_spins : int, optional
        N of a finite network, whose own load and temperature the lines are then in: with
        distinct indices :math:`\Pi = \prod_{k<P}(1 - k/N)` times those of the infinite one; its
        transition has the entropy of the patterns (`theory.transition_temperature`).  The
        spinodal is that of mean-field theory: a finite network leaves retrieval before.
    law : {"binomial", "gaussian"}
        Law of the example mean.
    rsb : {0, 1}, optional
        Steps of replica-symmetry breaking in the glass that retrieval competes with; with 0
        there is no one-step spinodal either.  By default the most that the theory of the model has.
    n_points : int
        Points of a line, at least 16.

    Returns
    -------
    xarray.Dataset
        Under a load each line is a dimension of its own, along which ``<line>_load`` and
        ``<line>_temperature`` are the points of a curve, in the order in which they are joined:

        ``spinodal``
            of the replica-symmetric retrieval state, from T = 0 to alpha = 0;
            ``spinodal_stable`` is False where that is below the replicon line, and wrong
        ``broken_spinodal``
            of the state with one step of breaking, where it replaces the former
        ``transition``
            retrieval is the ground state below it, from T = 0 to alpha = 0
        ``glass``, ``dynamic``
            static and dynamic transition of the state without retrieval;
            ``glass_thermodynamic`` is False where retrieval is the ground state
        ``replicon``
            the retrieval state breaks replica symmetry below it
        ``single_transition``, ``condensation``
            of `Exponential`, whose ``transition`` is that of all patterns together: the load at
            which one of them has the free energy of the paramagnet, and the one below which few
            patterns make its energy.  No line reaches alpha = 0

        Of `TeacherStudent` the ``spinodal`` and the ``transition`` are the loads from which on a
        student may know its teacher, and does; ``example`` is the load up to which it keeps one of
        its examples, ``nishimori`` the temperature of the teacher.
        Of `Sequence` there is the ``spinodal`` alone, below which it is replayed.
        Of `Multitasking` the lines are temperatures along ``dilution``.  Lines that a model
        does not have are empty or left out; what does not exist is NaN.  A second call of the
        same process takes no time.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the model has no such lines.
    ModuleNotFoundError
        Without xarray.

    Examples
    --------
    >>> from hebbian import Dense, Hopfield, Multitasking
    >>> lines = phase_lines(Hopfield())
    >>> first = lines.isel(transition=-1, spinodal=0)
    >>> float(first.transition_temperature), float(first.spinodal_load.round(6))
    (1.0, 0.137906)
    >>> finite = phase_lines(Dense(order=4), n_spins=100)
    >>> float(finite.spinodal_temperature.max().round(4))
    0.9332
    >>> list(phase_lines(Multitasking(n_patterns=2)))[:2]
    ['critical_temperature', 'pure_temperature']
    """
    import xarray as xr

    given = None if rsb is None else domain.integer("rsb", rsb, "[0, 1]")
    steps = equations(model, law).up_to(given)
    points = domain.integer("n_points", n_points, "[16, 100000]")
    if n_spins is not None:
        n_spins = domain.integer("n_spins", n_spins, "[1, inf)")
    along, curves = _curves(model, law, steps, n_spins, points)
    variables: dict[str, Any] = {}
    for name, curve in curves.items():
        about = {"comment": curve.definition, "units": "1"}
        if along != "alpha":
            variables[name] = (along, curve.T.copy(), {"long_name": curve.long_name, **about})
            continue
        for end, values in (("load", curve.x), ("temperature", curve.T)):
            words = {"long_name": f"{end} of the {curve.long_name}"}
            words["symbol"] = QUANTITIES["alpha" if end == "load" else "T"].symbol
            variables[f"{name}_{end}"] = (name, values.copy(), words | about)
        if curve.flag is not None:
            words = {"long_name": curve.flag_name, "comment": curve.flag_definition}
            variables[f"{name}_{curve.flag_name}"] = (name, curve.flag.copy(), words)
    coordinates = {} if along == "alpha" else {along: next(iter(curves.values())).x.copy()}
    attributes: dict[str, Any] = {"title": f"phase diagram of {model!r}", "law": law, "rsb": steps}
    if n_spins is not None:
        attributes["n_spins"] = n_spins
    return xr.Dataset(variables, coords=coordinates, attrs=attributes)


@lru_cache(maxsize=128)
def _curves(
    model: Model, law: str, rsb: int, n_spins: int | None, n_points: int
) -> tuple[str, dict[str, Curve]]:
    known = equations(model, law)
    with np.errstate(invalid="ignore"):
        return known.curves_along, known.curves(n_points, rsb, n_spins)

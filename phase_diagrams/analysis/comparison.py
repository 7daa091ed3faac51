r"""Whether the simulation follows the theory, and where it does not, why.

A z-score is (simulation - theory) / standard error.  The error of a mean over S samples is
itself an estimate, so z follows Student's law with S - 1 degrees of freedom: a point
*disagrees* where |z| exceeds the value that this law passes as rarely as a Gaussian passes
three standard deviations.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping

import numpy as np
import xarray as xr
from scipy.special import ndtr, stdtrit

from hebbian import Model
from phase_diagrams.grid import Grid
from phase_diagrams.phases import Phase
from phase_diagrams.prediction import predict
from phase_diagrams.results import DONE

__all__ = ["compare", "three_deviations"]

#: Relative distance from a boundary below which a point counts as close to it.
CLOSE = 0.1

#: Standard errors below this fraction of the mean are rounding: all samples agree.
ROUNDING = 1e-12

#: A chain shorter than this many autocorrelation times determines no error (Sokal).
SHORTEST = 50.0


def compare(tree: xr.DataTree, *, finite_size: bool = False) -> xr.Dataset:
    r"""Compare simulation and theory point by point.

    Parameters
    ----------
    tree : xarray.DataTree
        With groups ``theory`` and ``simulation``; a selection of a study is one, too.
    finite_size : bool
        Solve the theory anew at :math:`\alpha/\Pi, T/\Pi`,
        :math:`\Pi = \prod_{k<P}(1 - k/N)`: the couplings of the finite network with
        distinct indices, which removes most of its distance from the infinite one.

    Returns
    -------
    xarray.Dataset
        For m, n, q, energy and what else both estimate: ``<name>_residual`` (simulation -
        theory) and ``<name>_z`` (NaN without an error bar); ``phase`` of the theory;
        ``boundary_distance``, relative, to the nearest boundary (see Notes), NaN if there is
        none; ``disagrees``, of m.
        The attribute ``summary`` is a paragraph for people.

    Raises
    ------
    ValueError
        If a group is missing; if `finite_size` is asked of a model without distinct indices.

    Notes
    -----
    With a load the distance from a boundary is the smaller of ``|1 - T/T_M(alpha)|`` and
    ``|1 - alpha/alpha_c(T)|`` (from T_g for chains started at random); without one it is the
    relative distance of the nearest point on an axis of the grid with another phase.

    Examples
    --------
    >>> import phase_diagrams
    >>> from hebbian import Hopfield
    >>> tree = phase_diagrams.sweep(Hopfield(), {"alpha": 0.02, "T": [0.3, 0.5]}, n_spins=400)
    >>> points = compare(tree)
    >>> bool(points["disagrees"].any())
    False
    """
    for name in ("theory", "simulation"):
        if name not in tree.children:
            raise ValueError(f"there is nothing to compare: the study has no {name}")
    simulation = tree["simulation"].to_dataset().drop_dims("sample", errors="ignore")
    attributes = simulation.attrs
    theory = tree["theory"].to_dataset()
    if finite_size:
        grid = _grid(simulation)
        theory = predict(grid, attributes["start"], attributes["law"], finite_size=True)
    points = xr.Dataset(coords=simulation.coords)
    for name in _compared(simulation, theory):
        error = simulation[f"{name}_err"]
        known = error > ROUNDING * abs(simulation[name])
        points[f"{name}_residual"] = simulation[name] - theory[name]
        points[f"{name}_z"] = points[f"{name}_residual"] / error.where(known)
    points["phase"] = theory["phase"]
    points["boundary_distance"] = _boundary_distance(theory, simulation.coords, attributes["start"])
    limit = three_deviations(attributes["n_samples"] - 1)
    points["disagrees"] = _largest(points["m_z"]) > limit
    points.attrs = {"finite_size": int(finite_size), "limit": limit}
    points.attrs["summary"] = _summary(points, simulation)
    return points.transpose(*simulation["status"].dims, ...)


def three_deviations(dof: float) -> float:
    """Return what |z| passes as rarely as a Gaussian passes three standard deviations.

    Parameters
    ----------
    dof : float
        Degrees of freedom of the error that z is divided by; at least 1 are assumed.

    Examples
    --------
    >>> round(three_deviations(5), 3), round(three_deviations(float("inf")), 3)
    (5.507, 3.0)
    """
    return float(stdtrit(max(dof, 1), float(ndtr(3.0))))


def _grid(simulation: xr.Dataset) -> Grid:
    """Return the grid of a study, or of what was selected of it."""
    values = {
        str(name): np.asarray(coordinate).tolist()
        for name, coordinate in simulation.coords.items()
        if name != "pattern"
    }
    return Grid(Model.build(json.loads(simulation.attrs["model"])), values)


def _compared(simulation: xr.Dataset, theory: xr.Dataset) -> list[str]:
    """Return the estimates that the theory predicts."""
    return [
        str(name)
        for name in theory.data_vars
        if {name, f"{name}_err"} <= simulation.variables.keys()
    ]


def _largest(z: xr.DataArray) -> xr.DataArray:
    """Return the largest |z| of a point over its patterns."""
    size = abs(z)
    return size.max("pattern") if "pattern" in size.dims else size


def _boundary_distance(
    theory: xr.Dataset, coordinates: Mapping[Hashable, xr.DataArray], start: object
) -> xr.DataArray:
    if "alpha" in coordinates:
        alpha, T = coordinates["alpha"], coordinates["T"]
        if start == "random":
            return abs(1 - T / theory["glass_temperature"])
        return _smaller(
            abs(1 - T / theory["spinodal_temperature"]), abs(1 - alpha / theory["critical_load"])
        )
    phase = theory["phase"]
    nearest = xr.full_like(phase, np.nan, dtype=float)
    for dim in phase.dims:
        here, there = phase[dim], phase[dim].rename({dim: "other"})
        distance = abs(here - there) / here.where(here > there, there)
        changed = phase != phase.rename({dim: "other"})
        nearest = _smaller(nearest, distance.where(changed).min("other"))
    return nearest


def _smaller(a: xr.DataArray, b: xr.DataArray) -> xr.DataArray:
    """Return the smaller of two distances; NaN is none at all."""
    return a.where((a <= b) | b.isnull(), b)


def _summary(points: xr.Dataset, simulation: xr.Dataset) -> str:
    """Say in a paragraph where both agree, where not, and why."""
    z, residual = _largest(points["m_z"]), _largest(points["m_residual"])
    phase, schedule = points["phase"], json.loads(simulation.attrs["schedule"])
    done = simulation["status"] == DONE
    compared = done & z.notnull()
    missing = {
        "failed or pending": ~done,
        "without a solution of the theory": done & residual.isnull(),
        "without an error bar": done & residual.notnull() & z.isnull(),
    }
    with_overlap = ~phase.isin([Phase.UNKNOWN, Phase.PARAMAGNET, Phase.GLASS, Phase.ERGODIC])
    left_state = with_overlap & (simulation["escaped"] + simulation["switched"] > 0)
    close = points["boundary_distance"] < CLOSE
    glass = phase == Phase.GLASS
    short = simulation["tau"] * SHORTEST > schedule["sweeps"]
    calm = compared & ~left_state & ~close & ~glass

    network = "the couplings of the finite" if points.attrs["finite_size"] else "the infinite"
    text = [
        f"Simulation and theory of {network} network compared at "
        f"{int(compared.sum())} of {compared.size} points{_count(missing)}.",
        f"Away from boundaries (relative distance > {CLOSE}), outside the glass and where no "
        "chain escaped:",
        *_agreement("with overlap", points, calm & with_overlap),
        *_agreement("without overlap", points, calm & ~with_overlap),
    ]
    if float(_largest(points["energy_z"]).where(calm & ~with_overlap).median()) > 3:
        text.append(
            "Without overlap the crosstalk alone makes the energy, and at finite N it is not "
            "Gaussian: a correction of order 1/N."
        )
    disagrees = points["disagrees"] & compared
    text.append(
        f"m disagrees (|z| > {points.attrs['limit']:.3g}: three standard deviations for "
        f"{simulation.attrs['n_samples']} samples) at {int(disagrees.sum())} points"
    )
    reasons = {
        "where chains left the state (metastable, or lost at this N)": left_state,
        f"closer than {CLOSE} to a boundary": close,
        "in the glass phase (replica symmetry, slow dynamics)": glass,
        f"with chains shorter than {SHORTEST:.0f} autocorrelation times": short,
        "for other reasons (finite N among them)": xr.ones_like(short),
    }
    found = {}
    for words, mask in reasons.items():
        found[words] = disagrees & mask
        disagrees = disagrees & ~mask
    return " ".join(text) + _count(found) + "."


def _agreement(words: str, points: xr.Dataset, where: xr.DataArray) -> list[str]:
    """Say how well a set of points agrees; nothing if there is none."""
    if not where.any():
        return []
    names = [str(name).removesuffix("_z") for name in points.data_vars if str(name).endswith("_z")]
    z = {name: _largest(points[f"{name}_z"]).where(where) for name in names}
    residual = _largest(points["m_residual"]).where(where)
    index = z["m"].argmax(...)
    worst = z["m"][index]
    place = ", ".join(f"{name} = {float(worst[name]):.6g}" for name in z["m"].dims)
    medians = ", ".join(f"{float(values.median()):.2g} of {name}" for name, values in z.items())
    return [
        f"{int(where.sum())} points {words} have median |z| {medians}; the largest |z| of m is "
        f"{float(worst):.2g}, with |m - theory| = {float(residual[index]):.1g}"
        + (f" at {place}" if place else "")
        + f"; |m - theory| is at most {float(residual.max()):.2g}."
    ]


def _count(cases: dict[str, xr.DataArray]) -> str:
    counts = [f"{int(mask.sum())} {words}" for words, mask in cases.items() if mask.any()]
    return f" ({'; '.join(counts)})" if counts else ""

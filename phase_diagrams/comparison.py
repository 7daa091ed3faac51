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

from .grid import Grid
from .journal import DONE
from .phases import Phase
from .prediction import predict

__all__ = ["compare"]

#: Quantities that are compared.
COMPARED = ("m", "n", "q", "energy")

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
        For m, n, q, energy: ``<name>_residual`` (simulation - theory) and ``<name>_z``
        (NaN without an error bar); ``phase`` of the theory; ``boundary_distance``, relative,
        to the nearest boundary (see Notes), NaN if there is none; ``disagrees``, of m.
        The attribute ``summary`` is a paragraph for people.

    Raises
    ------
    ValueError
        If a group is missing; if `finite_size` is asked of a model without distinct indices.

    Notes
    -----
    With a load the distance from a boundary is the smaller of |1 - T/T_M(alpha)| and
    |1 - alpha/alpha_c(T)| (from T_g for chains started at random); without one it is the
    relative distance of the nearest point on an axis of the grid with another phase.
    """
    for name in ("theory", "simulation"):
        if name not in tree.children:
            raise ValueError(f"there is nothing to compare: the study has no {name}")
    simulation = tree["simulation"].to_dataset()
    attributes = simulation.attrs
    theory = tree["theory"].to_dataset()
    if finite_size:
        grid = _grid(simulation)
        theory = predict(grid, attributes["start"], attributes["law"], finite_size=True)
    points = xr.Dataset(coords=simulation.coords)
    for name in COMPARED:
        error = simulation[f"{name}_err"]
        known = error > ROUNDING * abs(simulation[name])
        points[f"{name}_residual"] = simulation[name] - theory[name]
        points[f"{name}_z"] = points[f"{name}_residual"] / error.where(known)
    points["phase"] = theory["phase"]
    points["boundary_distance"] = _boundary_distance(theory, simulation.coords, attributes["start"])
    limit = float(stdtrit(max(attributes["n_samples"] - 1, 1), ndtr(3.0)))
    points["disagrees"] = _largest(points["m_z"]) > limit
    points.attrs = {"finite_size": int(finite_size), "limit": limit}
    points.attrs["summary"] = _summary(points, simulation)
    return points.transpose(*simulation["status"].dims, ...)


def _grid(simulation: xr.Dataset) -> Grid:
    """Return the grid of a study, or of what was selected of it."""
    values = {
        str(name): np.asarray(coordinate).tolist()
        for name, coordinate in simulation.coords.items()
        if name != "pattern"
    }
    return Grid(Model.build(json.loads(simulation.attrs["model"])), values)


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
    z = _largest(points["m_z"])
    residual = _largest(points["m_residual"])
    done = simulation["status"] == DONE
    compared = done & np.isfinite(z)
    missing = {
        "failed or pending": ~done,
        "without a solution of the theory": done & residual.isnull(),
        "without an error bar": done & residual.notnull() & z.isnull(),
    }
    in_state = points["phase"].isin([Phase.RETRIEVAL, Phase.METASTABLE])
    reasons = {
        "where chains left the retrieval state (metastable, or lost at this N)": in_state
        & (simulation["escaped"] > 0),
        f"closer than {CLOSE:.0%} to a boundary": points["boundary_distance"] < CLOSE,
        "in the glass phase (replica symmetry, slow dynamics)": points["phase"] == Phase.GLASS,
        f"with chains shorter than {SHORTEST:.0f} autocorrelation times": simulation["tau"]
        * SHORTEST
        > json.loads(simulation.attrs["schedule"])["sweeps"],
    }
    network = "the couplings of the finite" if points.attrs["finite_size"] else "the infinite"
    text = [
        f"Simulation and theory of {network} network compared at "
        f"{int(compared.sum())} of {compared.size} points{_count(missing)}."
    ]
    calm = compared
    for reason in list(reasons.values())[:3]:
        calm = calm & ~reason
    if calm.any():
        worst = z.where(calm).argmax(...)
        others = ", ".join(
            f"{name} {float(_largest(points[f'{name}_z']).where(calm).median()):.2g}"
            for name in COMPARED[1:]
        )
        text.append(
            f"Away from boundaries and from the glass, where no chain escaped "
            f"({int(calm.sum())} points), |z| of m has median "
            f"{float(z.where(calm).median()):.2g} and maximum {float(z.where(calm).max()):.2g} "
            f"(at {_where(z[worst])}), and |m - theory| is at most "
            f"{float(residual.where(calm).max()):.2g}; median |z| of the others: {others}."
        )
    disagrees = points["disagrees"] & compared
    text.append(
        f"m disagrees (|z| > {points.attrs['limit']:.3g}: three standard deviations for "
        f"{simulation.attrs['n_samples']} samples) at {int(disagrees.sum())} points"
    )
    left = disagrees
    found = {}
    for reason, mask in reasons.items():
        found[reason] = left & mask
        left = left & ~mask
    found["for other reasons (finite N among them)"] = left
    return " ".join(text) + _count(found) + "."


def _count(cases: dict[str, xr.DataArray]) -> str:
    counts = [f"{int(mask.sum())} {words}" for words, mask in cases.items() if mask.any()]
    return f" ({'; '.join(counts)})" if counts else ""


def _where(point: xr.DataArray) -> str:
    return ", ".join(f"{name} = {float(point[name]):.6g}" for name in point.coords)

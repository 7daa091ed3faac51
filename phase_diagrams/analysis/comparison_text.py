"""The comparison of a study in a paragraph: claims, each with what the numbers can show."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import xarray as xr

from hebbian import Model
from phase_diagrams.loads import rounded
from phase_diagrams.results import DONE, OVERLAPS

__all__ = ["told"]

#: Beyond it a z-score that tells a single point apart is no test: too few samples.
MOST_DECISIVE = 6.0

#: A deviation of m that matters, whatever its error.
LARGE = 0.1

WORDS = {
    "all": "of all classes together",
    "with_overlap": "with overlap",
    "without_overlap": "without overlap",
    "glass": "in the glass, where equilibrium is not expected",
    "boundary": "close to a boundary, where N spins and chains of this length do not show the "
    "infinite network",
    "trajectory": "along trajectories",
    "slow": "without overlap close to the glass, where the start is not expected to be forgotten",
}


def told(points: xr.Dataset, simulation: xr.Dataset, classes: list[dict[str, Any]]) -> str:
    """Say where both agree, where not, and what would have been seen."""
    z, residual = (_largest(points[name]) for name in ("m_z", "m_residual"))
    done = simulation["status"] == DONE
    compared = done & z.notnull()
    missing = {
        "failed or pending": ~done,
        "without a solution of the theory": done & residual.isnull(),
        "without an error bar": done & residual.notnull() & z.isnull(),
    }
    network = "the couplings of the finite" if points.attrs["finite_size"] else "the infinite"
    text = [
        f"Simulation and theory of {network} network compared at "
        f"{int(compared.sum())} of {compared.size} points{_count(missing)}.",
        *_couplings(points, simulation),
        *_loads(simulation),
    ]
    if not compared.any():
        return " ".join([*text, "Without error bars nothing can be said of agreement."])
    for name in dict.fromkeys(row["kind"] for row in classes):
        text += _class([row for row in classes if row["kind"] == name])
    return " ".join([*text, *_single(points, simulation, compared, residual)])


def _largest(values: xr.DataArray) -> xr.DataArray:
    """Return the largest modulus of a point over its patterns and layers."""
    return abs(values).max([dim for dim in OVERLAPS if dim in values.dims])


def _couplings(points: xr.Dataset, simulation: xr.Dataset) -> list[str]:
    """Say how far the couplings of the finite network are from those of the theory."""
    model = Model.build(json.loads(simulation.attrs["model"]))
    order = getattr(model, "order", 2)
    distinct = getattr(model, "indices", "distinct") == "distinct"
    if points.attrs["finite_size"] or not distinct or order < 3:
        return []
    smallest = float(simulation.coords["n_spins"].min())
    factor = float(np.prod(1 - np.arange(order) / smallest))
    return [
        f"The couplings of {smallest:g} spins are {factor:.3f} of those of the infinite network: "
        "finite_size (--finite-size) compares with these."
    ]


def _loads(simulation: xr.Dataset) -> list[str]:
    """Say where networks have other loads than the grid names."""
    if not rounded(simulation):
        return []
    load = simulation["alpha_effective"]
    named = simulation["alpha"].broadcast_like(load)
    place = abs(load - named).argmax(...)
    return [
        "Loads are those of whole numbers of patterns, at which the theory is taken: up to "
        f"{float(abs(load - named)[place]):.2g} from those of the grid (alpha = "
        f"{float(named[place]):.6g} is {float(load[place]):.6g})."
    ]


def _class(rows: list[dict[str, Any]]) -> list[str]:
    """Say of one class whether it is biased, by how much, and what bias would have been seen."""
    first = rows[0]
    plural = "point" if first["points"] == 1 else "points"
    found = [f"{row['quantity']} {_bias(row)}" for row in rows if row["biased"]]
    missed = [row["quantity"] for row in rows if not row["biased"]]
    if missed:
        found.append(f"no bias found of {', '.join(missed)}")
    of_m = [_power(row) for row in rows if row["quantity"] == "m"]
    return [f"{first['points']} {plural} {WORDS[first['kind']]}:", "; ".join(found + of_m) + "."]


def _bias(row: dict[str, Any]) -> str:
    return (
        f"disagrees, by {row['bias']:.2g} +- {row['bias_err']:.1g} on average, "
        f"{row['errors']:.2g} errors (p = {row['p']:.1g})"
    )


def _power(row: dict[str, Any]) -> str:
    """Say what the test of m could see."""
    return (
        f"m - theory = {row['bias']:.2g} +- {row['bias_err']:.1g}, at most {row['largest']:.2g} "
        f"in modulus; a bias of {row['seen_80']:.1g} ({row['seen_90']:.1g}) would have been found "
        f"with 80 (90) %; {row['within_1']:.0%} are within one deviation and "
        f"{row['within_2']:.0%} within two (expected 68% and 95%)"
    )


def _single(
    points: xr.Dataset, simulation: xr.Dataset, compared: xr.DataArray, residual: xr.DataArray
) -> list[str]:
    """Say at how many points m disagrees, and whether single points can tell."""
    limit, n_samples = points.attrs["limit"], simulation.attrs["n_samples"]
    off = points["disagrees"] & compared
    number, foreseen = int(off.sum()), int((off & (points["expected"] != 0)).sum())
    text = []
    if number:
        text.append(f"m disagrees at {number} of {int(compared.sum())} points")
        if foreseen:
            text.append(f"({foreseen} of them where that was expected)")
        index = residual.where(off).argmax(...)
        place = ", ".join(f"{name} = {float(off[index][name]):.6g}" for name in off.dims)
        farthest = float(residual[index])
        text.append(f"by up to {farthest:.2g}" + (f" at {place}." if place else "."))
    untold = int((compared & ~points["disagrees"] & (residual > LARGE)).sum())
    if untold:
        text.append(
            f"At {untold} points |m - theory| is above {LARGE:g} and the errors are too large to "
            "tell it from 0: more samples are needed."
        )
    if limit > MOST_DECISIVE:
        text.append(
            f"{n_samples} samples are too few to tell of single points: three standard deviations "
            f"are |z| = {limit:.3g} there; |m - theory| is up to {float(residual.max()):.2g}."
        )
    elif not number:
        text.append(
            f"m disagrees at 0 of {int(compared.sum())} points (three standard deviations are "
            f"|z| = {limit:.3g} for {n_samples} samples); |m - theory| is at most "
            f"{float(residual.max()):.2g}."
        )
    return text


def _count(cases: dict[str, xr.DataArray]) -> str:
    counts = [f"{int(mask.sum())} {words}" for words, mask in cases.items() if mask.any()]
    return f" ({'; '.join(counts)})" if counts else ""

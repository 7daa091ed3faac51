r"""Whether the simulation follows the theory: point by point, and class by class.

A z-score is (simulation - theory) / standard error.  The error of a mean over S samples is
itself an estimate, so z follows Student's law with S - 1 degrees of freedom.  A single point
says little where samples are few; points of one class are tested together (`pooling`).
"""

from __future__ import annotations

import json
from enum import IntEnum
from typing import Any

import numpy as np
import xarray as xr
from scipy.special import ndtr, stdtr, stdtrit

from hebbian import domain
from hebbian.calling import checked
from phase_diagrams.prediction import ends
from phase_diagrams.results import DONE

from .comparison_text import told
from .expectations import WITHOUT_OVERLAP, Expected, boundary_distance, expected, flagged
from .pooling import detectable, holm, pool, scores
from .simulated_theory import prediction_of

__all__ = ["POOLED", "SINGLE", "Kind", "compare", "three_deviations"]

#: Probability that agreement everywhere is called disagreement: of classes, of single points.
POOLED, SINGLE = 0.04, 0.01

#: Standard errors below this fraction of the mean are rounding: all samples agree.
ROUNDING = 1e-12

#: Observables in the order in which overlaps that no gauge fixes are to be compared.
REORDERED = {"m": "m_sorted", "n": "n_sorted"}


class Kind(IntEnum):
    """Class of a point: what is expected of it, and where agreement is, of which state."""

    WITH_OVERLAP = 0
    WITHOUT_OVERLAP = 1
    GLASS = 2
    BOUNDARY = 3
    SLOW = 4
    TRAJECTORY = 5


@checked
def compare(tree: xr.DataTree, *, finite_size: bool = False) -> xr.Dataset:
    r"""Compare simulation and theory point by point and class by class.

    A network has a whole number of patterns: the theory is that of the load that was simulated,
    ``alpha_effective``, where it is another than that of the grid.

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
        ``boundary_distance``, relative, to the nearest boundary, NaN if there is none;
        ``expected``: ``agreement``, or why there should be none (``glass``, ``boundary``,
        ``slow``), from the theory, the number of spins and the length of the chains alone
        (`phase_diagrams.analysis.expectations`); ``kind``, the class of the point; ``n_patterns``
        and ``alpha_effective`` under a load; ``disagrees``, of m (see Notes).  The attribute
        ``classes`` is JSON: for every class and quantity its bias with error, p-value, bias that
        would have been found with 80 and 90 %, and the parts of points within one and two
        deviations.  The attribute ``summary`` is a paragraph for people.

    Raises
    ------
    ValueError
        If a group is missing; if `finite_size` is asked of a model without distinct indices.

    Notes
    -----
    Along trajectories (`phase_diagrams.sweep`, ``n_steps``) every time is a point, and the
    errors of the simulation and of the theory are added in quadrature; agreement is with the
    infinite network, and near the border of a basin of attraction, where some samples fail, none
    is to be expected.

    Where the theory and the errors are right, some point of the study *disagrees* with a
    probability of about 5 %.  It does if its own z is too rare (Holm's procedure over all
    points, 1 %), or if its class, or the study as a whole, is biased (4 %; `pooling`) and it
    deviates to that side by at least as many errors as the mean of its class.  Where the
    theory has no retrieval state, m is compared with 0, where chains end.

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
    whole = tree["simulation"].to_dataset()
    if "t" in whole.coords:  # every time is a point of its own
        whole["status"] = whole["status"].broadcast_like(whole["energy"])
    simulation = whole.drop_dims("sample", errors="ignore")
    attributes = simulation.attrs
    finite_size = domain.boolean("finite_size", finite_size)
    theory = ends(prediction_of(tree, finite_size=finite_size))
    points = xr.Dataset(coords=simulation.coords)
    names = _compared(simulation, theory)
    for name in names:
        mean, error = _estimate(simulation, name)
        seen = error > ROUNDING * abs(mean)
        if f"{name}_err" in theory:
            error = (error**2 + theory[f"{name}_err"] ** 2) ** 0.5
        points[f"{name}_residual"] = mean - theory[name]
        points[f"{name}_z"] = points[f"{name}_residual"] / error.where(seen)
    if "t" not in whole.coords:
        points["phase"] = theory["phase"]
        points["boundary_distance"] = boundary_distance(theory, simulation)
        points["expected"] = expected(theory, simulation, points["boundary_distance"])
        points["kind"] = _kind(points)
    else:
        of_each = xr.zeros_like(whole["status"])
        points["expected"] = flagged(of_each, Expected)
        points["kind"] = flagged(of_each + Kind.TRAJECTORY, Kind)
    for name in ("n_patterns", "alpha_effective"):
        if name in simulation.data_vars:
            points[name] = simulation[name]
    points = points.transpose(*simulation["status"].dims, ...)
    freedom = attributes["n_samples"] - 1
    alone = _alone(points, whole, freedom)
    classes = _classes(points, whole, names, freedom, alone)
    points["disagrees"] = _disagreeing(points, whole, classes, freedom, alone)
    points.attrs = {
        "finite_size": int(finite_size),
        "limit": three_deviations(freedom),
        "classes": json.dumps(classes),
    }
    points.attrs["summary"] = told(points, simulation, classes)
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


def _compared(simulation: xr.Dataset, theory: xr.Dataset) -> list[str]:
    """Return the estimates that the theory predicts.

    Where every chain has a gauge of its own, replicas overlap in no way that is predicted.
    """
    anonymous = "m_sorted" in simulation
    return [
        str(name)
        for name in theory.data_vars
        if {name, f"{name}_err"} <= simulation.variables.keys() and not (anonymous and name == "q")
    ]


def _estimate(simulation: xr.Dataset, name: str) -> tuple[xr.DataArray, xr.DataArray]:
    """Return mean and error of what a prediction is of."""
    ordered = REORDERED.get(name, name)
    name = ordered if ordered in simulation else name
    return simulation[name], simulation[f"{name}_err"]


def _kind(points: xr.Dataset) -> xr.DataArray:
    without = points["phase"].isin(WITHOUT_OVERLAP)
    code = without.astype(np.int8)  # 0, 1: with and without overlap
    for reason in (Expected.GLASS, Expected.BOUNDARY, Expected.SLOW):
        code = code.where(points["expected"] != reason, Kind[reason.name])
    return flagged(code, Kind)


def _rows(values: xr.DataArray, dims: tuple[str, ...]) -> np.ndarray:
    """Return an array with one row per point, its patterns or layers along the second axis."""
    flat = values.transpose(*dims, ...).values
    return flat.reshape(int(np.prod(flat.shape[: len(dims)], dtype=int)), -1)


def _alone(points: xr.Dataset, whole: xr.Dataset, freedom: int) -> np.ndarray:
    """Return which points disagree by their own z, in one dimension."""
    z = _rows(points["m_z"].where(whole["status"] == DONE), _dims(whole))
    if freedom < 1:
        return np.zeros(len(z), bool)
    return np.asarray(holm(2 * stdtr(freedom, -np.abs(z)), SINGLE).any(axis=1))


def _dims(whole: xr.Dataset) -> tuple[str, ...]:
    return tuple(str(dim) for dim in whole["status"].dims)


def _classes(
    points: xr.Dataset, whole: xr.Dataset, names: list[str], freedom: int, alone: np.ndarray
) -> list[dict[str, Any]]:
    """Test every class without what disagrees alone: a row for each quantity, m first."""
    dims = _dims(whole)
    kind = points["kind"].values.ravel()
    done = (whole["status"].values.ravel() == DONE) & ~alone
    present = [k for k in Kind if (done & (kind == k)).any()] if freedom > 0 else []
    rows = []
    members = {"all": done, **{k.name.lower(): done & (kind == k) for k in present}}
    if len(present) < 2:
        members.pop("all")
    for label, inside in members.items():
        for name in names:
            residual, z = (_rows(points[f"{name}_{of}"], dims) for of in ("residual", "z"))
            chosen = inside[:, None] & np.isfinite(z) & (z != 0)
            if not chosen.any():
                continue
            samples = _samples(whole, dims, chosen) if name == "m" else None
            error = residual[chosen] / z[chosen]
            found = pool(residual[chosen], error, samples, freedom)
            level = POOLED / (1 if label == "all" else len(present))
            power = {
                f"seen_{chance}": detectable(found["bias_err"], freedom, level, chance / 100)
                for chance in (80, 90)
            }
            rows.append({"kind": label, "quantity": name, **found, **power})
    for name in names:
        for whole_study in (True, False):
            tested = [
                row
                for row in rows
                if row["quantity"] == name and (row["kind"] == "all") == whole_study
            ]
            biased = holm(np.array([row["p"] for row in tested]), POOLED)
            for row, verdict in zip(tested, biased, strict=True):
                row["biased"] = bool(verdict)
    return rows


def _samples(whole: xr.Dataset, dims: tuple[str, ...], chosen: np.ndarray) -> np.ndarray | None:
    """Return the samples of chosen numbers, one row each; None where some are not known."""
    if "m_samples" not in whole or "pattern" in whole["m"].dims:
        return None
    known = whole["m_samples"].transpose(*dims, ..., "sample").values
    found = known.reshape(chosen.size, -1)[chosen.ravel()]
    return found if np.isfinite(found).all() else None


def _disagreeing(
    points: xr.Dataset,
    whole: xr.Dataset,
    classes: list[dict[str, Any]],
    freedom: int,
    alone: np.ndarray,
) -> xr.DataArray:
    """Return which points disagree in m, alone or with their class."""
    kind, found = points["kind"].values.ravel(), alone.copy()
    z = _rows(points["m_z"].where(whole["status"] == DONE), _dims(whole))
    for row in classes:
        if row["quantity"] == "m" and row["biased"]:
            u, name = scores(z, freedom), row["kind"]
            inside = ~alone & ((name == "all") | (kind == Kind.__members__.get(name.upper())))
            mean = np.nanmean(u[inside])
            # Equal deviations are equal up to rounding.
            far = np.sign(mean) * u >= (1 - 1e-9) * abs(mean)
            found |= inside & far.any(axis=1)
    return xr.DataArray(found.reshape(whole["status"].shape), dims=whole["status"].dims)

r"""Finite-size scaling: a sweep over the number of spins, extrapolated to infinite size.

Away from transitions a thermal mean approaches its limit like 1/N.  The temperature at which
chains of a given length leave the retrieval state does not: the barrier of a metastable
state vanishes as :math:`N (T_M - T)^{3/2}` at a mean-field spinodal, a chain of any fixed
length crosses it where that is of order one, and so :math:`T_{1/2}(N) - T_M \propto
N^{-2/3}`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from hebbian import streams
from hebbian.calling import checked
from phase_diagrams.loads import rounded

from .crossings import (
    Column,
    Profile,
    axis_along,
    checked_pattern,
    first_crossing,
    line_of,
    profiles,
)
from .power_fit import VERDICTS, Extrapolation, checked_powers, extrapolate_sizes
from .simulated_theory import prediction_of

__all__ = ["crossing", "extrapolate"]

#: Resamplings of the disorder.
RESAMPLINGS = 1000

#: Fewer samples say nothing about their own spread.
FEWEST_SAMPLES = 4


@checked
def extrapolate(
    tree: xr.DataTree,
    *,
    along: str | None = None,
    powers: Sequence[float] = (1.0,),
    line_powers: Sequence[float] = (2 / 3,),
    pattern: int = 0,
) -> xr.DataTree:
    r"""Extrapolate m and the transition point to infinite size and compare with the theory.

    Parameters
    ----------
    tree : xarray.DataTree
        A study with an axis ``n_spins``.  Where a size has another load than the grid names,
        of a whole number of patterns, the theory's difference between both is taken off.
    along : str, optional
        Axis of the transition; default T, then alpha.
    powers : sequence of float
        Exponents x of the corrections :math:`N^{-x}` of m.
    line_powers : sequence of float
        Those of the transition point.
    pattern : int
        Pattern of networks that retrieve several.

    Returns
    -------
    xarray.DataTree
        Group ``m``, one row per point of the grid (and layer): ``value``, ``error``, ``chi2``,
        ``dof``, ``probability``, ``verdict``, ``theory``, ``z``.  Group ``transition``, one row per
        column of the grid, with the same variables, and ``point`` and ``point_error`` at
        every size: see `crossing`.  A fit that is not ``accepted`` is NaN: too few sizes,
        deviations too large, or chains that left their state at some sizes only.  The
        attribute ``summary`` is a paragraph for people.

    Raises
    ------
    ValueError
        If the study has fewer than two sizes or no simulation, or an exponent is outside
        (0, 4].

    Examples
    --------
    >>> import montecarlo, phase_diagrams
    >>> from hebbian import Hopfield
    >>> grid = {"alpha": 0.02, "T": [0.3, 0.5], "n_spins": [100, 200, 400]}
    >>> schedule = montecarlo.Schedule(warmup=30, sweeps=100)
    >>> tree = phase_diagrams.sweep(Hopfield(), grid, n_samples=8, schedule=schedule)
    >>> found = extrapolate(tree)["m"].to_dataset()
    >>> bool((abs(found["value"] - found["theory"]) < 0.02).all())
    True
    """
    powers, line_powers = checked_powers(powers), checked_powers(line_powers)
    along, pattern = axis_along(tree, along), checked_pattern(tree, pattern)
    simulation = tree["simulation"].to_dataset()
    if simulation.sizes.get("n_spins", 1) < 2:
        raise ValueError("n_spins has one value: finite-size scaling needs several sizes")
    n_samples = int(simulation.attrs["n_samples"])
    overlap = _extrapolated_overlap(tree, powers, pattern, n_samples)
    transition = _extrapolated_transition(tree, along, line_powers, pattern, n_samples)
    found = xr.DataTree.from_dict({"/m": overlap, "/transition": transition})
    attributes: dict[str, Any] = {
        "along": along,
        "powers": list(powers),
        "line_powers": list(line_powers),
    }
    words = [
        _words(overlap, "m at the points of the grid"),
        _words(transition, f"the transition along {along}"),
    ]
    found.attrs = attributes | {"summary": " ".join(words)}
    return found


def _extrapolated_overlap(
    tree: xr.DataTree, powers: Sequence[float], pattern: int, n_samples: int
) -> xr.Dataset:
    """Fit m at every point of the grid."""
    simulation = tree["simulation"].to_dataset()
    if "pattern" in simulation.dims:
        simulation = simulation.isel(pattern=pattern)
    dims = [str(dim) for dim in simulation["m"].dims if dim != "n_spins"]
    sizes = simulation["n_spins"].values.astype(float)
    simulation = simulation.assign(left=simulation["escaped"] + simulation["switched"])
    m, error, left_state = (
        simulation[name].broadcast_like(simulation["m"]).transpose(*dims, "n_spins").values
        for name in ("m", "m_err", "left")
    )
    theory = None
    if "theory" in tree.children:
        known = tree["theory/m"]
        theory = known.isel(pattern=pattern) if "pattern" in known.dims else known
    if theory is not None and rounded(simulation):
        off = (prediction_of(tree)["m"] - theory).fillna(0.0)
        m = m - off.broadcast_like(simulation["m"]).transpose(*dims, "n_spins").values
    rows, fits, expected = [], [], []
    for index in np.ndindex(m.shape[:-1]):
        where = {dim: float(simulation[dim].values[i]) for dim, i in zip(dims, index, strict=True)}
        rows.append(where)
        left = left_state[index][np.isfinite(left_state[index])]
        fit = extrapolate_sizes(sizes, m[index], error[index], powers=powers, n_samples=n_samples)
        if left.size and left.max() > 0 and left.min() < 1:
            fit = replace(fit, value=np.nan, error=np.nan, verdict="mixed_states")
        fits.append(fit)
        expected.append(np.nan if theory is None else float(theory.sel(where)))
    return _table(rows, fits, expected)


def _extrapolated_transition(
    tree: xr.DataTree, along: str, powers: Sequence[float], pattern: int, n_samples: int
) -> xr.Dataset:
    """Fit the transition point of every column."""
    families: dict[Column, dict[float, Profile]] = {}
    for column, profile in profiles(tree, along, pattern).items():
        size = dict(column)["n_spins"]
        rest = tuple((name, value) for name, value in column if name != "n_spins")
        families.setdefault(rest, {})[size] = profile
    sizes = np.unique(np.asarray(tree["simulation"].to_dataset()["n_spins"], dtype=float))
    rows, fits, expected, points, errors = [], [], [], [], []
    for rest, family in families.items():
        level = _level(family[max(family)])
        line = line_of(tree, along, rest)
        found = {}
        for size, profile in family.items():
            point, error = crossing(profile, level)
            # Of a size with another load the line is another.
            off = line_of(tree, along, (*rest, ("n_spins", size))) - line
            found[size] = point - (off if np.isfinite(off) else 0.0), error
        where = [found.get(size, (np.nan, np.nan)) for size in sizes]
        points.append([point for point, _ in where])
        errors.append([error for _, error in where])
        fit = extrapolate_sizes(
            sizes, np.array(points[-1]), np.array(errors[-1]), powers=powers, n_samples=n_samples
        )
        rows.append(dict(rest))
        fits.append(fit)
        expected.append(line)
    table = _table(rows, fits, expected).assign_coords(n_spins=("n_spins", sizes))
    table["point"] = (("column", "n_spins"), np.reshape(points, (len(rows), len(sizes))))
    table["point_error"] = (("column", "n_spins"), np.reshape(errors, (len(rows), len(sizes))))
    return table


def _level(profile: Profile) -> float:
    """Return half of the largest overlap of a column."""
    return float(np.abs(profile.m).max()) / 2


def crossing(profile: Profile, level: float) -> tuple[float, float]:
    r"""Return where the overlap of a column passes a level, and the error of that.

    Parameters
    ----------
    profile : Profile
    level : float

    Returns
    -------
    point, error : float
        The first crossing seen from the end with the larger overlap, by linear
        interpolation; NaN where there is none, the error also with fewer than four samples
        or where more than one resampling in twenty has no crossing.

    Notes
    -----
    The error is the standard deviation over resamplings of the disorder samples, the same
    ones at every point of the column since points share their disorder.  Interpolation
    inside an interval of width h in which a fraction f of the height falls adds
    :math:`f h/\sqrt{12}` in quadrature: a jump may stand anywhere between two points.
    """
    x, samples = profile.x, profile.samples
    if len(x) < 2:
        return np.nan, np.nan
    mean = np.abs(profile.m)
    if mean[0] < mean[-1]:
        point, error = crossing(Profile(-x[::-1], *(a[::-1] for a in profile[1:])), level)
        return -point, error
    point, width, fall = (float(a[0]) for a in first_crossing(x, mean[None], level))
    if np.isnan(point) or samples.shape[1] < FEWEST_SAMPLES:
        return point, np.nan
    n_samples = samples.shape[1]
    draw = np.random.Generator(np.random.Philox(streams.stream(0, "bootstrap", n=n_samples)))
    chosen = draw.integers(n_samples, size=(RESAMPLINGS, n_samples))
    curves = np.abs(samples.T[chosen].mean(axis=1))
    again = first_crossing(x, curves, level)[0]
    known = np.isfinite(again)
    if known.mean() < 0.95:
        return point, np.nan
    spread = float(again[known].std(ddof=1)) * np.sqrt(n_samples / (n_samples - 1))
    return point, float(np.hypot(spread, width * min(fall / (2 * level), 1.0) / np.sqrt(12)))


def _table(
    rows: list[dict[str, float]], fits: list[Extrapolation], theory: list[float]
) -> xr.Dataset:
    """Return one row per fit, beside what the theory says."""
    coords = {name: ("column", [row[name] for row in rows]) for name in (rows[0] if rows else {})}
    names = ("value", "error", "chi2", "dof", "probability")
    table = xr.Dataset(
        {name: ("column", [getattr(fit, name) for fit in fits]) for name in names}, coords=coords
    )
    codes = np.array([VERDICTS.index(fit.verdict) for fit in fits], np.int8)
    flags = {"flag_values": np.arange(len(VERDICTS), dtype=np.int8)}
    table["verdict"] = ("column", codes, flags | {"flag_meanings": " ".join(VERDICTS)})
    table["theory"] = ("column", theory)
    table["z"] = (table["value"] - table["theory"]) / table["error"]
    return table


def _words(table: xr.Dataset, what: str) -> str:
    """Say how many fits there are, how many were refused and how the others agree."""
    n_fits = table.sizes["column"]
    accepted = table["verdict"].values == VERDICTS.index("accepted")
    z = np.abs(table["z"].values[accepted])
    z = z[np.isfinite(z)]
    text = f"Extrapolated {what}: {int(accepted.sum())} of {n_fits} fits accepted"
    if z.size:
        text += (
            f", {z.size} compared with the theory, median |z| = {np.median(z):.2g}, "
            f"largest {z.max():.2g}"
        )
    return text + "."

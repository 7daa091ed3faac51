"""The smallest start overlap that retrieves, read from a study of trajectories.

A study has trajectories from several start overlaps.  In the theory the overlap m(t) at a time t
grows with the start, and the line is where it crosses a threshold.  In a simulation it is the start
from which half of the samples reach the threshold (`montecarlo.protocols.basin.critical_overlap`).
Both are known as far as the starts of the study are close: half a step between two of them is part
of the error.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from hebbian import domain
from hebbian.calling import checked
from phase_diagrams.layers import worst_layer
from phase_diagrams.times import check_times

__all__ = ["basin_lines"]

#: Words of what is read.
WORDS = {
    "long_name": "smallest start overlap that retrieves",
    "symbol": "m_c",
    "units": "1",
    "comment": "start from which the overlap reaches the threshold at time t",
}


@checked
def basin_lines(tree: xr.DataTree, *, times: Any = None, threshold: float = 0.7) -> xr.DataTree:
    r"""Return the border of the basin of attraction at some times.

    Parameters
    ----------
    tree : xarray.DataTree
        A study of trajectories (`phase_diagrams.sweep` with `n_steps`) with an axis ``start``.
    times : array_like, optional
        Some of its times; the last one by default.
    threshold : float
        Overlap that counts as retrieval, in (0, 1].

    Returns
    -------
    xarray.DataTree
        Groups ``theory`` and ``simulation``, as far as they are there, with ``critical_overlap``
        and ``critical_overlap_err`` on the axes of the study without ``start``, and ``t`` last.
        NaN where the starts do not enclose the border: where none retrieves, or all do.

    Raises
    ------
    ValueError
        If the study has no axis of times or of starts, or not such a time.

    Notes
    -----
    Of a simulation a sample counts as retrieved where m, the mean over its replicas, reaches the
    threshold, in all layers of an assembly: with one replica it is the fraction of chains.  The
    error is that of `montecarlo.protocols.basin.critical_overlap`.  The line of the theory is
    interpolated between two starts, and its error that of m over the slope, and that of a uniform
    position between them, spacing/sqrt(12).  Starts whose points failed are left out.
    `theory.basin` finds the line of the theory by bisection, whatever the starts of a study.

    Examples
    --------
    >>> import phase_diagrams
    >>> from hebbian import Multitasking
    >>> grid = {"start": [0.0, 0.2, 0.4], "T": [0.1, 0.5], "dilution": 0.2}
    >>> tree = phase_diagrams.sweep(
    ...     Multitasking(n_patterns=1), grid, dynamics="parallel", n_steps=2, simulate=False,
    ... )
    >>> basin_lines(tree, threshold=0.3)["theory/critical_overlap"].dims
    ('T', 't')
    """
    check_times(tree, "a basin of attraction")
    threshold = domain.real("threshold", threshold, "(0, 1]")
    groups = {n: tree[n].to_dataset() for n in ("theory", "simulation") if n in tree.children}
    found = {}
    for group, data in groups.items():
        if "t" not in data.dims:
            continue
        if data.sizes.get("start", 0) < 2:
            raise ValueError(
                "a basin of attraction needs an axis start of two overlaps or more, as in "
                'sweep(model, {"start": [0.1, 0.2, ...], ...}, n_steps=...)'
            )
        data = data.sel(t=_times(data["t"].values, times)).sortby("start")
        if group == "simulation":
            found[group] = _of_samples(data, threshold)
        else:
            found[group] = _of_theory(data, threshold)
    return xr.DataTree.from_dict({f"/{name}": data for name, data in found.items()})


def _times(known: np.ndarray, times: Any) -> np.ndarray:
    """Return the times asked for, each of which is one of a study."""
    if times is None:
        return known[-1:]
    asked = domain.real_array("times", times, "[0, inf)").ravel()
    strange = asked[~np.isin(asked, known)]
    if not asked.size or strange.size:
        given = f"{strange[0]:g}" if strange.size else "[]"
        raise ValueError(f"times = {given}: the study has t = {known[0]} ... {known[-1]}")
    return np.unique(asked).astype(known.dtype)


def _of_samples(data: xr.Dataset, threshold: float) -> xr.Dataset:
    """Return the border that samples show."""
    from montecarlo.protocols.basin import critical_overlap

    known = data["m_samples"]
    known = known.min("layer") if "layer" in known.dims else known
    known = known.transpose("start", ..., "sample")
    starts, values = data["start"].values, known.values
    shape = values.shape[1:-1]
    found = np.full((2, *shape), np.nan)
    for index in np.ndindex(shape):
        column = values[(slice(None), *index)]
        done = np.isfinite(column).all(axis=-1)
        if done.any():
            success = (column[done] >= threshold).astype(float)
            found[(slice(None), *index)] = critical_overlap(starts[done], success)
    return _described(data, known.isel(start=0, sample=0), found)


def _of_theory(data: xr.Dataset, threshold: float) -> xr.Dataset:
    """Return the border that the theory predicts, of the first pattern and the worst layer."""
    data = worst_layer(data.isel(pattern=0) if "pattern" in data.dims else data)
    m, error = (data[name].transpose("start", ...) for name in ("m", "m_err"))
    error = error.transpose(*m.dims)
    shape = m.shape[1:]
    found = np.full((2, *shape), np.nan)
    for index in np.ndindex(shape):
        place = (slice(None), *index)
        found[place] = _crossing(
            data["start"].values, m.values[place], error.values[place], threshold
        )
    return _described(data, m.isel(start=0), found)


def _crossing(
    starts: np.ndarray, m: np.ndarray, error: np.ndarray, threshold: float
) -> tuple[float, float]:
    """Return the first start at which m crosses the threshold from below, and its error."""
    known = np.isfinite(m)
    starts, m, error = starts[known], m[known], error[known]
    above = np.flatnonzero(m >= threshold)
    if not above.size or above[0] == 0:
        return np.nan, np.nan
    ends = slice(above[0] - 1, above[0] + 1)
    (x0, x1), (y0, y1) = starts[ends], m[ends]
    step = x1 - x0
    sampling = error[ends].max() * step / (y1 - y0)
    return x0 + (threshold - y0) / (y1 - y0) * step, np.hypot(sampling, step / np.sqrt(12))


def _described(data: xr.Dataset, like: xr.DataArray, found: np.ndarray) -> xr.Dataset:
    """Return labelled numbers, with the words of what they are."""
    named = {"critical_overlap": found[0], "critical_overlap_err": found[1]}
    kept = like.drop_vars(["start", "sample", "pattern"], errors="ignore")
    variables = {name: kept.copy(data=values) for name, values in named.items()}
    dataset = xr.Dataset(variables).transpose(..., "t")
    dataset["critical_overlap"].attrs = WORDS
    words = f"error of the {WORDS['long_name']}"
    dataset["critical_overlap_err"].attrs = WORDS | {"long_name": words, "symbol": r"\delta m_c"}
    if "alpha_effective" in data:
        load = data["alpha_effective"]
        dataset["alpha_effective"] = load.isel(start=0, drop=True) if "start" in load.dims else load
    dataset.attrs = data.attrs
    return dataset

r"""The diagram of dilution and temperature of multitasking networks that store archetypes.

What the theory says, on a grid as fine as a figure needs: the state of lowest free energy,
named by its overlaps, and the lines that are known to more digits than any grid.  And what
a simulation says: the same names, read off measured overlaps.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from scipy.special import stdtrit

import theory
from hebbian import Multitasking, domain
from phase_diagrams.phases import Phase
from theory.many_patterns.labels import label
from theory.many_patterns.lines import critical_temperature, pure_temperature
from theory.many_patterns.parallel import parallel_temperature

__all__ = ["dilution_map", "observed_phase", "state_letters"]


def dilution_map(n_patterns: int, dilution: Any, T: Any, *, n_starts: int = 10) -> xr.Dataset:
    """Compute the (d, T) diagram of K stored patterns.

    Parameters
    ----------
    n_patterns : int
        K in [2, 8].
    dilution, T : array_like
        One-dimensional axes, in [0, 1) and [0, inf).
    n_starts : int
        Further starting points of the search for the ground state, for K > 3
        (`theory.ground_state`).

    Returns
    -------
    xarray.Dataset
        On (dilution, T): ``state``, a number whose meaning is in ``flag_meanings`` (equal
        overlaps share a letter, absent ones are 0), ``phase``, ``free_energy``,
        ``min_eigenvalue`` and, along ``pattern``, ``m``.  Along dilution: the lines
        ``critical_temperature``, ``pure_temperature`` (a second pattern condenses), and
        ``parallel_temperature_low``, ``_high``: ends of the region of equal overlaps, stable
        or, at weak dilution, metastable.  NaN where a line does not exist.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> diagram = dilution_map(2, [0.3, 0.75], [0.1, 0.4])
    >>> names = diagram["state"].flag_meanings.split()
    >>> [[names[code] for code in row] for row in diagram["state"].values.tolist()]
    [['ab', 'a0'], ['aa', '00']]
    """
    K = domain.integer("n_patterns", n_patterns, "[2, 8]")
    d = _axis("dilution", dilution, "[0, 1)")
    temperature = _axis("T", T, "[0, inf)")
    columns = [
        theory.ground_state(
            Multitasking(n_patterns=K, dilution=float(x)), temperature, n_starts=n_starts
        )
        for x in d
    ]
    labels = np.array([column.label for column in columns])
    letters = np.vectorize(lambda name: state_letters(name, K))(labels)
    names, codes = np.unique(letters, return_inverse=True)
    phase = np.vectorize(lambda name: int(Phase.of_label(name)))(labels).astype(np.int8)
    low, high = parallel_temperature(d, K)
    axes = ("dilution", "T")
    found = {
        "state": (axes, codes.reshape(labels.shape).astype(np.int16)),
        "phase": (axes, phase),
        "free_energy": (axes, np.array([column.free_energy for column in columns])),
        "min_eigenvalue": (axes, np.array([column.min_eigenvalue for column in columns])),
        "m": ((*axes, "pattern"), np.array([column.m for column in columns])),
        "critical_temperature": (("dilution",), critical_temperature(d)),
        "pure_temperature": (("dilution",), pure_temperature(d)),
        "parallel_temperature_low": (("dilution",), low),
        "parallel_temperature_high": (("dilution",), high),
    }
    coordinates = {"dilution": d, "T": temperature}
    diagram = xr.Dataset(found, coords=coordinates, attrs={"n_patterns": K})
    diagram["state"].attrs = {
        "flag_values": np.arange(len(names), dtype=np.int16),
        "flag_meanings": " ".join(names.tolist()),
    }
    diagram["phase"].attrs = Phase.flags()
    return diagram


def state_letters(label: str, n_patterns: int) -> str:
    """Write a state by its overlaps: equal ones share a letter, absent ones are 0.

    Examples
    --------
    >>> [state_letters(name, 3) for name in ("pure", "hierarchical-2", "mixed:aab", "")]
    ['a00', 'ab0', 'aab', '?']
    """
    kind, _, letters = label.partition(":")
    if letters:
        return letters
    word, _, count = kind.partition("-")
    if not word:
        return "?"
    alphabet = "abcdefgh"[:n_patterns]
    condensed = {
        "ergodic": "",
        "pure": "a",
        "parallel": "a" * n_patterns,
        "hierarchical": alphabet[: int(count)] if count else alphabet,
    }[word]
    return condensed.ljust(n_patterns, "0")


def observed_phase(simulation: xr.Dataset, *, resolution: float | None = None) -> xr.DataArray:
    """Name the phase that a simulation shows, from its overlaps and their errors.

    Overlaps below `resolution` or three standard errors (of few samples the 95 % of Student's
    law, if that is more) are absent, and overlaps that differ by less are equal: close to a
    line the name is that of the more symmetric phase.

    Parameters
    ----------
    simulation : xarray.Dataset
        With ``m`` and ``m_err`` along ``pattern``, or ``m_sorted`` where the start left order
        and signs to chance.
    resolution : float, optional
        Positive; default 0.01, in small networks :math:`N^{-1/2}`, the size of an overlap by
        chance.

    Returns
    -------
    xarray.DataArray
        Codes of `Phase`, without ``pattern``.

    Raises
    ------
    ValueError
        If `resolution` is not positive, or the study does not have several patterns.

    Examples
    --------
    >>> from phase_diagrams import Phase
    >>> m = ("pattern", [0.7, 0.21, 0.06]), ("pattern", [0.01, 0.01, 0.01])
    >>> seen = observed_phase(xr.Dataset({"m": m[0], "m_err": m[1]}))
    >>> Phase(int(seen)).name
    'HIERARCHICAL'
    """
    if "pattern" not in simulation.sizes:
        raise ValueError("m has no axis pattern: this is not a study of several patterns")
    name = "m_sorted" if "m_sorted" in simulation else "m"
    m = simulation[name].transpose(..., "pattern")
    error = simulation[f"{name}_err"].transpose(*m.dims).fillna(0.0).values
    shape = m.shape[:-1]
    if resolution is None:
        n_spins = simulation.get("n_spins", xr.DataArray(np.inf))
        by_chance = (n_spins**-0.5).clip(min=0.01)
    else:
        by_chance = xr.DataArray(domain.real("resolution", resolution, "(0, inf)"))
    smallest = by_chance.broadcast_like(m.isel(pattern=0)).transpose(*m.dims[:-1]).values.ravel()
    wide = _deviations(simulation) * error.reshape(-1, m.shape[-1])
    size = np.abs(m.values).reshape(wide.shape)
    merged = np.array([_merged(*point) for point in zip(size, wide, smallest, strict=True)])
    names = label(merged, np.ones(len(merged))).tolist()
    phases = np.array([Phase.of_label(name) for name in names], np.int8)
    codes = np.where(np.isnan(merged).any(axis=1), Phase.UNKNOWN, phases)
    phase = m.isel(pattern=0, drop=True).copy(data=codes.reshape(shape).astype(np.int8))
    phase.attrs = Phase.flags()
    return phase.rename("phase")


def _deviations(simulation: xr.Dataset) -> float:
    """Return how many standard errors are no chance."""
    n_samples = simulation.attrs.get("n_samples", np.inf)
    return max(3.0, float(stdtrit(max(n_samples - 1, 1), 0.975)))


def _merged(size: np.ndarray, wide: np.ndarray, resolution: float) -> np.ndarray:
    """Return overlaps in descending order, absent ones 0, and equal ones their mean."""
    order = np.argsort(-size, kind="stable")
    size, wide = size[order], wide[order]
    size = np.where(size < np.maximum(resolution, wide), 0.0, size)
    tolerance = np.maximum(resolution, np.hypot(wide[1:], wide[:-1]))
    group = np.concatenate([[0], np.cumsum((size[:-1] - size[1:] > tolerance) | (size[1:] == 0))])
    means = np.bincount(group, size) / np.bincount(group)
    return np.asarray(means[group])


def _axis(name: str, values: Any, allowed: str) -> np.ndarray:
    axis = domain.real_array(name, values, allowed)
    if axis.ndim != 1 or axis.size == 0:
        raise ValueError(f"{name} of shape {axis.shape} is not a list of numbers")
    return axis

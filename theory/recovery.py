"""How fast a pattern is retrieved, and what is retrieved for a while alone.

Both are read off a trajectory, with the errors of its sampling.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hebbian import Model, domain
from hebbian.calling import checked_with
from hebbian.result import Result

from .course import Trajectory
from .trajectory import trajectory

__all__ = ["Convergence", "Recovery", "convergence_time", "recovery"]

#: Share of a trajectory that has to lie within the tolerance, at its end.
SETTLED = 0.5


@dataclass(frozen=True, kw_only=True)
class Convergence(Result):
    r"""When an overlap settles.

    S is the broadcast shape of the control parameters, with a last axis of length K for
    `Multitasking`.

    Parameters
    ----------
    time, error : numpy.ndarray
        Shape S: time from which the overlap stays within the tolerance of its last value, linear
        between two steps, and the error that the sampling of the overlaps makes in it; NaN where it
        has not settled.
    m, m_err : numpy.ndarray
        Of the same shape: the last overlap and its sampling error.
    """

    time: np.ndarray
    error: np.ndarray
    m: np.ndarray
    m_err: np.ndarray

    def __repr__(self) -> str:
        return f"Convergence over grid of shape {self.time.shape}"


@dataclass(frozen=True, kw_only=True)
class Recovery(Result):
    r"""The best overlap on the way, and for how long.

    S is the broadcast shape of the control parameters, with a last axis of length K for
    `Multitasking`.

    Parameters
    ----------
    overlap, overlap_err : numpy.ndarray
        Shape S: largest m(t) over t >= 1, and its sampling error.
    time : numpy.ndarray
        Of the same shape: the first time at which m is that large within the sampling errors of
        both.
    leaving, leaving_err : numpy.ndarray
        Of the same shape: time at which m falls below the threshold after the largest overlap,
        linear between two steps, and the error that sampling makes in it; infinite where m stays
        above it to the end, NaN where it was never reached.
    threshold : float
    """

    overlap: np.ndarray
    overlap_err: np.ndarray
    time: np.ndarray
    leaving: np.ndarray
    leaving_err: np.ndarray
    threshold: float

    def __repr__(self) -> str:
        return f"Recovery over grid of shape {self.overlap.shape}"


@checked_with(trajectory)
def convergence_time(
    model: Model,
    *,
    alpha: Any = None,
    T: Any = 0.0,
    n_steps: int,
    start: Any = "auto",
    tolerance: float = 0.01,
    **settings: Any,
) -> Convergence:
    r"""Find when the overlap settles, in the limit of large networks.

    Parameters
    ----------
    model : Model
    alpha, T, start, n_steps
        As for `trajectory`.
    tolerance : float
        Distance from the last overlap, in (0, 1].
    **settings
        The others of `trajectory`: `dynamics`, `method`, `law`, `n_trajectories`, ...

    Returns
    -------
    Convergence

    Raises
    ------
    ValueError
        If a parameter is outside its range, or as for `trajectory`.

    Notes
    -----
    An overlap has settled if it lies within the tolerance of its last value for the second half
    of the trajectory at least, and if that can be told: its sampling errors there, of the overlap
    and of the last one together, are no larger than the tolerance (`n_trajectories` makes them
    smaller).  A drift that is slower than a tolerance in half of the trajectory is not seen.

    Examples
    --------
    >>> from hebbian import Hopfield
    >>> found = convergence_time(Hopfield(), alpha=0.05, start=[0.2, 0.5, 1.0], n_steps=30)
    >>> found.time.round(), found.m.round(2)
    (array([7., 2., 0.]), array([1., 1., 1.]))
    """
    tolerance = domain.real("tolerance", tolerance, "(0, 1]")
    found = trajectory(model, alpha=alpha, T=T, start=start, n_steps=n_steps, **settings)
    m, m_err, t = _along_time(found)
    off, error = np.abs(m - m[..., -1:]), np.hypot(m_err, m_err[..., -1:])
    error[..., -1] = 0.0
    late = t >= (1 - SETTLED) * t[-1]
    settled = ((off <= tolerance) & (error <= tolerance))[..., late].all(axis=-1)
    # The last step that ends outside, and the one after it.
    outside = off > tolerance
    after = np.where(outside.any(axis=-1), t.size - np.argmax(outside[..., ::-1], axis=-1), 0)
    time, spread = _crossing(t, off, error, np.minimum(after, t.size - 1), tolerance)
    return Convergence(
        time=np.where(settled, time, np.nan)[()],
        error=np.where(settled, spread, np.nan)[()],
        m=m[..., -1][()],
        m_err=m_err[..., -1][()],
    )


@checked_with(trajectory)
def recovery(
    model: Model,
    *,
    alpha: Any = None,
    T: Any = 0.0,
    n_steps: int,
    start: Any = "auto",
    threshold: float = 0.7,
    **settings: Any,
) -> Recovery:
    r"""Find the largest overlap of a trajectory, and when it is lost again.

    Above capacity a pattern can be retrieved for a while and left again (arXiv:2506.05303).

    Parameters
    ----------
    model : Model
    alpha, T, start, n_steps
        As for `trajectory`.
    threshold : float
        Overlap that counts as retrieved, in (0, 1].
    **settings
        The others of `trajectory`: `dynamics`, `method`, `law`, `n_trajectories`, ...

    Returns
    -------
    Recovery

    Raises
    ------
    ValueError
        If a parameter is outside its range, or as for `trajectory`.

    Notes
    -----
    The largest of several overlaps that sampling cannot tell apart is too large by about their
    error.

    Examples
    --------
    >>> from hebbian import Hopfield
    >>> found = recovery(Hopfield(), alpha=[0.1, 0.2, 0.3], start=0.6, n_steps=40)
    >>> found.overlap.round(1), found.leaving.round()
    (array([1. , 0.8, 0.7]), array([inf,  5.,  2.]))
    """
    threshold = domain.real("threshold", threshold, "(0, 1]")
    found = trajectory(model, alpha=alpha, T=T, start=start, n_steps=n_steps, **settings)
    m, m_err, t = _along_time(found)
    best = 1 + np.argmax(m[..., 1:], axis=-1)
    overlap, overlap_err = _taken(m, best), _taken(m_err, best)
    near = m >= (overlap - overlap_err)[..., None] - m_err
    near[..., 0] = False
    first = np.argmax(near, axis=-1)
    below = (m < threshold) & (np.arange(t.size) > best[..., None])
    left, reached = below.any(axis=-1), overlap >= threshold
    at = np.where(left, np.argmax(below, axis=-1), best)
    leaving, error = _crossing(t, m, m_err, at, threshold)
    leaving, error = np.where(left, leaving, np.inf), np.where(left, error, 0.0)
    return Recovery(
        overlap=overlap[()],
        overlap_err=overlap_err[()],
        time=t[first][()],
        leaving=np.where(reached, leaving, np.nan)[()],
        leaving_err=np.where(reached, error, np.nan)[()],
        threshold=threshold,
    )


def _along_time(found: Trajectory) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return m and its error with the times on the last axis, and these."""
    axis = found.C.ndim - 2
    return np.moveaxis(found.m, axis, -1), np.moveaxis(found.m_err, axis, -1), found.t


def _taken(values: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Return one value of each last axis."""
    return np.take_along_axis(values, place[..., None], axis=-1)[..., 0]


def _crossing(
    t: np.ndarray, values: np.ndarray, error: np.ndarray, after: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return where values fall to a level before the place `after`, and the error of the time.

    The chord of the step decides; at the first place there is nothing to cross.
    """
    before = np.maximum(after - 1, 0)
    high, low = _taken(values, before), _taken(values, after)
    fall = np.where((after > 0) & (high > low), high - low, np.inf)
    share = np.where(after > 0, (high - level) / fall, 1.0)
    spread = _taken(error, after) * share + _taken(error, before) * (1 - share)
    return t[before] + share * (t[after] - t[before]), spread / fall

"""Where the branches of an assembly begin: without crosstalk, and from given overlaps."""

from __future__ import annotations

import numpy as np

from .equations import at_load, solved
from .layers import Layers, noise, response
from .sites import sited

__all__ = ["attractor", "low_load"]

#: Overlaps below are none.
NOTHING = 1e-7

#: Largest and smallest part of a step of the iteration that is taken.
_PARTS = 0.5, 1e-3


def low_load(layers: Layers, T: np.ndarray) -> np.ndarray:
    """Return (n, 0, 0) of retrieval at alpha = 0, shape (N, 2L + 1): n = 0 where there is none.

    Newton's method from above, which is monotonic where the couplings are not frustrated; a step
    that turns a layer over is replaced by one of the iteration.
    """
    size = layers.share.size
    y = np.zeros((len(T), 2 * size + 1))
    active = np.flatnonzero(layers.top > T)
    y[active, :size] = layers.signs
    y[active, :size] = sited(layers, np.zeros(active.size), y[active]).n  # the mean of abs(u)
    for _ in range(2000):
        if not active.size:
            break
        of, n = sited(layers, T[active], y[active]), y[active, :size]
        matrix = np.eye(size) - of.n_S[:, :, None] * layers.signal
        aim = n + solved(matrix, (of.n - n)[..., None])[..., 0]
        newton = ((np.abs(aim) <= 1) & ((aim > 0) == (n > 0))).all(axis=1)
        new = np.where(newton[:, None], aim, of.n)
        y[active, :size] = new
        active = active[np.abs(new - n).max(axis=1) > 1e-15]
    y[np.abs(y).max(axis=1) < NOTHING] = 0.0
    return y


def _bounded(layers: Layers, chi: np.ndarray, aim: np.ndarray) -> np.ndarray:
    """Return `aim`, or a point on the way from `chi` short of where the crosstalk diverges."""
    out = aim.copy()
    beyond = np.flatnonzero(~response(layers, aim)[2])
    if not beyond.size:
        return out
    base, way = chi[beyond], aim[beyond] - chi[beyond]
    low, high = np.zeros((beyond.size, 1)), np.ones((beyond.size, 1))
    for _ in range(20):
        middle = 0.5 * (low + high)
        inside = response(layers, base + middle * way)[2][:, None]
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    out[beyond] = base + 0.5 * low * way
    return out


def attractor(
    layers: Layers,
    alpha: np.ndarray,
    T: np.ndarray,
    n: np.ndarray,
    chi: np.ndarray,
    least: np.ndarray | float = -1.0,
    most: int = 10_000,
) -> tuple[np.ndarray, np.ndarray]:
    """Follow the equations of state from overlaps and susceptibilities to solutions.

    They are iterated with damping 1/2, which stays in the basin that it begins in, or more where
    strong crosstalk makes them oscillate, and Newton's method finishes.

    Parameters
    ----------
    layers : Layers
    alpha, T : numpy.ndarray
        Shape (N,).
    n, chi : numpy.ndarray
        Shape (N, L).
    least : float or numpy.ndarray
        What all overlaps fall below counts as no solution.
    most : int
        Iterations.

    Returns
    -------
    y : numpy.ndarray
        Of `equations`, shape (N, 2L + 1).
    n_iter : numpy.ndarray
        0 where they do not lead to a solution.
    """
    size = layers.share.size
    out = np.concatenate([n, np.zeros(n.shape), np.sqrt(alpha)[:, None]], axis=1)
    n_iter, attempt = np.zeros(len(T), np.int64), np.full(len(T), 1e-3)
    least = np.broadcast_to(least, T.shape)
    part, last = np.full(len(T), _PARTS[0]), np.full(len(T), np.inf)
    chi = _bounded(layers, np.zeros(chi.shape), chi)
    active = np.arange(len(T))
    for iteration in range(1, most + 1):
        if not active.size:
            break
        heat, here, y = T[active], chi[active], out[active]
        R, _ = noise(layers, response(layers, here)[0], 1 - heat[:, None] * here, heat)
        y[:, size:-1] = np.sqrt(alpha[active, None] * np.maximum(R, 0.0))
        of = sited(layers, heat, y)
        aim = _bounded(layers, here, of.chi)
        overlap, moved = np.abs(of.n - y[:, :size]).max(axis=1), np.abs(aim - here).max(axis=1)
        change = np.maximum(overlap, np.maximum(heat, 1e-3) * moved)
        shorter = np.where(change > last[active], 0.5 * part[active], 1.05 * part[active])
        part[active], last[active] = np.clip(shorter, *_PARTS[::-1]), change
        out[active, :size] += part[active, None] * (of.n - y[:, :size])
        chi[active] += part[active, None] * (aim - here)
        lost = ~(np.abs(y[:, :size]).max(axis=1) >= least[active])
        near = np.flatnonzero((change <= attempt[active]) & ~lost)
        if near.size:
            found, steps = at_load(layers, heat[near], y[near])
            close = np.abs(found - y[near]).max(axis=1) <= 30 * change[near] + 1e-12
            reached = (steps > 0) & close
            attempt[active[near]] *= 0.1
            done = active[near[reached]]
            out[done] = found[reached]
            big = np.abs(found[reached, :size]).max(axis=1) >= least[done]
            n_iter[done] = np.where(big, iteration, 0)
            lost[near[reached]] = True
        active = active[~lost]
    return out, n_iter

r"""Descend a free energy :math:`f(n) = |n|^2/2 - \Psi(n)` with convex :math:`\Psi`.

The map :math:`n \to \nabla\Psi(n)` lowers f at every step, since a convex function lies
above its tangents: :math:`f(\nabla\Psi) \le f(n) - |\nabla\Psi - n|^2/2`.  It chooses the
valley.  Where it has become slow, as it does near every line of transitions, it gives way to
Newton steps on :math:`A = 1 - \nabla\nabla\Psi` in which eigenvalues count by their size:
downhill along negative ones, too, so that a saddle is left and never approached.  A step
that does not lower f as the map would is shortened, in the end to the map.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.many_patterns.columns.averages import Averages, Evaluator

__all__ = ["Descent", "descend", "symmetry_projector"]

#: Least and most steps of the map before Newton's.
WARMUP = 20, 100
#: The map is followed while it moves by more than this fraction of the overlaps at the start.
NEAR = 5e-3
#: Most steps in all.
LARGEST = 1000
#: Longest Newton step, in units of the largest overlap at the start.
TRUST = 0.2
#: Smallest divisor of a Newton step.
FLAT = 1e-14
#: Relative rounding of f, beyond which a step is known to lower it or not.
ROUNDING = 1e-13
#: A descent is over where the Newton step, or the residual, is below these fractions of the
#: largest overlap, or where a residual below the third one has stopped to halve: rounding.
LAST_STEP, EXACT, STALLED = 1e-14, 4e-16, 1e-12
#: Residual of a solution, in units of the largest overlap at the start.
TOLERANCE = 1e-10


@dataclass(frozen=True)
class Descent:
    """Where B starting points lead.

    `n` (B, K), `residual` (B,) the largest violation of n = grad Psi, `n_iter` (B,),
    `converged` (B,) and the `averages` at n.
    """

    n: np.ndarray
    residual: np.ndarray
    n_iter: np.ndarray
    converged: np.ndarray
    averages: Averages


def symmetry_projector(n: np.ndarray) -> np.ndarray:
    """Project on the overlaps that share the symmetry of `n`: shape (B, K) to (B, K, K).

    Overlaps of equal size stay equal and zeros stay zero: the map keeps them so, and only
    rounding would not.
    """
    size = np.abs(n)
    same = (size[:, :, None] == size[:, None, :]) & (size > 0)[:, :, None]
    signs = np.sign(n)[:, :, None] * np.sign(n)[:, None, :]
    return np.asarray(same * signs / np.maximum(same.sum(axis=2, keepdims=True), 1))


def descend(
    evaluator: Evaluator, start: np.ndarray, T: np.ndarray, projector: np.ndarray | None = None
) -> Descent:
    """Descend from `start`, shape (B, K), to minima of f at temperatures `T`, shape (B,).

    A `projector`, shape (B, K, K), is the subspace of an exact symmetry of each start, kept.
    """
    scale = np.abs(start).max(axis=1)
    n, n_iter = _follow_map(evaluator, start, T, scale, projector)
    out = evaluator.averages(n, T)
    f = _free_energy(n, out)
    residual, radius = np.full(len(n), np.inf), TRUST * scale
    active = np.arange(len(n))
    while active.size and n_iter[active].max() < LARGEST:
        kept = None if projector is None else projector[active]
        r = _kept(out.image[active], kept) - n[active]
        step = _newton_step(r, out.curvature[active], kept)
        gap, length = np.linalg.norm(r, axis=1), np.linalg.norm(step, axis=1)

        size = np.maximum(np.abs(n[active]).max(axis=1), 1e-20 * scale[active])
        before, residual[active] = residual[active], np.abs(r).max(axis=1)
        over = (length <= LAST_STEP * size) | (residual[active] <= EXACT * size)
        over |= (residual[active] <= STALLED * size) & (residual[active] > before / 2)
        active, r, step, gap, length = (a[~over] for a in (active, r, step, gap, length))

        used = np.minimum(radius[active], length)
        plain = used <= gap
        step = np.where(plain[:, None], r, step * (used / np.maximum(length, 1e-300))[:, None])
        trial = n[active] + step
        at = evaluator.averages(trial, T[active])
        n_iter[active] += 1
        new = _free_energy(trial, at)
        # the map cannot raise f, but rounding can
        better = plain | (new <= f[active] - 0.5 * gap**2 + ROUNDING * np.abs(f[active]))
        next_radius = np.where(better, 2.0, 0.25) * np.maximum(used, gap)
        radius[active] = np.minimum(next_radius, TRUST * scale[active])
        moved = active[better]
        n[moved], f[moved] = trial[better], new[better]
        for whole, part in zip(out, at, strict=True):
            whole[moved] = part[better]
    return Descent(n, residual, n_iter, residual <= TOLERANCE * scale, out)


def _follow_map(
    evaluator: Evaluator,
    start: np.ndarray,
    T: np.ndarray,
    scale: np.ndarray,
    projector: np.ndarray | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Iterate n -> grad Psi while it moves fast; return n and the number of steps."""
    n, n_iter = start.copy(), np.zeros(len(start), int)
    active = np.arange(len(n))
    for done in range(1, WARMUP[1] + 1):
        kept = None if projector is None else projector[active]
        image = _kept(evaluator.averages(n[active], T[active], curvature=False).image, kept)
        moved = np.linalg.norm(image - n[active], axis=1)
        n[active] = image
        n_iter[active] += 1
        if not moved.any():
            break
        if done >= WARMUP[0]:
            active = active[moved > NEAR * scale[active]]
    return n, n_iter


def _free_energy(n: np.ndarray, at: Averages) -> np.ndarray:
    f: np.ndarray = 0.5 * (n**2).sum(axis=1) - at.potential
    return f


def _kept(n: np.ndarray, projector: np.ndarray | None) -> np.ndarray:
    return n if projector is None else np.einsum("bij,bj->bi", projector, n)


def _newton_step(r: np.ndarray, curvature: np.ndarray, projector: np.ndarray | None) -> np.ndarray:
    """Return sum_i u_i (u_i.r)/|lambda_i|, no shorter than the map's along any u_i."""
    if projector is not None:
        curvature = projector @ curvature @ projector
    response, modes = np.linalg.eigh(curvature)
    stiffness = np.clip(np.abs(1 - response), FLAT, 1)
    along = np.einsum("bij,bi->bj", modes, r) / stiffness
    return _kept(np.einsum("bij,bj->bi", modes, along), projector)

r"""Newton's method for the equations of state of an assembly.

The unknowns y are :math:`(\tilde n_A, \sigma_A, a)`, :math:`\sigma_A = \sqrt{V_A}` and
:math:`a = \sqrt\alpha`, on which the 2L equations

.. math:: \tilde n_A = E\,u \tanh(h/T), \qquad \sigma_A / \sqrt{R_A} = a, \qquad
          R_A = \frac{1}{g_A} \sum_B P_{AB}^2 q_B,

leave a curve.  The second ones are smooth where the crosstalk diverges and where a glass begins:
there the left-hand side goes to zero, and to a constant.  Many points are solved at once.
"""

from __future__ import annotations

import numpy as np

from .layers import Layers, noise, response
from .sites import sited

__all__ = ["at_load", "land", "solved"]

_STEPS = 40


def _system(
    layers: Layers, T: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return derivatives (N, 2L, 2L + 1), minus the residuals, and whether the crosstalk exists."""
    size = layers.share.size
    n, sigma, a = y[:, :size], y[:, size:-1], y[:, -1:]
    of = sited(layers, T, y)
    P, _, bounded = response(layers, of.chi)
    R, slope = noise(layers, P, of.q, T)
    reached = R > 0  # by noise
    root = np.sqrt(np.where(reached, R, 1.0))
    matrix = np.zeros((len(y), 2 * size, 2 * size + 1))
    diagonal = np.arange(size)
    matrix[:, :size, :size] = -of.n_S[:, :, None] * layers.signal
    matrix[:, diagonal, diagonal] += 1
    matrix[:, diagonal, size + diagonal] = -2 * of.n_V * sigma
    pull = np.where(reached, -0.5 * sigma / root**3, 0.0)[:, :, None] * slope
    matrix[:, size:, :size] = (pull * of.chi_S[:, None, :]) @ layers.signal
    matrix[:, size:, size:-1] = pull * (2 * of.chi_V * sigma)[:, None, :]
    matrix[:, size + diagonal, size + diagonal] += 1 / root
    matrix[:, size:, -1] = np.where(reached, -1.0, 0.0)
    right = np.concatenate([of.n - n, np.where(reached, a, 0.0) - sigma / root], axis=1)
    return matrix, right, bounded


def solved(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Solve stacked linear equations; NaN where they are singular."""
    try:
        return np.linalg.solve(matrix, right)
    except np.linalg.LinAlgError:
        out = np.full(right.shape, np.nan)
        for i in range(len(out)):
            if np.linalg.matrix_rank(matrix[i]) == len(matrix[i]):
                out[i] = np.linalg.solve(matrix[i], right[i])
        return out


def land(
    layers: Layers, T: np.ndarray, start: np.ndarray, border: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Solve the equations in the planes through `start` that are orthogonal to `border`.

    Parameters
    ----------
    layers : Layers
    T : numpy.ndarray
        Shape (N,).
    start, border : numpy.ndarray
        Shape (N, 2L + 1).

    Returns
    -------
    y, tangent : numpy.ndarray
        The solutions, and the directions of the curves there, to the side of `border`.
    n_iter : numpy.ndarray
        0 where there is none nearby.
    """
    y, tangent, n_iter = start.copy(), border.copy(), np.zeros(len(start), np.int64)
    width = y.shape[1]
    before, last = np.full(len(y), np.inf), np.full(len(y), np.inf)
    active = np.arange(len(y))
    for iteration in range(1, _STEPS + 1):
        if not active.size:
            break
        matrix, right, bounded = _system(layers, T[active], y[active])
        matrix = np.concatenate([matrix, border[active, None, :]], axis=1)
        sides = np.zeros((len(active), width, 2))
        sides[:, :-1, 0], sides[:, -1, 1] = right, 1.0
        matrix[~bounded] = np.eye(width)
        moves = solved(matrix, sides)
        step = np.abs(moves[..., 0] / np.maximum(1.0, np.abs(y[active]))).max(axis=1)
        sane = bounded & (step < 1)
        active, moves, step = active[sane], moves[sane], step[sane]
        y[active] += moves[..., 0]
        tangent[active] = moves[..., 1] / np.linalg.norm(moves[..., 1], axis=1, keepdims=True)
        before[active], last[active] = last[active], step
        # Quadratic convergence leaves an error of last^3/before^2; at a fold it stalls.
        quick = (step < 1e-5) & (step**3 <= 1e-17 * before[active] ** 2)
        done = quick & np.isfinite(before[active]) | (step <= 1e-12)
        done |= (step <= 1e-9) & (step >= 0.5 * before[active])
        n_iter[active[done]] = iteration
        active = active[~done]
    return y, tangent, n_iter


def at_load(layers: Layers, T: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Solve the equations at the loads of `start`, near it; return y and n_iter, 0 for none."""
    border = np.zeros(start.shape)
    border[:, -1] = 1.0
    y, _, n_iter = land(layers, T, start, border)
    return y, n_iter

r"""Lines of a student of P >= 3 bodies at one temperature.

A line of the dense network is a load :math:`A(\tilde T)`; the student meets it where its ray
(`scaled`) does,

.. math:: \tilde T = T \beta^* A(\tilde T), \qquad
          \alpha = \frac1{\beta^{*2} A} = \frac{T}{\beta^* \tilde T} .

The ray begins below the line, at :math:`A > 0 = \tilde T`, and ends beyond it.  The line rises
with temperature less than any ray that it could touch, so that they meet once.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = ["Loads", "loads"]

Loads = Callable[[np.ndarray], np.ndarray]


def loads(line: Loads, top: float, teacher_beta: float, T: np.ndarray) -> np.ndarray:
    """Return where the student meets a line.

    Parameters
    ----------
    line : callable
        Loads of the dense network at temperatures (n,), NaN from `top` upwards.
    top : float
        Where the line reaches the load 0.
    teacher_beta : float
    T : numpy.ndarray
        Shape (n,).
    """
    from scipy.optimize.elementwise import find_root

    ratio = T * teacher_beta
    out = np.full(T.shape, 1 / (teacher_beta**2 * line(np.zeros(1))[0]))

    def above(heat: np.ndarray, ratio: np.ndarray) -> np.ndarray:
        return np.asarray(ratio * np.nan_to_num(line(heat.ravel())).reshape(heat.shape) - heat)

    warm = ratio > 0
    low, ratio = np.zeros(warm.sum()), ratio[warm]
    found = find_root(above, (low, low + top), args=(ratio,), tolerances={"xrtol": 1e-14})
    out[warm] = np.where(found.success, T[warm] / (teacher_beta * found.x), np.nan)
    return out

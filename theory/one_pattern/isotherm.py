r"""The curve of all retrieval states at one temperature.

At fixed T the equation of the overlap, :math:`\tilde n = N(S, V)`, does not know the load:
it is a curve in the plane of the signal :math:`S = (P/2) \tilde n^{P-1}` and the noise
amplitude :math:`\sigma = \sqrt V`.  N falls with the noise, so that the curve is a graph
over S: it begins at alpha = 0 on the retrieval state (:math:`\sigma = 0`), and the load

.. math:: \alpha = \sigma^2 / G(\chi)

that sustains each of its points is explicit.  Along the curve alpha rises from 0 to a
maximum, the spinodal, and falls back to 0 on the barrier between retrieval and oblivion.
The retrieval state at a given load is the first point that reaches it: whether there is
one, and which, is decided by the curve and not by where an iteration happens to end.
"""

from __future__ import annotations

import math

import numpy as np

from theory.compiled import compiled
from theory.roots import Bracket, inside, narrowed, secant

from .crosstalk import bounded, noise
from .fading import sustained
from .low_load import barrier_and_retrieval
from .replica import MeanField, overlap_of, signal, sites

__all__ = ["between", "crossing", "trace"]

_SIZE = 512  # nodes kept at most; a typical curve has 40
_STEP = 0.08  # longest step, relative to the extent of the curve
_TURN = 0.92  # smallest cosine between the tangents of neighbouring nodes


@compiled
def _mismatch(field: MeanField, T: float, S: float, sigma: float) -> tuple[float, float, float]:
    """Return the violation of the equation of the overlap and its gradient in (S, sigma)."""
    n = overlap_of(field.order, S)
    _, image, _, _, n_S, n_V, _, _ = sites(field, S, sigma**2, T)
    return n - image, n / ((field.order - 1) * S) - n_S, -2 * sigma * n_V


@compiled
def _land(
    field: MeanField, T: float, S: float, sigma: float, along_S: float, along_sigma: float
) -> tuple[float, float, float, float, bool]:
    """Move from (S, sigma) along a direction onto the curve.

    Returns the point, the gradient of the mismatch there, and whether it has landed.
    """
    f_S = f_sigma = 0.0
    for _ in range(12):
        f, f_S, f_sigma = _mismatch(field, T, S, sigma)
        move = -f / (f_S * along_S + f_sigma * along_sigma)
        S += move * along_S
        sigma += move * along_sigma
        if not (S > 0 and sigma >= 0):
            return S, sigma, f_S, f_sigma, False
        # Newton's method: what is left is the square of the last move.
        if abs(move) <= 1e-8 * (S + sigma):
            return S, sigma, f_S, f_sigma, True
    return S, sigma, f_S, f_sigma, False


@compiled
def _load(
    field: MeanField, T: float, S: float, sigma: float, along_S: float, along_sigma: float
) -> tuple[float, float]:
    r"""Return the signed root of the load and its derivative along a direction.

    The root is close to linear where alpha vanishes.  For P = 2 it is negative beyond
    :math:`v \chi = 1`, v the largest eigenvalue, where the crosstalk has no bounded solution.
    """
    _, _, q, chi, _, _, chi_S, chi_V = sites(field, S, sigma**2, T)
    if field.crosstalk.fading > 0 and bounded(field.crosstalk, q, chi, T):
        w, by_V, by_chi = sustained(field.crosstalk.fading, sigma**2, q, chi, T)
        change = by_chi * (chi_S * along_S + 2 * sigma * chi_V * along_sigma)
        root = math.sqrt(w)
        return root, 0.5 * (2 * sigma * by_V * along_sigma + change) / root
    G, slope = noise(field.crosstalk, q, chi, T)
    root = sigma / math.sqrt(G)
    if not bounded(field.crosstalk, q, chi, T):
        root = -root
    change = chi_S * along_S + 2 * sigma * chi_V * along_sigma
    return root, root * (along_sigma / sigma - 0.5 * slope / G * change)


@compiled
def between(
    field: MeanField, T: float, first: np.ndarray, second: np.ndarray, fraction: float
) -> tuple[float, float, float, float]:
    """Return the point (S, sigma) of the curve above a fraction of the chord of two nodes.

    With the root of the load there and its derivative in `fraction`.
    """
    chord_S, chord_sigma = second[0] - first[0], second[1] - first[1]
    length = math.hypot(chord_S, chord_sigma)
    S, sigma, f_S, f_sigma, _ = _land(
        field,
        T,
        first[0] + fraction * chord_S,
        first[1] + fraction * chord_sigma,
        -chord_sigma / length,
        chord_S / length,
    )
    # The tangent, normalised to the chord's progress.
    progress = (f_sigma * chord_S - f_S * chord_sigma) / length**2
    root, slope = _load(field, T, S, sigma, f_sigma / progress, -f_S / progress)
    return S, sigma, root, slope


@compiled
def _peak(field: MeanField, T: float, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the node (S, sigma, root, 0) at the maximum of the load between two nodes."""
    bracket = Bracket(0.0, first[3], 1.0, second[3])
    fraction = secant(bracket)
    node = np.zeros(4)
    for iteration in range(60):
        S, sigma, root, slope = between(field, T, first, second, fraction)
        node[0], node[1], node[2] = S, sigma, root
        bracket = narrowed(bracket, fraction, slope, iteration % 2 == 1)
        new = secant(bracket)
        if bracket.high - bracket.low <= 1e-9 or abs(new - fraction) <= 1e-8 or slope == 0:
            break
        fraction = new
    return node


@compiled
def trace(
    field: MeanField, T: float, top_a: float, top_T: float, reach: float = np.inf
) -> np.ndarray:
    """Follow the curve from the retrieval state at alpha = 0 downwards.

    From `low_load.summit` (top_a, top_T) to the load `reach`.  Returns rows (S, sigma, the root
    of alpha, its derivative along the step that leads to the node, 0 at a maximum of the load),
    none at or above the temperature `top_T`.  For P >= 3 the last node is the first maximum.

    For P = 2 and a coarse example law the load may have a second, lower or higher maximum,
    where the sites with the smallest u have given up and the others retrieve.  For P >= 3
    what follows the first maximum is not retrieval: close to the barrier, where S is
    small, the replica-symmetric curve has a second maximum at which the states are
    polarised spin glasses with a negative replicon eigenvalue, and which tends to a finite
    load as T -> 0 although these states do not exist at T = 0.
    """
    nodes = np.empty((_SIZE, 4))
    barrier, retrieval = barrier_and_retrieval(field, T, top_a, top_T)
    if not retrieval > barrier:
        return nodes[:0].copy()
    bottom, S = signal(field.order, barrier), signal(field.order, retrieval)
    extent = S - bottom
    sigma = 0.0
    nodes[0] = S, sigma, 0.0, 1.0
    size = 1
    along_S, along_sigma = 0.0, 1.0
    _, _, q, chi, _, _, _, _ = sites(field, S, sigma, T)
    # Sites whose examples balance freeze in any noise: chi jumps where it begins.
    converges = field.law.u.size == 1 and bounded(field.crosstalk, q, chi, T)
    # Weak noise moves the sites with the smallest u first; later steps grow.
    step = min(0.25 * _STEP, 0.05 * field.law.spacing if field.law.spacing > 0 else 1.0) * extent
    while size < _SIZE - 1 and step > 1e-10 * extent:
        S_new, sigma_new, f_S, f_sigma, landed = _land(
            field, T, S + step * along_S, sigma + step * along_sigma, -along_sigma, along_S
        )
        length = math.hypot(f_S, f_sigma)
        new_S, new_sigma = -f_sigma / length, f_S / length
        turn = along_S * new_S + along_sigma * new_sigma
        if turn < 0:
            new_S, new_sigma, turn = -new_S, -new_sigma, -turn
        if not (landed and turn >= _TURN):
            if sigma + step * along_sigma < 0:
                break
            step *= 0.5
            continue
        # A load that still rises ends where the overlap vanishes.
        if S_new <= bottom + (0.01 if nodes[size - 1, 3] < 0 else 1e-6) * extent:
            break
        root, slope = _load(field, T, S_new, sigma_new, new_S, new_sigma)
        # A pole of the crosstalk at chi < 1 is not stepped over.
        if converges and root < 0 and slope > 0:
            step *= 0.5
            continue
        scale = math.hypot(S_new - S, sigma_new - sigma)
        S, sigma, along_S, along_sigma = S_new, sigma_new, new_S, new_sigma
        nodes[size] = S, sigma, root, slope
        if slope < 0 < nodes[size - 1, 3] and (root > 0 or converges):
            first, second = nodes[size - 1].copy(), nodes[size].copy()
            first[3] *= scale
            second[3] *= scale
            nodes[size + 1] = nodes[size]
            nodes[size] = _peak(field, T, first, second)
            size += 1
            if field.order > 2:
                break
        size += 1
        converges = root > 0
        if root > 0 and root**2 > reach:
            break
        # Along the curve chi rises where all sites are alike.
        if root < 0 and field.law.u.size == 1 and field.law.spread == 0:
            break
        if turn > 0.98:
            step = min(1.5 * step, _STEP * extent)
    return nodes[:size].copy()


@compiled
def crossing(
    field: MeanField, T: float, nodes: np.ndarray, alpha: float
) -> tuple[float, float, int]:
    """Return S, V and n_iter of the first point that reaches a load, NaN beyond the spinodal."""
    target = math.sqrt(alpha)
    if nodes.shape[0] > 0 and alpha == 0:
        return nodes[0, 0], 0.0, 0
    for i in range(1, nodes.shape[0]):
        # The spinodal itself, in spite of the rounding of its square, is on the branch.
        if nodes[i, 2] < target * (1 - 1e-15):
            continue
        first, second = nodes[i - 1], nodes[i]
        # Below a maximum the load is quadratic, its distance from the maximum is not.
        top = second[2] if second[3] == 0 else np.inf
        low, high = 0.0, 1.0
        fraction = (target - first[2]) / (second[2] - first[2])
        if top < np.inf:
            fraction = 1 - math.sqrt(max(0.0, top - target) / (top - first[2]))
        S, sigma = second[0], second[1]
        last = np.inf
        for iteration in range(1, 80):
            S, sigma, root, slope = between(field, T, first, second, fraction)
            if root < target:
                low = fraction
            else:
                high = fraction
            step = (target - root) / slope
            if top < np.inf and root < top:
                step *= 2 / (1 + math.sqrt(max(0.0, top - target) / (top - root)))
            new = inside(fraction + step, low, high)
            stalled = 1e-9 > abs(step) >= 0.5 * last
            last = abs(step)
            if abs(root - target) <= 1e-15 * target or stalled:
                return S, sigma**2, iteration
            fraction = new
        return S, sigma**2, 80
    return np.nan, np.nan, 0

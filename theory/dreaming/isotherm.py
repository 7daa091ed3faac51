r"""The curve of all retrieval states at one temperature.

In the units of `replica` a state is :math:`(m, \hat\sigma, \Lambda)`: the equations of m and of
the noise do not know the load, which is explicit on the curve that they leave.  It begins at
alpha = 0 on the state of one pattern, rises to the spinodal, its only maximum, and falls back to 0
where m vanishes.  Its coordinates are m, :math:`\hat\sigma` and
:math:`\mu = {\rm arsinh} \sqrt\Lambda`, in which it is short for any sleep.
"""

from __future__ import annotations

import math

import numpy as np

from theory.averages.gaussian import thermal
from theory.compiled import compiled
from theory.roots import Bracket, inside, narrowed, secant

__all__ = ["Row", "crossing", "equations", "shift", "trace"]

_SIZE = 512  # nodes kept at most; a typical curve has 30
_STEP = 0.15  # longest step
_TURN = 0.95  # smallest cosine between the tangents of neighbouring nodes
_LOWEST = 0.01  # share of m at alpha = 0 at which the curve is left

Row = tuple[float, float, float]


@compiled
def _cross(a: Row, b: Row) -> Row:
    return (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )


@compiled
def _dot(a: Row, b: Row) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@compiled
def _tangent(a: Row, b: Row) -> Row:
    along = _cross(a, b)
    length = math.sqrt(_dot(along, along))
    return along[0] / length, along[1] / length, along[2] / length


@compiled
def _ahead(x: Row, along: Row, length: float) -> Row:
    return x[0] + length * along[0], x[1] + length * along[1], x[2] + length * along[2]


@compiled
def equations(tau: float, T: float, x: Row) -> tuple[float, Row, float, Row, float, Row]:
    r"""Return the violations of the two equations, the signed root of alpha, and gradients.

    The root is negative beyond :math:`\hat\chi = 1`; NaN where the noise has no finite value.
    """
    m, sigma, lam = x[0], x[1], math.sinh(x[2])
    L, rest = lam * lam, 1 - tau
    L_mu = 2 * lam * math.sqrt(1 + L)
    P, E = 1 + tau * L, 1 + tau * rest * L
    theta, rel = T * P * E, tau / P + tau * rest / E
    V = sigma * sigma
    t, q, chi, psi, omega = thermal(m, V, theta)
    # By scaling with the temperature theta, which changes with L.
    t_s, t_L = -2 * sigma * psi, rel * (2 * V * psi - m * chi)
    chi_m, chi_s, chi_L = -2 * psi, sigma * omega, rel * (2 * m * psi - chi - V * omega)
    q_m, q_s, q_L = -theta * chi_m, -theta * chi_s, -theta * (rel * chi + chi_L)

    own, other = E * E, (rest * P) ** 2
    N = own * (q - t * t) + other * t * t
    by_t = 2 * t * (other - own)
    N_m, N_s = own * q_m + by_t * chi, own * q_s + by_t * t_s
    N_L = own * q_L + by_t * t_L + 2 * tau * rest * (E * (q - t * t) + rest * P * t * t)
    D = 1 + tau * rest * L * (2 + tau * L) - chi * E * (1 - tau * L)
    by_chi = -E * (1 - tau * L)
    D_L = by_chi * chi_L + 2 * tau * rest * (1 + tau * L) + chi * tau * (E - rest * (1 - tau * L))
    noise = math.sqrt(N / D)  # NaN where D < 0
    n_m = n_s = n_L = 0.0
    if N > 0:
        n_m = 0.5 * noise * (N_m / N - by_chi * chi_m / D)
        n_s = 0.5 * noise * (N_s / N - by_chi * chi_s / D)
        n_L = 0.5 * noise * (N_L / N - D_L / D)
    lam_mu = math.sqrt(1 + L)
    noise_row = (-lam * n_m, 1 - lam * n_s, -lam_mu * noise - lam * n_L * L_mu)

    gap = 1 - chi
    scale = math.sqrt(E / P * abs(gap))
    load = lam * scale * (1.0 if gap > 0 else -1.0)
    half = 0.5 * load / gap
    share = 0.5 * load * (tau * rest / E - tau / P)
    load_row = (
        -half * chi_m,
        -half * chi_s,
        (share - half * chi_L) * L_mu + (scale if gap > 0 else -scale) * lam_mu,
    )
    return m - t, (1 - chi, -t_s, -t_L * L_mu), sigma - lam * noise, noise_row, load, load_row


@compiled
def shift(a: Row, b: Row, c: Row, f: float, g: float, h: float) -> Row:
    """Return the step of Newton's method towards the common zero of three functions."""
    one, two, three = _cross(b, c), _cross(c, a), _cross(a, b)
    det = _dot(a, one)
    return (
        -(f * one[0] + g * two[0] + h * three[0]) / det,
        -(f * one[1] + g * two[1] + h * three[1]) / det,
        -(f * one[2] + g * two[2] + h * three[2]) / det,
    )


@compiled
def _land(tau: float, T: float, x: Row, plane: Row) -> tuple[Row, Row, float, float, bool]:
    """Move within the plane normal to a direction onto the curve.

    Returns the point, the tangent there, the root of alpha and its derivative along the tangent,
    and whether it has landed.
    """
    start = x
    tangent, load, rise = plane, 0.0, 0.0
    for _ in range(12):
        f, a, g, b, load, load_row = equations(tau, T, x)
        move = shift(a, b, plane, f, g, _dot(x, plane) - _dot(start, plane))
        x = _ahead(x, move, 1.0)
        if not (x[0] > 0 and x[1] >= 0 and x[2] >= 0):
            return x, tangent, load, rise, False
        tangent = _tangent(a, b)
        rise = _dot(tangent, load_row)
        # Newton's method: what is left is the square of the last move.
        if math.sqrt(_dot(move, move)) <= 1e-8 * (x[0] + x[1]):
            load += _dot(move, load_row)
            return x, tangent, load, rise, True
    return x, tangent, load, rise, False


@compiled
def _between(
    tau: float, T: float, first: np.ndarray, second: np.ndarray, fraction: float
) -> tuple[Row, float, float]:
    """Return the point of the curve above a fraction of the chord of two nodes.

    With the root of the load there and its derivative in `fraction`.
    """
    chord = (second[0] - first[0], second[1] - first[1], second[2] - first[2])
    length = math.sqrt(_dot(chord, chord))
    plane = (chord[0] / length, chord[1] / length, chord[2] / length)
    start = _ahead((first[0], first[1], first[2]), chord, fraction)
    x, tangent, load, rise, _ = _land(tau, T, start, plane)
    return x, load, rise * length / _dot(tangent, plane)


@compiled
def _peak(tau: float, T: float, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the node at the maximum of the load between two nodes; its last entry is 0."""
    bracket = Bracket(0.0, first[4], 1.0, second[4])
    fraction = secant(bracket)
    node = np.zeros(5)
    for iteration in range(60):
        x, load, slope = _between(tau, T, first, second, fraction)
        node[0], node[1], node[2], node[3] = x[0], x[1], x[2], load
        bracket = narrowed(bracket, fraction, slope, iteration % 2 == 1)
        new = secant(bracket)
        if bracket.high - bracket.low <= 1e-9 or abs(new - fraction) <= 1e-8 or slope == 0:
            break
        fraction = new
    return node


@compiled
def one_pattern(T: float) -> float:
    """Return m = tanh(m/T), 0 from T = 1 on."""
    if T >= 1:
        return 0.0
    if T < 1e-100:
        return 1.0
    # m of the largest field: from there Newton's method in a = m/T descends monotonically.
    a = 1 / T
    for _ in range(100):
        m = math.tanh(a)
        step = (m - T * a) / (T - (1 - m * m))
        a += step
        if abs(step) <= 2e-16 * a:
            break
    return math.tanh(a)


@compiled
def trace(tau: float, T: float) -> np.ndarray:
    """Follow the curve from alpha = 0 to the spinodal, its last node.

    Returns rows (m, sigma, mu, root of alpha, derivative of that along the curve); none at or
    above T = 1, and for the projector at T = 0, whose states do not feel any noise.
    """
    nodes = np.empty((_SIZE, 5))
    m = one_pattern(T)
    if m == 0 or (tau == 1 and T == 0):
        return nodes[:0].copy()
    x = (m, 0.0, 0.0)
    _, a, _, b, _, _ = equations(tau, T, x)
    along = _tangent(a, b)
    nodes[0] = m, 0.0, 0.0, 0.0, 1.0
    size, step = 1, 0.25 * _STEP
    while size < _SIZE and step > 1e-10:
        new, tangent, load, rise, landed = _land(tau, T, _ahead(x, along, step), along)
        turn = _dot(along, tangent)
        if turn < 0:
            tangent = (-tangent[0], -tangent[1], -tangent[2])
            turn, rise = -turn, -rise
        if not (landed and turn >= _TURN and new[0] > _LOWEST * m):
            step *= 0.5
            continue
        nodes[size] = new[0], new[1], new[2], load, rise
        if rise < 0:
            nodes[size] = _peak(tau, T, nodes[size - 1].copy(), nodes[size].copy())
            size += 1
            break
        size += 1
        x, along = new, tangent
        if turn > 0.99:
            step = min(1.5 * step, _STEP)
    return nodes[:size].copy()


@compiled
def crossing(
    tau: float, T: float, nodes: np.ndarray, alpha: float
) -> tuple[float, float, float, int]:
    r"""Return (m, sigma, Lambda) of the state at a load and n_iter, NaN beyond the spinodal."""
    target = math.sqrt(alpha)
    if nodes.shape[0] > 0 and alpha == 0:
        return nodes[0, 0], 0.0, 0.0, 0
    for i in range(1, nodes.shape[0]):
        # The spinodal itself, in spite of the rounding of its square, is on the branch.
        if nodes[i, 3] < target * (1 - 1e-15):
            continue
        first, second = nodes[i - 1], nodes[i]
        # Below a maximum the load is quadratic, its distance from the maximum is not.
        top = second[3] if second[4] == 0 else np.inf
        low, high = 0.0, 1.0
        fraction = (target - first[3]) / (second[3] - first[3])
        if top < np.inf:
            fraction = 1 - math.sqrt(max(0.0, top - target) / (top - first[3]))
        x, last = (second[0], second[1], second[2]), np.inf
        for iteration in range(1, 80):
            x, root, slope = _between(tau, T, first, second, fraction)
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
                return x[0], x[1], math.sinh(x[2]) ** 2, iteration
            fraction = new
        return x[0], x[1], math.sinh(x[2]) ** 2, 80
    return np.nan, np.nan, np.nan, 0

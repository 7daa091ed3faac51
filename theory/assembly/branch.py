"""The curves of solutions of an assembly at given temperatures, and what is on them.

A curve is a row of nodes, each the solution y of `equations` and the tangent behind it, in the
order in which they are met: shape (N, nodes, 2, 2L + 1) for N temperatures, NaN beyond the end of
each and between two curves of one temperature.  Retrieval is followed from alpha = 0 to its fold,
the glass from large loads down to where it melts.
"""

from __future__ import annotations

import numpy as np

from .equations import at_load, land
from .layers import Layers, response
from .sites import sited
from .starts import attractor, low_load

__all__ = ["crossing", "glass_curves", "largest_loads", "retrieval_curves"]

_SIZE = 600  # nodes of a curve, at most
_STEP, _TURN = 0.12, 0.8  # largest step, smallest cosine between tangents
_SMALL = 1e-4, 1e-6, 1e-8  # loads at which retrieval is sought whose crosstalk is unbounded at 0
_BEYOND = 1.0005  # times a of a fold: where other overlaps are looked for
_SEARCH = 400  # iterations
_JUDGED = 24  # temperatures
_LEAST = 1e-12  # load
_LEFT = 0.02  # of the overlaps without noise: less is none

#: Of layers by their shares and couplings, whether retrieval is looked for beyond a curve.
_FOUND: dict[tuple[bytes, ...], bool] = {}


def _between(
    layers: Layers, T: np.ndarray, first: np.ndarray, second: np.ndarray, fraction: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the points of the curves above fractions of chords, and the tangents there."""
    chord = second - first
    border = chord / np.linalg.norm(chord, axis=1, keepdims=True)
    return land(layers, T, first + fraction[:, None] * chord, border)


def _fold(layers: Layers, T: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the nodes at the largest loads between two nodes; their tangents have no a."""
    low, high = np.zeros(len(T)), np.ones(len(T))
    rise, fall = first[:, 1, -1].copy(), second[:, 1, -1].copy()
    node = first.copy()
    fraction, active = rise / (rise - fall), np.arange(len(T))
    for iteration in range(60):
        if not active.size:
            break
        at = fraction[active]
        y, tangent, steps = _between(layers, T[active], first[active, 0], second[active, 0], at)
        here = steps > 0
        node[active[here], 0], node[active[here], 1] = y[here], tangent[here]
        slope, share = tangent[:, -1], 0.5 if iteration % 2 else 1.0
        up = slope > 0
        low[active], high[active] = np.where(up, at, low[active]), np.where(up, high[active], at)
        rise[active] = np.where(up, slope, share * rise[active])
        fall[active] = np.where(up, share * fall[active], slope)
        new = low[active] + (high - low)[active] * rise[active] / (rise - fall)[active]
        fraction[active] = new
        active = active[here & (np.abs(new - at) > 1e-8) & ((high - low)[active] > 1e-9)]
    node[:, 1, -1] = 0.0
    return node


def _follow(
    layers: Layers,
    T: np.ndarray,
    start: np.ndarray,
    way: int,
    least: float = 0.0,
    most: float = np.inf,
) -> np.ndarray:
    """Return the curves from solutions in the direction of rising (1) or falling (-1) load.

    Up to the fold and one node beyond or to a = `most`, or down to a = `least` or to where the
    noise vanishes; without nodes where `start` is no solution.
    """
    size, width = layers.share.size, start.shape[1]
    nodes = np.full((len(T), _SIZE, 2, width), np.nan)
    border = np.zeros(start.shape)
    border[:, -1] = way
    y, tangent, steps = land(layers, T, start, border)
    active = np.flatnonzero(steps > 0)
    nodes[active, 0, 0], nodes[active, 0, 1] = y[active], tangent[active]
    count, step = np.where(steps > 0, 1, 0), np.full(len(T), 0.1 * _STEP)
    while active.size:
        here, ahead = y[active], tangent[active]
        # No noise may change its sign on the way.
        falling = np.where(ahead[:, size:] < 0, -ahead[:, size:], 1e-300)
        reach = np.minimum(
            step[active],
            (0.7 * here[:, size:] / falling).min(axis=1, initial=np.inf, where=ahead[:, size:] < 0),
        )
        new, turned, steps = land(layers, T[active], here + reach[:, None] * ahead, ahead)
        turn = (turned * ahead).sum(axis=1)
        good = (steps > 0) & (steps <= 8) & (turn >= _TURN) & (new[:, size:] >= 0).all(axis=1)
        step[active[~good]] = 0.5 * reach[~good]
        won = active[good]
        y[won], tangent[won] = new[good], turned[good]
        nodes[won, count[won], 0], nodes[won, count[won], 1] = y[won], tangent[won]
        count[won] += 1
        longer = good & (turn > 0.98)
        limit = _STEP * np.maximum(1.0, y[active, -1])
        step[active[longer]] = np.minimum(1.5 * step[active], limit)[longer]
        if way > 0:
            over = good & ((turned[:, -1] < 0) | (y[active, -1] > most))
        else:
            faint = y[active, size:-1].max(axis=1) <= 1e-8 * layers.top
            over = good & ((y[active, -1] <= least) | faint)
        active = active[~over & (step[active] > 1e-12) & (count[active] < _SIZE - 1)]
    if way > 0:
        ends = np.flatnonzero((count > 1) & (tangent[:, -1] < 0))
        last = count[ends] - 1
        nodes[ends, last + 1] = nodes[ends, last]
        nodes[ends, last] = _fold(layers, T[ends], nodes[ends, last - 1], nodes[ends, last + 1])
        count[ends] += 1
    return nodes[:, : max(int(count.max(initial=0)), 1)].copy()


def _last(curves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of the last two nodes of every curve; -1 for those that have no fold."""
    count = np.isfinite(curves[:, :, 0, 0]).sum(axis=1)
    rows = np.arange(len(curves))
    folded = (count > 2) & (curves[rows, np.maximum(count - 2, 0), 1, -1] == 0)
    return np.where(folded, count - 2, -1), np.where(folded, count - 1, -1)


def retrieval_curves(
    layers: Layers, T: np.ndarray, least: float, most: float = np.inf
) -> np.ndarray:
    """Return the curves of retrieval, whatever has an overlap, between two loads.

    Where a curve ends, what is left of the overlaps is iterated at a slightly larger load: in
    some layers, or with the sites of reliable examples, it may go on.
    """
    return _all_curves(layers, T, least, most, _goes_on(layers))


def _goes_on(layers: Layers) -> bool:
    """Whether retrieval is looked for beyond the end of a curve.

    Of equal layers of perfect data it is not: they lose their overlaps together.  Of others of
    perfect data it is where any of `_JUDGED` temperatures has something there, which is found
    out once for all.
    """
    if layers.field.law.u.size > 1:
        return True
    known = layers.share.tobytes(), layers.gamma.tobytes(), layers.signs.tobytes()
    if known not in _FOUND:
        T = np.linspace(0.0, max(layers.top, 0.0), _JUDGED, endpoint=False)
        _FOUND[known] = bool(_is_cut(_all_curves(layers, T, _LEAST, np.inf, True)).any())
    return _FOUND[known]


def _is_cut(curves: np.ndarray) -> np.ndarray:
    """Return which rows hold several curves: nodes after a gap."""
    there = np.isfinite(curves[:, :, 0, 0])
    return np.asarray((there[:, 1:] & ~there[:, :-1]).sum(axis=1) + there[:, 0] > 1)


def _all_curves(
    layers: Layers, T: np.ndarray, least: float, most: float, beyond_ends: bool
) -> np.ndarray:
    size = layers.share.size
    start = low_load(layers, T)
    n = start[:, :size].copy()
    there = np.abs(n).max(axis=1) > 0
    zeros = np.zeros(n.shape)
    # Sites without a field are infinitely susceptible at T = 0.
    sharp = (T == 0) & ((layers.field.law.u == 0).any() | (n == 0).any(axis=1))
    loud = there & (~response(layers, sited(layers, T, start).chi)[2] | sharp)
    start[~there] = np.nan
    floor = _LEFT * np.abs(n).max(axis=1)
    for load in _SMALL:
        todo = np.flatnonzero(loud & (start[:, -1] == 0))
        at = np.full(todo.size, load)
        found, steps = attractor(layers, at, T[todo], n[todo], zeros[todo], floor[todo], _SEARCH)
        start[todo[steps > 0]] = found[steps > 0]
    start[loud & (start[:, -1] == 0)] = np.nan
    curves = last = _follow(layers, T, start, 1, most=np.sqrt(most))
    if loud.any():
        start[~loud] = np.nan
        before = _follow(layers, T, start, -1, 0.99 * np.sqrt(least))
        curves = np.concatenate([before[:, :0:-1], curves], axis=1)
    for _ in range(4 if beyond_ends else 0):
        folds, ends = _last(last)
        overlaps = np.abs(last[np.arange(len(T)), folds, 0, :size])
        # Equal layers of perfect data lose their overlaps together.
        alike = np.ptp(overlaps, axis=1) <= 1e-9
        go = np.flatnonzero((folds >= 0) & ~(alike & (layers.field.law.u.size == 1)))
        if not go.size:
            break
        top, beyond = last[go, folds[go], 0, -1], last[go, ends[go], 0]
        chi = sited(layers, T[go], beyond).chi
        load = (_BEYOND * top) ** 2
        found, steps = attractor(
            layers, load, T[go], beyond[:, :size].copy(), chi, floor[go], _SEARCH
        )
        # Back to the load of the fold, if it reaches that far.
        back, there_too = at_load(layers, T[go], np.concatenate([found[:, :-1], top[:, None]], 1))
        back[there_too == 0] = found[there_too == 0]
        start = np.full(start.shape, np.nan)
        start[go[steps > 0]] = back[steps > 0]
        if not (steps > 0).any():
            break
        last = _follow(layers, T, start, 1, most=np.sqrt(most))
        gap = np.full((len(T), 1, *curves.shape[2:]), np.nan)
        curves = np.concatenate([curves, gap, last], axis=1)
    return curves


def glass_curves(layers: Layers, T: np.ndarray, least: float, most: float) -> np.ndarray:
    """Return the curves without overlaps between two loads."""
    size = layers.share.size
    scale = np.sqrt((layers.gamma**2).sum(axis=1)).max()
    a = np.maximum(3.0 + 3.0 * T / scale, 1.01 * np.sqrt(most))
    zeros = np.zeros((len(T), size))
    y, steps = attractor(layers, a**2, T, zeros, zeros)
    y[steps == 0] = np.nan
    return _follow(layers, T, y, -1, 0.99 * np.sqrt(least))


def largest_loads(curves: np.ndarray) -> np.ndarray:
    """Return the largest load of each row of curves of retrieval; 0 if there are none."""
    return np.asarray(np.nan_to_num(curves[:, :, 0, -1]).max(axis=1) ** 2)


def _guess(first: np.ndarray, second: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Interpolate between nodes: cubic in a, or in the root of the distance to an extremum."""
    low, high = first[:, 0, -1:], second[:, 0, -1:]
    rise = second[:, 0] - first[:, 0]
    t = (a[:, None] - low) / (high - low)
    with np.errstate(divide="ignore", invalid="ignore"):
        left = (high - low) * first[:, 1] / first[:, 1, -1:] - rise
        right = (high - low) * second[:, 1] / second[:, 1, -1:] - rise
    y = first[:, 0] + t * rise + t * (1 - t) * ((1 - t) * left - t * right)
    late = np.abs(second[:, 1, -1]) < np.abs(first[:, 1, -1])
    end = np.where(late[:, None, None], second, first)
    other = np.where(late[:, None, None], first, second)
    flat = np.abs(end[:, 1, -1]) < 0.2
    end, other, at = end[flat], other[flat], a[flat, None]
    distance = other[:, 0, -1:] - end[:, 0, -1:]
    w = np.sqrt((at - end[:, 0, -1:]) / distance)
    rise = other[:, 0] - end[:, 0]
    bend = 2 * distance * other[:, 1] / other[:, 1, -1:] - rise
    y[flat] = end[:, 0] + w * (rise - bend) + w * w * bend
    y[:, -1] = a
    return y


def crossing(
    layers: Layers, T: np.ndarray, curves: np.ndarray, of: np.ndarray, alpha: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the first solutions on curves at given loads, and n_iter; NaN where there is none.

    Parameters
    ----------
    layers : Layers
    T : numpy.ndarray
        Of the curves, shape (N,).
    curves : numpy.ndarray
    of : numpy.ndarray of int
        Numbers of the curves, shape (points,).
    alpha : numpy.ndarray
        Shape (points,).
    """
    a = np.sqrt(alpha)
    loads = curves[:, :, 0, -1]
    # The fold itself, in spite of the rounding of its square, is on the branch.
    reach = np.where(curves[:, :, 1, -1] == 0, loads * (1 + 1e-15), loads)
    place = np.zeros(len(a), np.int64)
    for i in range(curves.shape[1] - 1, 0, -1):
        low, high = reach[of, i - 1], reach[of, i]
        within = ((low <= a) & (a <= high)) | ((high <= a) & (a <= low))
        place[within] = i
    y, n_iter = np.full((len(a), curves.shape[-1]), np.nan), np.zeros(len(a), np.int64)
    todo = np.flatnonzero(place)
    row, at = of[todo], place[todo]
    first, second = curves[row, at - 1], curves[row, at]
    guess = _guess(
        first, second, np.clip(a[todo], *np.sort([first[:, 0, -1], second[:, 0, -1]], 0))
    )
    found, steps = at_load(layers, T[row], guess)
    extent = np.abs(second[:, 0] - first[:, 0]).max(axis=1)
    strays = (steps == 0) | (np.abs(found - guess).max(axis=1) > 0.3 * extent + 1e-12)
    if strays.any():
        found[strays], steps[strays] = _searched(
            layers, T[row][strays], first[strays, 0], second[strays, 0], guess[strays, -1]
        )
    y[todo], n_iter[todo] = found, steps
    return y, n_iter


def _searched(
    layers: Layers, T: np.ndarray, first: np.ndarray, second: np.ndarray, a: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Find loads a^2 between nodes by their chords: slower, and sure."""
    chord = second - first
    sign, length = np.sign(chord[:, -1]), np.linalg.norm(chord, axis=1)
    low, high = np.zeros(len(a)), np.ones(len(a))
    fraction = (a - first[:, -1]) / chord[:, -1]
    y, n_iter, active = first.copy(), np.zeros(len(a), np.int64), np.arange(len(a))
    for iteration in range(1, 80):
        if not active.size:
            break
        at = fraction[active]
        here, tangent, steps = _between(layers, T[active], first[active], second[active], at)
        found = steps > 0
        active, at, here, tangent = active[found], at[found], here[found], tangent[found]
        y[active], n_iter[active] = here, iteration
        gap = a[active] - here[:, -1]
        up = sign[active] * gap > 0
        low[active], high[active] = np.where(up, at, low[active]), np.where(up, high[active], at)
        along = (tangent * chord[active]).sum(axis=1) / length[active] ** 2
        with np.errstate(divide="ignore", invalid="ignore"):
            step = gap * along / tangent[:, -1]
        new = at + step
        new = np.where(
            (low[active] < new) & (new < high[active]), new, 0.5 * (low[active] + high[active])
        )
        fraction[active] = new
        close = (np.abs(gap) <= 1e-15 * a[active]) | (high[active] - low[active] <= 1e-15)
        active = active[~close & ~(np.abs(step) <= 1e-15)]
    y[:, -1] = a
    y[n_iter == 0] = np.nan
    return y, n_iter

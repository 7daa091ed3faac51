r"""Where a multitasking network retrieves all its K archetypes equally well.

The state of equal overlaps is known in closed form along y = m/T: its overlap is m(y), its
temperature m(y)/y, and its stability one function of y, so that each end of its region is a
root in one unknown (free energy of arXiv:1304.4488).  At weak dilution it is the odd mixture
of Amit, Gutfreund and Sompolinsky, doi:10.1103/PhysRevA.32.1007.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from hebbian import Rule, domain
from theory.labelled import labelled
from theory.roots import highest, root

from .learnt_lines import LearntSymmetric, dataset_entropy_of
from .noisy_parallel import NoisySymmetric

__all__ = ["Interval", "Point", "odd_mixture_tip", "parallel_temperature", "parallel_tip"]


class Interval(NamedTuple):
    """Lower and upper end of a region of temperatures; NaN where there is none."""

    low: Any
    high: Any


class Point(NamedTuple):
    """A point of the diagram."""

    dilution: float
    T: float


@labelled
def parallel_temperature(
    dilution: Any, n_patterns: int, dataset_entropy: Any = 0.0, *, rule: Rule | None = None
) -> Interval:
    r"""Return the temperatures between which the state of K equal overlaps is stable.

    With y = m/T and S the sum of K ternary entries the state is
    :math:`m = E[\xi^1 \tanh(y S)]`, and it is stable where

    .. math:: T > E[\tfrac12 (\xi^1 - \xi^2)^2 (1 - \tanh^2 (y S))].

    Strong dilution: for d >= 2/3 the upper end is T_c, below 2/3 the state is stable in a
    window that closes at `parallel_tip`.  Weak dilution: an odd number of patterns has an
    island of metastability, the odd mixture, which closes at `odd_mixture_tip`.

    Parameters
    ----------
    dilution : float or array_like
        d in [0, 1).
    n_patterns : int
        K in [2, 200].
    dataset_entropy : float or array_like
        rho in [0, 1e6] of the examples, in the Gaussian law of their mean
        (`theory.many_patterns.noisy_parallel`), broadcast against `dilution`.  Above
        `theory.many_patterns.zero_temperature.parallel_dataset_entropy` the lower end is 0.
    rule : Rule, optional
        In place of `dataset_entropy`: the exact law of the mean of its M examples
        (`theory.many_patterns.learnt_lines`), whose lower end is positive for every d > 0.  Few
        examples may have further windows of stability below it.

    Returns
    -------
    Interval
        Floats or arrays; NaN where the state is nowhere stable, and ends at which
        without a teacher the examples of a pattern do not stay alike.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Examples
    --------
    >>> [float(T.round(8)) for T in parallel_temperature(0.62, 2)]
    [0.17779645, 0.30214648]
    """
    K = domain.integer("n_patterns", n_patterns, "[2, 200]")
    d = domain.real_array("dilution", dilution, "[0, 1)")
    d, rho = np.broadcast_arrays(d, dataset_entropy_of(rule, dataset_entropy))
    pairs = zip(d.ravel().tolist(), rho.ravel().tolist(), strict=True)
    ends = np.array([_parallel_interval(x, K, noise, rule) for x, noise in pairs], float)
    return Interval(*(end.reshape(d.shape)[()] for end in ends.reshape(-1, 2).T))


def _parallel_interval(d: float, K: int, rho: float, rule: Rule | None) -> tuple[float, float]:
    # the lower end is where y is of the order of 1/d or 1/(1 - d)
    ends = 1e-4, 1e3 / max(min(d, 1 - d), 1e-9)
    state: _Symmetric | NoisySymmetric | LearntSymmetric
    if rho == 0:
        state, grid = _Symmetric(d, K), np.geomspace(*ends, 1500)
    elif rule is None:  # noise leaves no narrow windows
        state, grid = NoisySymmetric(d, K, rho), np.geomspace(*ends, 300)
    else:
        state = LearntSymmetric(d, K, rule)
        grid = state.grid
    stability = state.stability(grid)
    if stability.max() <= 0:  # a window between two nodes shows as a maximum below zero
        peaks = np.flatnonzero(np.diff(np.sign(np.diff(stability))) < 0) + 1
        for at in peaks:
            around, xatol = grid[at - 1 : at + 2], 1e-10 * grid[at]
            top, _ = highest(lambda y: float(state.stability(y)), around, xatol)
            if state.stability(top) > 0:
                grid = np.insert(grid, at + int(top > grid[at]), top)
                stability = state.stability(grid)
    stable = stability > 0
    if not stable.any():
        return np.nan, np.nan
    first = int(np.argmax(stable))
    last = first + int(np.argmin(np.append(stable[first:], False))) - 1
    high = (1 - d) * (1 + rho)  # the smallest y is T_c
    if first > 0:
        high = state.temperature(root(state.stability, grid[first - 1], grid[first]))
    if last == grid.size - 1:  # stable down to T = 0: d = 0, or much noise
        return 0.0, high
    return state.temperature(root(state.stability, grid[last], grid[last + 1])), high


def parallel_tip(n_patterns: int) -> Point:
    """Return the weakest dilution at which K equal overlaps are stable, and its temperature.

    Parameters
    ----------
    n_patterns : int
        K in [2, 200].

    Returns
    -------
    Point

    Raises
    ------
    ValueError
        If K is outside its range.

    Examples
    --------
    >>> tip = parallel_tip(2)
    >>> round(tip.dilution, 7), round(tip.T, 7)
    (0.6015923, 0.2438115)
    """
    K = domain.integer("n_patterns", n_patterns, "[2, 200]")
    return _tip(K, (0.4, 0.999), (0.3, 10.0), sign=1)


def odd_mixture_tip(n_patterns: int) -> Point:
    """Return the strongest dilution at which the mixture of an odd K is metastable, and its T.

    Parameters
    ----------
    n_patterns : int
        K in [3, 199], odd.

    Returns
    -------
    Point

    Raises
    ------
    ValueError
        If K is outside its range or even: mixtures of an even number are never stable at
        weak dilution.

    Examples
    --------
    >>> round(odd_mixture_tip(3).dilution, 6)
    0.161634
    """
    K = domain.integer("n_patterns", n_patterns, "[3, 199]")
    if K % 2 == 0:
        raise ValueError(f"n_patterns = {K} is not odd: even mixtures have no island")
    return _tip(K, (0.0, 0.4), (0.3, 30.0), sign=-1)


def _tip(K: int, dilutions: tuple[float, float], ys: tuple[float, float], sign: int) -> Point:
    """Return the extremum over y of the dilution where the stability changes sign."""

    def border(y: float) -> float:
        ends = [float(_Symmetric(d, K).stability(y)) for d in dilutions]
        if ends[0] * ends[1] > 0:
            return dilutions[0] if sign < 0 else dilutions[1]
        return root(lambda d: float(_Symmetric(d, K).stability(y)), *dilutions)

    y, _ = highest(lambda y: -sign * border(y), np.geomspace(*ys, 40), 1e-9)
    d = border(y)

    def slope(y: float) -> float:
        return float(np.imag(_Symmetric(d, K).stability(complex(y, 1e-30))) / 1e-30)

    # at an extremum y is known to the root of the rounding of d only: its slope is better
    y = root(slope, 0.999 * y, 1.001 * y)
    return Point(d, _Symmetric(d, K).temperature(y))


class _Symmetric:
    """The state of K equal overlaps at dilution d, along y = m/T."""

    def __init__(self, d: float, K: int) -> None:
        step = np.array([(1 - d) / 2, d, (1 - d) / 2])
        two_less = np.ones(1)
        for _ in range(K - 2):
            two_less = np.convolve(two_less, step)
        self._d = d
        self._one_less = np.convolve(two_less, step)
        self._two_less = two_less
        self._sums = np.arange(1 - K, K)

    def overlap(self, y: Any) -> Any:
        """Return m = E xi tanh(y S) = (1 - d) E tanh(y (1 + S')), S' the sum of K - 1."""
        return (1 - self._d) * np.tanh(np.multiply.outer(y, 1 + self._sums)) @ self._one_less

    def temperature(self, y: float) -> float:
        """Return T = m/y."""
        return float(self.overlap(y)) / y

    def stability(self, y: Any) -> Any:
        """Return 1 - E[(xi^1 - xi^2)^2 (1 - tanh^2(y S))]/(2 T), the transverse eigenvalue."""
        s, d = self._sums[1:-1], self._d
        # one of the two entries blank, or both present and opposite
        one = 1 - np.tanh(np.multiply.outer(y, 1 + s)) ** 2
        none = 1 - np.tanh(np.multiply.outer(y, s)) ** 2
        response = (1 - d) * (d * one + (1 - d) * none) @ self._two_less
        return 1 - y * response / self.overlap(y)

r"""The two averages of few nodes: over the length of an embedding, and over what has been seen.

*Length.*  With entries of the law N(0, 1/d) the length of :math:`e_x` times :math:`\sqrt d` has
the law of :math:`\chi_d`; the trapezoid rule in its logarithm,

.. math:: \propto e^{d v - e^{2 v}/2} \, dv, \qquad \chi = e^v,

has an error beyond all powers of the step.

*Seen tokens.*  The sum :math:`\sum_x q(x)^2 B_x` over independent events B of the probabilities
:math:`\pi(x)` is replaced by Gauss's rule of two nodes, which has its mean, variance and third
moment; both nodes are where the sum can lie.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy.linalg import eigh_tridiagonal

__all__ = ["Lengths", "Sums", "fewer", "joined", "lengths", "two_nodes"]

_NEGLIGIBLE = 1e-12


def lengths(d: float, embedding: str) -> tuple[np.ndarray, np.ndarray]:
    r"""Return nodes and weights of :math:`\sqrt d |e_x|`.

    Examples
    --------
    >>> chi, weight = lengths(3, "gaussian")
    >>> bool(abs(weight @ chi**2 - 3) < 1e-7)
    True
    """
    if embedding == "sphere":
        return np.array([math.sqrt(d)]), np.ones(1)
    width = 1 / math.sqrt(2 * d)
    step = min(0.7 * width, 0.19)
    left, right = 9 * width + 37 / d, min(9 * width, 3.0)
    v = step * np.arange(-math.ceil(left / step), math.ceil(right / step) + 1)
    # Relative to the mode, chi^2 = d.
    log_weight = d * (v - 0.5 * np.expm1(2 * v))
    weight = np.exp(log_weight)
    kept = weight > _NEGLIGIBLE * weight.max()
    weight = weight[kept]
    return math.sqrt(d) * np.exp(v[kept]), weight / weight.sum()


class Lengths(NamedTuple):
    """Nodes and weights for several dimensions, one after the other, from `bounds` to `bounds`."""

    chi: np.ndarray
    weight: np.ndarray
    bounds: np.ndarray


def joined(rules: list[tuple[np.ndarray, np.ndarray]]) -> Lengths:
    """Return rules one after the other."""
    chi, weight = (np.concatenate(parts) for parts in zip(*rules, strict=True))
    return Lengths(chi, weight, np.cumsum([0, *(nodes.size for nodes, _ in rules)]))


def fewer(nodes: np.ndarray, weights: np.ndarray, n: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Return Gauss's rule of n nodes for a law of more, by Lanczos's recursion.

    Examples
    --------
    >>> chi, weight = lengths(3, "gaussian")
    >>> few, share = fewer(chi, weight)
    >>> few.size, bool(abs(share @ few**9 / (weight @ chi**9) - 1) < 1e-12)
    (5, True)
    """
    if nodes.size <= n:
        return nodes, weights
    mean = weights @ nodes
    x, now, before = nodes - mean, np.sqrt(weights), np.zeros_like(nodes)
    inner, outer = np.zeros(n), np.zeros(n)
    for k in range(n):
        after = x * now - outer[k - 1] * before
        inner[k] = now @ after
        after -= inner[k] * now
        outer[k] = np.linalg.norm(after)
        before, now = now, after / outer[k]
    found, vectors = eigh_tridiagonal(inner, outer[:-1])
    return mean + found, vectors[0] ** 2


class Sums:
    """Mean, variance and third central moment of a sum of independent events.

    Parameters
    ----------
    values, chances : numpy.ndarray
        What an event adds, and its probability.
    """

    def __init__(self, values: np.ndarray, chances: np.ndarray) -> None:
        spread = chances * (1 - chances)
        self.terms = np.stack(
            [values * chances, values**2 * spread, values**3 * spread * (1 - 2 * chances)]
        )

    def by_class(self, classes: np.ndarray, n_classes: int) -> np.ndarray:
        """Return the moments of every class: shape (3, n_classes)."""
        return np.stack([np.bincount(classes, term, n_classes) for term in self.terms])


def two_nodes(moments: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return Gauss's rule of two nodes for laws of given moments.

    Parameters
    ----------
    moments : numpy.ndarray
        Shape (3, n): mean, variance, third central moment.

    Returns
    -------
    nodes, weights : numpy.ndarray
        Shape (n, 2); a single node, twice, where nothing varies.

    Examples
    --------
    One event of probability 1/4 is the rule itself:

    >>> nodes, weights = two_nodes(Sums(np.array([2.0]), np.array([0.25])).terms)
    >>> print(nodes.round(12), weights)
    [[0. 2.]] [[0.75 0.25]]
    """
    mean, variance, third = moments
    varies = variance > 1e-24 * mean**2
    sigma = np.sqrt(np.where(varies, variance, 1.0))
    skew = np.where(varies, third / sigma**3, 0.0)
    root = np.sqrt(skew**2 + 4)
    # The smaller of the two distances without cancellation: their product is -1.
    far = 0.5 * (np.abs(skew) + root)
    above = np.where(skew > 0, far, 1 / far)
    below = np.where(skew > 0, 1 / far, far)
    nodes = mean[:, None] + np.where(varies, sigma, 0.0)[:, None] * np.stack([-below, above], -1)
    weights = np.stack([above, below], -1) / (above + below)[:, None]
    return np.maximum(nodes, 0.0), weights

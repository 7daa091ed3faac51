r"""Error of an outer-product memory, averaged over its embeddings and over what it has seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hebbian import domain
from hebbian.calling import checked
from hebbian.outer_product import EMBEDDINGS, Tokens, dimensions, samples, tokens
from hebbian.result import Result
from theory.labelled import labelled

from .crosstalk import FLOOR, Scores, errors, loudest
from .quadrature import Sums, fewer, joined, lengths, two_nodes

__all__ = ["OuterProduct", "outer_product"]


@dataclass(frozen=True, kw_only=True)
class OuterProduct(Result):
    r"""Error of an outer-product memory; S is the broadcast shape of `d` and `n_samples`.

    Parameters
    ----------
    error : numpy.ndarray
        Shape S: probability of a wrong answer, tokens asked for as often as they occur.
    recalled : numpy.ndarray
        Shape (\*S, n_tokens): probability of the right answer to each.
    unseen : numpy.ndarray
        Shape S: :math:`\sum_x p(x) (1 - p(x))^T`, the part of the questions that are about tokens
        that were not seen; 0 where all are known.
    d, n_samples : numpy.ndarray
        Shape S; ``n_samples`` is infinite where all tokens are known.
    q : numpy.ndarray
        Shape (\*S, n_tokens): the weights.
    """

    error: np.ndarray
    recalled: np.ndarray
    unseen: np.ndarray
    d: np.ndarray
    n_samples: np.ndarray
    q: np.ndarray

    last_axis = "token"

    def __repr__(self) -> str:
        shape, n_tokens = np.shape(self.error), np.shape(self.q)[-1]
        with np.printoptions(precision=6, threshold=8, edgeitems=2):
            return f"OuterProduct of {n_tokens} tokens over grid of shape {shape}: {self.error}"


@labelled
@checked
def outer_product(
    p: Any,
    q: Any,
    classes: Any,
    d: Any,
    n_samples: Any = None,
    *,
    embedding: str = "gaussian",
) -> OuterProduct:
    r"""Return the error of an outer-product memory.

    Parameters
    ----------
    p : array_like
        Frequencies p(x) of the tokens, of sum 1 (`hebbian.zipf`).
    q : array_like or str
        Weights q(x) >= 0; ``"uniform"``, ``"frequency"`` (q = p), ``"power:rho"``
        (:math:`q = p^\rho`) or ``"threshold:m"``: 1 for the m most frequent tokens, 0 for others.
    classes : array_like of int
        Class f(x) of each token, from 0.
    d : int or array_like
        Dimension of the embeddings, at least 1.
    n_samples : int or array_like, optional
        T, independent samples of p: only tokens among them are stored.  Broadcast against `d`.
        Default: all tokens are.
    embedding : {"gaussian", "sphere"}
        Entries of the law N(0, 1/d), or uniform directions.

    Returns
    -------
    OuterProduct

    Raises
    ------
    ValueError
        If a parameter is outside its range, or lengths differ.

    Notes
    -----
    With :math:`W = \sum_x q(x) u_{f(x)} e_x^\top` (V. Cabannes, E. Dohmatob, A. Bietti,
    arXiv:2310.02984) and orthonormal :math:`u_y`,

    .. math:: \mathrm{err}(x) = 1 - E_\chi \int Dz \prod_{y \ne f(x)} \Phi\Bigl(
              \frac{q(x) \chi + \sqrt{Q_{f(x)} - q(x)^2}\, z}{\sqrt{Q_y}}\Bigr), \qquad
              Q_y = \sum_{f(x') = y} q(x')^2 .

    For Gaussian embeddings :math:`\chi = \sqrt d |e_x|` has the law of :math:`\chi_d` and this is
    exact at every d.  On the sphere :math:`\chi = \sqrt d`, and what is approximate is that sums of
    coordinates of unit vectors are taken for Gaussian, with an error of the order of 1/d.
    Independent random :math:`u_y` in place of orthonormal ones add crosstalk of the order of
    n_classes/d (`montecarlo.outer_product` has them).  Ties, as among classes without any weight,
    are broken at random.

    With T samples x is known with probability :math:`1 - (1 - p)^T`, which is exact, and
    otherwise answered by chance.  :math:`Q_y` fluctuates with what else has been seen: tokens are
    taken as seen independently of each other, as for a Poisson number of samples, and the law
    of every :math:`Q_y` as that of two values with its first three moments.

    Examples
    --------
    >>> import numpy as np
    >>> from hebbian import zipf
    >>> classes = np.arange(1, 1001) % 5
    >>> for q in ("uniform", "frequency", "threshold:12"):
    ...     print(q, outer_product(zipf(1000, 2.0), q, classes, [30, 100]).error.round(4))
    uniform [0.6997 0.6019]
    frequency [0.1405 0.103 ]
    threshold:12 [0.0581 0.0385]
    >>> outer_product(zipf(1000, 2.0), "frequency", classes, 100, [10, 1000]).error.round(4)
    array([0.1939, 0.1032])
    """
    given = tokens(p, q, classes)
    domain.choice("embedding", embedding, EMBEDDINGS)
    seen = np.inf if n_samples is None else samples(n_samples)
    dim = dimensions(d)
    try:
        dim, seen = np.broadcast_arrays(dim, seen)
    except ValueError:
        raise ValueError(
            f"d of shape {np.shape(d)} and n_samples of shape {np.shape(n_samples)} have no "
            "common shape"
        ) from None
    recalled = np.empty((*dim.shape, given.p.size))
    unseen = np.empty(dim.shape)
    for T in np.unique(seen):
        missed = _missed(given.p, float(T))
        at = seen == T
        averages = [lengths(float(each), embedding) for each in dim[at]]
        recalled[at] = 1 - _wrong(given, missed, averages).T
        unseen[at] = given.p @ missed
    return OuterProduct(
        error=np.asarray((1 - recalled) @ given.p),
        recalled=recalled,
        unseen=unseen,
        d=dim.copy(),
        n_samples=seen.copy(),
        q=np.broadcast_to(given.q, recalled.shape).copy(),
    )


def _missed(p: np.ndarray, T: float) -> np.ndarray:
    """Return the probability that a token is not among T samples."""
    if not np.isfinite(T):
        return np.zeros_like(p)
    with np.errstate(divide="ignore", invalid="ignore"):
        # 0 samples of a token that is all there is: 0 ln 0.
        return np.exp(np.where(T > 0, T * np.log1p(-p), 0.0))


def _wrong(
    given: Tokens, missed: np.ndarray, averages: list[tuple[np.ndarray, np.ndarray]]
) -> np.ndarray:
    """Return the probability of a wrong answer: shape (n_tokens, n_dimensions)."""
    known = 1 - missed
    sums = Sums(given.q**2, known)
    of_class = sums.by_class(given.classes, given.n_classes)
    largest = float(two_nodes(of_class)[0].max())
    unit = largest if largest > 0 else 1.0
    of_class = of_class / np.array([[unit], [unit**2], [unit**3]])
    terms = sums.terms / np.array([[unit], [unit**2], [unit**3]])
    rest = of_class[:, given.classes] - terms
    # What is left of a class by rounding is nothing.
    rest[:, rest[1] <= 1e-13 * of_class[1, given.classes]] *= [[1.0], [0.0], [0.0]]
    rest[0, rest[0] <= 1e-14 * of_class[0, given.classes]] = 0.0
    nodes, shares = two_nodes(rest)
    q = given.q / np.sqrt(unit)
    wrong = np.zeros((given.p.size, len(averages)))
    variance, weight = two_nodes(of_class)
    score = np.hstack([np.maximum(variance, FLOOR), weight])
    own, kind, counts = np.unique(score, axis=0, return_inverse=True, return_counts=True)
    scores = loudest(own, counts)
    for weights, probability in ((q, known), (np.zeros_like(q), missed)):
        for k in range(2):
            share = probability * shares[:, k]
            at = np.flatnonzero(share > 0)
            found = _distinct(kind[given.classes[at]], weights[at], nodes[at, k], scores, averages)
            wrong[at] += share[at, None] * found
    return wrong


def _distinct(
    kind: np.ndarray,
    q: np.ndarray,
    R: np.ndarray,
    scores: Scores,
    averages: list[tuple[np.ndarray, np.ndarray]],
) -> np.ndarray:
    """Return what `errors` does, tokens that are alike computed once."""
    R = np.maximum(R, FLOOR)
    order = np.lexsort((q, R, kind))
    rows = np.stack([kind[order], q[order], R[order]])
    new = np.append(True, (np.diff(rows) != 0).any(axis=0))[: order.size]
    place = np.empty(order.size, np.int64)
    place[order] = np.cumsum(new) - 1
    kind, q, R = (each[order][new] for each in (kind, q, R))
    few = [fewer(*rule) for rule in averages]
    return errors(kind, q, R, scores, joined(averages), joined(few))[place]

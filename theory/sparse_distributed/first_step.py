r"""One reading of a sparse distributed memory: mean and noise of the fields of its sites.

The query is at Hamming distance x from a stored pattern; the K - 1 others are random.  In units of
:math:`\varphi(0) = p` (`hebbian.SparseDistributed`), and along the pattern, the field of a site is

.. math:: u_i = \varphi(x) \pm (K - 1)\,\epsilon + \sigma z, \qquad
          \sigma^2 = (K - 1) \Bigl(E \varphi^2 + \frac1r\Bigr) + \frac{\varphi(x)}{p\,r},

with the sign + on the N - x sites where query and pattern agree, - on the x others.

* :math:`\epsilon = E\,\varphi(x)(1 - 2x/N)`: stored patterns near the query agree with it at
  most sites, and **vote for the query**, which keeps what is right and what is wrong.  The
  signal-to-noise analysis of the literature leaves it out (``own_vote=False``).
* :math:`1/r`: a pattern is written to, and read from, :math:`r\,\varphi(x)` of r neurons on
  average, a Poisson number.  :math:`E \varphi^2` stands for the variance: the two differ by
  :math:`\epsilon^2`.
* The new distance is :math:`(N - x)\,P(u_i < 0)` of the one kind and x P(u_i < 0) of the other.

Where the site that is updated does not belong to the query (``own_site="excluded"``) there are
N - 1 sites, on which the pattern is as far as on all where site i agrees, and nearer by one where
it does not; the other patterns do not know site i, and do not vote for it:
:math:`u_i = \varphi'(x)` or :math:`\varphi'(x - 1)`, :math:`\sigma^2 = (K - 1) E \varphi'^2`.

**Counted neurons.**  The fields of r neurons are whole numbers, of the parity of the number of
votes: a tie keeps the spin, which on average is half a vote for the query.  And how many neurons
are active is a fluctuation that all sites share, as are their votes for the query.  With n of them
active, k near the pattern too, :math:`A = \sum_j a_{ji} \xi_i` over their addresses, and C the
bias :math:`2^{-N} \binom{N-1}{d}` of `theory.sparse_distributed.addresses`,

.. math:: u = k + (K - 1)\,C\,A + \sigma z, \qquad
          \sigma^2 = (K - 1) \bigl[n p + n (n - 1) E \varphi^2 - C^2 E A^2\bigr]
          + (K - 1)^2 C^2\,{\rm Var}\,A ,

and P(u < 0) is averaged over n and k (``neurons="counted"``).

**What a Gaussian cannot know.**  Few patterns near the query make a noise that is mostly zero and
sometimes large.  ``active`` is their effective number, :math:`(K - 1) (E v^2)^2 / E v^4` for the
vote v of a pattern, Poisson with mean :math:`p r \varphi` for neurons: one in `active` is the
excess kurtosis of the noise.  Above 4 counted neurons agree with simulations; far below 1 a typical
query meets no other pattern, and is read better than a Gaussian of that variance says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.special import logsumexp, ndtr

from hebbian import SparseDistributed, domain
from hebbian.calling import checked
from hebbian.result import Result, Variable

from .addresses import Addresses, addresses
from .counted import misread

__all__ = ["NEURONS", "OneStep", "Reading", "one_step", "reading_of"]

#: How neurons are taken: by their mean number, or counted.
NEURONS = ("mean", "counted")


@dataclass(frozen=True, kw_only=True)
class OneStep(Result):
    r"""One reading, on arrays of the shape of the distances.

    Parameters
    ----------
    distance : numpy.ndarray
        Mean Hamming distance from the pattern after the reading.
    agreeing, disagreeing : numpy.ndarray
        Mean field along the pattern of a site where query and pattern agree, and where they do
        not; in units of :math:`\varphi(0)`.  NaN where there is no such site.
    own_vote : numpy.ndarray
        :math:`(K - 1)\,\epsilon`, the part of them that other patterns vote for the query.
    noise : numpy.ndarray
        :math:`\sigma`, in the same units.
    active : numpy.ndarray
        Effective number of other patterns in the noise; a Gaussian needs many.
    """

    distance: np.ndarray
    agreeing: np.ndarray
    disagreeing: np.ndarray
    own_vote: np.ndarray
    noise: np.ndarray
    active: np.ndarray

    last_axis: ClassVar[str] = "query"

    def grid(self) -> tuple[tuple[str, ...], dict[str, Variable]]:
        """Return the distances of the queries, where they are one sequence."""
        dims, coordinates = super().grid()
        query = np.asarray(self.settings["distance"])
        along = {"query": Variable(("query",), query)} if query.ndim == 1 else {}
        return dims, coordinates | along


@dataclass(frozen=True)
class Reading:
    """A memory of N spins, radius d, K patterns and r neurons; none are infinitely many."""

    n_spins: int
    radius: int
    n_patterns: int
    n_neurons: int | None
    own_site: str = "included"

    @staticmethod
    def checked_vote(own_vote: Any, neurons: str) -> bool:
        """Return `own_vote`, which counted neurons have anyway.

        Raises
        ------
        ValueError
            If it is no boolean, or false with counted neurons.
        """
        own = domain.boolean("own_vote", own_vote)
        if neurons == "counted" and not own:
            raise ValueError("own_vote = False: neurons = 'counted' have votes for the query")
        return own

    def step(self, x: np.ndarray, own_vote: bool, neurons: str) -> OneStep:
        """Return moments and new distance at whole distances x of any shape."""
        N, included = self.n_spins, self.own_site == "included"
        near = addresses(N, self.radius)
        if not included:
            near = addresses(N - 1, min(self.radius, N - 1))
        others = math.log(self.n_patterns - 1) if self.n_patterns > 1 else -math.inf
        shared = np.exp(near.log_shared)
        vote = 0.0
        if included and own_vote:
            vote = math.exp(others + 2 * near.log_bias - near.log_share)
        on_site = (x, x) if included else (np.minimum(x, N - 1), np.maximum(x - 1, 0))
        agreeing, disagreeing = shared[on_site[0]] + vote, shared[on_site[1]] - vote
        log_variance = np.full(x.shape, others + near.log_mean(2 * near.log_shared))
        if self.n_neurons is not None:
            r = math.log(self.n_neurons)
            read = near.log_shared[x] - near.log_share - r
            log_variance = logsumexp([log_variance, np.full(x.shape, others - r), read], axis=0)
        noise = np.exp(0.5 * log_variance)
        if neurons == "counted":
            wrong = misread(near, self.n_patterns, self.n_neurons or 0, x)
        else:
            wrong = (_below(agreeing, noise, False), _below(disagreeing, noise, True))
        return OneStep(
            distance=(N - x) * wrong[0] + x * wrong[1],
            agreeing=np.where(x < N, agreeing, np.nan),
            disagreeing=np.where(x > 0, disagreeing, np.nan),
            own_vote=np.full(x.shape, vote),
            noise=noise,
            active=np.full(x.shape, self._active(near, others)),
        )

    def _active(self, near: Addresses, log_others: float) -> float:
        """(K - 1) (E v^2)^2 / E v^4."""
        log_v = near.log_shared
        powers = (2 * log_v, 4 * log_v)
        if self.n_neurons is not None:
            # Moments of a Poisson number of votes.
            log_v = log_v + near.log_share + math.log(self.n_neurons)
            second = logsumexp([log_v, 2 * log_v], axis=0)
            fourth = logsumexp(
                [log_v, 2 * log_v + math.log(7), 3 * log_v + math.log(6), 4 * log_v], axis=0
            )
            powers = (second, fourth)
        second, fourth = (near.log_mean(power) for power in powers)
        return math.exp(log_others + 2 * second - fourth)


def _below(mean: np.ndarray, noise: np.ndarray, tie: bool) -> np.ndarray:
    """Return P(mean + noise z < 0); without noise a field of zero is an error or none."""
    sure = (mean < 0) | ((mean == 0) & tie)
    ratio = np.divide(mean, noise, out=np.zeros(mean.shape), where=noise > 0)
    return np.where(noise > 0, ndtr(-ratio), sure)


def reading_of(
    model: SparseDistributed, n_spins: Any, n_patterns: Any, alpha: Any, neurons: str
) -> Reading:
    """Return the memory that arguments of public functions name.

    Raises
    ------
    ValueError
        If one is outside its range, or there is not one of `n_patterns` and `alpha`.
    """
    if not isinstance(model, SparseDistributed):
        raise ValueError(f"model = {model!r} is not a SparseDistributed memory")
    N = domain.integer("n_spins", n_spins, "[2, 10000]")
    domain.choice("neurons", neurons, NEURONS)
    if (n_patterns is None) == (alpha is None):
        raise ValueError(f"n_patterns = {n_patterns}, alpha = {alpha}: give one of them")
    if n_patterns is None:
        K = model.count(alpha, N)
    else:
        most = "1e+300" if neurons == "mean" else "1e+100"
        K = domain.integer("n_patterns", n_patterns, f"[1, {most}]")
    if neurons == "counted" and model.n_neurons is None:
        raise ValueError("neurons = 'counted' needs a model with n_neurons: here infinitely many")
    return Reading(
        n_spins=N,
        radius=model.distance(N),
        n_patterns=K,
        n_neurons=model.n_neurons,
        own_site=model.own_site,
    )


@checked
def one_step(
    model: SparseDistributed,
    distance: Any,
    *,
    n_spins: int,
    n_patterns: int | None = None,
    alpha: float | None = None,
    own_vote: bool = True,
    neurons: str = "mean",
) -> OneStep:
    r"""Return moments of one reading of a query at a Hamming distance from a stored pattern.

    Parameters
    ----------
    model : SparseDistributed
    distance : int or array_like
        Whole numbers x in [0, n_spins].
    n_spins : int
        N, in [2, 10000].
    n_patterns : int, optional
        K, in [1, 1e300]; or
    alpha : float, optional
        the load ln K / N, up to 1e10 patterns.
    own_vote : bool
        Whether stored patterns vote for the query, as they do; without, the signal-to-noise
        analysis of the literature.
    neurons : {"mean", "counted"}
        A Gaussian field with the mean number of neurons, or, for finite `n_neurons`, one for
        every number of active ones, with ties; then `own_vote` has to be, and K <= 1e100.

    Returns
    -------
    OneStep
        Fields in units of :math:`\varphi(0)`: 1 for a query that is the pattern.

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Notes
    -----
    Derivation, and where the Gaussian fails: `theory.sparse_distributed.first_step`.  The noise of
    the literature (P. Kanerva, *Sparse Distributed Memory*, MIT Press (1988); T. Bricken,
    C. Pehlevan, arXiv:2111.05498) has :math:`E \varphi^2` at its smallest, :math:`p^2`.

    Examples
    --------
    >>> from hebbian import SparseDistributed
    >>> memory = SparseDistributed(radius=105 / 256, n_neurons=30_000)
    >>> x = [20, 50, 70, 90, 100]
    >>> one_step(memory, x, n_spins=256, n_patterns=300).distance.round(2)
    array([  0.42,  29.9 ,  70.13, 100.6 , 110.59])
    >>> one_step(memory, x, n_spins=256, n_patterns=300, own_vote=False).distance.round(2)
    array([  0.67,  36.33,  78.44, 107.1 , 115.56])
    >>> one_step(memory, x, n_spins=256, n_patterns=300, neurons="counted").distance.round(2)
    array([  0.27,  29.11,  69.06,  99.54, 109.71])
    """
    reading = reading_of(model, n_spins, n_patterns, alpha, neurons)
    own = reading.checked_vote(own_vote, neurons)
    x = domain.real_array("distance", distance, f"[0, {reading.n_spins}]")
    if (x != np.round(x)).any():
        raise ValueError(f"distance = {domain.shown(distance)}: not whole numbers")
    return reading.step(x.astype(np.int64), own, neurons)

r"""The weights that make the error of an outer-product memory least.

Three families are searched: thresholds :math:`q(x) = 1` for the m most frequent tokens and 0 for
others, powers :math:`q = p^\rho`, and the general one,

.. math:: q(x) = e^{\theta(\ln p(x))} \text{ for the } m \text{ most frequent tokens},

:math:`\theta` linear between knots, which contains both.  Tokens of one frequency have one weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np

from hebbian import domain
from hebbian.calling import checked
from hebbian.outer_product import EMBEDDINGS, tokens
from hebbian.result import Result

from .error import outer_product

__all__ = ["BestWeights", "best_outer_weights"]

#: Numbers of tokens up to which every threshold is tried, and the ratio of those beyond.
_EACH, _RATIO = 40, 1.15
#: Powers that are tried before the best is refined.
_POWERS = np.linspace(0.0, 1.0, 9)
#: Two searches that end so near to each other, relative to the error, agree.
_SAME = 1e-2


@dataclass(frozen=True, kw_only=True)
class BestWeights(Result):
    r"""The weights of the least error that was found.

    Parameters
    ----------
    q : numpy.ndarray
        Shape (n_tokens,), the largest 1.
    error : float
    threshold : int
        The best number m of tokens that are stored with equal weights.
    threshold_error : float
        Never below `error`.
    power, power_error : float
        The best :math:`\rho` of :math:`q = p^\rho`, and its error, never below `error`.
    converged : bool
        Whether both searches of the general family, from the best threshold and from the best
        power, ended by themselves.
    agreed : bool
        Whether their errors are within a hundredth of each other.  Where they are not one is a
        local minimum, and nothing says that the other is none.
    """

    last_axis: ClassVar[str] = "token"

    q: np.ndarray
    error: float
    threshold: int
    threshold_error: float
    power: float
    power_error: float
    converged: bool
    agreed: bool


@checked
def best_outer_weights(
    p: Any,
    classes: Any,
    d: int,
    n_samples: int | None = None,
    *,
    embedding: str = "gaussian",
    n_knots: int = 6,
) -> BestWeights:
    r"""Return the weights of an outer-product memory of least error.

    Parameters
    ----------
    p, classes, d, n_samples, embedding
        As for `outer_product`, with one dimension and one number of samples.
    n_knots : int
        Of the general family, in [2, 40]; each is a number that is searched.

    Returns
    -------
    BestWeights

    Raises
    ------
    ValueError
        If a parameter is outside its range.

    Notes
    -----
    Thresholds m are tried one by one up to 40, then in steps of 15 percent, and one by one around
    the best of these.  The error has local minima, in m as tokens of different classes enter
    one after the other: ``agreed`` is a hint, not a proof.

    Examples
    --------
    >>> import numpy as np
    >>> from hebbian import zipf
    >>> best = best_outer_weights(zipf(60, 2.0), np.arange(60) % 3, 20, n_knots=3)
    >>> bool(best.error <= min(best.threshold_error, best.power_error))
    True
    """
    from scipy.optimize import minimize

    given = tokens(p, "uniform", classes)
    domain.integer("d", d, "[1, 1000000000000000]")
    domain.choice("embedding", embedding, EMBEDDINGS)
    n_knots = domain.integer("n_knots", n_knots, "[2, 40]")

    def error(q: np.ndarray) -> float:
        found = outer_product(given.p, q, given.classes, d, n_samples, embedding=embedding)
        return float(found.error)

    rank = np.empty(given.p.size, np.int64)
    rank[np.argsort(-given.p, kind="stable")] = np.arange(given.p.size)
    threshold, threshold_error = _threshold(lambda m: error((rank < m) * 1.0), given.p.size)
    power, power_error = _power(lambda rho: error(given.p**rho))

    some = given.p > 0
    log_p = np.log(given.p, where=some, out=np.full(given.p.shape, -np.inf))
    knots = np.linspace(log_p[some].min(), log_p[some].max(), n_knots)

    def weights(theta: np.ndarray, m: int) -> np.ndarray:
        height = np.where(rank < m, np.interp(log_p, knots, theta), -np.inf)
        return np.exp(height - height.max())

    def error_of(m: int, theta: np.ndarray) -> float:
        return error(weights(theta, m))

    known = [
        (threshold_error, (rank < threshold) * 1.0),
        (power_error, given.p**power / given.p.max() ** power),
    ]
    ends = []
    for theta, m in ((np.zeros(n_knots), threshold), (power * knots, given.p.size)):
        found = minimize(
            partial(error_of, m),
            theta,
            method="L-BFGS-B",
            # Beyond this no token is heard beside the loudest.
            bounds=[(low - 30, low + 30) for low in theta],
            options={"eps": 1e-4, "maxfun": 60 * n_knots},
        )
        ends.append(found)
        known.append((float(found.fun), weights(found.x, m)))
    least, q = min(known, key=lambda pair: pair[0])
    first, second = (float(found.fun) for found in ends)
    return BestWeights(
        q=q,
        error=least,
        threshold=threshold,
        threshold_error=threshold_error,
        power=power,
        power_error=power_error,
        converged=all(bool(found.success) for found in ends),
        agreed=abs(first - second) <= _SAME * max(first, second),
    )


def _threshold(error: Any, n_tokens: int) -> tuple[int, float]:
    """Return the best number of tokens, and its error."""
    far = _EACH * _RATIO ** np.arange(1, 120)
    tried = np.unique([*range(1, _EACH + 1), *far.astype(int), n_tokens])
    found = {int(m): error(int(m)) for m in tried[tried <= n_tokens]}
    best = min(found, key=lambda m: found[m])
    near = max(3, round(best * (_RATIO - 1))) if best > _EACH else 0
    for m in range(max(1, best - near), min(n_tokens, best + near) + 1):
        if m not in found:
            found[m] = error(m)
    best = min(found, key=lambda m: found[m])
    return best, found[best]


def _power(error: Any) -> tuple[float, float]:
    """Return the best power, and its error."""
    from scipy.optimize import minimize_scalar

    found = [error(rho) for rho in _POWERS]
    k = int(np.argmin(found))
    around = _POWERS[max(k - 1, 0)], _POWERS[min(k + 1, _POWERS.size - 1)]
    finer = minimize_scalar(error, bounds=around, method="bounded", options={"xatol": 1e-3})
    if finer.fun < found[k]:
        return float(finer.x), float(finer.fun)
    return float(_POWERS[k]), float(found[k])

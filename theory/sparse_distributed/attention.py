r"""Attention weights next to those of a radius.

Attention weighs a pattern by :math:`e^{\beta \cos}`, the cosine of the angle with the query being
:math:`M/N = 1 - 2x/N`: an exponential memory of sharpness :math:`\lambda = \beta/N`.  A sparse
distributed memory weighs it by :math:`\varphi(x)`, whose logarithm is nearly linear in x for
patterns close to the query (T. Bricken, C. Pehlevan, *Attention Approximates Sparse Distributed
Memory*, arXiv:2111.05498).

The line is fitted by least squares to :math:`\ln \varphi` at all whole distances with
:math:`\varphi > 0`, x = 0, ..., 2d, with equal weights.  The fit of the published code divides a
covariance with n - 1 in the denominator by a variance with n, and is n/(n - 1) too steep.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hebbian import SparseDistributed, domain
from hebbian.calling import checked
from hebbian.result import Result

from .addresses import addresses

__all__ = ["FittedSharpness", "fitted_sharpness"]

FITS = ("least-squares", "published")


@dataclass(frozen=True, kw_only=True)
class FittedSharpness(Result):
    r"""Attention weights that stand for those of a radius.

    Parameters
    ----------
    beta : float
        Inverse temperature of attention, :math:`\varphi \approx e^{\beta \cos + c}`.
    sharpness : float
        :math:`\beta/N` of `hebbian.Exponential`.
    intercept : float
        c, for :math:`\varphi(0) = 1`.
    distances : numpy.ndarray
        Fitted x.
    error : numpy.ndarray
        :math:`\beta \cos + c - \ln \varphi` at them: what the weight is too large by, relative.
    """

    last_axis: ClassVar[str] = "distance"

    beta: float
    sharpness: float
    intercept: float
    distances: np.ndarray
    error: np.ndarray


@checked
def fitted_sharpness(
    model: SparseDistributed, *, n_spins: int, fit: str = "least-squares"
) -> FittedSharpness:
    """Fit attention weights to those of a radius.

    Parameters
    ----------
    model : SparseDistributed
        Its radius counts, for the whole query and infinitely many neurons.
    n_spins : int
        N, in [2, 10000].
    fit : {"least-squares", "published"}
        The line of least squares, or the slope of the published code, n/(n - 1) larger for n
        distances; its line goes through their mean, too.

    Returns
    -------
    FittedSharpness

    Raises
    ------
    ValueError
        If a parameter is outside its range, or the radius is below one site: then there is one
        distance, and no line.

    Examples
    --------
    >>> from hebbian import Exponential, SparseDistributed
    >>> fitted = [fitted_sharpness(SparseDistributed(radius=d / 64), n_spins=64) for d in (5, 15)]
    >>> [round(each.beta, 2) for each in fitted]
    [32.95, 13.79]
    >>> round(Exponential(sharpness=fitted[0].sharpness).sharpness, 6)
    0.514853
    """
    if not isinstance(model, SparseDistributed):
        raise ValueError(f"model = {model!r} is not a SparseDistributed memory")
    N = domain.integer("n_spins", n_spins, "[2, 10000]")
    domain.choice("fit", fit, FITS)
    logarithms = addresses(N, model.distance(N)).log_shared
    x = np.flatnonzero(np.isfinite(logarithms))
    if x.size < 2:
        raise ValueError(f"radius = {model.radius}: below one of {N} sites there is no line to fit")
    cosine, values = 1 - 2 * x / N, logarithms[x]
    beta, intercept = np.polynomial.polynomial.polyfit(cosine, values, 1)[::-1]
    if fit == "published":
        beta *= x.size / (x.size - 1)
        intercept = values.mean() - beta * cosine.mean()
    return FittedSharpness(
        beta=float(beta),
        sharpness=float(beta / N),
        intercept=float(intercept),
        distances=x,
        error=beta * cosine + intercept - values,
    )

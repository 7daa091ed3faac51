r"""Extrapolation to infinite size: weighted least squares in powers of 1/N."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import fdtrc

from hebbian import domain

__all__ = ["VERDICTS", "Extrapolation", "checked_powers", "extrapolate_sizes"]

#: A fit whose deviations are less probable than this is refused.
LEAST_PROBABLE = 0.01


#: What became of a fit.
VERDICTS = ("accepted", "too_few_sizes", "bad_fit", "mixed_states")


@dataclass(frozen=True, kw_only=True)
class Extrapolation:
    r"""A value at :math:`N \to \infty`.

    Parameters
    ----------
    value, error : float
        NaN where the fit is refused.
    chi2 : float
        Sum of the squared deviations in units of the standard errors.
    dof : int
        Sizes minus parameters.
    probability : float
        Of deviations as large as these if the law were right.
    verdict : str
        ``"accepted"``, ``"too_few_sizes"`` or ``"bad_fit"``; a caller that knows more says
        ``"mixed_states"``.
    """

    value: float
    error: float
    chi2: float
    dof: int
    probability: float
    verdict: str


def checked_powers(powers: Sequence[float]) -> tuple[float, ...]:
    """Return distinct exponents x of N^-x, each in (0, 4].

    Raises
    ------
    ValueError
        If there is none, one is repeated, or one is outside its range.
    """
    found = tuple(domain.real("powers", x, "(0, 4]") for x in powers)
    if not found or len(set(found)) < len(found):
        raise ValueError(f"powers = {list(powers)!r} are not distinct exponents in (0, 4]")
    return found


def extrapolate_sizes(
    n_spins: np.ndarray,
    values: np.ndarray,
    errors: np.ndarray,
    *,
    powers: Sequence[float] = (1.0,),
    n_samples: int | None = None,
) -> Extrapolation:
    r"""Fit :math:`y(N) = y_\infty + \sum_x a_x N^{-x}` and return :math:`y_\infty`.

    Parameters
    ----------
    n_spins, values, errors : numpy.ndarray
        Shape (sizes,): N, y and its standard error; points that are not finite or have no
        error are left out.
    powers : sequence of float
        The exponents x.
    n_samples : int, optional
        Disorder samples behind every error: an error estimated from S samples is itself
        uncertain, and chi2/dof is judged by Fisher's law with S - 1 degrees of freedom in
        its denominator.  Default: exact errors.

    Returns
    -------
    Extrapolation
        NaN where sizes are too few for the parameters (at least one degree of freedom is
        needed: a fit that cannot fail proves nothing) or deviations are too large.

    Notes
    -----
    The error is that of linear least squares with known standard errors; it is not scaled
    by chi2/dof.

    Examples
    --------
    >>> n_spins = np.array([100.0, 200.0, 400.0])
    >>> fit = extrapolate_sizes(n_spins, 0.5 + 3 / n_spins, np.full(3, 0.01))
    >>> round(fit.value, 12), fit.dof, fit.verdict
    (0.5, 1, 'accepted')
    """
    x = checked_powers(powers)
    kept = np.isfinite(values) & np.isfinite(errors) & (errors > 0)
    size, y, sigma = (np.asarray(a, dtype=float)[kept] for a in (n_spins, values, errors))
    dof = len(size) - 1 - len(x)
    if dof < 1:
        nan = np.nan
        return Extrapolation(
            value=nan, error=nan, chi2=nan, dof=dof, probability=nan, verdict="too_few_sizes"
        )
    # Powers of N / N_min: columns of order one, whatever the sizes.
    columns = [np.ones_like(size), *((size / size.min()) ** -power for power in x)]
    design = np.stack(columns, axis=-1) / sigma[:, None]
    orthogonal, triangle = np.linalg.qr(design)
    parameters = np.linalg.solve(triangle, orthogonal.T @ (y / sigma))
    inverse = np.linalg.inv(triangle)
    chi2 = float(np.square(design @ parameters - y / sigma).sum())
    denominator = 1e9 if n_samples is None else max(n_samples - 1, 1)
    probability = float(fdtrc(dof, denominator, chi2 / dof))
    bad = probability < LEAST_PROBABLE
    return Extrapolation(
        value=np.nan if bad else float(parameters[0]),
        error=np.nan if bad else float(np.linalg.norm(inverse[0])),
        chi2=chi2,
        dof=dof,
        probability=probability,
        verdict="bad_fit" if bad else "accepted",
    )

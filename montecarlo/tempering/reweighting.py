r"""Multi-histogram reweighting: what a ladder of temperatures says about those in between.

The configurations of all temperatures are taken for one sample of the mixture
:math:`\sum_k N_k e^{f_k - \beta_k E}`, whose unknown normalisations are the solution of

.. math:: e^{-f_k} = \sum_i \frac{e^{-\beta_k E_i}}{\sum_l N_l e^{f_l - \beta_l E_i}}

(A. M. Ferrenberg, R. H. Swendsen, Phys. Rev. Lett. 63, 1195 (1989),
doi:10.1103/PhysRevLett.63.1195, without bins; M. R. Shirts, J. D. Chodera, J. Chem. Phys. 129,
124105 (2008), doi:10.1063/1.2978177).  They minimise the convex function

.. math:: \sum_i \ln \sum_l N_l e^{f_l - \beta_l E_i} - \sum_k N_k f_k,

which Newton's method does in a few steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

__all__ = ["Reweighting", "reweighting"]

TOLERANCE = 1e-10  # of the normalisations f
MOST_STEPS = 1000


@dataclass(frozen=True, kw_only=True, eq=False)
class Reweighting:
    """The configurations of a ladder as one sample of all its temperatures.

    Parameters
    ----------
    energies : (n,) numpy.ndarray
        H of all configurations.
    log_mixture : (n,) numpy.ndarray
        Logarithm of the density from which they were drawn, up to a constant.
    free_energies : (n_T,) numpy.ndarray
        f = -ln Z of the temperatures, the first 0.
    """

    energies: np.ndarray
    log_mixture: np.ndarray
    free_energies: np.ndarray

    def weights(self, beta: float) -> np.ndarray:
        """Return the weight of every configuration at an inverse temperature; their sum is 1."""
        logs = -beta * self.energies - self.log_mixture
        return np.exp(logs - logsumexp(logs))

    def log_partition(self, beta: float) -> float:
        """Return ln Z, up to that of the first temperature."""
        return float(logsumexp(-beta * self.energies - self.log_mixture))


def reweighting(beta: np.ndarray, energies: np.ndarray) -> Reweighting:
    """Combine the configurations of all temperatures.

    Parameters
    ----------
    beta : (n_T,) numpy.ndarray
        Inverse temperatures.
    energies : (n_T, n) numpy.ndarray
        H of the configurations at each; equally many everywhere.

    Raises
    ------
    ArithmeticError
        If the iteration does not converge.

    Examples
    --------
    Two levels, 0 and 1, of which the second has weight e^-beta:

    >>> rng = np.random.default_rng(1)
    >>> beta = np.array([0.5, 1.0, 2.0])
    >>> levels = (rng.random((3, 20000)) < 1 / (1 + np.exp(beta))[:, None]).astype(float)
    >>> found = reweighting(beta, levels)
    >>> exact = np.log((1 + np.exp(-1.5)) / (1 + np.exp(-0.5)))
    >>> bool(abs(found.log_partition(1.5) - exact) < 0.01)
    True
    """
    n_T, n = energies.shape
    sample = energies.ravel()
    logs = np.log(n) - np.outer(beta, sample)
    f = np.zeros(n_T)

    def parts(f: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
        mixture = logsumexp(f[:, None] + logs, axis=0)
        return mixture, np.exp(f[:, None] + logs - mixture), float(mixture.sum() - n * f.sum())

    mixture, shares, height = parts(f)
    for _ in range(MOST_STEPS):
        # Newton in all normalisations but the first; the iteration itself where that climbs.
        gradient = shares.sum(axis=1) - n
        hessian = np.diag(shares.sum(axis=1)) - shares @ shares.T
        step = np.zeros(n_T)
        step[1:] = -np.linalg.lstsq(hessian[1:, 1:], gradient[1:], rcond=None)[0]
        new = parts(f + step)
        if not new[2] <= height:
            step = -np.log(shares.sum(axis=1) / n)
            step -= step[0]
            new = parts(f + step)
        f = f + step
        mixture, shares, height = new
        if np.abs(step).max() <= TOLERANCE * max(1.0, np.abs(f).max()):
            return Reweighting(energies=sample, log_mixture=mixture, free_energies=f)
    raise ArithmeticError("multi-histogram reweighting: the normalisations do not converge")

r"""The replica-symmetric equations of every network with a load.

One class of patterns is retrieved, with overlap :math:`\tilde n = (1/N) \sum_i u_i \xi_i s_i`
(`hebbian`: n of the paper is :math:`\tilde n / \sqrt{1 + \rho}`).  A site feels

.. math:: h = u S + \sqrt V x, \qquad S = \tfrac P2 \tilde n^{P-1}, \qquad
          V = \alpha G(\chi), \qquad x \sim N(0, 1),

and the equations of state are

.. math:: \tilde n = E\,u \tanh(h/T), \qquad \chi = E\,\mathrm{sech}^2(h/T)/T = (1 - q)/T,

with :math:`m = E \tanh(h/T)`.  They are the stationarity conditions of

.. math:: f = -T E \ln 2\cosh(h/T) + \tfrac{P-1}{2} \tilde n^P + \alpha F(\chi).

G and F: `crosstalk`; u: `theory.averages.example_law`.  Sources: D. J. Amit, H. Gutfreund,
H. Sompolinsky, doi:10.1016/0003-4916(87)90092-3 (P = 2); arXiv:2212.00606 (supervised) and
arXiv:2211.14067 (unsupervised), where the Gaussian law of u is used.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from theory.averages.example_law import ExampleLaw
from theory.averages.gaussian import log_cosh, polarisation, quartic, random_field
from theory.compiled import compiled

from .crosstalk import Crosstalk, crosstalk_energy, crosstalk_free_energy, instability, noise

__all__ = [
    "MeanField",
    "energies",
    "fluctuation",
    "observables",
    "overlap_of",
    "signal",
    "sites",
    "soft_field",
    "tail",
]


class MeanField(NamedTuple):
    """What the replica-symmetric equations need to know of a model."""

    order: int  # number of spins P in an interaction
    law: ExampleLaw  # of the retrieved class
    crosstalk: Crosstalk  # of all others


@compiled
def signal(order: int, n: float) -> float:
    r""":math:`S = (P/2)\,\tilde n^{P-1}`."""
    return 0.5 * order * n ** (order - 1)


@compiled
def overlap_of(order: int, signal: float) -> float:
    """Inverse of `signal`."""
    return (2 * signal / order) ** (1 / (order - 1))


@compiled
def _stride(law: ExampleLaw, S: float, V: float, T: float) -> int:
    r"""Points of the example law to step over.

    The sum over the binomial law is a trapezoid rule for a product of two smooth functions
    of u: the weights, of width `deviation`, and a site average, of width
    :math:`\max(T, \sqrt V)/S`.  Aliasing is below 1e-14 while the step stays below
    0.6 deviations and :math:`[0.09 T^2 + 0.4 V]^{1/2}/S`; all points are used otherwise.
    """
    if law.deviation <= 5 * law.spacing:
        return 1
    smooth = 0.09 * T**2 + 0.4 * V
    step = 1 / math.sqrt(2.8 / law.deviation**2 + S**2 / smooth) if smooth > 0 else 0.0
    return max(1, int(step / law.spacing))


@compiled
def sites(
    field: MeanField, S: float, V: float, T: float
) -> tuple[float, float, float, float, float, float, float, float]:
    r"""Average over the sites.

    Returns :math:`m = E \tanh`, :math:`n = E\,u \tanh`, :math:`q = E \tanh^2`,
    :math:`\chi = E\,\mathrm{sech}^2/T` and the derivatives of n and chi in S and V.
    """
    law = field.law
    step = _stride(law, S, V, T)
    random = random_field(V + law.spread * S**2, T)
    m = n = q = chi = n_S = n_V = chi_S = chi_V = 0.0
    for k in range(0, law.u.size, step):
        u, w = law.u[k], step * law.weight[k]
        t, t2, c, psi, omega = polarisation(u * S, random)
        # A Gaussian u shifts the mean and the variance of the field together.
        slope = -2 * u * psi + law.spread * S * omega
        drift = law.spread * S
        m += w * t
        n += w * (u * t + drift * c)
        q += w * t2
        chi += w * c
        n_S += w * (u * (u * c - 2 * drift * psi) + law.spread * c + drift * slope)
        n_V += w * (0.5 * drift * omega - u * psi)
        chi_S += w * slope
        chi_V += 0.5 * w * omega
    return m, n, q, chi, n_S, n_V, chi_S, chi_V


@compiled
def soft_field(field: MeanField, S: float, V: float, T: float) -> float:
    """Average T ln 2 cosh(h/T) over the sites; abs(h) at T = 0."""
    law, total = field.law, 0.0
    step = _stride(law, S, V, T)
    random = random_field(V + law.spread * S**2, T)
    for k in range(0, law.u.size, step):
        total += step * law.weight[k] * log_cosh(law.u[k] * S, random)
    return total


@compiled
def tail(field: MeanField, S: float, V: float, T: float) -> float:
    """Average sech^4(h/T)/T over the sites, which is finite at T = 0."""
    law, total = field.law, 0.0
    step = _stride(law, S, V, T)
    random = random_field(V + law.spread * S**2, T)
    for k in range(0, law.u.size, step):
        total += step * law.weight[k] * quartic(law.u[k] * S, random)
    return total


@compiled
def energies(
    field: MeanField, alpha: float, T: float, n: float, V: float, q: float, chi: float
) -> tuple[float, float]:
    """Return the free energy and the energy of a solution."""
    crosstalk = field.crosstalk
    soft = soft_field(field, signal(field.order, n), V, T)
    free_energy = 0.5 * (field.order - 1) * n**field.order - soft
    energy = -0.5 * n**field.order
    if alpha > 0:
        free_energy += alpha * crosstalk_free_energy(crosstalk, q, chi, T)
        energy += alpha * crosstalk_energy(crosstalk, q, chi, T)
    if T == 0:
        energy = free_energy
    return free_energy, energy


@compiled
def fluctuation(
    field: MeanField, alpha: float, T: float, n: float, V: float, q: float, chi: float
) -> float:
    r"""Return :math:`\alpha I\,E\,\mathrm{sech}^4(h/T) / T`, which is finite at T = 0.

    The replicon eigenvalue is :math:`1 -` this over T: at T = 0 it is :math:`-\infty` at
    any load, because the density of sites without a field is positive.
    """
    S = signal(field.order, n)
    return alpha * instability(field.crosstalk, q, chi, T) * tail(field, S, V, T)


@compiled
def observables(
    field: MeanField, alpha: float, T: float, n: float, V: float
) -> tuple[float, float, float, float, float, float, float, float]:
    """Return (m, n, q, chi, free_energy, energy, replicon, residual) of a solution (n tilde, V).

    The residual is the largest change of n or q when V is computed from q and both
    from V once more.
    """
    law = field.law
    m, image, q, chi, _, n_V, _, chi_V = sites(field, signal(field.order, n), V, T)
    free_energy, energy = energies(field, alpha, T, n, V, q, chi)
    change = V - alpha * noise(field.crosstalk, q, chi, T)[0] if alpha > 0 else V
    residual = max(abs(n - image), abs(n_V * change), abs(T * chi_V * change))
    if T == 0 and V == 0 and law.spread == 0:
        # Sites whose examples balance are left without any field.
        for u, w in zip(law.u, law.weight):  # noqa: B905 - numba has no strict
            if u == 0:
                q, chi = q - w, np.inf
    eigenvalue = 1.0
    if alpha > 0:
        eigenvalue = 1 - fluctuation(field, alpha, T, n, V, q, chi) / T if T > 0 else -np.inf
    return m, image, q, chi, free_energy, energy, eigenvalue, residual

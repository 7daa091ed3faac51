"""The replica-symmetric states of connected layers, over points (alpha, T)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .branch import crossing, glass_curves, retrieval_curves
from .layers import Layers, noise, response
from .sites import sited, weighed
from .starts import attractor, low_load

__all__ = ["BRANCHES", "Observed", "observed", "settled"]


class Observed(NamedTuple):
    r"""What the solutions of connected layers are like.

    Parameters
    ----------
    m, n, q, chi : numpy.ndarray
        Shape (N, L).
    free_energy, energy : numpy.ndarray
        Of all spins, over :math:`\bar N`.
    fluctuation : numpy.ndarray
        T times what the replicon is less than 1; see `observed`.
    residual : numpy.ndarray
    """

    m: np.ndarray
    n: np.ndarray
    q: np.ndarray
    chi: np.ndarray
    free_energy: np.ndarray
    energy: np.ndarray
    fluctuation: np.ndarray
    residual: np.ndarray


def observed(layers: Layers, T: np.ndarray, y: np.ndarray) -> Observed:
    r"""Evaluate solutions y, shape (N, 2L + 1).

    **Stability against replica-symmetry breaking.**  The replicated free energy is a function of
    the overlaps :math:`Q_A^{ab}` of replicas in every layer and of their conjugates
    :math:`\rho_A^{ab} = V_A`, a different from b.  In the replicon sector,
    :math:`\delta Q_A = x_A \eta^{ab}`, :math:`\delta\rho_A = y_A \eta^{ab}` with
    :math:`\eta^{aa} = \sum_b \eta^{ab} = 0`, the layers keep coefficients of their own, and the
    second variation of :math:`-f/T` per unit of :math:`\sum_{a<b} (\eta^{ab})^2` is

    .. math:: \frac{1}{2 T^4} \sum_A g_A E_A y_A^2 - \frac{1}{T^2} \sum_A g_A x_A y_A
              + \frac{\alpha}{2 T^2} \sum_{AB} P_{AB}^2 x_A x_B, \qquad
              E_A = E\,\mathrm{sech}^4(h/T):

    the first term is the variance of :math:`s^a s^b` of one site in that sector, the last that of
    the determinant, :math:`\frac\alpha4 \mathrm{tr} (\Gamma M^{-1} \delta Q/T)^2`, since
    :math:`M = 1 - \Gamma \otimes Q/T` is :math:`1 - \Gamma X` on vectors that sum to zero over
    the replicas.  Without y, which is :math:`T^2 x_A/E_A`, it vanishes for some x where the matrix

    .. math:: \frac{\alpha E_A}{T^2 g_A} P_{AB}^2

    has the eigenvalue 1.  Its entries are not negative and its largest eigenvalue is real: the
    replicon is 1 less that, and negative where replica symmetry is broken.  One layer has the line
    of de Almeida and Thouless; without overlaps and noise, E = 1, it is the glass transition.
    """
    size, spectrum = layers.share.size, layers.field.crosstalk
    n, V, alpha = y[:, :size], y[:, size:-1] ** 2, y[:, -1] ** 2
    of = sited(layers, T, y)
    soft, quartic = weighed(layers, T, y)
    pair = 0.5 * (n @ layers.signal.T * n) @ layers.share
    free_energy, energy = pair - soft @ layers.share, -pair
    P, log_det, _ = response(layers, np.where((alpha > 0)[:, None], of.chi, 0.0))
    own = spectrum.rank[:, None] * np.diagonal(layers.gamma)
    through = np.diagonal(P, axis1=2, axis2=3)
    squared = np.einsum("v,nvab->nab", spectrum.strength, P * P)
    crosstalk = T * log_det
    crosstalk += np.einsum("v,nva->n", spectrum.strength, own - through * of.q[:, None])
    free_energy += 0.5 * (alpha * crosstalk + (V * of.chi) @ layers.share)
    crosstalk = np.einsum("v,nva->n", spectrum.strength, own - through)
    crosstalk -= np.einsum("na,nab,nb->n", of.chi, squared, of.q)
    energy += 0.5 * alpha * crosstalk
    wide = np.sqrt(quartic / layers.share)
    unstable = squared * wide[:, :, None] * wide[:, None, :]
    largest = np.linalg.eigvalsh(np.nan_to_num(unstable))[:, -1] if len(y) else alpha
    change = V - alpha[:, None] * noise(layers, P, of.q, T)[0]
    wrong = np.stack([n - of.n, of.n_V * change, T[:, None] * of.chi_V * change])
    q, chi = of.q, of.chi
    law, still = layers.field.law, (T == 0) & (alpha == 0)
    balanced = law.weight[law.u == 0].sum()
    if law.spread == 0 and balanced > 0:  # sites without any field
        q = np.where(still[:, None], q - balanced, q)
        chi = np.where(still[:, None], np.inf, chi)
    return Observed(
        of.m, of.n, q, chi, free_energy, np.where(T == 0, free_energy, energy),
        alpha * largest, np.abs(wrong).max(axis=(0, 2)),
    )  # fmt: skip


def _levels(alpha: np.ndarray, T: np.ndarray) -> tuple[np.ndarray, np.ndarray, float, float]:
    """Return the temperatures of curves, the one of each point, and the range of loads."""
    heat, of = np.unique(T, return_inverse=True)
    loads = alpha[alpha > 0]
    return heat, of, float(loads.min(initial=np.inf)), float(loads.max(initial=0.0))


def _retrieval(layers: Layers, alpha: np.ndarray, T: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return solutions and n_iter; one curve is traced for all loads at one temperature."""
    heat, of, least, most = _levels(alpha, T)
    out = np.full((len(T), 2 * layers.share.size + 1), np.nan)
    n_iter = np.zeros(len(T), np.int64)
    loaded = np.flatnonzero(alpha > 0)
    if loaded.size:
        curves = retrieval_curves(layers, heat, least, most)
        out[loaded], n_iter[loaded] = crossing(layers, heat, curves, of[loaded], alpha[loaded])
    alone = np.flatnonzero(alpha == 0)
    if alone.size:
        start = low_load(layers, heat)
        start[~(np.abs(start).max(axis=1) > 0)] = np.nan
        out[alone] = start[of[alone]]
    return out, n_iter


def _glass(layers: Layers, alpha: np.ndarray, T: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    heat, of, least, most = _levels(alpha, T)
    out = np.full((len(T), 2 * layers.share.size + 1), np.nan)
    n_iter = np.zeros(len(T), np.int64)
    loaded = np.flatnonzero(alpha > 0)
    if loaded.size:
        curves = glass_curves(layers, heat, least, most)
        out[loaded], n_iter[loaded] = crossing(layers, heat, curves, of[loaded], alpha[loaded])
    return out, n_iter


def _paramagnet(layers: Layers, alpha: np.ndarray, T: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Set n = V = 0: no solution at T = 0, nor where its crosstalk is unbounded."""
    out = np.zeros((len(T), 2 * layers.share.size + 1))
    out[:, -1] = np.sqrt(alpha)
    out[(T == 0) | ((alpha > 0) & (layers.top >= T))] = np.nan
    return out, np.zeros(len(T), np.int64)


#: By the name of a start.
BRANCHES: dict[str, Callable[..., tuple[np.ndarray, np.ndarray]]] = {
    "retrieval": _retrieval,
    "glass": _glass,
    "paramagnet": _paramagnet,
}


def settled(
    layers: Layers, alpha: np.ndarray, T: np.ndarray, n: np.ndarray, q: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Iterate from overlaps, shape (N, L); at T = 0 from a vanishing susceptibility."""
    with np.errstate(divide="ignore", invalid="ignore"):
        chi = np.where(T[:, None] > 0, np.maximum(1 - q, 0.0) / T[:, None], 0.0)
    y, n_iter = attractor(layers, alpha, T, n, chi)
    y[n_iter == 0] = np.nan
    return y, n_iter

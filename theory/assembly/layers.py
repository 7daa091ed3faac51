r"""The replica-symmetric law of an assembly of Hebbian networks.

Layer A has :math:`N_A = g_A \bar N` spins, :math:`\prod_A g_A = 1`, and the load is
:math:`\alpha = K/\bar N`.  With :math:`y_A^\mu = \bar N^{-1/2} \sum_{i \in A} v_i^\mu s_i`,
rows v of variance one, the weight of a configuration is
:math:`\exp[\frac{1}{2T} \sum_\mu \sum_{AB} G_{AB} (y_A^\mu y_B^\mu - \delta_{AB} g_A)]`.

**Other patterns.**  Over the data, :math:`y_A` of the replicas are Gaussian with covariance
:math:`g_A Q_A^{ab}`, independent between layers.  Their average is
:math:`\det(1 - \Gamma \otimes Q/T)^{-1/2}` for each pattern, with

.. math:: \Gamma_{AB} = \sqrt{g_A g_B}\, G_{AB}, \qquad X = \mathrm{diag}(\chi_A), \qquad
          \chi_A = (1 - q_A)/T, \qquad P = (1 - \Gamma X)^{-1} \Gamma.

For two layers with G = 0 on the diagonal :math:`\Gamma = G`, whatever their sizes.

A site of layer A feels :math:`h = u S_A + \sqrt{V_A} x`, x normal, and

.. math:: S_A = \sum_B G_{AB} g_B \tilde n_B, \qquad
          V_A = \frac{\alpha}{g_A} \sum_B P_{AB}^2 q_B, \qquad
          \tilde n_A = E\,u \tanh(h/T), \qquad q_A = E \tanh^2(h/T),

the stationarity conditions of the free energy of :math:`\bar N` spins

.. math:: f = \frac12 \sum_{AB} G_{AB} g_A g_B \tilde n_A \tilde n_B
          - \sum_A g_A \Big[ E\,T \ln 2\cosh(h/T) - \frac{V_A \chi_A}{2} \Big]
          + \frac\alpha2 \big[ T \ln\det(1 - \Gamma X) - \mathrm{tr}\,P q
          + \mathrm{tr}\,\Gamma \big];

the last trace is the interaction of spins with themselves, which the network does not have.
The energy is

.. math:: e = -\frac12 \sum_{AB} G_{AB} g_A g_B \tilde n_A \tilde n_B - \frac\alpha2 \Big[
          \mathrm{tr}\,P + \sum_{AB} P_{AB}^2 \chi_A q_B - \mathrm{tr}\,\Gamma \Big].

Both are divided by :math:`\sum_A g_A` to be those per spin.  One layer with G = 1 is the network
of Amit, Gutfreund and Sompolinsky (doi:10.1016/0003-4916(87)90092-3), two are the bidirectional
memory (arXiv:2211.09694), three arXiv:2409.08151.

**Examples.**  u is the normalised mean of the examples at a site (`theory.averages.example_law`),
independent between layers.  Supervised rows have variance one, and nothing else changes.
Unsupervised, a pattern has one row for every example a, with the weight 1/(MR) of each.  The
examples of one layer have the covariance :math:`C_{ab} = r^2 + (1 - r^2) \delta_{ab}` over the
data, the same in every layer, and those of different layers none: in the eigenvectors of C the
determinant is a product over its eigenvalues, :math:`\prod_v \det(1 - v \Gamma \otimes Q/T)`, with
v = 1 once and :math:`v = (1 - r^2)/(MR)`, M - 1 times, as of the Hopfield network
(`theory.one_pattern.hopfield`).  Wherever :math:`\Gamma` stands, :math:`v \Gamma` does, and P
terms are summed over v.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hebbian import Assembly
from theory.averages.example_law import example_law
from theory.one_pattern.hopfield import pair_crosstalk
from theory.one_pattern.replica import MeanField

__all__ = ["Layers", "components", "noise", "response"]


class Layers(NamedTuple):
    r"""Layers that are coupled to each other, directly or through others.

    Parameters
    ----------
    field : MeanField
        Law of a site and spectrum of a class, those of a Hopfield network.
    share : numpy.ndarray
        Sizes :math:`g_A`, shape (L,).
    signal : numpy.ndarray
        :math:`G_{AB} g_B`, shape (L, L).
    gamma : numpy.ndarray
        :math:`\Gamma`, shape (L, L).
    signs : numpy.ndarray
        The pattern that is retrieved, up to the sign in every layer; see `_signs`.
    top : float
        Largest eigenvalue of :math:`\Gamma`: the paramagnet of the other patterns is bounded
        above this temperature, and retrieval begins there at alpha = 0.
    """

    field: MeanField
    share: np.ndarray
    signal: np.ndarray
    gamma: np.ndarray
    signs: np.ndarray
    top: float


def components(model: Assembly, law: str) -> list[tuple[np.ndarray, Layers]]:
    """Return the connected sets of layers: their numbers, and what they are.

    A layer that is coupled to none, not even itself, is in no set.

    Examples
    --------
    >>> from hebbian import Assembly
    >>> model = Assembly(couplings=((0, 0, 1), (0, 1, 0), (1, 0, 0)))
    >>> [places.tolist() for places, _ in components(model, "binomial")]
    [[0, 2], [1]]
    """
    from scipy.sparse.csgraph import connected_components

    G, share = model.matrix, model.shares
    law_of_site = example_law(model.rule, law)
    field = MeanField(2, law_of_site, pair_crosstalk(model.rule, "distinct"))
    number, label = connected_components(G != 0, directed=False)
    found = []
    for k in range(number):
        here = np.flatnonzero(label == k)
        inner, g = G[np.ix_(here, here)], share[here]
        if not inner.any():
            continue
        gamma = inner * np.sqrt(np.outer(g, g))
        top = float(np.linalg.eigvalsh(gamma)[-1])
        signal = np.ascontiguousarray(inner * g)
        found.append((here, Layers(field, g, signal, gamma, _signs(inner, g), top)))
    return found


def _signs(G: np.ndarray, g: np.ndarray) -> np.ndarray:
    """Return the signs in which the layers hold a pattern.

    All positive where the pattern itself is stable without noise; else those of lowest energy
    with a positive first layer, and of them those with the fewest negative ones; 0 where
    frustrated couplings leave a layer without a field.
    """
    together = np.ones(len(g))
    if (G @ g > 0).all():
        return together
    bits = np.arange(2 ** (len(g) - 1))[:, None] >> np.arange(len(g)) & 1
    choices = np.roll(1.0 - 2.0 * bits, 1, axis=1)  # the last bit, always 0, comes first
    weighted = choices * g
    energy = -np.einsum("ka,ab,kb->k", weighted, G, weighted)
    lowest = np.flatnonzero(energy <= energy.min() + 1e-12 * abs(energy).max())
    found = choices[lowest[np.argmax(choices[lowest].sum(axis=1))]].copy()
    for _ in range(len(g)):  # a layer that the others pull both ways holds nothing
        idle = np.flatnonzero((np.abs(G @ (g * found)) <= 1e-12 * np.abs(G).max()) & (found != 0))
        found[idle[:1]] = 0.0
    return np.asarray(found)


def response(layers: Layers, chi: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Return P of every v, ln det summed over them, and whether they exist.

    Parameters
    ----------
    layers : Layers
    chi : numpy.ndarray
        Shape (N, L).

    Returns
    -------
    P : numpy.ndarray
        Shape (N, n_v, L, L).
    log_det : numpy.ndarray
    bounded : numpy.ndarray of bool
        Whether :math:`1 - v X^{1/2} \Gamma X^{1/2}` is positive definite.  Its Cholesky factor C
        gives :math:`P = v \Gamma + Y^T Y`, :math:`Y = C^{-1} X^{1/2} v \Gamma`.
    """
    size, spectrum = chi.shape[1], layers.field.crosstalk
    root = np.sqrt(chi)[:, None, :, None]
    gamma = spectrum.rank[:, None, None] * layers.gamma
    Y = root * gamma
    matrix = np.eye(size) - Y * root.swapaxes(-1, -2)
    log_det, bounded = np.zeros(len(chi)), np.ones(len(chi), bool)
    factor = np.zeros_like(matrix)
    for j in range(size):
        pivot = matrix[..., j, j] - (factor[..., j, :j] ** 2).sum(axis=-1)
        bounded &= (pivot > 0).all(axis=-1)
        pivot = np.where(pivot > 0, pivot, 1.0)
        log_det += np.log(pivot) @ spectrum.strength
        factor[..., j, j] = np.sqrt(pivot)
        below = factor[..., j + 1 :, :j] @ factor[..., j, :j, None]
        factor[..., j + 1 :, j] = matrix[..., j + 1 :, j] - below[..., 0]
        factor[..., j + 1 :, j] /= factor[..., j, j, None]
        Y[..., j, :] -= (factor[..., j, None, :j] @ Y[..., :j, :])[..., 0, :]
        Y[..., j, :] /= factor[..., j, j, None]
    return gamma + Y.swapaxes(-1, -2) @ Y, log_det, bounded


def noise(
    layers: Layers, P: np.ndarray, q: np.ndarray, T: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    r"""Return :math:`R_A = V_A/\alpha` and its derivatives in :math:`\chi_B`.

    From :math:`dP = P\,dX\,P` and :math:`dq = -T d\chi`; shapes (N, L) and (N, L, L).
    """
    strength = layers.field.crosstalk.strength
    R = np.einsum("v,nvab,nb->na", strength, P * P, q) / layers.share
    bent = (P * q[:, None, None, :]) @ P
    slope = np.einsum("v,nvab->nab", strength, P * (2 * bent - T[:, None, None, None] * P))
    return R, slope / layers.share[:, None]

"""Averages over the sites of every layer, at many points at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from theory.compiled import compiled
from theory.one_pattern.replica import MeanField, sites, soft_field, tail

from .layers import Layers

__all__ = ["Sites", "sited", "weighed"]


class Sites(NamedTuple):
    """What `theory.one_pattern.replica.sites` returns, each of shape (N, L)."""

    m: np.ndarray
    n: np.ndarray
    q: np.ndarray
    chi: np.ndarray
    n_S: np.ndarray
    n_V: np.ndarray
    chi_S: np.ndarray
    chi_V: np.ndarray


@compiled
def _sites(field: MeanField, S: np.ndarray, V: np.ndarray, T: np.ndarray) -> np.ndarray:
    out = np.empty((8, *S.shape))
    for i in range(S.shape[0]):
        for j in range(S.shape[1]):
            m, n, q, chi, n_S, n_V, chi_S, chi_V = sites(field, S[i, j], V[i, j], T[i])
            out[0, i, j], out[1, i, j], out[2, i, j], out[3, i, j] = m, n, q, chi
            out[4, i, j], out[5, i, j], out[6, i, j], out[7, i, j] = n_S, n_V, chi_S, chi_V
    return out


@compiled
def _weighed(field: MeanField, S: np.ndarray, V: np.ndarray, T: np.ndarray) -> np.ndarray:
    out = np.empty((2, *S.shape))
    for i in range(S.shape[0]):
        for j in range(S.shape[1]):
            out[0, i, j] = soft_field(field, S[i, j], V[i, j], T[i])
            out[1, i, j] = tail(field, S[i, j], V[i, j], T[i])
    return out


def sited(layers: Layers, T: np.ndarray, y: np.ndarray) -> Sites:
    """Return the averages at points y of `equations`, shape (N, 2L + 1)."""
    return Sites(*_sites(layers.field, *_fields(layers, y), T))


def weighed(layers: Layers, T: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the averages of T ln 2 cosh(h/T) and of sech^4(h/T)/T."""
    soft, quartic = _weighed(layers.field, *_fields(layers, y), T)
    return soft, quartic


def _fields(layers: Layers, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    size = layers.share.size
    return y[:, :size] @ layers.signal.T, y[:, size : 2 * size] ** 2

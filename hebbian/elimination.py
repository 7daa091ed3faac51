r"""Quadratic forms :math:`Y^T M^{-1} Y` of positive matrices, the same bits for any threads.

Linear algebra packages cut their sums by the number of threads, so that the last digits of an
inverse would depend on who asks for it.  Gauss elimination in blocks needs products of matrices
alone,

.. math:: P_k = L_k^{-1} [M | Y]_k, \qquad [M | Y]_l \leftarrow [M | Y]_l - P_{kl}^T P_k,
          \qquad Y^T M^{-1} Y = \sum_k P_{kY}^T P_{kY},

:math:`L_k` the Cholesky factor of the block on the diagonal.  Here the inner dimension of every
product is one block and its outer ones are whole numbers of blocks: each entry is a sum in one
order.
"""

from __future__ import annotations

import numpy as np

__all__ = ["quadratic_form"]

BLOCK = 128  # rows eliminated at a time
TILE = 512  # rows of a result that stay in the cache, whole blocks

#: A pivot, relative to its diagonal entry, that counts as zero.
DEPENDENT = 1e-10


def quadratic_form(M: np.ndarray, Y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""Return :math:`Y^T M^{-1} Y`, and which rows are independent of those before them.

    Parameters
    ----------
    M : numpy.ndarray
        Shape (m, m), symmetric, positive semi-definite.  Dependent rows are left out, with
        those of Y.
    Y : numpy.ndarray
        Shape (m, n).

    Returns
    -------
    form : numpy.ndarray
        Shape (n, n), symmetric to the bit.
    kept : numpy.ndarray
        Shape (m,), bool.

    Examples
    --------
    >>> Y = np.array([[2.0, 0.0], [2.0, 0.0], [0.0, 3.0]])
    >>> quadratic_form(Y @ Y.T, Y)
    (array([[1., 0.],
           [0., 1.]]), array([ True, False,  True]))
    """
    m, n = Y.shape
    rows, columns = (-(-size // BLOCK) * BLOCK for size in (m, n))
    Z = np.zeros((rows, rows + columns))
    Z[:m, :m], Z[:m, rows : rows + n] = M, Y
    Z[range(m, rows), range(m, rows)] = 1.0
    least = DEPENDENT * np.diagonal(Z[:, :rows])
    kept = np.empty(rows, bool)
    for first in range(0, rows, BLOCK):
        here = slice(first, first + BLOCK)
        factor, kept[here] = _inverse_factor(Z[here, here], least[here])
        pivots = factor @ Z[here, first:]
        for start in range(first + BLOCK, rows, TILE):
            tile = slice(start, min(start + TILE, rows))
            left = pivots[:, tile.start - first : tile.stop - first]
            Z[tile, start:] -= left.T @ pivots[:, start - first :]
        Z[here, rows:] = pivots[:, rows - first :]
    return _squares(Z[:, rows:], n), kept[:m]


def _squares(W: np.ndarray, n: int) -> np.ndarray:
    """Return W.T @ W of the first n columns."""
    form = np.empty((n, n))
    for start in range(0, n, TILE):
        total = np.zeros((min(TILE, W.shape[1] - start), W.shape[1] - start))
        for first in range(0, len(W), BLOCK):
            block = W[first : first + BLOCK, start:]
            total += block[:, : len(total)].T @ block
        here = slice(start, min(start + TILE, n))
        form[here, start:] = total[: here.stop - start, : n - start]
        form[start:, here] = form[here, start:].T
    return form


def _inverse_factor(S: np.ndarray, least: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the inverse of the Cholesky factor of a block, zero in dependent rows."""
    S, inverse = S.copy(), np.eye(len(S))
    kept = np.empty(len(S), bool)
    for j, after in enumerate(range(1, len(S) + 1)):
        kept[j] = S[j, j] > least[j]
        if not kept[j]:
            inverse[j] = 0.0
            continue
        root = np.sqrt(S[j, j])
        inverse[j] /= root
        row = S[j, after:] / root
        S[after:, after:] -= np.outer(row, row)
        inverse[after:] -= np.outer(row, inverse[j])
    return inverse, kept

r"""Archetypes with blanks made of images, and what tells them from random ones.

An archetype of M images of one class is blank where all of them are background; elsewhere
it is +1 on the pixels brighter than their median, -1 on the others, so that it has no bias.
More images leave fewer blanks.  The theory takes the entries of one spin to be independent,
blank with the same probability d in every archetype.  In images the dilutions differ,
the blanks lie at the same places and the entries are correlated.  Archetypes whose pixels are
shuffled, each by itself, keep the dilutions alone; if the darkest pixels of all but the most
diluted one are made blank too, the dilutions are equal.

For K finite only the law of the column :math:`\xi_i = (\xi_i^1, ..., \xi_i^K)` matters:
:math:`m = \langle \xi \tanh(\xi \cdot m / T) \rangle`.  With the columns of the images in
place of independent ones this describes them without a parameter (`mean_field`).
"""

from __future__ import annotations

import numpy as np

__all__ = ["LAW", "column_law", "diluted_archetypes", "mean_field"]

#: What `column_law` returns.
LAW = ("room", "common", "correlation")


def diluted_archetypes(pixels: np.ndarray, *, equal: bool = False) -> np.ndarray:
    """Return archetypes with blanks, the least diluted first.

    Parameters
    ----------
    pixels : numpy.ndarray
        Shape (K, n_images, rows, columns), 0 is background.
    equal : bool
        Make the darkest pixels blank until all dilutions are that of the most diluted.

    Returns
    -------
    numpy.ndarray
        Shape (K, rows * columns), int8.

    Examples
    --------
    >>> diluted_archetypes(np.array([[[[0, 9, 1, 0]], [[0, 8, 2, 1]]]])).tolist()
    [[0, 1, -1, -1]]
    """
    grey = pixels.reshape(*pixels.shape[:2], -1).mean(axis=1)
    if equal:
        n_blank = int((grey == 0).sum(axis=1).max())
        darkest = np.argsort(grey, axis=1, kind="stable")[:, :n_blank]
        np.put_along_axis(grey, darkest, 0, axis=1)
    brighter = [x > np.median(x[x > 0]) for x in grey]
    xi = np.where(grey > 0, np.where(brighter, 1, -1), 0).astype(np.int8)
    return np.asarray(xi[np.argsort((xi == 0).sum(axis=1), kind="stable")])


def mean_field(xi: np.ndarray, T: float, m: np.ndarray) -> np.ndarray:
    """Iterate m = <xi tanh(xi . m / T)> over the columns of archetypes.

    Parameters
    ----------
    xi : numpy.ndarray
        Shape (K, n_columns), float64.
    T : float
        In [0, inf).
    m : numpy.ndarray
        Shape (K,): where the iteration starts.

    Examples
    --------
    Two archetypes that agree where both have entries:

    >>> xi = np.array([[1.0, -1, 1, 0], [0, 0, 1, 1]])
    >>> mean_field(xi, 0.0, np.array([0.7, 0.3])).tolist()
    [0.75, 0.5]
    """
    for _ in range(5000):
        field = m @ xi
        new = xi @ (np.tanh(field / T) if T else np.sign(field)) / xi.shape[1]
        if np.abs(new - m).max() < 1e-12:
            break
        m = new
    return m


def column_law(xi: np.ndarray) -> tuple[float, float, float]:
    """Return what tells the columns of archetypes xi of shape (K, n_columns) from random ones.

    How much of the second archetype lies on the blanks of the first, over the share 1 - d
    of independent blanks; the fraction of columns that are all blank, over the
    product of the dilutions; the correlation of the first two where both have entries.
    """
    blank = xi == 0
    d = blank.mean(axis=1)
    both = ~blank[0] & ~blank[1]
    room = float((~blank[1])[blank[0]].mean() / (1 - d[1]))
    common = float(blank.all(axis=0).mean() / d.prod())
    return room, common, float((xi[0] * xi[1])[both].mean())

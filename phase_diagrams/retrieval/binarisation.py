r"""Grey images as spins: what a Hebbian network needs and pictures do not give.

Hebbian couplings want archetypes without bias and without correlations.  Pictures have
both: five pixels in six of a handwritten digit are background, so that with one threshold
for all pixels the archetypes of two digits overlap by 0.7 and every cue ends in their
common mean.  A median per pixel does not help: where ink is the exception, the majority of
every class is background.  The default method, ``"projected"``, whitens the pixels and lets
every spin see all of them at random.  With x the pixels that vary (`VARYING`) and
:math:`W_{ij} \sim N(0, 1)` the same for all data,

.. math:: y = (1 + C/\lambda_0)^{-1/2} (x - \bar x), \qquad
          \lambda_0 = \frac{3}{n} \mathrm{tr}\, C, \qquad
          s_i = \mathrm{sign}(w_i - \mathrm{median}\, w_i), \quad w = W y.

Mean, covariance C and median are those of the examples of all classes together: no label
enters, nor does the image held out.  Directions of variance far above :math:`\lambda_0`
are brought down to it, those far below are left alone, and every spin is +1 in half of
the examples.  Two spins of an image are independent but for the overlap of their rows of
W, where neighbouring pixels repeat each other.

The price is the data quality r, most of which is common background at a fixed level.
Measured on the ten classes of MNIST (test set) and of 900 images of Fashion-MNIST: the root
mean square overlap of two archetypes (majority of 80 examples each), r, the fraction of
held-out images that are nearest to their own archetype once 20 % of their spins are
reversed, and the fractions that retrieve it with `Storing` at T = 0 (final overlap above
0.7; 100 images each, errors 0.05):

=========  =========  ========  ====  =======  =====  =====
data       method     overlap   r     nearest  P = 2  P = 4
=========  =========  ========  ====  =======  =====  =====
MNIST      projected  0.10      0.23  0.81     0.67   0.75
MNIST      whitened   0.14      0.32  0.67     0.30   0.56
MNIST      median     0.41      0.67  0.74     0.09   0.55
MNIST      level 127  0.73      0.85  0.61     0.07   0.09
Fashion    projected  0.12      0.23  0.75     0.60   0.72
Fashion    whitened   0.24      0.41  0.63     0.17   0.53
Fashion    median     0.32      0.64  0.58     0.13   0.55
Fashion    level 127  0.45      0.73  0.51     0.12   0.42
=========  =========  ========  ====  =======  =====  =====
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hebbian import domain, streams

__all__ = ["METHODS", "Binarisation"]

#: Methods fitted to the examples; a number is a fixed grey level.
METHODS = ("projected", "whitened", "median")

#: A pixel takes part if its variance exceeds this fraction of the mean over pixels.
VARYING = 0.1
#: lambda_0 in units of the mean eigenvalue: less favours two bodies, more favours four.
SHRINKAGE = 3.0
#: Number of spins of the projected method.
N_PROJECTIONS = 4000

_BLOCK = 256  # spins; bounds the scratch memory of many images


@dataclass(frozen=True, kw_only=True, eq=False)
class Binarisation:
    """A map from grey images to spins, fitted to examples.

    Parameters
    ----------
    method : str or float
        One of `METHODS` or a grey level.
    pixels : numpy.ndarray
        Shape (n_pixels,), bool: the n pixels that take part.
    mean : numpy.ndarray
        Shape (n,).
    matrix : numpy.ndarray or None
        Shape (n_spins, n): what every spin sees; None for its own pixel.
    threshold : numpy.ndarray
        Shape (n_spins,).
    decoder : numpy.ndarray or None
        Shape (n_spins, n): spins to grey levels; None if a spin is a pixel.
    """

    method: str | float
    pixels: np.ndarray
    mean: np.ndarray
    matrix: np.ndarray | None = None
    threshold: np.ndarray
    decoder: np.ndarray | None = None

    @classmethod
    def fit(cls, method: str | float, images: np.ndarray) -> Binarisation:
        """Fit a method to the examples of all classes.

        Parameters
        ----------
        method : str or float
            ``"projected"``: see the module.  The others have a spin per pixel:
            ``"whitened"``, y above its median; ``"median"``, x above its median; a grey
            level in [0, 255), x above it, for every pixel whether it varies or not.
        images : numpy.ndarray
            Shape (n_images, rows, columns) or (n_images, n_pixels).

        Raises
        ------
        ValueError
            If the method is unknown or fewer than two pixels vary.

        Examples
        --------
        >>> images = np.array([[[0, 9]], [[0, 200]]], np.uint8)
        >>> Binarisation.fit(127, images).spins(images).tolist()
        [[-1, -1], [-1, 1]]
        """
        x = images.reshape(len(images), -1).astype(np.float64)
        if not isinstance(method, str):
            level, every = domain.real("threshold", method, "[0, 255)"), np.ones(x.shape[1], bool)
            low, high = float(x.min()), float(x.max())
            if not low <= level < high:
                raise ValueError(
                    f"threshold = {level:g}: the examples have grey levels from {low:g} to {high:g}"
                )
            return cls(method=level, pixels=every, mean=0.0 * every, threshold=level * every)
        domain.choice("threshold", method, METHODS)
        variance = x.var(axis=0)
        pixels = variance > VARYING * variance.mean()
        if pixels.sum() < 2:
            raise ValueError("threshold: fewer than two pixels differ between the examples")
        x = x[:, pixels]
        mean = x.mean(axis=0)
        x -= mean
        matrix = decoder = None
        if method != "median":
            directions, gains = _whitening(x)
            seen = np.eye(len(mean))
            if method == "projected":
                key = np.random.Philox(streams.stream(0, "projections"))
                seen = np.random.Generator(key).standard_normal((N_PROJECTIONS, len(mean)))
                decoder = _scale(seen, directions, 1 / gains)
            matrix = _scale(seen, directions, gains)
        medians = [np.median(levels, axis=0) for _, levels in _levels(x, matrix)]
        return cls(
            method=method,
            pixels=pixels,
            mean=mean,
            matrix=matrix,
            threshold=np.concatenate(medians),
            decoder=decoder,
        )

    @property
    def n_spins(self) -> int:
        """Number of spins."""
        return len(self.threshold)

    def spins(self, images: np.ndarray) -> np.ndarray:
        """Return the spins of images.

        Parameters
        ----------
        images : numpy.ndarray
            Shape (n_images, rows, columns) or (n_images, n_pixels).

        Returns
        -------
        numpy.ndarray
            Shape (n_images, n_spins), int8, +-1.
        """
        x = images.reshape(len(images), -1)[:, self.pixels] - self.mean
        out = np.empty((len(x), self.n_spins), np.int8)
        for which, levels in _levels(x, self.matrix):
            out[:, which] = np.where(levels > self.threshold[which], 1, -1)
        return out

    def picture(self, spins: np.ndarray) -> np.ndarray:
        """Show spins as a picture: what they say of every pixel, in [-1, 1].

        Spins that are pixels go back to their places; projections are turned back by the
        transpose of W and the inverse of the whitening.  0 where a pixel takes no part.

        Parameters
        ----------
        spins : numpy.ndarray
            Shape (n_spins,).

        Returns
        -------
        numpy.ndarray
            Shape (n_pixels,).
        """
        levels = spins.astype(np.float64)
        if self.decoder is not None:
            levels = levels @ self.decoder
            levels /= np.abs(levels).max()
        out = np.zeros(len(self.pixels))
        out[self.pixels] = levels
        return out


def _whitening(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the eigenvectors of C and (1 + eigenvalue / lambda_0)^(-1/2)."""
    eigenvalues, directions = np.linalg.eigh(x.T @ x / len(x))
    eigenvalues = np.maximum(eigenvalues, 0)  # rounding makes the zeros of few images negative
    shrinkage = SHRINKAGE * eigenvalues.mean()
    return directions.T, (1 + eigenvalues / shrinkage) ** -0.5


def _scale(rows: np.ndarray, directions: np.ndarray, gains: np.ndarray) -> np.ndarray:
    """Multiply the components of `rows` along the directions by the gains."""
    return rows + (rows @ directions.T * (gains - 1)) @ directions


def _levels(x: np.ndarray, matrix: np.ndarray | None) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield (spins, what they see of x), a block of spins at a time."""
    n_spins = x.shape[1] if matrix is None else len(matrix)
    for first in range(0, n_spins, _BLOCK):
        which = slice(first, min(first + _BLOCK, n_spins))
        yield which, x[:, which] if matrix is None else x @ matrix[which].T

r"""Grey images as spins: which to learn, which to hold out, where a pixel is +1.

Hebbian couplings want archetypes without bias and without correlations; pictures have
both.  Five pixels in six of a handwritten digit are background, so that with one
threshold for all pixels the archetypes of any two digits overlap by 0.7 and every cue
ends in their common mean.  A median per pixel does not help: where ink is the exception
the majority of every class is background.  Hence the default rule, ``"whitened"``: take
the pixels :math:`x` that vary (`VARYING`), whiten them, and cut at the median,

.. math:: y = (1 + C/\lambda_0)^{-1/2} (x - \bar x), \qquad
          \lambda_0 = \frac{1}{N} \mathrm{tr}\, C, \qquad
          s_i = \mathrm{sign}(y_i - \mathrm{median}\, y_i),

mean, covariance C and median being those of the examples of all classes together; no
label enters, and the held-out image does not.  Directions of variance far above the mean
are brought down to it, those far below are left alone; every spin is +1 in half of the
examples.  Overlaps of archetypes fall to 0.14 (root mean square, ten digits, 80 examples
each).  The price is in the data quality: r is 0.28, where one threshold has 0.85, nearly
all of it common background.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from . import domain, streams

__all__ = ["Binarisation", "Split", "archetypes", "corrupt", "quality", "split"]

#: A pixel takes part if its variance exceeds this fraction of the mean over pixels.
VARYING = 0.3


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """Which images a network learns and which one it is tried on.

    Parameters
    ----------
    held_out : int
        Index of the image that is not among the examples.
    label : int
        Its class.
    classes : tuple of int
        Labels of the archetypes, ascending.
    examples : numpy.ndarray
        Shape (n_classes, n_examples): indices of the examples.
    """

    held_out: int
    label: int
    classes: tuple[int, ...]
    examples: np.ndarray


def split(
    labels: np.ndarray,
    n_examples: int,
    *,
    held_out: int | None = None,
    label: int | None = None,
    classes: Any = None,
    seed: int = 0,
) -> Split:
    """Draw the examples of every class and an image to hold out.

    The examples of a class depend on `seed` alone; a larger number keeps the smaller
    one's, and an image held out is replaced by the next.

    Parameters
    ----------
    labels : numpy.ndarray
        Shape (n_images,), integer.
    n_examples : int
        Examples per class, at least 1.
    held_out : int, optional
        Index of the image to hold out; default: drawn from the images of class `label`.
    label : int, optional
        Class of the image to hold out; default: any of `classes`.
    classes : sequence of int, optional
        Labels to learn, at least two; default: all that occur.
    seed : int

    Returns
    -------
    Split

    Raises
    ------
    ValueError
        If a class is absent or too small, or the image held out is of another class.

    Examples
    --------
    >>> chosen = split(np.array([3, 8, 8, 3, 3]), 1, held_out=1)
    >>> chosen.classes, chosen.label, chosen.examples[1].tolist()
    ((3, 8), 8, [2])
    """
    n_examples = domain.integer("n_examples", n_examples, "[1, inf)")
    seed = domain.integer("seed", seed, "[0, inf)")
    present = [int(c) for c in np.unique(labels)]
    learnt = tuple(present if classes is None else sorted({_one_of(c, present) for c in classes}))
    if len(learnt) < 2:
        raise ValueError(f"classes = {list(learnt)}: retrieval needs two classes or more")
    if held_out is None:
        pool = learnt if label is None else (_one_of(label, learnt),)
        held_out = int(_generator(seed, "held-out").choice(np.flatnonzero(np.isin(labels, pool))))
    held_out = domain.integer("held_out", held_out, f"[0, {len(labels) - 1}]")
    own = int(labels[held_out])
    if label not in (None, own) or own not in learnt:
        wanted = list(learnt) if label is None else label
        raise ValueError(f"held_out = {held_out} is an image of class {own}, not of {wanted}")
    examples = np.empty((len(learnt), n_examples), np.intp)
    for row, c in zip(examples, learnt, strict=True):
        order = _generator(seed, "image examples", label=c).permutation(np.flatnonzero(labels == c))
        order = order[order != held_out]
        if len(order) < n_examples:
            spare = " besides the one held out" if c == own else ""
            raise ValueError(
                f"n_examples = {n_examples}: class {c} has only {len(order)} images{spare}"
            )
        row[:] = order[:n_examples]
    return Split(held_out=held_out, label=own, classes=learnt, examples=examples)


@dataclass(frozen=True, kw_only=True, eq=False)
class Binarisation:
    """A map from grey images to spins, fitted to examples; see the module for the rules.

    Parameters
    ----------
    rule : str or float
        ``"whitened"``, ``"median"`` or a grey level.
    pixels : numpy.ndarray
        Shape (n_pixels,), bool: the pixels that become spins.
    mean, threshold : numpy.ndarray
        Shape (n_spins,).
    directions, gains : numpy.ndarray
        Shapes (n_directions, n_spins) and (n_directions,): what is added along the
        eigenvectors of the covariance.
    """

    rule: str | float
    pixels: np.ndarray
    mean: np.ndarray
    directions: np.ndarray
    gains: np.ndarray
    threshold: np.ndarray

    @classmethod
    def fit(cls, rule: str | float, images: np.ndarray) -> Binarisation:
        """Fit a rule to the examples of all classes.

        Parameters
        ----------
        rule : str or float
            ``"whitened"``; ``"median"``: +1 above the pixel's median; a grey level in
            [0, 255): +1 above it, for every pixel, whether it varies or not.
        images : numpy.ndarray
            Shape (n_images, rows, columns) or (n_images, n_pixels).

        Raises
        ------
        ValueError
            If the rule is unknown or fewer than two pixels vary.

        Examples
        --------
        >>> images = np.array([[[0, 9]], [[0, 200]]], np.uint8)
        >>> Binarisation.fit(127, images).spins(images).tolist()
        [[-1, -1], [-1, 1]]
        """
        x = images.reshape(len(images), -1).astype(np.float64)
        if isinstance(rule, str):
            domain.choice("threshold", rule, ("whitened", "median"))
        else:
            rule = domain.real("threshold", rule, "[0, 255)")
        variance = x.var(axis=0)
        varying = variance > VARYING * variance.mean()
        if varying.sum() < 2:
            raise ValueError("threshold: fewer than two pixels differ between the examples")
        pixels = varying if isinstance(rule, str) else np.ones(x.shape[1], bool)
        x = x[:, pixels]
        mean, directions, gains = np.zeros(x.shape[1]), np.empty((0, x.shape[1])), np.empty(0)
        if rule == "whitened":
            mean = x.mean(axis=0)
            x -= mean
            # The triangular factor has the singular values of x and at most n_spins rows.
            _, singular, directions = np.linalg.svd(np.linalg.qr(x, "r"), full_matrices=False)
            eigenvalues = singular**2 / len(x)
            gains = (1 + eigenvalues * x.shape[1] / eigenvalues.sum()) ** -0.5 - 1
            x += (x @ directions.T * gains) @ directions
        threshold = np.median(x, axis=0) if isinstance(rule, str) else np.full(x.shape[1], rule)
        return cls(
            rule=rule,
            pixels=pixels,
            mean=mean,
            directions=directions,
            gains=gains,
            threshold=threshold,
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
        x += (x @ self.directions.T * self.gains) @ self.directions
        return np.where(x > self.threshold, 1, -1).astype(np.int8)

    def picture(self, spins: np.ndarray) -> np.ndarray:
        """Put spins back in the place of their pixels: 0 where a pixel takes no part.

        Returns
        -------
        numpy.ndarray
            Shape (..., n_pixels), int8.
        """
        out = np.zeros((*spins.shape[:-1], len(self.pixels)), np.int8)
        out[..., self.pixels] = spins
        return out


def archetypes(examples: np.ndarray) -> np.ndarray:
    """Return the majority of the examples of every class.

    Ties are +1 and -1 on alternate spins, so that they add no bias.

    Parameters
    ----------
    examples : numpy.ndarray
        Shape (n_classes, n_examples, n_spins), +-1.

    Returns
    -------
    numpy.ndarray
        Shape (n_classes, n_spins), int8, +-1.

    Examples
    --------
    >>> archetypes(np.array([[[1, 1, 1, -1], [1, -1, -1, -1]]]))
    array([[ 1, -1,  1, -1]], dtype=int8)
    """
    sums = examples.sum(axis=1, dtype=np.int64)
    ties = 1 - 2 * (np.arange(sums.shape[1]) % 2)
    return np.where(sums == 0, ties, np.sign(sums)).astype(np.int8)


def quality(examples: np.ndarray) -> float:
    r"""Estimate the data quality r from the agreement of examples with each other.

    For :math:`\eta^{\mu,a} = \chi^{\mu,a} \xi^\mu` two examples of one class have the mean
    overlap :math:`r^2`, whatever the archetype, so that its average over pairs is an
    estimate of :math:`r^2` without bias.  (The overlap with the majority of the same
    examples would be too large.)

    Parameters
    ----------
    examples : numpy.ndarray
        Shape (n_classes, n_examples, n_spins), +-1.

    Returns
    -------
    float
        In (0, 1]; NaN for one example per class, or if examples agree no better than by
        chance.
    """
    n_examples = examples.shape[1]
    if n_examples == 1:
        return float("nan")
    sums = examples.sum(axis=1, dtype=np.int64)
    square = (float(np.mean(sums**2)) - n_examples) / (n_examples * (n_examples - 1))
    return square**0.5 if square > 0 else float("nan")


def corrupt(spins: np.ndarray, corruption: float, seed: int = 0) -> np.ndarray:
    """Reverse a fraction of the spins, chosen at random.

    Parameters
    ----------
    spins : numpy.ndarray
        Shape (n_spins,).
    corruption : float
        In [0, 1]: round(corruption * n_spins) spins are reversed, so that the overlap with
        the original is 1 - 2 corruption.  A larger fraction keeps the smaller one's.
    seed : int

    Returns
    -------
    numpy.ndarray
        Shape (n_spins,).

    Raises
    ------
    ValueError
        If `corruption` is outside its range.

    Examples
    --------
    >>> int(corrupt(np.ones(10, np.int8), 0.2).sum())
    6
    """
    corruption = domain.real("corruption", corruption, "[0, 1]")
    order = _generator(domain.integer("seed", seed, "[0, inf)"), "corruption").permutation(
        len(spins)
    )
    reverse = order[: round(corruption * len(spins))]
    cue = np.array(spins)
    cue[reverse] = -cue[reverse]
    return cue


def _one_of(label: Any, labels: Any) -> int:
    value = domain.integer("class", label, "[0, 255]")
    if value not in labels:
        raise ValueError(f"class = {value} is not among {', '.join(map(str, labels))}")
    return value


def _generator(seed: int, name: str, **identity: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(streams.stream(seed, name, **identity)))

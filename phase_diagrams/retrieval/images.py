"""Labelled images as a data set: what is learnt, what is held out, how good the data are.

`phase_diagrams.retrieval.binarisation` turns the grey pixels into spins.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from hebbian import domain, streams
from hebbian.spins import signs

__all__ = ["Split", "archetypes", "corrupt", "grey", "named", "overlaps", "quality", "split"]


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


def grey(images: Any) -> np.ndarray:
    """Return grey images as an array of numbers, one picture of rows and columns each.

    Parameters
    ----------
    images : array-like
        Shape (n_images, rows, columns), with a last axis of one channel or without; a row of
        pixels, (n_images, n_pixels), is taken for a square.  Levels of any scale.

    Returns
    -------
    numpy.ndarray
        Shape (n_images, rows, columns).

    Raises
    ------
    ValueError
        If they are none, in colour, not numbers or not finite.

    Examples
    --------
    >>> grey(np.zeros((3, 784))).shape, grey(np.zeros((3, 5, 4, 1))).shape
    ((3, 28, 28), (3, 5, 4))
    """
    try:
        found = np.asarray(images)
    except ValueError:
        raise ValueError("images have different shapes: give one array of them") from None
    if found.dtype.kind not in "biuf":
        raise ValueError(f"images of {found.dtype} are not grey levels: give an array of numbers")
    if found.dtype.kind == "b":
        found = found.astype(np.uint8)
    side = math.isqrt(found.shape[-1]) if found.ndim == 2 else 0
    if found.ndim == 4 and found.shape[-1] == 1:
        found = found[..., 0]
    elif side and side**2 == found.shape[1]:
        found = found.reshape(-1, side, side)
    if found.ndim != 3:
        colour = found.ndim == 4 and 3 in (found.shape[1], found.shape[-1])
        words = "in colour: give their mean over the channels" if colour else ""
        words = words or "give (n_images, rows, columns)"
        raise ValueError(f"images of shape {found.shape} are not grey pictures: {words}")
    if not found.size:
        raise ValueError(f"images of shape {found.shape}: there are none")
    if found.dtype.kind == "f" and not np.isfinite(found).all():
        place = tuple(np.argwhere(~np.isfinite(found))[0].tolist())
        raise ValueError(
            f"images[{place[0]}] has a pixel that is {found[place]}: levels are finite"
        )
    return found


def named(labels: Any, n_images: int | None = None) -> np.ndarray:
    """Return labels as an array of whole numbers.

    Parameters
    ----------
    labels : array-like
        One whole number in [0, 255] for every image.
    n_images : int, optional
        How many there must be.

    Returns
    -------
    numpy.ndarray
        Shape (n_images,), int64.

    Raises
    ------
    ValueError
        If they are anything else: the line says what, and how to make numbers of it.

    Examples
    --------
    >>> named([3, 8.0])
    array([3, 8])
    """
    try:
        found = np.asarray(labels)
    except ValueError:
        raise ValueError("labels have different lengths: give one number for every image") from None
    if found.ndim != 1:
        words = f"labels have the shape {found.shape}, not one number for every image"
        if found.ndim == 2:
            how = "ravel()" if 1 in found.shape else "argmax(axis=1), if each row marks one class"
            words += f": give labels.{how}"
        raise ValueError(words)
    if n_images is not None and len(found) != n_images:
        raise ValueError(f"labels: there are {len(found)} for {n_images} images")
    if found.dtype.kind not in "iuf":
        kinds = {"U": "text", "S": "text", "b": "true or false"}
        raise ValueError(
            f"labels are {kinds.get(found.dtype.kind, 'objects')}, not whole numbers: give "
            "numpy.unique(labels, return_inverse=True)[1]"
        )
    wrong = np.flatnonzero(~np.isin(found, np.arange(256)))
    if wrong.size:
        raise ValueError(
            f"labels[{wrong[0]}] = {found[wrong[0]]} is not a whole number in [0, 255]"
        )
    return found.astype(np.int64)


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
    labels : array-like
        Shape (n_images,), whole numbers in [0, 255].
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
    labels = named(labels)
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
    examples = []
    for c in learnt:
        order = _generator(seed, "image examples", label=c).permutation(np.flatnonzero(labels == c))
        order = order[order != held_out]
        if len(order) < n_examples:
            spare = " besides the one held out" if c == own else ""
            raise ValueError(
                f"n_examples = {n_examples}: class {c} has only {len(order)} images{spare}"
            )
        examples.append(order[:n_examples])
    return Split(held_out=held_out, label=own, classes=learnt, examples=np.stack(examples))


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

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> archetypes = rng.choice([-1, 1], (10, 1, 500))
    >>> examples = archetypes * rng.choice([-1, 1], (10, 20, 500), p=[0.2, 0.8])  # r = 0.6
    >>> round(quality(examples), 2)
    0.6
    """
    n_examples = examples.shape[1]
    if n_examples == 1:
        return float("nan")
    sums = examples.sum(axis=1, dtype=np.int64)
    square = (float(np.mean(sums**2)) - n_examples) / (n_examples * (n_examples - 1))
    return square**0.5 if square > 0 else float("nan")


def overlaps(states: np.ndarray, stored: np.ndarray) -> np.ndarray:
    """Return the overlaps of states with archetypes.

    Parameters
    ----------
    states : numpy.ndarray
        Shape (..., n_spins), +-1.
    stored : numpy.ndarray
        Shape (K, n_spins), +-1.

    Returns
    -------
    numpy.ndarray
        Shape (..., K).
    """
    # float32 adds integers exactly up to 2**24.
    products = states.astype(np.float32) @ stored.T.astype(np.float32)
    return np.asarray(products.astype(np.float64) / stored.shape[-1])


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
        If `corruption` is outside its range, or `spins` are not +-1.

    Examples
    --------
    >>> int(corrupt(np.ones(10, np.int8), 0.2).sum())
    6
    """
    corruption = domain.real("corruption", corruption, "[0, 1]")
    cue = signs("spins", spins, ("n_spins",))
    order = _generator(domain.integer("seed", seed, "[0, inf)"), "corruption").permutation(len(cue))
    reverse = order[: round(corruption * len(cue))]
    cue[reverse] = -cue[reverse]
    return cue


def _one_of(label: Any, labels: Any) -> int:
    value = domain.integer("class", label, "[0, 255]")
    if value not in labels:
        raise ValueError(f"class = {value} is not among {', '.join(map(str, labels))}")
    return value


def _generator(seed: int, name: str, **identity: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(streams.stream(seed, name, **identity)))

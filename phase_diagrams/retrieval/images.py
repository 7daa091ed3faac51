"""Labelled images as a data set: what is learnt, what is held out, how good the data are.

`phase_diagrams.retrieval.binarisation` turns the grey pixels into spins.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from hebbian import domain, streams
from hebbian.spins import signs

from .labels import named

__all__ = ["Split", "archetypes", "corrupt", "overlaps", "quality", "split"]

_NAMED = 62  # classes, in a message


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """Which images a network learns and which one it is tried on.

    Parameters
    ----------
    held_out : int
        Index of the image that is not among the examples.
    label : int or str
        Its class.
    classes : tuple of int or of str
        Labels of the archetypes, ascending.
    examples : numpy.ndarray
        Shape (n_classes, n_examples): indices of the examples.
    """

    held_out: int
    label: int | str
    classes: tuple[int, ...] | tuple[str, ...]
    examples: np.ndarray


def split(
    labels: Any,
    n_examples: int,
    *,
    held_out: int | None = None,
    label: int | str | None = None,
    classes: Any = None,
    seed: int = 0,
) -> Split:
    """Draw the examples of every class and an image to hold out.

    The examples of a class depend on `seed` alone; a larger number keeps the smaller
    one's, and an image held out is replaced by the next.

    Parameters
    ----------
    labels : array-like
        Shape (n_images,), whole numbers or words (`phase_diagrams.retrieval.labels.named`).
    n_examples : int
        Examples per class, at least 1.
    held_out : int, optional
        Index of the image to hold out; default: drawn from the images of class `label`.
    label : int or str, optional
        Class of the image to hold out; default: any of `classes`.
    classes : sequence of int or of str, optional
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
    present = np.unique(labels).tolist()
    learnt = tuple(present if classes is None else sorted({_one_of(c, present) for c in classes}))
    if len(learnt) < 2:
        raise ValueError(f"classes = {list(learnt)}: retrieval needs two classes or more")
    if label is not None:
        label = _one_of(label, present if held_out is not None else learnt)
    if held_out is None:
        pool = list(learnt) if label is None else [label]
        held_out = int(_generator(seed, "held-out").choice(np.flatnonzero(np.isin(labels, pool))))
    held_out = domain.integer("held_out", held_out, f"[0, {len(labels) - 1}]")
    own = labels[held_out].item()
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


def _one_of(label: Any, present: Sequence[Any]) -> Any:
    """Return a class as it is among the labels: a command gives words for numbers."""
    value: int | str
    if isinstance(present[0], str):
        value = str(label)
    else:
        with suppress(ValueError):  # words are refused below
            label = float(label) if isinstance(label, str) else label
        value = domain.integer("class", label, "(-inf, inf)")
    if value not in present:
        known = ", ".join(map(str, present[:_NAMED])) + (", ..." if len(present) > _NAMED else "")
        raise ValueError(f"class = {domain.shown(value)} is not among {known}")
    return value


def _generator(seed: int, name: str, **identity: int | str) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(streams.stream(seed, name, **identity)))

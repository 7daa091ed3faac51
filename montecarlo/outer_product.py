r"""Outer-product memories with sampled embeddings, beside the closed form of `theory`.

Embeddings are never all in memory: they are drawn twice from one stream, block by block, once to
be stored and once to be asked for.  Sums run in a fixed order, so that nothing depends on threads.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np

from hebbian import domain, streams
from hebbian.calling import checked
from hebbian.outer_product import EMBEDDINGS, Tokens, tokens
from hebbian.threads import checked_threads

from .statistics.estimate import Estimate
from .statistics.estimators import estimate
from .statistics.rare_events import Range

__all__ = ["READOUTS", "outer_product"]

#: Directions u of the classes: orthonormal, or independent of each other.
READOUTS = ("orthonormal", "random")

#: Entries of embeddings that a thread has in memory.
ENTRIES = 1 << 20


@checked
def outer_product(
    p: Any,
    q: Any,
    classes: Any,
    d: int,
    n_samples: int | None = None,
    *,
    embedding: str = "gaussian",
    readout: str = "orthonormal",
    n_draws: int = 16,
    seed: int = 0,
    n_threads: int | None = None,
) -> Estimate:
    r"""Measure the error of outer-product memories with drawn embeddings.

    Parameters
    ----------
    p, q, classes
        Frequencies, weights and classes of the tokens, as for `theory.outer_product`.
    d : int
        Dimension of the embeddings, at least 1.
    n_samples : int, optional
        T: only tokens among as many samples of p are stored, drawn anew for every memory.
        Default: all tokens are.
    embedding : {"gaussian", "sphere"}
        Entries of the law N(0, 1/d), or uniform directions.
    readout : {"orthonormal", "random"}
        Directions u of the classes; those of ``"random"`` are uniform and independent.
    n_draws : int
        Memories, at least 1; more of them keep the fewer.
    seed : int
        Root seed, at least 0.
    n_threads : int, optional
        The numbers do not depend on it.

    Returns
    -------
    Estimate
        Of the probability of a wrong answer to a token of the law p, its error over the memories;
        every memory is one measurement, so that nothing is known of times.

    Raises
    ------
    ValueError
        If a parameter is outside its range, or lengths differ.

    Notes
    -----
    V. Cabannes, E. Dohmatob, A. Bietti, arXiv:2310.02984, with every token asked for once.  The
    answer to equal scores is drawn at random.

    Examples
    --------
    >>> import numpy as np
    >>> from hebbian import zipf
    >>> found = outer_product(zipf(1000, 2.0), "threshold:12", np.arange(1, 1001) % 5, 100, seed=1)
    >>> bool(abs(found.mean - 0.0385) < 4 * found.error)
    True
    """
    given = tokens(p, q, classes)
    dim = domain.integer("d", d, "[1, 1000000]")
    seen = n_samples
    if seen is not None:
        seen = domain.integer("n_samples", seen, "[0, 1000000000000000]")
    domain.choice("embedding", embedding, EMBEDDINGS)
    domain.choice("readout", readout, READOUTS)
    count = domain.integer("n_draws", n_draws, "[1, 1000000]")
    seed = domain.integer("seed", seed, "[0, inf)")

    def draw(index: int) -> float:
        return _error(given, dim, seen, embedding, readout, seed, index)

    with ThreadPoolExecutor(checked_threads(n_threads)) as pool:
        errors = np.array(list(pool.map(draw, range(count))))
    found = estimate(errors[:, None, None], 1, Range(0.0, 1.0))
    # Memories are independent, and no chain is too short for its correlations.
    return replace(found, short=np.zeros_like(found.short))


def _error(
    given: Tokens, d: int, T: int | None, embedding: str, readout: str, seed: int, index: int
) -> float:
    """Return the error of one memory."""
    stored = given.q
    if T is not None:
        counts = _generator(seed, "samples", index).multinomial(T, given.p)
        stored = np.where(counts > 0, stored, 0.0)
    W = np.zeros((given.n_classes, d))
    for at, e in _embeddings(given.p.size, d, embedding, seed, index):
        order = np.argsort(given.classes[at], kind="stable") + at.start
        kinds, begins = np.unique(given.classes[order], return_index=True)
        W[kinds] += np.add.reduceat(stored[order, None] * e[order - at.start], begins, axis=0)
    if readout == "random":
        u = _generator(seed, "classes", index).standard_normal((given.n_classes, d))
        u /= np.linalg.norm(u, axis=1, keepdims=True)
        W = np.einsum("yz,zd->yd", np.einsum("yd,zd->yz", u, u), W)
    ties = _generator(seed, "ties", index).permutation(given.n_classes)
    wrong = np.zeros(given.p.size, bool)
    for at, e in _embeddings(given.p.size, d, embedding, seed, index):
        # Not by a linear algebra package, whose sums depend on its threads.
        answers = ties[np.einsum("xd,yd->xy", e, W[ties]).argmax(axis=1)]
        wrong[at] = answers != given.classes[at]
    return float(given.p[wrong].sum())


def _generator(seed: int, name: str, index: int) -> np.random.Generator:
    key = streams.stream(seed, f"outer product, {name}", draw=index)
    return np.random.Generator(np.random.Philox(key))


def _embeddings(
    n_tokens: int, d: int, embedding: str, seed: int, index: int
) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield tokens and their embeddings, block by block; larger sets keep those of smaller ones."""
    generator = _generator(seed, "embeddings", index)
    rows = max(1, ENTRIES // d)
    for first in range(0, n_tokens, rows):
        at = slice(first, min(first + rows, n_tokens))
        e = generator.standard_normal((at.stop - first, d))
        length = np.linalg.norm(e, axis=1, keepdims=True) if embedding == "sphere" else d**0.5
        yield at, e / length

"""Where a chain starts."""

from __future__ import annotations

from numbers import Number
from typing import Any

import numpy as np

from hebbian import Dataset, Memory, Model, domain, streams
from hebbian.packed import take
from hebbian.spins import signs

__all__ = [
    "STARTS",
    "initial_spins",
    "names_patterns",
    "resolve_start",
    "started_from",
    "used_patterns",
]

STARTS = ("pattern", "random", "hierarchical", "parallel", "mixture", "words", "cue")

READ = 1 << 22  # entries of rows that are widened at a time


def resolve_start(
    model: Model, start: Any, shape: tuple[int, int, int], n_patterns: int
) -> str | float | np.ndarray:
    """Validate a start: a name, an overlap in [0, 1], or spins.

    Parameters
    ----------
    model : Model
        Whose `natural_start` ``"auto"`` is.
    start : str, float or array_like
        An array broadcasts to (n_samples, n_replicas, n_spins) and holds +-1 alone.
    shape : tuple of int
        (n_samples, n_replicas, n_spins).
    n_patterns : int
        Number K of archetypes.

    Returns
    -------
    str, float or numpy.ndarray
        Of a start with numbers the text with all of them: ``"mixture:3"``, ``"cue:0:1"``,
        ``"pattern:7"``.

    Raises
    ------
    ValueError
        If it is none of these.
    """
    named = start.split(":")[0] if isinstance(start, str) else ""
    if named in ("mixture", "words", "cue") or (named == "pattern" and start != named):
        return _numbered(model, start, shape[-1], n_patterns)
    if isinstance(start, str):
        known = domain.choice("start", start, ("auto", *STARTS))
        return model.natural_start if known == "auto" else known
    if isinstance(start, Number) or getattr(start, "ndim", 1) == 0:
        return domain.real("start", start, "[0, 1]")
    spins = signs("start", start, ("...", "n_spins"))
    try:
        return np.broadcast_to(spins, shape).copy()
    except ValueError:
        raise ValueError(
            f"start: spins of shape {spins.shape} do not broadcast to "
            f"(n_samples, n_replicas, n_spins) = {shape}"
        ) from None


def _numbered(model: Model, start: str, n_spins: int, n_patterns: int) -> str:
    """Validate a start whose name numbers may follow, and complete these."""
    name, *given = start.split(":")
    sizes = model.layers(n_spins)
    if name == "words":
        if given or len(sizes) < 2 or len(set(sizes)) > 1:
            raise ValueError(
                f"start = {start!r}: a mixture of the words of one pattern is of two layers or "
                f"more, of one size; here they have {', '.join(map(str, sizes))} spins"
            )
        return start
    defaults, ranges = {
        "pattern": ((0,), (f"[0, {n_patterns - 1}]",)),
        "mixture": ((3,), (f"[1, {n_patterns}]",)),
        "cue": ((0, 1.0), (f"[0, {len(sizes) - 1}]", "[0, 1]")),
    }[name]
    if len(given) > len(defaults):
        raise ValueError(f"start = {start!r} has more numbers than {name!r} takes")
    numbers: list[Any] = [*given, *defaults[len(given) :]]
    for k, (value, interval) in enumerate(zip(numbers, ranges, strict=True)):
        try:
            number = float(value)
        except ValueError:
            raise ValueError(f"start = {start!r}: {value!r} is not a number") from None
        check = domain.integer if k == 0 else domain.real
        numbers[k] = check(f"start = {start!r}: number {k + 1}", number, interval)
    return ":".join([name, *(f"{number:g}" for number in numbers)])


def names_patterns(model: Model, start: str | float | np.ndarray, n_patterns: int) -> bool:
    """Return whether a start says in which order and with which signs patterns are retrieved.

    Spins at random say nothing.  One pattern says enough where the others stay uncondensed,
    but of a network that retrieves several it leaves their order and their signs to chance.
    """
    if isinstance(start, np.ndarray) or start in ("hierarchical", "parallel"):
        return True
    return start != "random" and not (model.retrieves_several and n_patterns > 1)


def started_from(start: str | float | np.ndarray) -> int:
    """Return the number of the archetype that a start names, by default the first.

    Examples
    --------
    >>> started_from("pattern:7"), started_from("random"), started_from(0.5)
    (7, 0, 0)
    """
    named = isinstance(start, str) and start.startswith("pattern:")
    return int(str(start).split(":")[1]) if named else 0


def used_patterns(start: str | float | np.ndarray, n_patterns: int) -> int:
    """Return how many of the first archetypes a start needs.

    Examples
    --------
    >>> used_patterns("mixture:3", 50), used_patterns("pattern:7", 50), used_patterns("random", 50)
    (3, 8, 0)
    """
    if isinstance(start, np.ndarray) or start == "random":
        return 0
    if start in ("hierarchical", "parallel"):
        return n_patterns
    if isinstance(start, str) and start.startswith("mixture"):
        return int(start.split(":")[1])
    return 1 + started_from(start)


def initial_spins(
    data: Dataset, start: str | float | np.ndarray, seed: int, sample: int, replica: int
) -> np.ndarray:
    """Return the first configuration of a chain.

    ``"pattern"``: archetype 0; ``"pattern:7"``: archetype 7; ``"hierarchical"``: every spin
    follows the first archetype that is not blank there (arXiv:2308.04106); ``"parallel"``: the
    sign of the sum of the archetypes; ``"mixture:n"``: that of the first n; ``"words"``: in every
    layer the sign of the sum of what archetype 0 is in all of them; an overlap m0: archetype 0
    with round((1 - m0) L/2) of its L entries reversed; ``"cue:A:m0"``: so in layer A alone, and
    every other layer reads it once, the sign of the field that it has from there.  Spins left
    undecided are drawn at random, as all are for ``"random"``.

    Returns
    -------
    numpy.ndarray
        Shape (n_spins,), int8, +-1.
    """
    if isinstance(start, np.ndarray):
        return start[sample, replica]
    key = streams.stream(seed, "start", sample=sample, replica=replica)
    rng = np.random.Generator(np.random.Philox(key))
    chosen = np.zeros(data.n_spins, np.int8)
    if start == "hierarchical":
        archetypes = data.archetypes
        first = np.argmax(archetypes != 0, axis=0)
        chosen = archetypes[first, np.arange(data.n_spins)]
    elif start == "parallel":
        chosen = np.sign(data.archetypes.sum(axis=0, dtype=np.int64)).astype(np.int8)
    elif isinstance(start, str) and start.startswith("mixture"):
        mixed = data.observed(range(int(start.split(":")[1])))[0]
        chosen = np.sign(mixed.sum(axis=0, dtype=np.int64)).astype(np.int8)
    elif start == "words":
        words = np.split(data.observed([0])[0][0], data.model.n_layers)
        mixed = np.sign(np.sum(words, axis=0, dtype=np.int64))
        chosen = np.tile(mixed, len(words)).astype(np.int8)
    elif start != "random":
        chosen = data.observed([started_from(start)])[0][0].copy()
        overlap = 1.0 if isinstance(start, str) else start
        if isinstance(start, str) and start.startswith("cue"):
            cued, overlap = int(start.split(":")[1]), float(start.split(":")[2])
            of_layer = np.repeat(np.arange(data.model.n_layers), data.model.layers(data.n_spins))
            chosen[of_layer != cued] = 0
        support = np.flatnonzero(chosen)
        n_reversed = round((1 - overlap) * len(support) / 2)
        reversed_sites = rng.permutation(support)[:n_reversed]
        chosen[reversed_sites] = -chosen[reversed_sites]
        if isinstance(start, str) and start.startswith("cue"):
            chosen += _read(data.memory, chosen)
    coins = (2 * rng.integers(0, 2, data.n_spins) - 1).astype(np.int8)
    return np.where(chosen == 0, coins, chosen).astype(np.int8)


def _read(memory: Memory, cue: np.ndarray) -> np.ndarray:
    """Return the signs of the fields from spins of one layer, on the other layers; else 0."""
    if memory.mixing is None:
        return np.zeros_like(cue)
    fields, step = np.zeros(cue.shape), max(1, READ // memory.n_spins)
    for first in range(0, memory.n_rows, step):
        rows = take(memory.kept_rows, slice(first, first + step)).astype(np.float64)
        fields += (rows @ cue) @ rows
    layer_of = np.repeat(np.arange(len(memory.layers)), memory.layers)
    fields *= memory.mixing[layer_of[np.argmax(cue != 0)], layer_of]
    return np.where(cue == 0, np.sign(fields), 0).astype(np.int8)

"""One disorder sample: archetypes, examples and the lowered network made of them."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from . import domain, streams
from .calling import checked
from .cards import Card
from .memory import Memory
from .model import Model
from .packed import Kept, Packed, Rows, pack, take
from .spins import signs

__all__ = [
    "Dataset",
    "check_memory",
    "checked_size",
    "draw",
    "from_examples",
    "physical_memory",
]


#: Where Linux tells the limits of a container.
CGROUP = "/sys/fs/cgroup"


@checked
@dataclass(frozen=True, kw_only=True, repr=False)
class Dataset(Card):
    """Archetypes, example sums and the network learnt from them.

    Parameters
    ----------
    model : Model
        The network's parameters.
    archetypes : numpy.ndarray or Packed
        Shape (n_patterns, n_spins), int8.  Binary ones are kept as bits; reading the
        attribute unpacks all of them, `observed` some.
    sums : numpy.ndarray, Packed or PackedSums
        Shape (n_patterns, n_spins), integer, kept alike: the examples summed over each
        archetype; the archetypes themselves for `Storing`.
    memory : Memory
        Rows and interaction.
    example_key : numpy.ndarray or None
        Stream of the examples; None for given data.
    """

    model: Model
    archetypes: Rows = Rows()  # noqa: RUF009 -- a descriptor
    sums: Rows = Rows()  # noqa: RUF009 -- a descriptor
    memory: Memory
    example_key: np.ndarray | None = None

    def __repr__(self) -> str:
        return (
            f"Dataset(model={self.model!r}, n_patterns={self.n_patterns}, n_spins={self.n_spins})"
        )

    def _parameters(self) -> dict[str, Any]:
        sizes = {"n_spins": self.n_spins, "n_patterns": self.n_patterns}
        load = self.model.load(self.n_patterns, self.n_spins)
        known = {} if load is None else {"alpha_effective": f"{load:.4g}"}
        return {"model": self.model, **sizes, **known, "rows": self.memory.n_rows}

    @property
    def n_patterns(self) -> int:
        """Number of archetypes."""
        return int(self.kept_archetypes.shape[0])

    @property
    def n_spins(self) -> int:
        """Number of spins."""
        return self.memory.n_spins

    @property
    def kept_archetypes(self) -> np.ndarray | Packed:
        """The archetypes as they are kept, never unpacked."""
        kept: np.ndarray | Packed = self.__dict__["_archetypes"]
        return kept

    @property
    def kept_sums(self) -> Kept:
        """The sums as they are kept, never unpacked."""
        kept: Kept = self.__dict__["_sums"]
        return kept

    def observed(self, patterns: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return the archetypes and the sums of some patterns without unpacking the others.

        Parameters
        ----------
        patterns : int, slice or array_like of int
        """
        return take(self.kept_archetypes, patterns), take(self.kept_sums, patterns)

    def examples(self) -> Callable[[int], np.ndarray] | None:
        """Return what makes the examples of a pattern, shape (n_examples, n_spins).

        None where only their sums are known: given data and the rule `Supervised`.
        """
        return self.model.rule.examples_of(self)


@checked
def draw(
    model: Model,
    *,
    alpha: float | None = None,
    n_spins: int | None = None,
    seed: int = 0,
    sample: int = 0,
    keep: int | None = None,
) -> Dataset:
    """Draw the disorder sample number `sample` of a random-pattern network.

    The disorder depends on (seed, sample) alone: the same archetypes appear at every
    temperature, and a larger load, data set or number of spins keeps the smaller one's.

    Parameters
    ----------
    model : Model
    alpha : float, optional
        Load; absent for `Multitasking`.
    n_spins : int
        At least the order of the interaction; absent where the model itself says it.
    seed, sample : int
        Root seed and number of the sample, at least 0.
    keep : int, optional
        Draw the first `keep` archetypes alone, and the network of these; default: all.  At least
        one that is stored.

    Raises
    ------
    ValueError
        If a parameter is outside its range or the network's rows exceed the memory of the
        machine.

    Examples
    --------
    >>> from hebbian import Dense, Supervised
    >>> model = Dense(order=3, rule=Supervised(quality=0.8, n_examples=5))
    >>> draw(model, n_spins=30, alpha=0.1).memory.rows.shape
    (30, 30)
    """
    n_spins = checked_size(model, n_spins)
    seed = domain.integer("seed", seed, "[0, inf)")
    sample = domain.integer("sample", sample, "[0, inf)")
    n_patterns = model.count(alpha, n_spins)
    model.check_number(n_patterns, n_spins)
    if keep is not None:
        n_patterns = domain.integer("keep", keep, f"[{1 + model.unstored}, {n_patterns}]")
    check_memory(model, n_spins, lambda n: min(n_patterns, model.count(alpha, n)))
    pattern_key = streams.key(seed, "patterns", sample=sample)
    archetypes = _as_declared(model, model.draw(pattern_key, n_patterns, n_spins))
    example_key = streams.key(seed, "examples", sample=sample)
    learnt = model.rule.learn(example_key, archetypes)
    wiring = streams.key(seed, "wiring", sample=sample)
    return _dataset(model, archetypes, learnt, wiring, example_key)


def check_memory(
    model: Model,
    n_spins: int,
    count: Callable[[int], int],
    *,
    copies: int = 1,
    chains: int = 0,
) -> None:
    """Refuse networks whose rows exceed the memory of the machine, before they are made.

    Parameters
    ----------
    model : Model
    n_spins : int
    count : callable
        Number of patterns of every size: with it the largest size that fits is told.
    copies : int
        Networks that are there at a time.
    chains : int
        Chains that visit single spins at a time.  Of a tabulated interaction each keeps the
        level of every row, as many bits as N + 1 has.

    Raises
    ------
    ValueError
        Naming what they need, what there is, and the largest size that fits.
    """
    there = physical_memory()

    def needed(n_spins: int) -> int:
        layout = model.layout(count(n_spins), n_spins)
        tabulated = not (model.polynomial or layout.coupling_bits)
        levels = layout.n_rows * n_spins.bit_length() // 8 if tabulated else 0
        return copies * layout.n_bytes + chains * levels

    if needed(n_spins) <= there:
        return
    smaller = range(getattr(model, "order", 2), n_spins)
    fit = smaller[: bisect_left(smaller, True, key=lambda n: needed(n) > there)]
    of_couplings = model.layout(count(n_spins), n_spins).coupling_bits > 0
    what = "couplings" if of_couplings else "rows"
    names = ("n_patterns", "n_examples", "n_neurons")
    reduced = [name for name in names if name in model.parameters()]
    if "n_patterns" not in reduced:
        reduced = ["alpha", *reduced]
    raise ValueError(
        f"the {what} of the network need {needed(n_spins) / 2**30:.3g} GiB, this machine has "
        f"{there / 2**30:.3g} GiB: reduce "
        + " or ".join(["n_spins"] if of_couplings else reduced)
        + (f"{' to' if of_couplings else ', or n_spins to'} {fit[-1]}" if fit else "")
    )


def _as_declared(model: Model, drawn: np.ndarray | Packed) -> np.ndarray | Packed:
    """Return archetypes as their model says that they are kept.

    Raises
    ------
    ValueError
        If they are not what it says.
    """
    if isinstance(drawn, Packed) == (model.entries == "signs"):
        if isinstance(drawn, Packed) or drawn.dtype == np.int8:
            return drawn
    elif isinstance(drawn, np.ndarray) and bool((np.abs(drawn) == 1).all()):
        return Packed(pack(drawn), len(drawn))
    found = "packed signs" if isinstance(drawn, Packed) else f"an array of {drawn.dtype}"
    raise ValueError(
        f"{type(model).__name__}.draw returned {found}, its entries are {model.entries!r}: "
        "signs are +-1, packed or not, ternary entries -1, 0, +1 of int8"
    )


def physical_memory() -> int:
    """Return the bytes of memory that this process may use; a terabyte where nobody tells.

    The smallest of what the machine has, the limit of the container (control groups of both
    versions) and that of the shell (``ulimit -v``).
    """
    found = [2**40]
    with suppress(AttributeError, ValueError, OSError):
        found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    for file in ("memory.max", "memory/memory.limit_in_bytes"):
        with suppress(ValueError, OSError):
            found.append(int(Path(CGROUP, file).read_text(encoding="ascii")))
    with suppress(ImportError):
        import resource

        found.append(resource.getrlimit(resource.RLIMIT_AS)[0])
    return min(n for n in found if n > 0)


def checked_size(model: Model, n_spins: Any) -> int:
    """Return `n_spins` as an int that holds at least one interaction of `model`.

    None stands for the size that the model itself has.
    """
    if model.size is not None:
        if n_spins is not None and n_spins != model.size:
            raise ValueError(
                f"n_spins = {domain.shown(n_spins)} is not the {model.size} spins of {model!r}: "
                "leave it out"
            )
        return model.size
    least = max(getattr(model, "order", 2), model.n_layers)
    return domain.integer("n_spins", n_spins, f"[{least}, 10000000]")


@checked
def from_examples(
    model: Model, archetypes: np.ndarray, examples: np.ndarray | None = None
) -> Dataset:
    """Build the network of given data: real images, say.

    Parameters
    ----------
    model : Model
        Its rule's `quality` and `n_examples` set the units of energy; `n_examples` must be
        the number of examples per archetype.
    archetypes : numpy.ndarray
        Shape (n_patterns, n_spins), entries +-1, or 0 where the model's may be blank.
    examples : numpy.ndarray
        Shape (n_patterns, n_examples, n_spins); `Storing` has no use for them.

    Raises
    ------
    ValueError
        If the shapes or entries do not fit the model, or the network's rows exceed the memory
        of the machine.

    Examples
    --------
    >>> from hebbian import Hopfield, from_examples
    >>> data = from_examples(Hopfield(), np.array([[1, 1, -1, -1], [1, -1, 1, -1]]))
    >>> data.n_patterns, data.n_spins
    (2, 4)
    """
    blank = model.entries != "signs"
    known = signs("archetypes", archetypes, ("n_patterns", "n_spins"), blank=blank)
    shown = known[:, None]
    if model.size not in (None, known.shape[1]):
        raise ValueError(f"archetypes: of {known.shape[1]} spins, {model!r} has {model.size}")
    if model.rule.has_examples:
        axes = ("n_patterns", "n_examples", "n_spins")
        lengths = (known.shape[0], model.rule.n_examples, known.shape[1])
        shown = signs("examples", examples, axes, blank=blank, lengths=lengths)
    check_memory(model, known.shape[1], lambda _: len(known))
    return _dataset(model, known, model.rule.gather(shown), streams.key(0, "wiring", sample=0))


def _dataset(
    model: Model,
    archetypes: np.ndarray | Packed,
    rows: np.ndarray | Packed,
    wiring: np.ndarray,
    example_key: np.ndarray | None = None,
) -> Dataset:
    return Dataset(
        model=model,
        archetypes=archetypes,
        sums=model.rule.sums(rows),
        memory=model.lower_sample(rows, wiring),
        example_key=example_key,
    )

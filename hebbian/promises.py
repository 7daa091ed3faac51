"""What every model promises, as far as numpy alone can tell.

A check is a function of a `Subject` that returns what it found in a sentence and raises an
AssertionError that says with which numbers a promise is broken.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any, TypeAlias

import numpy as np

from . import patterns, streams
from .datasets import Dataset, draw
from .memory import Memory
from .model import Model
from .packed import Packed, take
from .rules import Rule

__all__ = ["CHECKS", "NO_ENERGY", "Check", "Subject", "require"]

#: Patterns of the networks that are drawn, where the load is free.
N_PATTERNS = 4


def require(holds: bool, sentence: str) -> None:
    """Raise an AssertionError with the sentence unless it holds; python -O strips none."""
    if not holds:
        raise AssertionError(sentence)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A model and what is needed to make networks of it.

    Parameters
    ----------
    model : Model
    energy : callable or None
        The Hamiltonian as it is written: (data, spins) -> H.
    seed : int
    """

    model: Model
    energy: Callable[[Dataset, np.ndarray], float] | None = None
    seed: int = 0

    @property
    def least(self) -> int:
        """Fewest spins that interact."""
        return int(getattr(self.model, "order", 2))

    def load(self, n_spins: int) -> float | None:
        """Return a load at which there are `N_PATTERNS` patterns or a few more."""
        if not self.model.has_load:
            return None
        loads = (1e-6 * 1.2**k for k in count())
        return next(a for a in loads if a > 1e6 or self.model.count(a, n_spins) >= N_PATTERNS)

    def size(self, n_spins: int) -> int:
        """Return a number of spins that the model can have, as near to this as it goes."""
        return self.model.size or max(n_spins, self.least)

    def draw(self, n_spins: int) -> Dataset:
        """Draw a small network."""
        n_spins = self.size(n_spins)
        return draw(self.model, n_spins=n_spins, alpha=self.load(n_spins), seed=self.seed)

    def archetypes(self, n_patterns: int, n_spins: int, stream: int = 0) -> np.ndarray:
        """Draw archetypes alone, of a stream with this number."""
        key = streams.key(self.seed, "patterns", sample=stream)
        return take(self.model.draw(key, n_patterns, n_spins), slice(None))

    def spins(self, n_spins: int, number: int = 0) -> np.ndarray:
        """Return a random configuration."""
        random = np.random.default_rng([self.seed, number])
        return random.choice(np.array([-1, 1], np.int8), n_spins)


#: What a check of energies says of a memory that is read, all sites at once.
NO_ENERGY = "no energy: dynamics is parallel"

Check: TypeAlias = Callable[[Subject], str]


def _refused(said: str, call: Callable[[], object]) -> None:
    try:
        accepted = call()
    except ValueError:
        return
    except Exception as error:
        raise AssertionError(f"{said} raises {type(error).__name__}, not ValueError") from error
    raise AssertionError(f"{said} is accepted: {accepted}")


def description(subject: Subject) -> str:
    """A model is frozen plain data: it is made again from what `describe` says."""
    model = subject.model
    name, plain = type(model).__name__, json.loads(json.dumps(model.describe()))
    again = Model.build(plain)
    require(again == model, f"Model.build(describe()) is {again!r}, not {model!r}")
    require(hash(again) == hash(model), f"two equal {name} have different hashes")
    parameters: Any = getattr(type(model), "__dataclass_params__", None)
    require(bool(parameters and parameters.frozen), f"{name} is not a frozen dataclass")
    return f"{plain}"


def refusals(subject: Subject) -> str:
    """Values without a meaning are refused by a ValueError."""
    model, refused = subject.model, 0
    wrong: dict[type, list[Any]] = {
        float: [math.nan, "many"],
        int: [math.nan, 2.5, "many"],
        str: ["no such word", 1],
    }
    for field in dataclasses.fields(model):
        of_type = type(getattr(model, field.name))
        values = ["storing"] if field.name == "rule" else wrong.get(of_type, [])
        for value in values:
            said = f"{type(model).__name__}({field.name}={value!r})"
            _refused(said, partial(dataclasses.replace, model, **{field.name: value}))
            refused += 1
    return f"{refused} values refused"


def numbers_of_patterns(subject: Subject) -> str:
    """`count` is a whole number, and inverts `load`; a load is in [0, inf), or there is none."""
    model, n_spins = subject.model, subject.size(10 * subject.least)
    load = subject.load(n_spins)
    found = model.count(load, n_spins)
    require(
        isinstance(found, int) and found >= 1, f"count({load}, {n_spins}) = {found!r} is no number"
    )
    for wrong in (-0.5, math.nan, math.inf) if subject.model.has_load else (0.1,):
        _refused(f"count({wrong}, {n_spins})", partial(model.count, wrong, n_spins))
    if load is None:
        return f"{found} patterns, no load"
    require(found >= N_PATTERNS, f"count({load}, {n_spins}) = {found} at the largest load tried")
    more = model.count(2 * load, n_spins)
    require(more >= found, f"count falls from {found} to {more} when the load doubles")
    effective = model.load(found, n_spins)
    if effective is not None:
        again = model.count(effective, n_spins)
        require(again == found, f"count(load({found}, {n_spins})) = {again}, not {found}")
    return f"{found} patterns at load {load:.3g}"


def draws(subject: Subject) -> str:
    """Archetypes are a function of the key, more of them keep the fewer, devices draw the same."""
    model, n, K = subject.model, 20, N_PATTERNS
    first, other = subject.archetypes(K, n), subject.archetypes(K, n, 1)
    again, more = subject.archetypes(K, n), subject.archetypes(3 * K, n)
    require(first.shape == (K, n), f"draw returns shape {first.shape}, not {(K, n)}")
    require(np.array_equal(first, again), "draw with one key returned two sets of archetypes")
    drawn = not model.learns or not np.array_equal(first, other)
    require(drawn, "draw returned the same archetypes for two keys")
    same = (first == more[:K]).all(axis=1).sum()
    require(same == K, f"of {K} archetypes {same} are kept when {3 * K} are drawn")
    if model.drawable:
        law, key = model.parameters(), streams.key(subject.seed, "patterns", sample=0)
        if model.entries == "signs":
            there = patterns.rademacher(key, K, n)
        else:
            there = patterns.diluted(key, K, n, law["dilution"])
        apart = int((there != first).sum())
        require(apart == 0, f"{apart} entries differ from those that a device draws: drawable")
    return f"{K} archetypes of {n} spins"


def rows(subject: Subject) -> str:
    """Rows have the number, the entries and the bytes that `layout` declares."""
    model, n_spins = subject.model, subject.size(70)
    data = subject.draw(n_spins)
    layout, kept = model.layout(data.n_patterns, n_spins), data.memory.kept_rows
    found, arrays = data.memory.n_rows, [kept]
    if data.memory.values is not None:
        arrays.append(data.memory.values)
    if data.memory.couplings is not None:
        arrays += [data.memory.couplings, data.memory.whole_couplings.matrix]
    n_bytes = sum((a.bits if isinstance(a, Packed) else a).nbytes for a in arrays)
    require(layout.n_rows == found, f"layout declares {layout.n_rows} rows, lower made {found}")
    require(layout.n_bytes == n_bytes, f"layout declares {layout.n_bytes} bytes, not {n_bytes}")
    values = np.unique(data.memory.rows)
    allowed = {"signs": [-1, 1], "ternary": [-1, 0, 1]}.get(
        layout.entries, range(-model.rule.largest, model.rule.largest + 1)
    )
    beyond = [int(value) for value in values if value not in allowed]
    require(not beyond, f"layout declares {layout.entries} for entries, found {beyond[:3]}")
    return f"{found} rows of {layout.entries}, {n_bytes} bytes"


def lowering(subject: Subject) -> str:
    """The energy is that of the rows: no gauge and no order of them changes it."""
    model, n_spins = subject.model, subject.size(9)
    data = subject.draw(n_spins)
    memory = data.memory
    learnt = data.archetypes if model.unstored else memory.rows
    if memory.polynomial:
        known = memory.indices in ("distinct", "all")
        require(known, f"indices = {memory.indices!r} of the memory")
    finite = math.isfinite(memory.weight) and memory.weight > 0
    require(finite, f"weight = {memory.weight} of the memory is not positive")
    told = "has no" if model.parallel_only else "has an"
    agreed = memory.energetic != model.parallel_only
    require(agreed, f"parallel_only says that the model {told} energy, its memory does not")
    coupled = memory.order == 2 and memory.indices == "all"
    if memory.couplings is not None:
        coupled = bool(memory.couplings.diagonal().any())
    require(
        coupled or not model.self_coupled,
        "self_coupled says that pairs have a diagonal, the memory is not of literal squares, nor "
        "of couplings J_ii",
    )
    if not memory.energetic:
        return NO_ENERGY
    s, gauges = subject.spins(n_spins), []
    if model.learns:
        gauges = [subject.spins(n_spins, number) for number in range(1, 6)]
    expected = memory.energy(s)
    order = np.random.default_rng([subject.seed, 9]).permutation(data.n_patterns)
    if model.unstored or not model.uniform:  # patterns have their places
        order.sort()
    permuted = learnt.reshape(data.n_patterns, -1, n_spins)[order].reshape(-1, n_spins)
    for what, rows, spins in (
        ("a second time", learnt, s),
        *(("in another gauge", learnt * g, s * g) for g in gauges),
        ("of patterns in another order", permuted, s),
    ):
        found = model.lower(rows).energy(spins)
        # Couplings are sums of floats over the rows, in their order.
        ordered = memory.couplings is not None and rows is permuted
        apart = 1e-9 * max(1.0, abs(expected)) if ordered else 0.0
        require(abs(found - expected) <= apart, f"lower {what}: H = {found}, not {expected}")
    return f"H = {expected:.6g} of {n_spins} spins"


def energies(subject: Subject) -> str:
    """H is what is written; where it is extensive, H/N of a retrieved pattern has a limit."""
    n_spins = subject.size(9)
    data = subject.draw(n_spins)
    if not data.memory.energetic:
        return NO_ENERGY
    for number in range(4):
        s = subject.spins(n_spins, number)
        found, flipped = data.memory.energy(s), s.copy()
        flipped[number] *= -1
        step = data.memory.flip_cost(s, number)
        scale = 1e-12 * max(1.0, abs(found))
        change = data.memory.energy(flipped) - found
        require(abs(step - change) <= scale, f"flip_cost = {step}, H changes by {change}")
        if subject.energy is not None:
            written = float(subject.energy(data, s))
            wrong = abs(found - written) > 1e-9 * max(1.0, abs(written))
            require(not wrong, f"H = {found:.12g} of the memory, {written:.12g} as written")
    compared = "not compared with a written one" if subject.energy is None else "as written"
    if not subject.model.extensive:
        return f"H {compared}, not extensive"
    small, large = (_retrieved(subject, n) for n in (512, 2048))
    require(
        max(small, large) < 0 and 0.5 < large / small < 2,
        f"H/N of a retrieved pattern is {small:.4g} for 512 spins and {large:.4g} for 2048",
    )
    return f"H {compared}, H/N = {large:.4g} of a retrieved pattern"


def _retrieved(subject: Subject, n_spins: int) -> float:
    """H/N of a network of one pattern in that pattern."""
    archetype = subject.archetypes(1, n_spins)
    learnt = subject.model.rule.learn(streams.key(subject.seed, "examples"), archetype)
    spins = np.where(archetype[0] < 0, -1, 1)
    return subject.model.lower(learnt).energy(spins) / n_spins


def perfect_data(subject: Subject) -> str:
    """Examples of quality 1 make the network of the archetypes, in the same units."""
    n_spins = subject.size(9)
    s, found = subject.spins(n_spins), 0
    archetypes = subject.archetypes(N_PATTERNS, n_spins)
    stored: Memory | None = None
    for kind in sorted(Rule.kinds.values(), key=lambda kind: kind.has_examples):
        rule = kind(quality=1.0, n_examples=3 if kind.has_examples else 1)
        try:
            model = dataclasses.replace(subject.model, rule=rule)
        except ValueError:
            continue  # the model does not learn by this rule
        rows = rule.gather(np.repeat(archetypes[:, None], rule.n_examples, axis=1))
        unit = model.example_overlap_scale() * rule.n_examples
        require(abs(unit - 1) < 1e-12, f"n = {unit:.12g} m for perfect data with {rule!r}")
        memory = model.lower(rows)
        if not memory.energetic:
            return NO_ENERGY
        stored = stored or memory
        H, expected = memory.energy(s), stored.energy(s)
        wrong = abs(H - expected) > 1e-12 * max(1.0, abs(expected))
        require(not wrong, f"H = {H:.12g} with {rule!r}, {expected:.12g} of the archetypes")
        found += 1
    return f"{found} rules in the same units"


CHECKS: tuple[Check, ...] = (
    description,
    refusals,
    numbers_of_patterns,
    draws,
    rows,
    lowering,
    energies,
    perfect_data,
)

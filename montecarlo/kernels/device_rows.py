"""Networks of disorder samples on a CUDA device: drawn there, or copied for given data.

Rows are made on the device from the streams of `hebbian.patterns`, entry by entry the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from hebbian import Memory
from hebbian.packed import pack
from montecarlo.dynamics import PARALLEL
from montecarlo.forms.levels import level_tables
from montecarlo.forms.lowering import check_range

from . import variants
from .variants import Variant

__all__ = [
    "Networks",
    "Source",
    "compiled",
    "draw",
    "drawn_rows",
    "entry_of",
    "launch",
    "sums_of_squares",
    "upload",
    "uploaded_rows",
]


class Source(NamedTuple):
    """What the rows of some samples are drawn from.

    Parameters
    ----------
    pattern_keys, example_keys : (n_samples, 2) uint32
    n_patterns : int
    n_examples : int
        Per archetype; 0 where the archetypes themselves are stored.
    quality : float
    dilution : float or None
        None for fair binary archetypes.
    summed : bool
        Whether a row is the sum of an archetype's examples.
    """

    pattern_keys: np.ndarray
    example_keys: np.ndarray
    n_patterns: int
    n_examples: int
    quality: float
    dilution: float | None
    summed: bool

    @property
    def binary(self) -> bool:
        """Whether every entry is +-1."""
        return self.dilution is None and (not self.summed or self.n_examples == 1)

    @property
    def n_rows(self) -> int:
        """Rows of the network."""
        return self.n_patterns * (1 if self.summed else max(1, self.n_examples))


class Networks(NamedTuple):
    """The networks of some samples on the device; arrays as `Network` of the sources.

    Parameters
    ----------
    variant : Variant
    rows, first, second, third : cupy.ndarray
    weight, field_weight : float
    n_rows, n_spins, n_samples : int
    sample_of : (n_chains,) int, optional
        Sample of every chain; default: the first.
    """

    variant: Variant
    rows: Any
    first: Any
    second: Any
    third: Any
    weight: float
    field_weight: float
    n_rows: int
    n_spins: int
    n_samples: int
    sample_of: np.ndarray | None = None

    @property
    def arguments(self) -> tuple[Any, ...]:
        """Leading arguments of the kernels."""
        numbers = np.float64(self.weight), np.float64(self.field_weight)
        arrays = self.rows, self.first, self.second, self.third
        return (*arrays, *numbers, np.int64(self.n_rows), np.int32(self.n_spins))


@lru_cache(maxsize=64)
def compiled(source: str, options: tuple[str, ...], together: bool) -> Any:
    """Compile a source, or take it from the cache; blocks may wait for each other if `together`."""
    import cupy

    return cupy.RawModule(code=source, options=options, enable_cooperative_groups=together)


def launch(kernel: Any, n_items: int, arguments: tuple[Any, ...]) -> None:
    """One thread an item, or a loop over items where they are many."""
    kernel((min(-(-n_items // variants.THREADS), 65536),), (variants.THREADS,), arguments)


def draw(source: Source, memory: Memory, rule: int) -> Networks:
    """Make the networks of some samples on the device.

    Parameters
    ----------
    source : Source
    memory : Memory
        The same network with fewer rows: its size, interaction and weight are used.
    rule : int
        Code of the dynamics.

    Raises
    ------
    ValueError
        If the integers of the interaction would not fit 64 bits.
    """
    rows = drawn_rows(source, memory.n_spins)
    return _finish(rows, source.n_rows, memory, rule)


def drawn_rows(source: Source, n_spins: int) -> Any:
    """Make the rows of some samples on the device.

    Returns
    -------
    cupy.ndarray
        (n_samples, n_spins, n_words) uint32 for rows +-1, else
        (n_samples, n_spins, width) int8 or int32, padded with zeros to a multiple of four.
    """
    import cupy

    n_samples = len(source.pattern_keys)
    positive = 0 if source.dilution is None else round((1 - source.dilution) / 2 * 2**32)
    drawn = (
        cupy.asarray(source.pattern_keys),
        cupy.asarray(source.example_keys),
        np.uint64(round((1 + source.quality) / 2 * 2**32)),
        np.uint64(positive),
        np.int64(source.n_examples),
    )
    if source.binary:
        rows = cupy.empty((n_samples, n_spins, _words(source.n_rows)), np.uint32)
        kernel = _draw_kernel("draw_bits", "signed char")
        sizes = np.int64(source.n_rows), np.int32(n_spins), np.int32(n_samples)
        launch(kernel, rows.size, (*drawn, *sizes, rows))
        return rows
    largest = source.n_examples if source.summed else 1
    entry = variants.DRAW_ENTRIES[largest > 127]
    width = -(-source.n_rows // 4) * 4
    rows = cupy.empty((n_samples, n_spins, width), np.int8 if entry == "signed char" else np.int32)
    sizes = np.int64(source.n_rows), np.int64(width), np.int32(n_spins), np.int32(n_samples)
    kernel = _draw_kernel("draw_rows", entry)
    launch(kernel, rows.size, (*drawn, np.int32(source.summed), *sizes, rows))
    return rows


def upload(memories: Sequence[Memory], rule: int) -> Networks:
    """Copy the networks of given samples to the device; they differ in their rows alone."""
    return _finish(uploaded_rows(memories), memories[0].n_rows, memories[0], rule)


def uploaded_rows(memories: Sequence[Memory]) -> Any:
    """Copy the rows of given samples to the device, in the layout of `drawn_rows`."""
    import cupy

    memory, n_rows = memories[0], memories[0].n_rows
    if all(sample.binary for sample in memories):
        bits = np.zeros((len(memories), memory.n_spins, _words(n_rows)), np.uint32)
        for sample, own in zip(memories, bits, strict=True):
            packed = pack(sample.kept_rows).view(np.uint32)
            own[:, : packed.shape[1]] = packed
        return cupy.asarray(bits)
    largest = max(int(np.abs(sample.rows).max()) for sample in memories)
    check_range(largest, memory.order, memory.n_spins)
    shape = len(memories), memory.n_spins, -(-n_rows // 4) * 4
    rows = np.zeros(shape, np.int8 if largest < 128 else np.int32)
    for sample, own in zip(memories, rows, strict=True):
        own[:, :n_rows] = sample.rows.T
    return cupy.asarray(rows)


def _words(n_rows: int) -> int:
    """Words of 32 rows of a spin, in whole tiles."""
    return variants.TILE_ROWS // 32 * (-(-n_rows // variants.TILE_ROWS))


def sums_of_squares(rows: Any) -> Any:
    """Sums of row**2 of integer rows for every spin of every sample, int64."""
    import cupy

    squares = cupy.empty(rows.shape[:2], np.int64)
    arguments = rows, np.int64(rows.shape[2]), np.int64(squares.size), squares
    launch(_draw_kernel("sum_squares", entry_of(rows)), 32 * squares.size, arguments)
    return squares


def entry_of(rows: Any) -> str:
    """Return the type of integer rows in the sources."""
    return "signed char" if rows.dtype == np.int8 else "int"


def _draw_kernel(name: str, entry: str) -> Any:
    options = (*variants.OPTIONS, f"-DENTRY={entry}")
    return compiled(variants.draw_source(), options, False).get_function(name)


def _finish(rows: Any, n_rows: int, memory: Memory, rule: int) -> Networks:
    finish = _finish_binary if rows.dtype == np.uint32 else _finish_integer
    return finish(rows, n_rows, memory, rule)


def _multiplies_bytes() -> bool:
    """Whether the device multiplies matrices of bytes, as those of 2020 and later do."""
    import cupy

    device = cupy.cuda.runtime.getDevice()
    return bool(cupy.cuda.runtime.getDeviceProperties(device)["major"] >= 8)


def _finish_binary(rows: Any, n_rows: int, memory: Memory, rule: int) -> Networks:
    import cupy

    signed, common, interaction = level_tables(memory.n_spins, memory.order, memory.indices)
    field_weight = 0.5 * memory.weight
    if rule == PARALLEL and memory.indices == "all":
        # Fields are derivatives: a row adds eta_i M^(P-1) whatever s_i is.
        overlaps = range(-memory.n_spins, memory.n_spins + 1, 2)
        signed, common = [2 * m ** (memory.order - 1) for m in overlaps], [0] * len(signed)
        field_weight *= memory.order
    span = max(signed) - min(signed) if _multiplies_bytes() else None
    unit = signed[1] - signed[0]
    linear = signed == [signed[0] + unit * u for u in range(len(signed))] and len(set(common)) == 1
    largest = max(map(abs, signed + common))
    variant = variants.binary(memory.n_spins, n_rows, largest, span=span, linear=linear)
    dtype = {"int": np.int32, "i64": np.int64, "double": np.float64}[variant["VALUE"]]
    if variant.products:
        # Bytes have no sign: values are told from the least one.  Eight need not be, because
        # sums are right modulo 2**64.
        offset = 0 if variant["PLANES"] == "8" else signed[0] if linear else min(signed)
        signed = [a - offset for a in signed] + [offset, unit if linear else 1]
    return Networks(
        variant=variant,
        rows=rows,
        first=cupy.asarray(np.array(signed, dtype)),
        second=cupy.asarray(np.array(common, dtype)),
        third=cupy.asarray(np.array(interaction, np.float64)),
        weight=memory.weight,
        field_weight=field_weight,
        n_rows=n_rows,
        n_spins=memory.n_spins,
        n_samples=len(rows),
    )


def _finish_integer(rows: Any, n_rows: int, memory: Memory, rule: int) -> Networks:
    import cupy

    n_samples, n_spins, width = rows.shape
    largest = max(int(rows.max()), -int(rows.min()))
    check_range(largest, memory.order, n_spins)
    distinct = memory.indices == "distinct"
    derivative = rule == PARALLEL and not distinct
    entry = entry_of(rows)
    first = second = cupy.zeros(1, np.int64)
    if memory.order == 2:
        variant = variants.quadratic(entry, n_spins, n_rows, largest, distinct)
        squares = sums_of_squares(rows)
        third = squares.sum(axis=1).astype(np.float64) * distinct
        first = cupy.zeros_like(squares) if derivative else squares
        field_weight = memory.weight * (1 if distinct else 2)
    else:
        variant = variants.polynomial(entry, memory.order, distinct)
        third = cupy.empty((n_samples, memory.order // 2, width), np.float64)
        sizes = np.int64(width), np.int32(n_spins), np.int32(n_samples), np.int32(third.shape[1])
        launch(_draw_kernel("sum_powers", entry), n_samples * width, (rows, *sizes, third))
        field_weight = memory.weight * (memory.order if derivative else 1)
    return Networks(
        variant=variant,
        rows=rows,
        first=first,
        second=second,
        third=third,
        weight=memory.weight,
        field_weight=field_weight,
        n_rows=n_rows,
        n_spins=n_spins,
        n_samples=n_samples,
    )

"""Rows of disorder samples on a CUDA device: drawn there, or copied for given data.

Rows are made on the device from the streams of `hebbian.patterns`, entry by entry the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from hebbian import Memory
from hebbian.packed import pack
from montecarlo.kernels.shared.ranges import check_range

from . import variants

__all__ = [
    "Source",
    "compiled",
    "draw_kernel",
    "drawn_rows",
    "entry_of",
    "launch",
    "sums_of_squares",
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


@lru_cache(maxsize=64)
def compiled(source: str, options: tuple[str, ...], together: bool) -> Any:
    """Compile a source, or take it from the cache; blocks may wait for each other if `together`."""
    import cupy

    return cupy.RawModule(code=source, options=options, enable_cooperative_groups=together)


def launch(kernel: Any, n_items: int, arguments: tuple[Any, ...]) -> None:
    """One thread an item, or a loop over items where they are many."""
    kernel((min(-(-n_items // variants.THREADS), 65536),), (variants.THREADS,), arguments)


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
        kernel = draw_kernel("draw_bits", "signed char")
        sizes = np.int64(source.n_rows), np.int32(n_spins), np.int32(n_samples)
        launch(kernel, rows.size, (*drawn, *sizes, rows))
        return rows
    largest = source.n_examples if source.summed else 1
    entry = variants.DRAW_ENTRIES[largest > 127]
    width = -(-source.n_rows // 4) * 4
    rows = cupy.empty((n_samples, n_spins, width), np.int8 if entry == "signed char" else np.int32)
    sizes = np.int64(source.n_rows), np.int64(width), np.int32(n_spins), np.int32(n_samples)
    kernel = draw_kernel("draw_rows", entry)
    launch(kernel, rows.size, (*drawn, np.int32(source.summed), *sizes, rows))
    return rows


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
    return variants.TILE_ROWS // 32 * variants.tiles(n_rows)


def sums_of_squares(rows: Any) -> Any:
    """Sums of row**2 of integer rows for every spin of every sample, int64."""
    import cupy

    squares = cupy.empty(rows.shape[:2], np.int64)
    arguments = rows, np.int64(rows.shape[2]), np.int64(squares.size), squares
    launch(draw_kernel("sum_squares", entry_of(rows)), 32 * squares.size, arguments)
    return squares


def entry_of(rows: Any) -> str:
    """Return the type of integer rows in the sources."""
    return "signed char" if rows.dtype == np.int8 else "int"


def draw_kernel(name: str, entry: str) -> Any:
    """Return one of the kernels that make and add up rows of a type of the sources."""
    options = (*variants.OPTIONS, f"-DENTRY={entry}")
    return compiled(variants.draw_source(), options, False).get_function(name)

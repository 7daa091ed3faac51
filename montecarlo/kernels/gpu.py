"""The contract of `montecarlo.kernels` on a CUDA device: many chains of many samples at once.

The kernels are the CUDA C++ sources beside this file, compiled by CuPy when first used and
kept in its cache on disk.  Rows are made on the device from the streams of
`hebbian.patterns`; spins, keys, temperatures and results alone cross the bus.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from hebbian import Memory
from montecarlo.dynamics import PARALLEL, SEQUENTIAL
from montecarlo.lowering import check_range, level_tables
from montecarlo.lowering import lower as lower_memory

from . import variants
from .variants import Variant

__all__ = ["Chains", "Networks", "Source", "draw", "state_bytes", "upload"]

SLOTS = 10  # sums of one pass: SLOTS of types.cuh
SHARED_BYTES = 8192  # bounds `Shared` of sweep.cu


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

    @property
    def arguments(self) -> tuple[Any, ...]:
        """Leading arguments of the kernels."""
        numbers = np.float64(self.weight), np.float64(self.field_weight)
        arrays = self.rows, self.first, self.second, self.third
        return (*arrays, *numbers, np.int64(self.n_rows), np.int32(self.n_spins))


@lru_cache(maxsize=64)
def _module(source: str, options: tuple[str, ...], together: bool) -> Any:
    import cupy

    return cupy.RawModule(code=source, options=options, enable_cooperative_groups=together)


def _launch(kernel: Any, n_items: int, arguments: tuple[Any, ...]) -> None:
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
    import cupy

    n_samples, n_spins = len(source.pattern_keys), memory.n_spins
    positive = 0 if source.dilution is None else round((1 - source.dilution) / 2 * 2**32)
    drawn = (
        cupy.asarray(source.pattern_keys),
        cupy.asarray(source.example_keys),
        np.uint64(round((1 + source.quality) / 2 * 2**32)),
        np.uint64(positive),
        np.int64(source.n_examples),
    )
    if source.binary:
        rows = cupy.empty((n_samples, n_spins, 2 * (-(-source.n_rows // 64))), np.uint32)
        kernel = _draw_kernel("draw_bits", "signed char")
        sizes = np.int64(source.n_rows), np.int32(n_spins), np.int32(n_samples)
        _launch(kernel, rows.size, (*drawn, *sizes, rows))
        return _finish_binary(rows, source.n_rows, memory, rule)
    largest = source.n_examples if source.summed else 1
    entry = variants.DRAW_ENTRIES[memory.order > 2 or largest > 127]
    width = -(-source.n_rows // 4) * 4
    rows = cupy.empty((n_samples, n_spins, width), np.int8 if entry == "signed char" else np.int32)
    sizes = np.int64(source.n_rows), np.int64(width), np.int32(n_spins), np.int32(n_samples)
    kernel = _draw_kernel("draw_rows", entry)
    _launch(kernel, rows.size, (*drawn, np.int32(source.summed), *sizes, rows))
    return _finish_integer(rows, source.n_rows, memory, rule)


def upload(memory: Memory, rule: int) -> Networks:
    """Copy the network of given data to the device: one sample."""
    import cupy

    n_rows = len(memory.rows)
    if memory.binary:
        bits = lower_memory(memory).bits.view(np.uint32)
        return _finish_binary(cupy.asarray(bits[None]), n_rows, memory, rule)
    small = memory.order == 2 and np.abs(memory.rows).max() < 128
    rows = np.zeros((1, memory.n_spins, -(-n_rows // 4) * 4), np.int8 if small else np.int32)
    rows[0, :, :n_rows] = memory.rows.T
    return _finish_integer(cupy.asarray(rows), n_rows, memory, rule)


def _draw_kernel(name: str, entry: str) -> Any:
    options = (*variants.OPTIONS, f"-DENTRY={entry}")
    return _module(variants.draw_source(), options, False).get_function(name)


def _finish_binary(rows: Any, n_rows: int, memory: Memory, rule: int) -> Networks:
    import cupy

    signed, common, interaction = level_tables(memory.n_spins, memory.order, memory.indices)
    field_weight = 0.5 * memory.weight
    if rule == PARALLEL and memory.indices == "all":
        # Fields are derivatives: a row adds eta_i M^(P-1) whatever s_i is.
        overlaps = range(-memory.n_spins, memory.n_spins + 1, 2)
        signed, common = [2 * m ** (memory.order - 1) for m in overlaps], [0] * len(signed)
        field_weight *= memory.order
    variant = variants.binary(memory.n_spins, n_rows, max(map(abs, signed + common)))
    dtype = {"int": np.int32, "i64": np.int64, "double": np.float64}[variant["VALUE"]]
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
    largest = int(cupy.abs(rows).max())
    check_range(largest, memory.order, n_spins)
    distinct = memory.indices == "distinct"
    derivative = rule == PARALLEL and not distinct
    entry = "signed char" if rows.dtype == np.int8 else "int"
    first = second = cupy.zeros(1, np.int64)
    if memory.order == 2:
        variant = variants.quadratic(entry, n_spins, n_rows, largest, distinct)
        squares = cupy.empty((n_samples, n_spins), np.int64)
        arguments = rows, np.int64(width), np.int64(squares.size), squares
        _launch(_draw_kernel("sum_squares", entry), squares.size, arguments)
        third = squares.sum(axis=1).astype(np.float64) * distinct
        first = cupy.zeros_like(squares) if derivative else squares
        field_weight = memory.weight * (1 if distinct else 2)
    else:
        variant = variants.polynomial(memory.order, distinct)
        third = cupy.empty((n_samples, memory.order // 2, width), np.float64)
        sizes = np.int64(width), np.int32(n_spins), np.int32(n_samples), np.int32(third.shape[1])
        _launch(_draw_kernel("sum_powers", entry), n_samples * width, (rows, *sizes, third))
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


def _state_shape(variant: Variant, n_rows: int) -> tuple[int, int, int]:
    """Bytes of the integers of one chain, doubles beside them, and units of work in a pass."""
    width = -(-n_rows // 4) * 4
    if variant.form == "binary":
        padded = -(-n_rows // 64) * 64
        return padded * variant.size("LEVEL"), 1, padded // int(variant["ROWS"])
    if variant.form == "quadratic":
        return 4 * width, 1, width // 4
    order, distinct = int(variant["ORDER"]), variant["DISTINCT"] == "1"
    odd = (order + 1) // 2 if distinct else 1
    return 8 * odd * width, order * width if distinct else 1, width


def state_bytes(variant: Variant, n_rows: int, n_spins: int) -> int:
    """Device memory of one chain."""
    integers, doubles, _ = _state_shape(variant, n_rows)
    return integers + 8 * doubles + 6 * n_spins


class Chains:
    """Chains on the device, each on one of the samples, ready to be advanced together.

    Parameters
    ----------
    networks : Networks
    samples : (n_chains,) int
        Index into `networks` of every chain's sample.
    spins : (n_chains, n_spins) int8
        First configurations.
    """

    def __init__(self, networks: Networks, samples: np.ndarray, spins: np.ndarray) -> None:
        import cupy

        self._networks, self._n_chains = networks, len(samples)
        integers, doubles, units = _state_shape(networks.variant, networks.n_rows)
        self._block, self._team = geometry(self._n_chains, units, _multiprocessors())
        self._grid = self._n_chains * self._team
        n_spins = networks.n_spins
        self._samples = cupy.asarray(np.ascontiguousarray(samples, np.int32))
        self._state = cupy.zeros((self._n_chains, integers), np.uint8)
        self._values = cupy.zeros((self._n_chains, doubles), np.float64)
        self._spins = cupy.asarray(np.repeat(np.ascontiguousarray(spins, np.int8), self._team, 0))
        self._next = cupy.empty_like(self._spins)
        self._visits = cupy.empty((self._grid, n_spins), np.int32)
        self._exchange = cupy.zeros((self._n_chains, 2, self._team, SLOTS), np.uint64)
        kernel = self._kernel("prepare", together=False)
        kernel(
            (self._grid,),
            (self._block,),
            (
                *networks.arguments,
                self._samples,
                self._state,
                self._values,
                self._spins,
                np.int32(self._team),
            ),
        )

    def _kernel(self, name: str, *, together: bool) -> Any:
        variant = self._networks.variant
        return _module(variant.source, variant.options, together).get_function(name)

    def run(
        self,
        keys: np.ndarray,
        T: np.ndarray,
        rule: int,
        first_sweep: int,
        n_measurements: int,
        stride: int,
        order: int = SEQUENTIAL,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Advance all chains; see `montecarlo.kernels`.

        Parameters
        ----------
        keys : (n_chains, 2) uint32
        T : (n_chains,) or (n_chains, n_measurements * stride) float64
            A temperature for each chain, or for each of its sweeps: replicas are exchanged
            by exchanging temperatures between two calls.
        rule, first_sweep, n_measurements, stride, order : int

        Returns
        -------
        snapshots : (n_chains, n_measurements, n_spins) int8
        energies : (n_chains, n_measurements) float64
        flips : (n_chains,) int64
        """
        import cupy

        networks = self._networks
        T = np.ascontiguousarray(np.reshape(T, (self._n_chains, -1)), np.float64)
        snapshots = cupy.empty((self._n_chains, n_measurements, networks.n_spins), np.int8)
        energies = cupy.empty((self._n_chains, n_measurements), np.float64)
        flips = cupy.zeros(self._n_chains, np.int64)
        arguments = (
            *networks.arguments,
            self._samples,
            self._state,
            self._values,
            self._spins,
            self._next,
            self._visits,
            np.int32(self._team),
            cupy.zeros(self._n_chains, np.uint32),
            self._exchange,
            cupy.asarray(np.ascontiguousarray(keys, np.uint32)),
            cupy.asarray(T),
            np.int64(T.shape[1]),
            np.int32(rule),
            np.int32(order),
            np.int64(first_sweep),
            np.int64(n_measurements),
            np.int64(stride),
            snapshots,
            energies,
            flips,
        )
        tables = 0
        if "TABLES_IN_SHARED_MEMORY" in dict(networks.variant.constants):
            tables = 2 * (networks.n_spins + 1) * networks.variant.size("VALUE")
        kernel = self._kernel("sweep", together=self._team > 1)
        kernel((self._grid,), (self._block,), arguments, shared_mem=SHARED_BYTES + tables)
        return cupy.asnumpy(snapshots), cupy.asnumpy(energies), cupy.asnumpy(flips)


def _multiprocessors() -> int:
    import cupy

    device = cupy.cuda.runtime.getDevice()
    return int(cupy.cuda.runtime.getDeviceProperties(device)["multiProcessorCount"])


def geometry(n_chains: int, units: int, n_multiprocessors: int) -> tuple[int, int]:
    """Return threads of a block and blocks of a chain.

    A thread takes four units of a pass where there are enough of them, a warp at least.  Two
    blocks fit on a multiprocessor; where chains leave some idle, blocks share a chain.

    Examples
    --------
    >>> geometry(4000, 25, 132), geometry(500, 62500, 132), geometry(8, 62500, 132)
    ((32, 1), (256, 1), (256, 33))
    """
    block = 32
    while block < variants.THREADS and 4 * block < units:
        block *= 2
    resident = 2 * n_multiprocessors
    team = min(resident // n_chains, units // (4 * block)) if n_chains < resident else 1
    return block, max(1, team)

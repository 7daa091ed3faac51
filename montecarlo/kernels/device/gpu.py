"""The contract of `montecarlo.kernels` on a CUDA device: many chains of many samples at once.

The kernels are the CUDA C++ sources beside this file, compiled by CuPy when first used and
kept in its cache on disk.  Spins, keys, temperatures and results alone cross the bus; rows
are made on the device (`montecarlo.kernels.device.rows`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from montecarlo.dynamics import ALL_AT_ONCE, PARALLEL, SEQUENTIAL, ZERO_TEMPERATURE

from . import variants
from .networks import Networks
from .rows import compiled
from .variants import Variant

__all__ = ["Chains", "geometry", "multiprocessors", "period", "prepare", "run", "shared_bytes"]

TOGETHER = 3  # site order: all spins at once
SLOTS = 18  # bounds the sums of one pass: SLOTS of types.cuh
SHARED_BYTES = 3072  # bounds `Shared` of sweep.cu
COLUMN_BYTES = 192  # columns of ones and of zeros, weights: `constant` of products.cuh


def _state_shape(variant: Variant, n_rows: int) -> tuple[int, int, int]:
    """Bytes of the integers of one chain, doubles beside them, and items of a pass."""
    width = -(-n_rows // 4) * 4
    if variant.form == "binary":
        tiles = variants.tiles(n_rows)
        items = tiles * (32 if variant.products else variants.TILE_ROWS // 4)
        return tiles * variants.TILE_ROWS * variant.size("LEVEL"), 1, items
    if variant.form == "quadratic":
        return 4 * width, 1, width // 4
    order, distinct = int(variant["ORDER"]), variant["DISTINCT"] == "1"
    odd = (order + 1) // 2 if distinct else 1
    return 8 * odd * width, order * width if distinct else 1, width


class Chains:
    """Chains on the device, each on one of the samples, ready to be advanced together.

    Parameters
    ----------
    networks : Networks
    spins : (n_chains, n_spins) or (n_spins,) int8
        First configurations.
    """

    def __init__(self, networks: Networks, spins: np.ndarray) -> None:
        import cupy

        self._shape = spins.shape
        spins = np.ascontiguousarray(np.reshape(spins, (-1, networks.n_spins)), np.int8)
        self._networks, self._n_chains = networks, len(spins)
        samples = networks.sample_of
        if samples is None:
            samples = np.zeros(len(spins), np.int32)
        integers, doubles, items = _state_shape(networks.variant, networks.n_rows)
        self._block, self._team = geometry(self._n_chains, items, multiprocessors())
        if self._team > 1:  # blocks that wait for each other have to be resident together
            self._team = max(1, min(self._team, self._resident() // self._n_chains))
        self._grid = self._n_chains * self._team
        n_spins = networks.n_spins
        self._samples = cupy.asarray(np.ascontiguousarray(samples, np.int32))
        self._state = cupy.zeros((self._n_chains, integers), np.uint8)
        self._values = cupy.zeros((self._n_chains, doubles), np.float64)
        self._spins = cupy.asarray(np.repeat(spins, self._team, 0))
        self._next = cupy.empty_like(self._spins)
        self._visits = cupy.empty((self._grid, n_spins), np.int32)
        self._exchange = cupy.zeros((self._n_chains, 2, self._team, SLOTS), np.uint64)
        arguments = self._samples, self._state, self._values, self._spins, np.int32(self._team)
        kernel = self._kernel("prepare", together=False)
        kernel((self._grid,), (self._block,), (*networks.arguments, *arguments))

    @property
    def spins(self) -> np.ndarray:
        """Present configurations, in the shape of the first ones."""
        import cupy

        return cupy.asnumpy(self._spins)[:: self._team].reshape(self._shape)

    @property
    def _shared_bytes(self) -> int:
        return shared_bytes(self._networks.variant, self._networks.n_spins, self._block)

    def _resident(self) -> int:
        """Blocks of the sweep that the device holds at once, if they may wait for each other."""
        import cupy

        runtime, driver = cupy.cuda.runtime, cupy.cuda.driver
        if not runtime.getDeviceProperties(runtime.getDevice())["cooperativeLaunch"]:
            return 0
        occupancy = driver.occupancyMaxActiveBlocksPerMultiprocessor
        sweep = self._kernel("sweep", together=True).kernel.ptr
        return int(occupancy(sweep, self._block, self._shared_bytes)) * multiprocessors()

    def _kernel(self, name: str, *, together: bool) -> Any:
        variant = self._networks.variant
        return compiled(variant.source, variant.options, together).get_function(name)

    def run(
        self,
        keys: np.ndarray,
        T: np.ndarray,
        move: int,
        first_sweep: int,
        n_measurements: int,
        stride: int,
        site_order: int = SEQUENTIAL,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Advance all chains.

        Parameters
        ----------
        keys : (n_chains, 2) uint32
        T : (n_chains,) or (n_chains, n_measurements * stride) float64
            A temperature for each chain, or for each of its sweeps; replicas are exchanged
            by exchanging temperatures between two calls.
        move, first_sweep, n_measurements, stride : int
        site_order : int
            TOGETHER moves all spins at once, whatever the move.

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
            cupy.asarray(np.ascontiguousarray(np.reshape(keys, (-1, 2)), np.uint32)),
            cupy.asarray(T),
            np.int64(T.shape[1]),
            np.int32(move),
            np.int32(site_order),
            np.int64(first_sweep),
            np.int64(n_measurements),
            np.int64(stride),
            snapshots,
            energies,
            flips,
        )
        kernel = self._kernel("sweep", together=self._team > 1)
        kernel((self._grid,), (self._block,), arguments, shared_mem=self._shared_bytes)
        return cupy.asnumpy(snapshots), cupy.asnumpy(energies), cupy.asnumpy(flips)


def prepare(networks: Networks, spins: np.ndarray) -> Chains:
    """Build the state of chains that start from `spins`; see `montecarlo.kernels`."""
    return Chains(networks, spins)


def run(
    networks,
    state,
    key,
    T,
    move,
    first_sweep,
    n_measurements,
    stride,
    snapshots,
    energies,
    site_order=SEQUENTIAL,
):
    """Advance the chains; see `montecarlo.kernels`."""
    if move in ALL_AT_ONCE:
        move, site_order = PARALLEL, TOGETHER
    found, energy, flips = state.run(key, T, move, first_sweep, n_measurements, stride, site_order)
    snapshots[...] = found.reshape(snapshots.shape)
    energies[...] = energy.reshape(energies.shape)
    return flips.reshape(energies.shape[:-1])[()]


def period(networks, state, move):
    """Period of the zero-temperature dynamics of every chain, which ends with this call."""
    site_order = TOGETHER if move in ALL_AT_ONCE else SEQUENTIAL
    first = state.spins
    keys, T = np.zeros((first.size // first.shape[-1], 2)), np.zeros(first.shape[:-1])
    back = []
    for _ in range(2 if site_order == TOGETHER else 1):
        state.run(keys, T, ZERO_TEMPERATURE, 0, 1, 1, site_order)
        back.append((state.spins == first).all(axis=-1))
    return np.select(back, range(1, 1 + len(back)), 0)[()]


def multiprocessors() -> int:
    """Return the multiprocessors of the device."""
    import cupy

    device = cupy.cuda.runtime.getDevice()
    return int(cupy.cuda.runtime.getDeviceProperties(device)["multiProcessorCount"])


def shared_bytes(variant: Variant, n_spins: int, block: int) -> int:
    """Shared memory of a block of the sweep."""
    more = 0
    if "TABLES_IN_SHARED_MEMORY" in dict(variant.constants):
        more += 2 * (n_spins + 1) * variant.size("VALUE")
    if variant.products:
        traded = block // 32 * int(variant["PLANES"]) * variants.TRADED_BYTES
        more = -(-more // 16) * 16 + COLUMN_BYTES + traded
    return SHARED_BYTES + more


def geometry(n_chains: int, items: int, n_multiprocessors: int) -> tuple[int, int]:
    """Return threads of a block and blocks of a chain.

    A thread takes four items of a pass where there are enough of them, a warp at least.  Three
    blocks fit on a multiprocessor at most; where chains leave some idle, blocks share a chain.

    Examples
    --------
    >>> geometry(4000, 25, 132), geometry(500, 62500, 132), geometry(8, 62500, 132)
    ((32, 1), (256, 1), (256, 49))
    """
    block = 32
    while block < variants.THREADS and 4 * block < items:
        block *= 2
    resident = 3 * n_multiprocessors
    team = min(resident // n_chains, items // (4 * block)) if n_chains < resident else 1
    return block, max(1, team)

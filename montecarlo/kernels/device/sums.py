"""Sums over rows for the mean-field equations on a CUDA device: many states at once.

The contract is that of `montecarlo.kernels.parallel.sums`; numbers agree with it
up to rounding, and do not depend on the states beside.  Cumulants and sums alone cross the bus.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import variants
from .rows import compiled, entry_of, launch

__all__ = ["RowSums", "moments", "state_bytes"]

PARTS = 4  # of plefka.cu
MOST_SLICES = 256  # of the rows of a state, each run by a block


def _sizes(order: int, entry: str, n_rows: int) -> tuple[int, int, int]:
    """Rows of a tile, powers of an entry, and slices of the rows."""
    binary = entry == "u32"
    tile = int(variants.mean_field(order, entry)["TILE"])
    return tile, (order + 1) // 2 if binary else order, min(MOST_SLICES, -(-n_rows // tile))


def state_bytes(order: int, binary: bool, n_rows: int, n_spins: int) -> int:
    """Device memory of one state."""
    _, powers, n_slices = _sizes(order, "u32" if binary else "int", n_rows)
    partial = n_slices * (PARTS * powers * n_spins + order + 1)
    return 8 * (partial + (2 * order + 1) * n_spins)


class RowSums:
    """The rows of some samples on the device, ready to be summed.

    Parameters
    ----------
    rows : cupy.ndarray
        As `montecarlo.kernels.device.rows.drawn_rows` makes them.
    n_rows, order : int
    """

    def __init__(self, rows: Any, n_rows: int, order: int) -> None:
        self._rows, self._n_rows, self._order = rows, n_rows, order
        self._entry = "u32" if rows.dtype == np.uint32 else entry_of(rows)
        variant = variants.mean_field(order, self._entry)
        module = compiled(variant.source, variant.options, False)
        self._sum, self._add = (module.get_function(name) for name in ("row_sums", "add_slices"))

    def __call__(self, samples: np.ndarray, cumulants: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Sum over the rows of each state's sample.

        Parameters
        ----------
        samples : (n_states,) int
        cumulants : (P + 1, n_states, n_spins) float64
            Entry 0 unused.

        Returns
        -------
        totals : (n_states,) float64
            sum_r B_P.
        fields : (P + 1, n_states, n_spins) float64
            Entry 0 unused.
        """
        import cupy

        _, n_states, n_spins = cumulants.shape
        own = np.ascontiguousarray(cumulants[1:].swapaxes(0, 1))
        tile, powers, n_slices = _sizes(self._order, self._entry, self._n_rows)
        partial = cupy.empty((n_states, n_slices, PARTS, powers, n_spins), np.float64)
        totals = cupy.empty((n_states, n_slices, self._order + 1), np.float64)
        fields = cupy.empty((n_states, self._order + 1, n_spins), np.float64)
        arguments = (
            self._rows,
            np.int64(self._n_rows),
            np.int64(self._rows.shape[2]),
            np.int32(n_spins),
            cupy.asarray(np.ascontiguousarray(samples, np.int32)),
            cupy.asarray(own),
            cupy.asarray(own.sum(axis=2)),
            np.int32(n_states),
            np.int32(n_slices),
            partial,
            totals,
        )
        shared = 8 * powers * tile
        self._sum((n_states * n_slices,), (variants.THREADS,), arguments, shared_mem=shared)
        sizes = np.int32(n_spins), np.int64(n_states), np.int32(n_slices)
        launch(self._add, fields.size, (partial, totals, *sizes, fields))
        found = cupy.asnumpy(fields).swapaxes(0, 1)
        return found[0, :, 0], found


def moments(rows: Any, n_rows: int, scale: np.ndarray, order: int) -> np.ndarray:
    """Means of (row**2 / scale)**k over the entries of integer rows, k = 0..order.

    Parameters
    ----------
    rows : cupy.ndarray
        (n_samples, n_spins, width), padded with zeros.
    scale : (n_samples,) float

    Returns
    -------
    (n_samples, order + 1) numpy.ndarray
    """
    n_samples, n_spins, _ = rows.shape
    sums = np.zeros((n_samples, order + 1))
    sums[:, 0] = n_rows * n_spins
    for sample, spin in np.ndindex(n_samples, n_spins):
        entries = rows[sample, spin].astype(np.float64)
        square = entries * entries / scale[sample]
        power = square
        for k in range(1, order + 1):
            sums[sample, k] += float(power.sum())
            power = power * square
    return sums / (n_rows * n_spins)

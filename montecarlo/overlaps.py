"""Overlaps of configurations with patterns, and with each other."""

from __future__ import annotations

import numpy as np

from hebbian import Dataset

__all__ = ["Observed", "overlaps", "packed", "replica_overlaps"]

#: Spins that are converted at a time: they stay in the cache.
BLOCK = 1 << 17

#: Whole numbers up to here are exact in single precision.
EXACT = 1 << 24


def overlaps(snapshots: np.ndarray, patterns: np.ndarray) -> np.ndarray:
    """Normalised overlaps (1/N) sum_i pattern_i s_i.

    Parameters
    ----------
    snapshots : numpy.ndarray
        Shape (..., n_spins), int8, or magnetizations.
    patterns : numpy.ndarray
        Shape (n_patterns, n_spins), any integer type.

    Returns
    -------
    numpy.ndarray
        Shape (..., n_patterns), float64; sums over spins are exact to 2**53.
    """
    n_patterns, n_spins = patterns.shape
    if snapshots.dtype != np.int8 or not _fit_single(patterns):
        return snapshots.astype(np.float64) @ patterns.T.astype(np.float64) / n_spins
    spins, columns = snapshots.reshape(-1, n_spins), patterns.T.astype(np.float32)
    sums = np.empty((len(spins), n_patterns))
    step = max(1, BLOCK // n_spins, n_patterns)
    for first in range(0, len(spins), step):
        sums[first : first + step] = spins[first : first + step].astype(np.float32) @ columns
    sums /= n_spins
    return sums.reshape(*snapshots.shape[:-1], n_patterns)


def _fit_single(patterns: np.ndarray) -> bool:
    """Return whether no sum over spins leaves the whole numbers of single precision."""
    if patterns.dtype.kind not in "iu":
        return False
    largest = max(int(patterns.max(initial=0)), -int(patterns.min(initial=0)))
    return largest * patterns.shape[1] <= EXACT


def packed(spins: np.ndarray) -> np.ndarray:
    """Return spins as bits: (..., n_spins) int8 +-1 to (..., n_bytes) uint8, the padding 0.

    Examples
    --------
    >>> packed(np.array([[1, -1, -1], [1, 1, 1]], np.int8)).tolist()
    [[128], [224]]
    """
    n_spins = spins.shape[-1]
    flat, n_bytes = spins.reshape(-1, n_spins), -(-n_spins // 8)
    found = np.empty((len(flat), n_bytes), np.uint8)
    step = max(1, BLOCK // n_spins)
    for first in range(0, len(flat), step):
        found[first : first + step] = np.packbits(flat[first : first + step] > 0, axis=-1)
    return found.reshape(*spins.shape[:-1], n_bytes)


class Observed:
    """What the overlaps m and n of one disorder sample are taken with.

    Parameters
    ----------
    data : Dataset
    patterns : (n_patterns,) intp
        Archetypes to observe: where patterns follow each other, those that are due at the start.
    """

    def __init__(self, data: Dataset, patterns: np.ndarray) -> None:
        self._data, self._patterns = data, patterns
        self._scale = data.model.example_overlap_scale()
        self._layers = data.model.layers(data.n_spins)
        self._taken = data.observed(patterns)
        # Of stored archetypes the two are one.
        self._same = not data.model.replays and np.array_equal(*self._taken)
        self.n_patterns = len(patterns) * len(self._layers)

    def overlaps(
        self, states: np.ndarray, times: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return m and n.

        Parameters
        ----------
        states : numpy.ndarray
            Spins or magnetizations (..., n_spins).
        times : (n_measurements,) integer, optional
            Sweeps that were done before each state of the axis before the last.

        Returns
        -------
        m, n : numpy.ndarray
            Shape (..., n_patterns): patterns, or the layers of each pattern in turn.
        """
        model = self._data.model
        if self._same:
            m = self._by_layer(states, self._taken[0])
            return m, self._scale * m
        if times is None or not model.replays:
            return self._with(*self._taken, states)
        found = []
        for k, t in enumerate(times.tolist()):
            due = self._data.observed(model.due(self._patterns, self._data.n_patterns, t))
            found.append(self._with(*due, states[..., k, :]))
        m, n = (np.stack(one, axis=-2) for one in zip(*found, strict=True))
        return m, n

    def _with(
        self, archetypes: np.ndarray, averages: np.ndarray, states: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        m, n = (self._by_layer(states, rows) for rows in (archetypes, averages))
        return m, self._scale * n

    def _by_layer(self, states: np.ndarray, rows: np.ndarray) -> np.ndarray:
        ends = np.cumsum(self._layers)[:-1]
        parts = zip(np.split(states, ends, axis=-1), np.split(rows, ends, axis=-1), strict=True)
        found = np.stack([overlaps(s, row) for s, row in parts], axis=-1)
        return found.reshape(*states.shape[:-1], self.n_patterns)


def replica_overlaps(packed: np.ndarray, layers: tuple[int, ...]) -> np.ndarray:
    """Overlaps of all pairs of replicas at equal times.

    Parameters
    ----------
    packed : numpy.ndarray
        Shape (n_replicas, n_measurements, n_bytes), uint8: spins as bits, padding equal.
    layers : tuple of int
        Sites of every layer.

    Returns
    -------
    numpy.ndarray
        Shape (n_replicas (n_replicas - 1)/2, n_measurements), of several layers with a last axis.
    """
    if len(packed) < 2:
        alone = (0, packed.shape[1])
        return np.empty(alone if len(layers) == 1 else (*alone, len(layers)))
    first, second = np.triu_indices(len(packed), k=1)
    apart = packed[first] ^ packed[second]
    found = []
    for layer, size in enumerate(layers):
        mask = np.packbits(np.repeat(np.arange(len(layers)) == layer, layers))
        different = np.bitwise_count(apart & mask).sum(axis=-1, dtype=np.int64)
        found.append(1 - 2 * different / size)
    return found[0] if len(layers) == 1 else np.stack(found, axis=-1)

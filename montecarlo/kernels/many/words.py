"""The random words of many chains, a lane each: those of `montecarlo.kernels.shared.philox`."""

from __future__ import annotations

import numpy as np

from montecarlo.kernels.shared.philox import HALF, LOW, M0, M1, W0, W1, njit

from .vectors import cast, like, load, store

__all__ = ["fill_words", "round_keys"]

ROUNDS = 10


def round_keys(keys: np.ndarray) -> np.ndarray:
    """Return the keys (lanes, 2) of all rounds: (20, lanes) uint64."""
    rounds = np.arange(ROUNDS, dtype=np.uint64)[:, None]
    both = [(keys[:, k].astype(np.uint64) + rounds * step) & LOW for k, step in enumerate((W0, W1))]
    return np.stack(both, axis=1).reshape(2 * ROUNDS, -1)


@njit
def fill_words(lanes, keys, first, sweep, purpose, n, words):
    """Fill words[4 j + k], (>= 4 n, lanes) uint32, with word k of the counter first + j, j < n."""
    key = load(lanes, keys, 0)
    for j in range(n):
        x0, x1 = like(key, np.uint64(first + j)), like(key, np.uint64(sweep) & LOW)
        x2, x3 = like(key, np.uint64(sweep) >> HALF), like(key, np.uint64(purpose))
        for k in range(ROUNDS):
            p0, p1 = (x0 & LOW) * M0, (x2 & LOW) * M1
            # What is above the low half stays there until the next product cuts it off.
            x0, x1 = (p1 >> HALF) ^ x1 ^ load(lanes, keys, 2 * k), p1
            x2, x3 = (p0 >> HALF) ^ x3 ^ load(lanes, keys, 2 * k + 1), p0
        store(words, 4 * j, cast(x0, np.uint32))
        store(words, 4 * j + 1, cast(x1, np.uint32))
        store(words, 4 * j + 2, cast(x2, np.uint32))
        store(words, 4 * j + 3, cast(x3, np.uint32))

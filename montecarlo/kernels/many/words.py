"""The random words of many chains, a lane each: those of `montecarlo.kernels.shared.philox`."""

from __future__ import annotations

import numpy as np

from montecarlo.kernels.shared.philox import HALF, LOW, M0, M1, W0, W1, njit

from .memory import load, store
from .vectors import like, paired

__all__ = ["fill_words", "round_keys"]

ROUNDS = 10


def round_keys(keys: np.ndarray) -> np.ndarray:
    """Return the keys (lanes, 2) of all rounds: (40, lanes / 2) uint64, even lanes before odd."""
    rounds = np.arange(ROUNDS, dtype=np.uint64)[:, None]
    both = [(keys[:, k].astype(np.uint64) + rounds * step) & LOW for k, step in enumerate((W0, W1))]
    apart = [key[:, start::2] for key in both for start in (0, 1)]
    return np.stack(apart, axis=1).reshape(4 * ROUNDS, -1)


@njit
def fill_words(half, keys, first, sweep, purpose, n, words):
    """Fill words[4 j + k], (>= 4 n, lanes) uint32, with word k of the counter first + j, j < n.

    A product of two words fills 64 bits: even lanes are apart from odd ones, half of them each.
    """
    key = load(half, keys, 0)
    for j in range(n):
        x0, x1 = like(key, np.uint64(first + j)), like(key, np.uint64(sweep) & LOW)
        x2, x3 = like(key, np.uint64(sweep) >> HALF), like(key, np.uint64(purpose))
        y0, y1, y2, y3 = x0, x1, x2, x3
        for k in range(ROUNDS):
            # What is above the low half stays there until the next product cuts it off.
            p0, p1 = (x0 & LOW) * M0, (x2 & LOW) * M1
            q0, q1 = (y0 & LOW) * M0, (y2 & LOW) * M1
            x0, x1 = (p1 >> HALF) ^ x1 ^ load(half, keys, 4 * k), p1
            x2, x3 = (p0 >> HALF) ^ x3 ^ load(half, keys, 4 * k + 2), p0
            y0, y1 = (q1 >> HALF) ^ y1 ^ load(half, keys, 4 * k + 1), q1
            y2, y3 = (q0 >> HALF) ^ y3 ^ load(half, keys, 4 * k + 3), q0
        store(words, 4 * j, paired(x0, y0))
        store(words, 4 * j + 1, paired(x1, y1))
        store(words, 4 * j + 2, paired(x2, y2))
        store(words, 4 * j + 3, paired(x3, y3))

r"""Archetypes and examples, drawn from counter-based streams.

Every entry is a function of (key, pattern, spin), so any block of rows can be made by
itself and a larger number of patterns keeps the smaller one's rows.  Counters:

============  =========================================  ==================
law           counter                                    words per call
============  =========================================  ==================
Rademacher    (spin, pattern // 128)                     128 patterns, 1 bit
diluted       (spin, pattern // 4)                       4 patterns
examples      (spin, pattern, example // 4)              4 examples
============  =========================================  ==================
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .packed import Kept, Packed, take, unpack
from .streams import philox

__all__ = [
    "diluted",
    "example_sums",
    "examples",
    "packed_examples",
    "rademacher",
    "rademacher_bits",
    "sum_type",
]

_BLOCK_WORDS = 1 << 15  # bounds the scratch memory of a draw to a few MiB


def rademacher_bits(key: np.ndarray, n_patterns: int, n_spins: int) -> np.ndarray:
    """Draw fair binary patterns in packed form.

    Parameters
    ----------
    key : numpy.ndarray
        Shape (2,), uint32 (`hebbian.streams.key`).
    n_patterns, n_spins : int
        At least 1.

    Returns
    -------
    numpy.ndarray
        Shape (n_spins, ceil(n_patterns / 64)), uint64.  Bit b of word w of spin i is set
        where pattern 64 w + b is +1 on spin i; bits past the last pattern are 0.
    """
    n_calls = -(-n_patterns // 128)
    n_words = -(-n_patterns // 64)
    bits = np.empty((n_spins, n_words), np.uint64)
    call_step = min(n_calls, _BLOCK_WORDS)
    step = max(1, _BLOCK_WORDS // call_step)
    for first in range(0, n_spins, step):
        spin = np.arange(first, min(first + step, n_spins))[:, None]
        for call in range(0, n_calls, call_step):
            calls = np.arange(call, min(call + call_step, n_calls))
            words = philox(key, spin, calls).reshape(len(spin), -1).view(np.uint64)
            block = bits[first : first + step, 2 * call : 2 * (call + call_step)]
            block[:] = words[:, : block.shape[1]]
    if n_patterns % 64:
        bits[:, -1] &= np.uint64((1 << n_patterns % 64) - 1)
    return bits


def rademacher(key: np.ndarray, n_patterns: int, n_spins: int) -> np.ndarray:
    """Draw fair binary patterns: shape (n_patterns, n_spins), int8, +-1.

    Examples
    --------
    >>> key = np.array([1, 2], np.uint32)
    >>> bool((rademacher(key, 3, 40) == rademacher(key, 500, 40)[:3]).all())
    True
    """
    return unpack(rademacher_bits(key, n_patterns, n_spins), n_patterns)


def diluted(key: np.ndarray, n_patterns: int, n_spins: int, dilution: float) -> np.ndarray:
    """Draw patterns with blanks: P(0) = dilution, P(+1) = P(-1) = (1 - dilution)/2.

    Returns
    -------
    numpy.ndarray
        Shape (n_patterns, n_spins), int8, entries -1, 0, +1.  The probabilities are exact
        to 2**-32.
    """
    calls = np.arange(-(-n_patterns // 4))[:, None]
    words = philox(key, np.arange(n_spins)[None, :], calls)  # (call, spin, word)
    words = np.moveaxis(words, 2, 1).reshape(-1, n_spins)[:n_patterns].astype(np.uint64)
    positive = round((1 - dilution) / 2 * 2**32)
    return np.select([words < positive, words < 2 * positive], [1, -1], 0).astype(np.int8)


def _example_blocks(
    key: np.ndarray, archetypes: Kept, quality: float, n_examples: int, first_pattern: int = 0
) -> Iterator[tuple[slice, slice, np.ndarray]]:
    """Yield (patterns, examples, block), the block of shape (patterns, examples, spins)."""
    n_patterns, n_spins = archetypes.shape
    faithful = round((1 + quality) / 2 * 2**32)
    n_calls = -(-n_examples // 4)
    call_step = max(1, min(n_calls, _BLOCK_WORDS // n_spins))
    pattern_step = max(1, _BLOCK_WORDS // (n_spins * call_step))
    spin = np.arange(n_spins)
    for mu in range(0, n_patterns, pattern_step):
        pattern = np.arange(mu, min(mu + pattern_step, n_patterns))
        for first in range(0, n_calls, call_step):
            call = np.arange(first, min(first + call_step, n_calls))
            words = philox(key, spin, first_pattern + pattern[:, None, None], call[:, None])
            words = np.moveaxis(words, 3, 2).reshape(len(pattern), -1, n_spins)
            words = words[:, : n_examples - 4 * first].astype(np.uint64)
            chi = np.where(words < faithful, 1, -1).astype(np.int8)
            which = slice(4 * first, 4 * first + chi.shape[1])
            yield slice(mu, mu + len(pattern)), which, chi * take(archetypes, pattern)[:, None]


def examples(
    key: np.ndarray, archetypes: np.ndarray, quality: float, n_examples: int, first_pattern: int = 0
) -> np.ndarray:
    r"""Draw noisy examples :math:`\eta^{\mu,a} = \chi^{\mu,a} \xi^\mu`.

    Parameters
    ----------
    key : numpy.ndarray
        Shape (2,), uint32.
    archetypes : numpy.ndarray
        Shape (n_patterns, n_spins), int8.
    quality : float
        In (0, 1]: P(chi = +1) = (1 + quality)/2.
    n_examples : int
        Examples per archetype; a larger number keeps the smaller one's examples.
    first_pattern : int
        Number of the first of these archetypes in the whole set.

    Returns
    -------
    numpy.ndarray
        Shape (n_patterns, n_examples, n_spins), int8.
    """
    out = np.empty((archetypes.shape[0], n_examples, archetypes.shape[1]), np.int8)
    blocks = _example_blocks(key, archetypes, quality, n_examples, first_pattern)
    for patterns, which, block in blocks:
        out[patterns, which] = block
    return out


def packed_examples(key: np.ndarray, archetypes: Packed, quality: float, n_examples: int) -> Packed:
    """Draw the examples of `examples`, of binary archetypes, in packed form.

    Returns
    -------
    Packed
        Row mu M + a is example a of archetype mu.
    """
    n_patterns, n_spins = archetypes.shape
    n_rows = n_patterns * n_examples
    packed = np.zeros((n_spins, -(-n_rows // 64) * 8), np.uint8)
    for patterns, which, block in _example_blocks(key, archetypes, quality, n_examples):
        # A block is a run of consecutive rows: some examples of one archetype or whole groups.
        start = patterns.start * n_examples + which.start
        blank = np.full((start % 8, n_spins), -1, np.int8)
        positive = np.concatenate([blank, block.reshape(-1, n_spins)]).T > 0
        octets = np.packbits(positive, axis=1, bitorder="little")
        packed[:, start // 8 : start // 8 + octets.shape[1]] |= octets
    return Packed(packed.view(np.uint64), n_rows)


def sum_type(n_examples: int) -> np.dtype:
    """Return the smallest signed type that holds sums of examples.

    Examples
    --------
    >>> sum_type(127), sum_type(128)
    (dtype('int8'), dtype('int16'))
    """
    kinds = (np.int8, np.int16, np.int32)
    return np.dtype(next(kind for kind in kinds if n_examples <= np.iinfo(kind).max))


def example_sums(key: np.ndarray, archetypes: Kept, quality: float, n_examples: int) -> np.ndarray:
    """Sum the examples of `examples` over each archetype without keeping them.

    Returns
    -------
    numpy.ndarray
        Shape (n_patterns, n_spins), entries in [-n_examples, n_examples], of the smallest
        signed type that holds them, in Fortran order: kernels read it spin by spin.
    """
    out = np.zeros(archetypes.shape, sum_type(n_examples), order="F")
    for patterns, _, block in _example_blocks(key, archetypes, quality, n_examples):
        out[patterns] += block.sum(axis=1, dtype=out.dtype)
    return out

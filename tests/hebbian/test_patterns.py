"""Random streams and patterns: known answers, nesting, statistics."""

import numpy as np
import pytest

from hebbian import streams
from hebbian.packed import pack, unpack
from hebbian.patterns import (
    diluted,
    example_sums,
    examples,
    rademacher,
    rademacher_bits,
)

KEY = np.array([17, 4], np.uint32)


@pytest.mark.parametrize(
    ("key", "counter", "answer"),
    [
        ((0, 0), (0, 0, 0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        (
            (0xFFFFFFFF, 0xFFFFFFFF),
            (0xFFFFFFFF,) * 4,
            (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
        ),
        (
            (0xA4093822, 0x299F31D0),
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_known_answers(key, counter, answer):
    """The kat_vectors of the Random123 library (doi:10.1145/2063384.2063405)."""
    words = streams.philox(np.array(key, np.uint32), *counter)
    assert tuple(words.tolist()) == answer


def test_streams_are_named_by_what_they_are():
    one = streams.key(1, "dynamics", T=0.3, alpha=0.1)
    np.testing.assert_array_equal(one, streams.key(1, "dynamics", alpha=0.1, T=0.1 + 0.2))
    for other in (
        streams.key(2, "dynamics", T=0.3, alpha=0.1),
        streams.key(1, "start", T=0.3, alpha=0.1),
        streams.key(1, "dynamics", T=0.1, alpha=0.3),
    ):
        assert (one != other).any()


def test_fewer_patterns_or_spins_are_a_corner_of_more():
    large = rademacher(KEY, 300, 90)
    np.testing.assert_array_equal(rademacher(KEY, 37, 50), large[:37, :50])
    blanks = diluted(KEY, 30, 90, 0.4)
    np.testing.assert_array_equal(diluted(KEY, 7, 50, 0.4), blanks[:7, :50])
    noisy = examples(KEY, large[:5], 0.6, 21)
    np.testing.assert_array_equal(examples(KEY, large[:2], 0.6, 6), noisy[:2, :6])


def test_packing_is_a_bijection():
    bits = rademacher_bits(KEY, 130, 11)
    assert bits.shape == (11, 3)
    np.testing.assert_array_equal(pack(unpack(bits, 130)), bits)


def test_sums_are_the_sums_of_the_examples(monkeypatch):
    archetypes = diluted(KEY, 6, 40, 0.3)
    noisy = examples(KEY, archetypes, 0.5, 33)
    sums = example_sums(KEY, archetypes, 0.5, 33)
    np.testing.assert_array_equal(sums, noisy.sum(axis=1))
    monkeypatch.setattr("hebbian.patterns._BLOCK_WORDS", 64)  # many small blocks, same numbers
    np.testing.assert_array_equal(example_sums(KEY, archetypes, 0.5, 33), sums)
    small_blocks = rademacher(KEY, 300, 9)
    monkeypatch.undo()
    np.testing.assert_array_equal(rademacher(KEY, 300, 9), small_blocks)


def test_frequencies():
    """Means and probabilities within four standard errors."""
    n = 400_000
    xi = rademacher(KEY, 100, n // 100)
    assert abs(xi.mean(dtype=float)) < 4 / np.sqrt(n)
    blanks = diluted(KEY, 100, n // 100, 0.3)
    for value, p in ((0, 0.3), (1, 0.35), (-1, 0.35)):
        assert abs((blanks == value).mean() - p) < 4 * np.sqrt(p * (1 - p) / n)
    chi = examples(KEY[::-1], xi[:10], 0.4, 10) * xi[:10, None]
    assert abs(chi.mean() - 0.4) < 4 / np.sqrt(chi.size)
    together = chi.reshape(100, -1).astype(float)
    correlation = together @ together.T / together.shape[1] - 0.16
    off = correlation[~np.eye(100, dtype=bool)]
    assert np.abs(off).max() < 6 / np.sqrt(together.shape[1])

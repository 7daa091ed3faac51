"""Rows kept as bits are the rows of the definitions."""

import numpy as np
import pytest

from hebbian import Dense, Hopfield, Supervised, Unsupervised, draw, patterns, streams
from hebbian.packed import Packed, pack

KEY = streams.key(1, "patterns")


@pytest.mark.parametrize("n_rows", [1, 63, 64, 65, 1000])
def test_rows_are_taken_without_the_others(n_rows):
    rows = patterns.rademacher(KEY, n_rows, 37)
    packed = Packed(pack(rows), n_rows)
    np.testing.assert_array_equal(packed.unpack(), rows)
    which = [0, n_rows - 1, -1]
    np.testing.assert_array_equal(packed.take(which), rows[which])
    np.testing.assert_array_equal(packed.take(slice(0, 5)), rows[:5])
    np.testing.assert_array_equal(packed.take(slice(-5, None, 2)), rows[-5::2])
    odd = np.arange(n_rows) % 2 == 1
    np.testing.assert_array_equal(packed.take(odd), rows[odd])
    for outside in (n_rows, -n_rows - 1):
        with pytest.raises(IndexError, match="rows are numbered from 0"):
            packed.take([outside])
    assert packed.bits is pack(packed)


@pytest.mark.parametrize("n_examples", [1, 3, 4, 130])
@pytest.mark.parametrize("block", [1 << 17, 64])
def test_packed_examples_are_the_examples(monkeypatch, n_examples, block):
    archetypes = patterns.rademacher(KEY, 11, 23)
    whole = patterns.examples(KEY, archetypes, 0.4, n_examples)
    monkeypatch.setattr(patterns, "_BLOCK_WORDS", block)
    packed = patterns.packed_examples(KEY, Packed(pack(archetypes), 11), 0.4, n_examples)
    np.testing.assert_array_equal(packed.unpack(), whole.reshape(-1, 23))


@pytest.mark.parametrize("model", [Dense(order=3), Hopfield()], ids=repr)
def test_observed_patterns_are_those_of_the_data_set(model):
    for rule in (Unsupervised(quality=0.5, n_examples=5), Supervised(quality=0.5, n_examples=5)):
        data = draw(model.replace(rule=type(rule).__name__.lower(), quality=0.5, n_examples=5),
                    n_spins=30, alpha=0.4, seed=2)  # fmt: skip
        archetypes, sums = data.observed([3, 0])
        np.testing.assert_array_equal(archetypes, data.archetypes[[3, 0]])
        np.testing.assert_array_equal(sums, data.sums[[3, 0]])
        assert data.archetypes.shape == (data.n_patterns, data.n_spins)
        examples = data.memory.rows.reshape(data.n_patterns, -1, 30)
        np.testing.assert_array_equal(examples.sum(axis=1), data.sums)


@pytest.mark.parametrize(("n_examples", "kind"), [(127, "i1"), (128, "i2"), (32768, "i4")])
def test_sums_have_the_smallest_type(n_examples, kind):
    sums = patterns.example_sums(KEY, np.ones((1, 2), np.int8), 1.0, n_examples)
    assert sums.dtype == np.dtype(kind)
    assert (sums == n_examples).all()

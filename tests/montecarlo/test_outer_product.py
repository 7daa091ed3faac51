"""Outer-product memories with drawn embeddings: by hand, streams, blocks, theory's convention."""

import sys

import numpy as np
import pytest

from hebbian import zipf
from montecarlo import outer_product as door

module = sys.modules["montecarlo.outer_product"]  # the package has the function of that name
P, CLASSES = zipf(300, 1.5), np.arange(300) % 3


def measured(**changed):
    given = {"p": P, "q": "frequency", "classes": CLASSES, "d": 20, "n_draws": 12, "seed": 4}
    return door(**given | changed)


def test_same_bits_for_any_threads_and_more_draws_keep_the_fewer():
    first, second = measured(n_threads=1), measured(n_threads=3)
    assert first.mean == second.mean
    assert first.error == second.error
    one = [float(measured(n_draws=n, n_threads=1).mean) * n for n in (1, 2, 3)]
    assert len(set(np.diff(one).round(12))) == 2
    assert measured(seed=5).mean != first.mean


def test_blocks_change_nothing(monkeypatch):
    whole = measured(readout="random", n_samples=50)
    for entries in (1, 20 * 7, 20 * 100):
        monkeypatch.setattr(module, "ENTRIES", entries)
        assert measured(readout="random", n_samples=50).mean == whole.mean


def test_one_memory_by_the_definition():
    """W written out, every token asked for."""
    e = np.concatenate([block for _, block in module._embeddings(300, 20, "gaussian", 4, 0)])
    W = np.zeros((3, 20))
    for x in range(300):
        W[CLASSES[x]] += P[x] * e[x]
    wrong = (W @ e.T).argmax(axis=0) != CLASSES
    assert measured(n_draws=1).mean == pytest.approx(P[wrong].sum(), abs=1e-12)
    assert np.isnan(measured(n_draws=1).error)


def test_lengths_of_embeddings():
    for embedding, spread in (("gaussian", 2 / 20), ("sphere", 0.0)):
        e = np.concatenate([block for _, block in module._embeddings(4000, 20, embedding, 1, 0)])
        square = (e**2).sum(axis=1)
        assert square.mean() == pytest.approx(1, abs=0.03)
        assert square.var() == pytest.approx(spread, abs=0.02)


def test_equal_scores_are_answered_at_random():
    found = measured(q=np.zeros(300), n_draws=400)
    assert abs(found.mean - 2 / 3) < 4 * found.error
    assert abs(measured(n_samples=0, n_draws=400).mean - 2 / 3) < 4 * found.error
    assert not found.short.any()  # memories are no chains


def test_random_directions_of_many_classes_cost_more():
    classes = np.arange(300) % 100
    orthonormal, random = (
        measured(classes=classes, q="uniform", readout=readout, n_draws=40)
        for readout in module.READOUTS
    )
    assert random.mean > orthonormal.mean + 3 * np.hypot(random.error, orthonormal.error)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"d": 0}, "d = 0 is outside the allowed range"),
        ({"n_samples": 1.5}, "n_samples = 1.5 is not a whole number"),
        ({"n_draws": 0}, "n_draws = 0 is outside"),
        ({"readout": "onehot"}, "readout = 'onehot' is not one of orthonormal, random"),
        ({"classes": [0, 1]}, "one whole number for each of 300 tokens"),
    ],
)
def test_bad_input_is_one_line(change, words):
    with pytest.raises(ValueError, match=words):
        measured(**change)

"""Stratified columns: the proportions of the law, no bias, and nothing else changed."""

import numpy as np
import pytest

from hebbian import Model, Multitasking, Storing, draw, streams
from hebbian.patterns import diluted
from hebbian.stratified import stratified


def kinds(rows):
    """Count every kind of column: shape (3**K,), and return their probabilities' digits."""
    K = len(rows)
    code = (3 ** np.arange(K)) @ (rows.astype(int) + 1)
    return np.bincount(code, minlength=3**K)


def law(K, d):
    entry = np.array([(1 - d) / 2, d, (1 - d) / 2])
    p = np.ones(1)
    for _ in range(K):
        p = np.multiply.outer(entry, p).ravel()
    return p


@pytest.mark.parametrize(
    ("n_spins", "K", "d"),
    [(1000, 3, 0.3), (1458, 6, 1 / 3), (4000, 5, 0.4), (37, 4, 0.9), (9, 5, 0)],
)
def test_every_beginning_of_a_column_has_its_share(n_spins, K, d):
    for sample in range(4):
        rows = stratified(streams.key(sample, "patterns"), K, n_spins, d)
        for k in range(1, K + 1):
            assert np.abs(kinds(rows[:k]) - n_spins * law(k, d)).max() < 1


def test_shares_are_unbiased():
    """The mean count of every kind is N p, within five standard errors, common or rare."""
    n_samples, n_spins, K, d = 1500, 7, 2, 0.4
    draws = [stratified(streams.key(s, "p"), K, n_spins, d) for s in range(n_samples)]
    counts = np.array([kinds(rows) for rows in draws])
    error = counts.std(axis=0) / np.sqrt(n_samples)
    assert (np.abs(counts.mean(axis=0) - n_spins * law(K, d)) < 5 * error).all()
    # every spin has the law of an entry: where a column is put does not depend on its kind
    blank = np.mean([rows == 0 for rows in draws], axis=0)
    assert np.abs(blank - d).max() < 5 * np.sqrt(d * (1 - d) / n_samples)


def test_fewer_patterns_are_a_corner_of_more():
    key = streams.key(1, "patterns")
    np.testing.assert_array_equal(stratified(key, 2, 50, 0.4), stratified(key, 6, 50, 0.4)[:2])


def test_overlaps_of_patterns_lose_their_fluctuations():
    """Without disorder two patterns overlap by a few spins, else by sqrt(N) of them."""
    n = 4000
    spread = {}
    for sampling in ("independent", "stratified"):
        model = Multitasking(n_patterns=3, dilution=0.3, sampling=sampling)
        rows = [draw(model, n_spins=n, sample=s).archetypes.astype(int) for s in range(30)]
        spread[sampling] = np.std([xi[0] @ xi[1] for xi in rows])
    assert spread["independent"] > 0.7 * 0.7 * np.sqrt(n) * 0.6
    assert spread["stratified"] < 3


def test_stratified_is_the_default_and_independent_unchanged():
    assert Multitasking() == Multitasking(sampling="stratified")
    model = Multitasking(n_patterns=3, dilution=0.3, sampling="independent")
    key = streams.key(0, "patterns", sample=0)
    np.testing.assert_array_equal(draw(model, n_spins=40).archetypes, diluted(key, 3, 40, 0.3))
    assert "sampling" not in model.stream_key()  # the noise is what it was without a choice
    assert Model.build(model.describe()) == model
    assert Multitasking().stream_key() == Multitasking().describe()


def test_sampling_is_a_parameter_of_the_model():
    model = Multitasking(n_patterns=3, dilution=0.3, sampling="stratified")
    assert model.describe()["sampling"] == "stratified"
    assert Model.build(model.describe()) == model
    assert eval(repr(model), {"Multitasking": Multitasking, "Storing": Storing}) == model
    assert model.replace(dilution=0.2).sampling == "stratified"
    with pytest.raises(ValueError, match="sampling = 'exact' is not one of independent, strat"):
        Multitasking(sampling="exact")

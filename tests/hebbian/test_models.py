"""Models: parameters, loads, energies by brute force."""

import itertools
import math

import numpy as np
import pytest
from conformance import CASES, IDS

import hebbian
from hebbian import (
    Dense,
    Hopfield,
    Memory,
    Model,
    Multitasking,
    Storing,
    Supervised,
    Unsupervised,
    draw,
    from_examples,
)


def spins_of(n, seed=0):
    return np.random.default_rng(seed).choice(np.array([-1, 1], np.int8), n)


@pytest.mark.parametrize("rule", [Storing(), Supervised(quality=0.8, n_examples=4)])
@pytest.mark.parametrize("order", [2, 3, 4])
def test_distinct_energy_is_the_sum_over_tuples(order, rule):
    """H = -(1/2) N^(1-P) sum over ordered tuples of P distinct sites of the mean rows."""
    data = draw(Dense(order=order, rule=rule), n_spins=7, alpha=0.5, seed=1)
    s = spins_of(7)
    rows = data.sums / rule.n_examples / math.sqrt(rule.second_moment)
    total = sum(
        math.prod(row[i] * s[i] for i in sites)
        for row in rows
        for sites in itertools.permutations(range(7), order)
    )
    assert data.memory.energy(s) == pytest.approx(-0.5 * 7.0 ** (1 - order) * total, rel=1e-12)


@pytest.mark.parametrize("order", [2, 3, 4, 5])
def test_literal_power(order):
    """indices="all": H = -(N/2) sum_mu m_mu^P."""
    data = draw(Dense(order=order, indices="all"), n_spins=9, alpha=0.4, seed=1)
    s = spins_of(9)
    m = data.archetypes @ s.astype(float) / 9
    assert data.memory.energy(s) == pytest.approx(-4.5 * (m**order).sum(), rel=1e-12)


def test_unsupervised_is_the_mean_over_examples():
    model = Dense(order=3, rule=Unsupervised(quality=0.7, n_examples=5))
    data = draw(model, n_spins=8, alpha=0.3, seed=2)
    s = spins_of(8)
    storing = [
        Memory(rows=data.memory.rows[k::5], order=3, indices="distinct", weight=1.0).energy(s)
        for k in range(5)
    ]
    scale = math.factorial(3) / 2 / 8**2 / model.rule.second_moment**1.5
    assert data.memory.energy(s) == pytest.approx(scale * np.mean(storing), rel=1e-12)


def test_multitasking_energies():
    """The three costs of arXiv:2308.04106 in the normalisation without prefactor."""
    for rule in (Storing(), Supervised(quality=0.6, n_examples=4)):
        data = draw(Multitasking(n_patterns=3, dilution=0.4, rule=rule), n_spins=30, seed=4)
        s = spins_of(30)
        n = data.sums @ s.astype(float) / (30 * rule.quality * rule.n_examples)
        assert data.memory.energy(s) == pytest.approx(-15 * (n**2).sum(), rel=1e-12)
    rule = Unsupervised(quality=0.6, n_examples=4)
    data = draw(Multitasking(n_patterns=3, dilution=0.4, rule=rule), n_spins=30, seed=4)
    overlaps = data.memory.overlaps(s)
    expected = -(overlaps**2).sum() / (2 * 30 * 0.36 * 4)
    assert data.memory.energy(s) == pytest.approx(expected, rel=1e-12)


def test_hopfield_is_dense_of_order_two():
    a = draw(Hopfield(), n_spins=20, alpha=0.2, seed=5).memory
    b = draw(Dense(order=2), n_spins=20, alpha=0.2, seed=5).memory
    np.testing.assert_array_equal(a.rows, b.rows)
    assert (a.order, a.indices, a.weight) == (b.order, b.indices, b.weight)


@pytest.mark.parametrize(("order", "n_spins"), [(2, 2000), (3, 300), (4, 100), (6, 60)])
def test_load_is_gardners(order, n_spins):
    k = Dense(order=order).count(0.1, n_spins)
    assert k == round(0.2 * n_spins ** (order - 1) / math.factorial(order))


def test_zero_load_keeps_the_pattern_to_retrieve():
    assert Dense(order=4).count(0.0, 50) == 1


@pytest.mark.parametrize(("model", "alpha"), CASES, ids=IDS)
def test_a_model_is_written_as_it_is_made(model, alpha):
    assert eval(repr(model), vars(hebbian)) == model


def test_replace_reaches_the_rule():
    model = Dense(order=4, rule=Supervised(quality=0.5, n_examples=10))
    changed = model.replace(order=3, quality=0.9)
    assert changed == Dense(order=3, rule=Supervised(quality=0.9, n_examples=10))
    with pytest.raises(ValueError, match="dilution is not a parameter of Dense"):
        model.replace(dilution=0.1)
    with pytest.raises(ValueError, match="quality is not a parameter of Hopfield with rule Stor"):
        Hopfield().replace(quality=0.5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Dense(order=1), r"order = 1 is outside the allowed range \[2, 8\]"),
        (lambda: Dense(order=2.5), "order = 2.5 is not a whole number"),
        (lambda: Dense(order=True), "order = True is not a whole number"),
        (lambda: Dense(indices="some"), "indices = 'some' is not one of distinct, all"),
        (lambda: Dense(rule="storing"), "rule = 'storing' is not a rule"),
        (lambda: Multitasking(dilution=1.0), r"dilution = 1.0 is outside .* \[0, 1\)"),
        (lambda: Multitasking(n_patterns=0), "n_patterns = 0 is outside"),
        (lambda: Supervised(quality=0.0, n_examples=3), r"quality = 0.0 is outside .* \(0, 1\]"),
        (lambda: Supervised(quality=math.nan, n_examples=3), "quality = nan"),
        (lambda: Unsupervised(quality=0.5, n_examples=0), "n_examples = 0 is outside"),
        (lambda: Storing(quality=0.5), "Storing has quality 1"),
        (lambda: Model.build({"model": "perceptron"}), "model = 'perceptron' is not one of"),
        (lambda: Model.build({"model": "dense", "rule": "supervised"}), "needs quality and n_ex"),
        (lambda: Model.build({"model": "dense", "colour": 1}), "colour is not a parameter"),
    ],
)
def test_bad_parameters(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_networks_beyond_any_memory_are_refused_before_they_are_drawn():
    with pytest.raises(ValueError, match=r"alpha = 1e\+300 is outside the allowed range"):
        draw(Hopfield(), n_spins=100, alpha=1e300)
    with pytest.raises(
        ValueError, match=r"the rows of the network need 1.16e\+03 GiB, this machine has"
    ):
        draw(Hopfield(rule=Unsupervised(quality=0.5, n_examples=10**9)), n_spins=1000, alpha=0.01)


def test_given_examples_must_fit_the_model():
    model = Hopfield(rule=Supervised(quality=0.5, n_examples=2))
    good = np.ones((3, 2, 10), int)
    assert from_examples(model, good[:, 0], good).memory.rows.shape == (3, 10)
    with pytest.raises(ValueError, match=r"examples: shape \(3, 1, 10\), but .* n_examples = 2"):
        from_examples(model, good[:, 0], good[:, :1])
    with pytest.raises(ValueError, match=r"archetypes: entry 2 is not one of -1 and \+1"):
        from_examples(model, 2 * good[:, 0], good)

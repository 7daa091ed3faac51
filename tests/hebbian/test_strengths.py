"""Patterns of unequal strengths: laws, refusals, and energies as they are written."""

import itertools
import json
import math

import numpy as np
import pytest

from hebbian import Dense, Hopfield, Model, Supervised, Unsupervised, draw
from hebbian.strengths import BITS, palimpsest_rate, whole_strengths
from hebbian.testing import check_model
from montecarlo import Schedule, simulate

EXAMPLES = {"quality": 0.8, "n_examples": 3}
RULES = [Supervised(**EXAMPLES), Unsupervised(**EXAMPLES)]


def products(order, terms):
    """The sum over i_1 < ... < i_P, product by product."""
    return sum(math.prod(chosen) for chosen in itertools.combinations(terms.tolist(), order))


def test_zipf_is_a_power_of_the_rank():
    found = Hopfield(weights="zipf:1.5").strengths(7, 100)
    np.testing.assert_allclose(found, [k**-1.5 for k in range(1, 8)], rtol=1e-15)
    assert (Hopfield(weights="zipf:0").strengths(7, 100) == 1).all()


@pytest.mark.parametrize("model", [Hopfield(), Dense(order=3), Dense(order=4, indices="all")])
def test_a_palimpsest_fades_by_the_load_that_came_after(model):
    """A factor e in 1/L of a load, whatever the size and the order."""
    faded = model.replace(weights="palimpsest:2.5")
    for n_spins in (20, 60):
        last = model.count(0.4, n_spins)
        found = faded.strengths(last + 1, n_spins)
        assert found[0] == 1
        assert found[-1] == pytest.approx(math.exp(-2.5 * model.load(last, n_spins)), rel=1e-12)
        np.testing.assert_allclose(found[1:] / found[:-1], found[1], rtol=1e-9)


def test_parameters_of_laws_are_normalised():
    assert Hopfield(weights="zipf:1.50") == Hopfield(weights="zipf:1.5")
    assert Hopfield(weights="palimpsest:1e1").weights == "palimpsest:10"
    assert Hopfield(weights=np.array([2, 1])) == Hopfield(weights=(2.0, 1.0))
    rates = [palimpsest_rate(w) for w in ("palimpsest:10", "zipf:1", (1.0,), None)]
    assert rates == [10.0, None, None, None]


@pytest.mark.parametrize("kind", [Hopfield, Dense])
@pytest.mark.parametrize("weights", ["zipf:0.5", "palimpsest:8", [1, 0.5, 0.25], None])
def test_a_description_makes_the_model_again(kind, weights):
    model = kind(weights=weights, rule=RULES[0])
    again = Model.build(json.loads(json.dumps(model.describe())))
    assert again == model
    assert hash(again) == hash(model)
    assert again.uniform == (weights is None)
    assert ("weights" in model.describe()) == (weights is not None)


def test_representations_are_short_and_those_that_make_the_model_again():
    for weights in ("zipf:0.5", (1.0, 0.5), None):
        for model in (Hopfield(weights=weights), Dense(order=3, weights=weights)):
            named = {"Hopfield": Hopfield, "Dense": Dense, "Storing": type(model.rule)}
            assert eval(repr(model), named) == model
    assert len(repr(Hopfield(weights=range(1, 1000)))) < 100


def test_strengths_without_weights_are_none():
    assert Hopfield().strengths(5, 100) is None
    assert Hopfield().uniform
    assert Hopfield().sized(0.1, 100) == Hopfield()


@pytest.mark.parametrize("model", [Hopfield(weights="zipf:1"), Dense(weights="palimpsest:4")])
def test_a_sized_model_is_the_same_network(model):
    sized = model.sized(0.05, 30)
    assert len(sized.weights) == model.count(0.05, 30)
    assert sized.sized(0.05, 30) == sized
    whole, same = (draw(m, n_spins=30, alpha=0.05, seed=2).memory for m in (model, sized))
    assert np.array_equal(whole.strengths, same.strengths)
    assert whole.weight == same.weight


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ("zipf", "not one of zipf:X"),
        ("zipf:", "not one of zipf:X"),
        ("", "not one of zipf:X"),
        ("Zipf:1", "did you mean zipf"),
        ("zipf:a", "'zipf:a': a number in"),
        ("zipf:1:2", "'zipf:1:2': a number in"),
        ("zipf:nan", "nan is outside the allowed range"),
        ("zipf:-1", r"-1.0 is outside the allowed range \[0, 10\]"),
        ("palimpsest:1001", r"1001.0 is outside the allowed range \[0, 1000\]"),
        ([1, -1], r"-1.0 is outside the allowed range \[0, inf\)"),
        ([1, np.nan], "nan is outside"),
        ([1, np.inf], "inf is outside"),
        ([0, 0], "not all of them 0"),
        ([], "from 1 to 1000000 strengths"),
        (3, "from 1 to 1000000 strengths"),
        ([[1, 2]], r"shape \(1, 2\)"),
        (["a"], "not a real number"),
        (True, "not a real number"),
    ],
)
def test_weights_that_are_none_are_refused_in_one_line(weights, message):
    for kind in (Hopfield, Dense):
        with pytest.raises(ValueError, match=message) as caught:
            kind(weights=weights)
        assert "weights" in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("wrong", [0.2, 0.4])
def test_another_number_of_patterns_is_refused_with_the_load_that_fits(wrong):
    model = Hopfield(weights=[1, 0.5, 0.25])
    assert draw(model, n_spins=10, alpha=0.3).n_patterns == 3
    for call in (lambda: draw(model, n_spins=10, alpha=wrong), lambda: model.sized(wrong, 10)):
        with pytest.raises(
            ValueError, match=r"3 strengths for . patterns: alpha = 0\.3 "
        ) as caught:
            call()
        assert "\n" not in str(caught.value)


def test_whole_strengths_are_rounded_to_a_power_of_two():
    values = np.random.default_rng(0).uniform(0, 3, 100)
    whole, unit = whole_strengths(values)
    assert math.frexp(unit)[0] == 0.5
    assert np.abs(whole * unit - values).max() <= unit / 2
    for c in (1.0, 0.1, 1e-200, 1e200):
        again, scaled = whole_strengths(values * c)
        memory = draw(Hopfield(weights=values * c), n_spins=100, alpha=1.0).memory
        assert np.array_equal(memory.strengths, again)
        assert 2 ** (BITS - 1) <= again.max() <= 2**BITS
        np.testing.assert_allclose(again * scaled, values * c, atol=scaled / 2)


@pytest.mark.parametrize(("order", "indices"), [(2, "distinct"), (3, "distinct"), (3, "all")])
def test_energies_are_those_that_are_written(order, indices):
    g, n = np.array([1.0, 0.5, 0.0, 0.125]), 9
    model = Dense(order=order, indices=indices, weights=g)
    data = draw(model, n_spins=n, alpha=model.load(4, n), seed=1)
    for s in np.random.default_rng(2).choice([-1, 1], (3, n)):
        if indices == "all":
            powers = (data.archetypes @ s / n) ** order
        else:
            powers = np.array([products(order, x * s) for x in data.archetypes])
            powers = powers * math.factorial(order) / n**order
        assert data.memory.energy(s) == pytest.approx(-n / 2 * g @ powers, rel=1e-12)


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_all_examples_of_a_pattern_have_its_strength(rule):
    """Sums of examples, or each of the M examples a row, in the units of the archetypes."""
    g, n, r, M = np.array([1.0, 0.5, 0.25]), 12, *EXAMPLES.values()
    data = draw(Hopfield(weights=g, rule=rule), n_spins=n, alpha=3 / n, seed=4)
    R = r**2 + (1 - r**2) / M
    s = np.random.default_rng(5).choice([-1, 1], n)
    if isinstance(rule, Supervised):
        rows, of_rows = data.memory.rows / M, g
    else:
        rows, of_rows = data.memory.rows, np.repeat(g, M) / M
    assert len(rows) == len(of_rows)
    pairs = np.array([products(2, row * s) for row in rows])
    expected = -of_rows @ pairs / (n * R)
    assert data.memory.energy(s) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("order", [2, 3])
def test_strengths_of_one_are_none_to_the_bit(order):
    """Energies, costs of flips, and a descent from random spins, which no noise tells apart."""
    plain, n = Dense(order=order), 60
    alpha = plain.load(30, n)
    model = plain.replace(weights=[1] * 30)
    one, other = (draw(m, n_spins=n, alpha=alpha, seed=6).memory for m in (plain, model))
    spins = np.random.default_rng(7).choice([-1, 1], (2, n)).astype(np.int8)
    for s in spins:
        assert one.energy(s) == other.energy(s)
        assert [one.flip_cost(s, i) for i in range(5)] == [other.flip_cost(s, i) for i in range(5)]
    ends = [
        simulate(
            m, alpha=alpha, T=0.0, n_spins=n, n_samples=2, n_replicas=2, start=spins, seed=6,
            dynamics="zero-temperature", schedule=Schedule(warmup=0, sweeps=6, stride=1),
            keep_spins=True,
        )
        for m in (plain, model)
    ]  # fmt: skip
    assert np.array_equal(ends[0].spins, ends[1].spins)
    for name in ("m", "energy"):
        assert np.array_equal(ends[0].series[name], ends[1].series[name])


def test_a_pattern_of_no_strength_does_not_exist():
    """Patterns of strength 0 leave the energies of the others."""
    n, model = 40, Hopfield(weights=[1, 0.5, 0, 0])
    data = draw(model, n_spins=n, alpha=0.1, seed=8)
    fewer = draw(Hopfield(weights=[1, 0.5]), n_spins=n, alpha=0.05, seed=8)
    assert np.array_equal(data.archetypes[:2], fewer.archetypes)
    s = np.random.default_rng(9).choice([-1, 1], n)
    assert data.memory.energy(s) == fewer.memory.energy(s)


@pytest.mark.heavy
@pytest.mark.parametrize("rule", [None, *RULES], ids=repr)
@pytest.mark.parametrize("model", [Hopfield(weights="zipf:1"), Dense(order=3, weights="zipf:1")])
def test_unequal_networks_keep_what_is_promised_of_a_model(model, rule):
    assert check_model(model if rule is None else model.replace(**rule.parameters()))

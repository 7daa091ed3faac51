"""A new learning rule is one class: here the majority vote of the examples."""

from dataclasses import dataclass

import numpy as np
import pytest
from device_chains import samples_there

import montecarlo
import theory
from hebbian import (
    Dense,
    Hopfield,
    Model,
    Multitasking,
    Rule,
    Supervised,
    draw,
    from_examples,
    patterns,
)
from hebbian.testing import check_model

SCHEDULE = montecarlo.Schedule(warmup=10, sweeps=20)


@pytest.fixture
def Voted(monkeypatch):
    monkeypatch.setattr(Rule, "kinds", dict(Rule.kinds))

    @dataclass(frozen=True, kw_only=True)
    class Voted(Rule):
        """The sign of the sum of an odd number of examples."""

        @property
        def largest(self):
            return 1

        def learn(self, key, archetypes):
            sums = patterns.example_sums(key, archetypes, self.quality, self.n_examples)
            return np.sign(sums).astype(np.int8)

        def gather(self, examples):
            return np.sign(examples.sum(axis=1, dtype=int)).astype(np.int8)

    return Voted


@pytest.mark.parametrize("kind", [Hopfield, lambda **data: Dense(order=3, **data)])
def test_every_model_learns_by_it(Voted, kind):
    model = kind(rule=Voted(quality=0.8, n_examples=3))
    assert Model.build(model.describe()) == model
    data = draw(model, n_spins=40, alpha=0.1, seed=1)
    summed = draw(model.replace(rule="supervised"), n_spins=40, alpha=0.1, seed=1)
    np.testing.assert_array_equal(data.memory.rows, np.sign(summed.sums))
    layout = model.layout(data.n_patterns, 40)
    assert layout == (data.n_patterns, 40, "signs", 8, 0, 0)
    assert layout.n_bytes == data.memory.kept_rows.nbytes
    weight = kind(rule=Supervised(quality=0.8, n_examples=1)).lower(data.memory.rows).weight
    second_moment = 0.8**2 + 0.2 * 1.8 / 3
    assert data.memory.weight == pytest.approx(weight / second_moment ** (model.order / 2))
    one = from_examples(model, data.archetypes[:1], np.ones((1, 3, 40), int))
    np.testing.assert_array_equal(one.memory.rows, np.ones((1, 40)))


def test_it_is_checked_and_simulated_like_the_others(Voted):
    model = Hopfield(rule=Voted(quality=0.9, n_examples=3))
    check_model(model)
    run = montecarlo.simulate(model, alpha=0.05, T=0.1, n_spins=100, schedule=SCHEDULE, seed=1)
    assert run.m.mean > 0.9


def test_no_device_draws_rows_that_it_does_not_know(Voted):
    for rule, known in ((Voted, False), (Supervised, True)):
        model = Hopfield(rule=rule(quality=0.9, n_examples=3))
        there = samples_there(model, 0.1, 20)
        assert there.drawn_there == known


@pytest.mark.parametrize("kind", [Hopfield, Dense, Multitasking])
def test_it_is_not_given_the_theory_of_another_rule(Voted, kind):
    model = kind(rule=Voted(quality=0.9, n_examples=3))
    load = {} if kind is Multitasking else {"alpha": 0.05}
    with pytest.raises(ValueError, match="there is no theory for the rule Voted"):
        theory.solve(model, T=0.1, **load)

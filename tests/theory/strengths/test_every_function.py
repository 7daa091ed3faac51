"""No function of the theory is silent about strengths: right in other units, or refused."""

import dataclasses
import inspect

import numpy as np
import pytest

import theory
from hebbian import Dense, Hopfield, Supervised, Unsupervised

STRENGTH = 2.0
COURSE = {"n_steps": 4, "method": "neurodynamics"}
LEARNT = Supervised(quality=0.8, n_examples=6)
EXAMPLES = Unsupervised(quality=0.8, n_examples=6)

#: What is asked of the uniform network at T and of one of strength `STRENGTH` at T times it, and
#: the power of the strength in the answer.
CASES = {
    "basin": (lambda m, c: theory.basin(m, alpha=0.05, T=0.2 * c, **COURSE).overlap, 0),
    "by_rank": (lambda m, c: theory.by_rank(numbers(m), alpha=0.05, T=0.2 * c, n_spins=40).m, 0),
    "convergence_time": (
        lambda m, c: (
            theory.convergence_time(
                m, alpha=0.05, T=0.2 * c, start=1.0, method="neurodynamics", n_steps=9
            ).m
        ),
        0,
    ),
    "critical_load": (lambda m, c: theory.critical_load(m, 0.3 * c), 0),
    "examples_needed": (
        lambda m, c: theory.examples_needed(
            dataclasses.replace(m, rule=LEARNT), alpha=0.02, T=0.1 * c, criterion="existence"
        ),
        0,
    ),
    "glass_temperature": (lambda m, c: theory.glass_temperature(m, 0.3, kind="dynamic"), 1),
    "noise_ratio": (lambda m, c: theory.noise_ratio(dataclasses.replace(m, rule=EXAMPLES)), 0),
    "nucleation_barrier": (lambda m, c: theory.nucleation_barrier(m, 0.05, 0.4 * c), 1),
    "phase_lines": (
        lambda m, c: theory.phase_lines(m, rsb=0, n_points=16).spinodal_load.values,
        0,
    ),
    "reading_capacity": (lambda m, c: theory.reading_capacity(m), 0),
    "recovery": (
        lambda m, c: (
            theory.recovery(
                m, alpha=0.05, T=0.2 * c, start=0.9, method="neurodynamics", n_steps=9
            ).overlap
        ),
        0,
    ),
    "replicon_temperature": (lambda m, c: theory.replicon_temperature(m, 0.12), 1),
    "signal_to_noise": (
        lambda m, c: theory.signal_to_noise(m, alpha=0.1, T=0.2 * c).field_variance,
        2,
    ),
    "solve": (lambda m, c: theory.solve(m, alpha=0.05, T=0.3 * c).free_energy, 1),
    "spinodal_load": (lambda m, c: theory.spinodal_load(m, 0.3 * c), 0),
    "spinodal_temperature": (lambda m, c: theory.spinodal_temperature(m, 0.05), 1),
    "trajectory": (
        lambda m, c: theory.trajectory(m, alpha=0.1, T=0.2 * c, start=0.8, **COURSE).G[2, 1],
        -1,
    ),
    "transition_load": (lambda m, c: theory.transition_load(m, 0.3 * c, rsb=0), 0),
    "transition_temperature": (lambda m, c: theory.transition_temperature(m, 0.02, rsb=0), 1),
}

#: What patterns of one strength have, and those of unequal ones have not.
ONE_STRENGTH = {
    "example_stability": lambda m: theory.example_stability(
        dataclasses.replace(m, rule=EXAMPLES), alpha=0.02, T=0.1
    ),
    "single_example": lambda m: theory.single_example(
        dataclasses.replace(m, rule=EXAMPLES), alpha=0.02, T=0.1
    ),
}
#: What no network with a load has, or what is asked of palimpsests and of all their rates.
OTHERS = {
    "condensation_load", "single_flip_load", "single_transition_load", "exact_replay",
    "ground_state", "stable_states", "forgetting_age", "best_forgetting",
}  # fmt: skip


def numbers(model):
    """As many of its strengths as by_rank needs."""
    return dataclasses.replace(
        model, weights=[STRENGTH] * model.count(0.05, 40) if model.weights else None
    )


def test_every_function_of_a_model_is_here():
    functions = {
        name
        for name in theory.__all__
        if not inspect.isclass(getattr(theory, name))
        and "model" in inspect.signature(getattr(theory, name)).parameters
    }
    of_strengths = {*CASES, *ONE_STRENGTH, *OTHERS}
    assert of_strengths <= functions
    mine = Hopfield(weights=[1.0, 0.5])
    for name in functions - of_strengths:
        with pytest.raises((ValueError, TypeError)):
            getattr(theory, name)(mine, alpha=0.1, T=0.1)


@pytest.mark.parametrize("order", [2, 3])
@pytest.mark.parametrize("name", CASES)
def test_one_strength_is_another_unit(name, order):
    ask, power = CASES[name]
    plain = Hopfield() if order == 2 else Dense(order=3)
    strong = dataclasses.replace(plain, weights=[STRENGTH] * 3)
    a, b = ask(plain, 1.0), ask(strong, STRENGTH)
    np.testing.assert_allclose(b, np.asarray(a) * STRENGTH**power, rtol=1e-12, atol=1e-14)
    assert np.isfinite(a).any()


@pytest.mark.parametrize("order", [2, 3])
@pytest.mark.parametrize("name", CASES)
def test_other_patterns_that_are_weaker_change_something(name, order):
    """An answer that ignores them is that of one strength; two of these have no load in them."""
    if name in ("reading_capacity", "by_rank", "examples_needed", "noise_ratio"):
        pytest.skip("0, of numbers of its own, a whole number, or the ratio of two noises")
    ask, _ = CASES[name]
    plain = Hopfield() if order == 2 else Dense(order=3)
    fading = dataclasses.replace(plain, weights=[1.0, 0.9, 0.3])
    a, b = np.asarray(ask(plain, 1.0)), np.asarray(ask(fading, 1.0))
    assert not np.allclose(a, b, rtol=1e-9, equal_nan=True)


@pytest.mark.parametrize("name", ONE_STRENGTH)
def test_what_needs_one_strength_says_so(name):
    with pytest.raises(ValueError, match="patterns of one strength") as caught:
        ONE_STRENGTH[name](Hopfield(weights=[1.0, 0.5]))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("order", [3, 4])
@pytest.mark.parametrize("start", ["retrieval", "glass"])
def test_broken_symmetry_is_that_of_the_uniform_network(order, start):
    g = np.array([1.5, 1.0, 0.5])
    load = 0.4 * np.mean(g[1:] ** 2) / g[0] ** 2
    a = theory.solve(Dense(order=order), alpha=load, T=0.1, start=start, rsb=1)
    b = theory.solve(Dense(order=order, weights=g), alpha=0.4, T=0.15, start=start, rsb=1)
    assert bool(a.converged)
    for name, power in {"q": 0, "q1": 0, "theta": 0, "reweighting": -1, "free_energy": 1}.items():
        np.testing.assert_allclose(getattr(b, name), getattr(a, name) * g[0] ** power, rtol=1e-12)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda m: theory.solve(m, alpha=0.1, T=0.1, rsb=1), "no equations with broken"),
        (lambda m: theory.critical_load(m, rsb=1), "no equations with broken"),
        (lambda m: theory.transition_temperature(m, 0.1, rsb=1), "no equations with broken"),
        (lambda m: theory.transition_temperature(m, 0.1, n_spins=100), "of infinite size"),
        (lambda m: theory.transition_load(m, 0.1, n_spins=100), "of infinite size"),
        (lambda m: theory.phase_lines(m, n_spins=100), "of infinite size"),
    ],
)
def test_pairs_refuse_what_is_not_derived(ask, words):
    for weights in ([1.0, 0.5], "palimpsest:3"):
        with pytest.raises(ValueError, match=words) as caught:
            ask(Hopfield(weights=weights))
        assert "\n" not in str(caught.value)
        assert "unequal strengths" in str(caught.value)


def test_palimpsests_refuse_what_has_no_end():
    for ask in (theory.phase_lines, lambda m: theory.transition_load(m, 0.2)):
        with pytest.raises(ValueError, match="unequal strengths have no"):
            ask(Hopfield(weights="palimpsest:3"))


@pytest.mark.parametrize("model", [Hopfield(weights="zipf:1.5"), Dense(order=3, weights="zipf:1")])
def test_a_law_of_ranks_names_both_ways_out(model):
    for ask in (lambda m: theory.solve(m, alpha=0.1, T=0), theory.critical_load):
        with pytest.raises(ValueError, match=r"theory\.by_rank") as caught:
            ask(model)
        assert "model.sized(alpha, n_spins)" in str(caught.value)
        assert "\n" not in str(caught.value)
    sized = model.sized(0.1, 100)
    assert theory.solve(sized, alpha=0.1, T=0).converged
    with pytest.raises(ValueError, match="nothing to retrieve"):
        theory.solve(Hopfield(weights=[0.0, 1.0]), alpha=0.1, T=0)

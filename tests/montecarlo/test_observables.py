"""The user's observables, single examples and the looks of results."""

import numpy as np
import pytest

import montecarlo
from hebbian import (
    Dense,
    Hopfield,
    Multitasking,
    Supervised,
    Unsupervised,
    draw,
    from_examples,
    patterns,
    streams,
)
from montecarlo import Schedule

SHORT = Schedule(warmup=3, sweeps=40, stride=4)
SETTINGS = {"alpha": 0.1, "T": [0.4, 0.9], "n_spins": 40, "n_samples": 3, "schedule": SHORT}


def test_built_in_series_can_be_made_by_hand():
    own = {
        "magnetization": lambda s: s.overlaps(s.archetypes[:1])[:, 0],
        "all overlaps": lambda s: s.overlaps(s.archetypes),
        "e": lambda s: s.energy,
        "T": lambda s: np.full(len(s.spins), s.T),
        "up": lambda s: s.spins[:, 0] > 0,
    }
    run = montecarlo.simulate(Hopfield(), **SETTINGS, observables=own)
    plain = montecarlo.simulate(Hopfield(), **SETTINGS)
    for name in plain.series:
        np.testing.assert_array_equal(run.series[name], plain.series[name])
    np.testing.assert_array_equal(run.series["magnetization"], run.series["m"])
    np.testing.assert_array_equal(run.series["e"], run.series["energy"])
    assert run.series["all overlaps"].shape == (2, 3, 2, 10, 4)
    np.testing.assert_array_equal(run.series["all overlaps"][..., 0], run.series["m"])
    found = run.estimate("all overlaps")
    assert found.mean.shape == (2, 4)
    np.testing.assert_array_equal(found.mean[:, 0], run.m.mean)
    # of one's own observables nobody knows what a spin makes of them
    np.testing.assert_allclose(np.hypot(found.error[:, 0], run.m.unseen), run.m.error, rtol=1e-12)
    np.testing.assert_allclose(run.estimate("T").mean, [0.4, 0.9])
    assert set(np.unique(run.series["up"])) <= {0.0, 1.0}
    assert run.rhat("all overlaps").shape == (2, 4, 3)
    assert "all overlaps[0, 3]" in repr(run)


@pytest.mark.parametrize("rule", [Supervised, Unsupervised])
def test_overlaps_with_single_examples(rule):
    """The examples are those the network learnt; their overlaps average to that of their sum."""
    model = Hopfield(rule=rule(quality=0.7, n_examples=5))

    def of_pattern_2(state):
        return state.overlaps(state.examples(2))

    run = montecarlo.simulate(
        model, alpha=0.1, T=0.3, n_spins=80, n_samples=2, schedule=SHORT, patterns=[2],
        start="random", seed=5, keep_spins=True,
        observables={"examples": of_pattern_2},
    )  # fmt: skip
    for sample in range(2):
        data = draw(model, n_spins=80, alpha=0.1, seed=5, sample=sample)
        key = streams.key(5, "examples", sample=sample)
        examples = patterns.examples(key, data.archetypes, 0.7, 5)
        np.testing.assert_array_equal(examples.sum(axis=1), data.sums)
        expected = run.spins[sample].astype(float) @ examples[2].T / 80
        np.testing.assert_array_equal(run.series["examples"][sample], expected)


def test_examples_of_stored_and_given_data():
    run = montecarlo.simulate(
        Dense(order=3), **SETTINGS, observables={"x": montecarlo.example_overlaps}
    )
    np.testing.assert_array_equal(run.series["x"][..., 0], run.series["m"])
    rng = np.random.default_rng(0)
    archetypes = rng.choice([-1, 1], (3, 50))
    examples = archetypes[:, None] * np.where(rng.random((3, 4, 50)) < 0.9, 1, -1)
    for rule in (Unsupervised, Supervised):
        model = Hopfield(rule=rule(quality=0.8, n_examples=4))
        data = from_examples(model, archetypes, examples)
        call = {"T": 0.2, "data": data, "schedule": SHORT, "keep_spins": True}
        own = {"x": montecarlo.example_overlaps}
        if rule is Unsupervised:
            run = montecarlo.simulate(model, **call, observables=own)
            expected = run.spins[0].astype(float) @ examples[0].T / 50
            np.testing.assert_array_equal(run.series["x"][0], expected)
        else:
            with pytest.raises(ValueError, match="built from sums of examples alone"):
                montecarlo.simulate(model, **call, observables=own)


@pytest.mark.parametrize(
    ("observables", "message"),
    [
        ([len], r"observables: <built-in function len> is neither an Observable nor a name"),
        (3, r"observables = 3 is not a sequence of observables"),
        ({"m": np.mean}, "observables: 'm' is not a new name"),
        ({"": np.mean}, "observables: '' is not a name"),
        ({3: np.mean}, "observables: 3 is not a name"),
        ({"x": 3}, "observables: 'x' is 3, not a function"),
        ({"x": lambda s: 1.0}, r"'x' returned shape \(\)"),
        ({"x": lambda s: None}, r"'x' returned shape \(\) and type object"),
        ({"x": lambda s: [[1], [1, 2]]}, "'x' returned"),
        ({"x": lambda s: s.spins.mean(axis=0)}, r"'x' returned shape \(40,\)"),
        ({"x": lambda s: s.spins[..., None]}, r"'x' returned shape \(1, 40, 1\)"),
        ({"x": lambda s: 1j * s.energy}, "type complex128"),
        ({"x": lambda s: np.array(["a"] * len(s.spins))}, "not real numbers of shape"),
        (
            {"x": lambda s: np.ones((len(s.spins), len(s.spins)))},
            "the number of components must not change",
        ),
    ],
)
def test_bad_observables_are_one_clear_line(observables, message):
    arguments = {**SETTINGS, "schedule": Schedule(warmup=0, sweeps=400, stride=1)}
    with pytest.raises(ValueError, match=message) as caught:
        montecarlo.simulate(Hopfield(), **arguments, observables=observables)
    assert "\n" not in str(caught.value)


def test_zero_sweeps_know_the_shape_of_an_observable():
    run = montecarlo.simulate(
        Hopfield(), **{**SETTINGS, "schedule": Schedule(warmup=0, sweeps=0)},
        observables={"x": lambda s: s.spins[:, :3]},
    )  # fmt: skip
    assert run.series["x"].shape == (2, 3, 2, 0, 3)
    assert np.isnan(run.estimate("x").mean).all()


def test_threads_change_nothing():
    own = {"x": lambda s: s.spins @ np.arange(40.0)}
    one, two = (
        montecarlo.simulate(Hopfield(), **SETTINGS, observables=own, n_threads=n) for n in (1, 3)
    )
    np.testing.assert_array_equal(one.series["x"], two.series["x"])


def test_results_are_readable():
    run = montecarlo.simulate(Multitasking(n_patterns=2, dilution=0.3), T=0.1, n_spins=100)
    text, page = repr(run), run._repr_html_()
    lines = text.splitlines()
    assert "multitasking" in lines[0]
    assert "n_spins=100" in lines[0]
    assert [line.split()[0] for line in lines[2:8]] == [
        "m[0]",
        "m[1]",
        "n[0]",
        "n[1]",
        "q",
        "energy",
    ]
    assert page.count("<tr>") == 7
    assert run.m._repr_html_().count("<tr>") == 3
    assert f"{run.energy.mean:.3f}" in text  # two digits of an error of 0.02
    many = montecarlo.simulate(Hopfield(), **{**SETTINGS, "T": np.linspace(0.1, 1, 30)})
    assert "... 80 more" in repr(many)


@pytest.mark.parametrize("order", [2, 3, 4])
def test_the_largest_overlap_is_that_of_all_patterns(order):
    """Against the definition; at odd order the reversal of a pattern is no state."""
    run = montecarlo.simulate(
        Dense(order=order), alpha=0.2, T=0.9, n_spins=20, n_samples=2, start="random", seed=4,
        schedule=Schedule(warmup=0, sweeps=30, stride=1), observables=["largest_overlap"],
        keep_spins=True,
    )  # fmt: skip
    for sample in range(2):
        archetypes = draw(Dense(order=order), n_spins=20, alpha=0.2, seed=4, sample=sample)
        m = run.spins[sample] @ archetypes.archetypes.T.astype(int) / 20
        largest = m.max(axis=-1) if order == 3 else np.abs(m).max(axis=-1)
        np.testing.assert_allclose(run.series["largest_overlap"][sample], largest, atol=1e-15)

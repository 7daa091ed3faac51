"""Simulations on the emulated device: whole runs with the bits of the CPU."""

import device_emulator
import numpy as np
import pytest
from device_emulator import SHORT, both
from long_runs import sweeps_in

import montecarlo
from hebbian import Dense, Hopfield, Model, Multitasking, Supervised, Unsupervised, from_examples
from montecarlo import Schedule
from montecarlo.engine.ledger import Ledger
from montecarlo.schedule import Cooling

pytestmark = [device_emulator.needed, pytest.mark.usefixtures("emulator")]

RULES = [Supervised(quality=0.7, n_examples=5), Unsupervised(quality=0.7, n_examples=5)]


@pytest.mark.parametrize(
    ("model", "arguments"),
    [
        (Hopfield(), {"alpha": 0.1, "site_order": "permutation"}),
        (Hopfield(rule=RULES[1]), {"alpha": 0.1, "dynamics": "parallel"}),
        (Dense(order=4, rule=RULES[0]), {"alpha": 0.01, "site_order": "random"}),
        (Dense(order=3, indices="all"), {"alpha": 0.05, "dynamics": "parallel"}),
        (Dense(order=3, indices="all", rule=RULES[0]), {"alpha": 0.05, "dynamics": "parallel"}),
        (Dense(order=4, indices="all", rule=RULES[0]), {"alpha": 0.01, "dynamics": "parallel"}),
        (Dense(order=2, indices="all", rule=RULES[0]), {"alpha": 0.05, "dynamics": "parallel"}),
        (Dense(order=2, indices="all"), {"alpha": 0.3, "dynamics": "parallel"}),
        (Dense(order=2, indices="all"), {"alpha": 0.3, "dynamics": "parallel-diagonal"}),
        (
            Dense(order=2, indices="all", rule=RULES[0]),
            {"alpha": 0.05, "dynamics": "parallel-diagonal"},
        ),
        (Multitasking(n_patterns=3), {"start": "parallel", "dynamics": "parallel-diagonal"}),
        (Multitasking(n_patterns=3), {"start": "hierarchical", "dynamics": "zero-temperature"}),
        (Multitasking(n_patterns=3, rule=RULES[0]), {"start": "parallel"}),
        (Multitasking(n_patterns=3, sampling="stratified"), {"start": "hierarchical"}),
        (Multitasking(n_patterns=3, rule=RULES[1]), {"start": 0.5}),
        (Hopfield(rule=Supervised(quality=1.0, n_examples=1)), {"alpha": 0.1, "patterns": [2]}),
    ],
    ids=repr,
)
def test_rows_drawn_on_the_device_are_those_of_the_host(model, arguments, emulator):
    """All temperatures, samples and replicas in one launch, no row on the host."""
    run = both(model, T=[0.2, 0.9], n_spins=35, seed=3, **arguments)
    assert run.settings["backend"] == "cupy"
    assert {grid for name, grid, _, _ in emulator.launches if name == "sweep"} == {(8,)}


def test_cooling_and_continued_runs():
    schedule = Schedule(warmup=20, sweeps=6, stride=3, cooling=Cooling(T=3.0))
    both(Hopfield(), alpha=0.1, T=[0.1, 0.4], n_spins=40, schedule=schedule, first_sweep=2**33)


def test_periods_of_descents():
    """Fixed points and two-cycles are recognised as on the CPU."""
    model = Dense(order=2, indices="all")
    for dynamics in ("zero-temperature", "parallel", "parallel-diagonal"):
        arguments = {"alpha": 0.3, "T": 0.0, "n_spins": 30, "start": "random", **SHORT}
        runs = [
            montecarlo.simulate(
                model, **{**arguments, "n_samples": 20}, dynamics=dynamics, backend=name
            )
            for name in ("cupy", "numba")
        ]
        np.testing.assert_array_equal(runs[0].period, runs[1].period)
        assert (runs[0].period > 0).any()


def test_given_data_and_unknown_models_are_copied():
    rng = np.random.default_rng(0)
    archetypes = rng.choice([-1, 1], (4, 30))
    examples = archetypes[:, None] * np.where(rng.random((4, 7, 30)) < 0.9, 1, -1)
    for rule in (Unsupervised, Supervised):
        model = Hopfield(rule=rule(quality=0.8, n_examples=7))
        both(model, T=0.3, data=from_examples(model, archetypes, examples), patterns=[2, 0])

    class Unknown(Model):
        order, indices, entries = 2, "distinct", "signs"
        count, draw, lower = Hopfield.count, Hopfield.draw, Hopfield.lower
        example_overlap_scale = Hopfield.example_overlap_scale

    both(Unknown(), alpha=0.2, T=0.3, n_spins=20)
    del Model.kinds["unknown"]


@pytest.mark.parametrize("dynamics", ["glauber", "parallel"])
def test_observables_see_the_sample_and_the_examples_of_their_chain(dynamics):
    def crosstalk(state):
        return state.overlaps(state.archetypes[1:3])

    for rule in RULES:
        arguments = {"alpha": 0.1, "T": [0.3, 0.8], "n_spins": 30, "dynamics": dynamics}
        own = {"crosstalk": crosstalk, "examples": montecarlo.example_overlaps}
        runs = [
            montecarlo.simulate(
                Hopfield(rule=rule), **{**SHORT, **arguments}, observables=own, backend=name
            )
            for name in ("cupy", "numba")
        ]
        for name in own:
            np.testing.assert_array_equal(runs[0].series[name], runs[1].series[name])


def test_checkpoints_of_launches_go_on_with_the_same_bits(tmp_path, emulator):
    """One process dies after the warm-up; the next one goes on from there."""
    arguments = {**SHORT, "alpha": 0.1, "T": [0.3, 0.8], "n_spins": 30, "backend": "cupy"}
    whole = montecarlo.simulate(Hopfield(), **arguments, observables={"e": lambda s: s.energy})
    calls = []

    def nervous(state):
        calls.append(state)
        if len(calls) > 8:  # the start of every chain is seen once
            raise RuntimeError("the power is cut")
        return state.energy

    path = tmp_path / "run.npz"
    with pytest.raises(RuntimeError, match="power"):
        montecarlo.simulate(
            Hopfield(), **arguments, observables={"e": nervous}, checkpoint=path,
            checkpoint_every=1e-9,
        )  # fmt: skip
    emulator.launches.clear()
    run = montecarlo.simulate(
        Hopfield(), **arguments, observables={"e": lambda s: s.energy}, checkpoint=path
    )
    for name in whole.series:
        np.testing.assert_array_equal(run.series[name], whole.series[name])
    assert [name for name, *_ in emulator.launches].count("prepare") == 1  # where they were left
    assert run.settings == whole.settings


def test_forms_are_of_the_cpu():
    with pytest.raises(ValueError, match="form = 'tables' is of the compiled CPU kernel"):
        montecarlo.simulate(Hopfield(), alpha=0.1, T=0.5, n_spins=30, backend="cupy", form="tables")


def test_a_ladder_is_one_batch_of_the_device(emulator):
    arguments = {
        "alpha": 0.1, "T": [0.3, 0.6, 1.0], "n_spins": 20, "n_samples": 2, "n_replicas": 2,
        "schedule": Schedule(warmup=6, sweeps=12, stride=3), "exchange_every": 2,
        "keep_spins": True,
    }  # fmt: skip
    cupy, numba = (montecarlo.temper(Hopfield(), **arguments, backend=b) for b in ("cupy", "numba"))
    for name in ("spins", "last", "period", "visits", "swap_rates"):
        np.testing.assert_array_equal(getattr(cupy, name), getattr(numba, name))
    for name in ("m", "q", "acceptance"):
        np.testing.assert_array_equal(cupy.series[name], numba.series[name])
    assert (numba.swap_rates > 0).all()
    assert [grid for name, grid, _, _ in emulator.launches if name == "prepare"] == [(12,)]


def test_ladders_of_the_device_go_on_with_the_same_bits(tmp_path, emulator, monkeypatch):
    arguments = {
        **SHORT, "alpha": 0.1, "T": [0.3, 0.6, 1.0], "n_spins": 20, "backend": "cupy",
        "n_samples": 2,
    }  # fmt: skip
    whole = montecarlo.temper(Hopfield(), **arguments)
    look, looks = Ledger.look, []

    def nervous(self, entries, save, kept):
        kept = look(self, entries, save, kept)
        looks.append(entries)
        if len(looks) == 8:
            raise RuntimeError("the power is cut")
        return kept

    path = tmp_path / "ladder.npz"
    monkeypatch.setattr(Ledger, "look", nervous)
    with pytest.raises(RuntimeError, match="power"):
        montecarlo.temper(Hopfield(), **arguments, checkpoint=path, checkpoint_every=1e-9)
    monkeypatch.setattr(Ledger, "look", look)
    assert sweeps_in(path) > [0]
    run = montecarlo.temper(Hopfield(), **arguments, checkpoint=path)
    for name in whole.series:
        np.testing.assert_array_equal(run.series[name], whole.series[name])
    np.testing.assert_array_equal(run.visits, whole.visits)

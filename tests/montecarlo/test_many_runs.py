"""Runs whose chains are in the lanes of vectors, and when they are."""

import contextlib
import dataclasses
import math

import numpy as np
import pytest
from long_runs import assert_same_bits, bits, sweeps_in

import montecarlo
from hebbian import (
    BAM,
    Dense,
    Exponential,
    Hopfield,
    Memory,
    Supervised,
    Unsupervised,
    draw,
)
from montecarlo import Cooling, Schedule
from montecarlo.backend import resolve
from montecarlo.dynamics import PERMUTATION, RANDOM, SEQUENTIAL
from montecarlo.engine.ledger import Ledger
from montecarlo.kernels import chains
from montecarlo.kernels.many import coefficients, signs, tabulated, visits
from montecarlo.kernels.many import forms as of_many
from montecarlo.kernels.single import forms

SHARED = {"alpha": 0.15, "n_spins": 61, "n_samples": 2, "n_replicas": 6, "seed": 4}
BRIEF = {**SHARED, "T": [0.0, 0.4, 1.1], "schedule": Schedule(warmup=4, sweeps=30, stride=3)}


def simulate(model=None, **changes):
    return montecarlo.simulate(model or Hopfield(), **{**BRIEF, **changes})


def assert_same_run(one, other):
    found, expected = bits(one), bits(other)
    assert_same_bits(
        {k: v for k, v in found.items() if "settings" not in k},
        {k: v for k, v in expected.items() if "settings" not in k},
    )


@contextlib.contextmanager
def chains_are(together):
    """Let every network that lanes hold be there, or none, and see that it was."""
    run, calls = visits.run, []

    def counted(network, state, key, *others):
        calls.append(len(key))
        return run(network, state, key, *others)

    with pytest.MonkeyPatch.context() as patch:
        cost = 0.0 if together else math.inf
        patch.setattr(of_many, "time_of_chain", lambda *_: cost)
        patch.setattr(visits, "run", counted)
        yield
    assert bool(calls) == together
    assert not calls or max(calls) > 1


@pytest.mark.parametrize("n_threads", [1, 2, 3])
def test_lanes_give_the_series_of_other_forms(n_threads):
    expected = simulate(form="overlaps", n_threads=1)
    found = simulate(form="lanes", n_threads=n_threads)
    assert found.settings["form"] == "lanes"
    assert expected.settings["form"] == "overlaps"
    assert_same_run(found, expected)


@pytest.mark.parametrize(
    "changes",
    [
        {"dynamics": "metropolis", "site_order": "random"},
        {"dynamics": "zero-temperature", "T": 0.0, "n_replicas": 17, "start": "random"},
        {"model": Dense(order=3), "alpha": 0.02},
        {"model": Hopfield(rule=Supervised(quality=0.7, n_examples=3)), "keep_spins": True},
        {"schedule": Schedule(warmup=9, sweeps=20, stride=4, cooling=Cooling(T=2.0))},
        {"first_sweep": 2**32 - 9},
    ],
    ids=lambda changes: "-".join(changes),
)
@pytest.mark.heavy
def test_lanes_give_the_series_of_other_forms_in_other_runs(changes):
    with chains_are(together=False):
        expected = simulate(**changes)
    assert expected.settings["form"] != "lanes"
    assert_same_run(simulate(**changes, form="lanes"), expected)


def test_a_cooled_run_in_lanes(monkeypatch):
    """Cut after every sweep, where the other run is not."""
    schedule = Schedule(warmup=9, sweeps=20, stride=4, cooling=Cooling(T=2.0))
    with chains_are(together=False):
        expected = simulate(schedule=schedule)
    monkeypatch.setattr(montecarlo.engine.chains, "PATIENCE", 1e-9)
    assert_same_run(simulate(schedule=schedule, form="lanes"), expected)


def test_a_stopped_run_goes_on_in_another_form_and_back(tmp_path, monkeypatch):
    expected, path, looks = simulate(form="overlaps"), tmp_path / "run.npz", {"left": 0}
    look = Ledger.look

    def impatient(self, entries, save, kept):
        looks["left"] -= 1
        if looks["left"] < 0:
            self.keep(entries, save())
            raise KeyboardInterrupt
        return look(self, entries, save, kept)

    monkeypatch.setattr(Ledger, "look", impatient)
    monkeypatch.setattr(montecarlo.engine.chains, "PATIENCE", 1e-9)
    stops, reached, found, used = 0, [], None, []
    while found is None:
        form = ("lanes", "couplings", "lanes", "auto", "overlaps")[stops % 5]
        looks["left"] = 3 + stops
        try:
            found = simulate(form=form, checkpoint=path, n_threads=1 + stops % 2)
        except KeyboardInterrupt:
            stops += 1
            assert sweeps_in(path) > reached
            reached = sweeps_in(path)
            used.append(form)
    assert {"lanes", "couplings"} <= set(used)
    assert_same_run(found, expected)


@pytest.mark.parametrize(
    "site_order", ["sequential", pytest.param("random", marks=pytest.mark.heavy)]
)
def test_ladders_in_lanes(site_order):
    ways = []
    for together in (True, False):
        with chains_are(together=together):
            ways.append(
                montecarlo.temper(
                    Hopfield(), **{**SHARED, "n_replicas": 2}, T=[0.2, 0.4, 0.7, 1.2],
                    site_order=site_order, schedule=Schedule(warmup=6, sweeps=40, stride=4),
                    exchange_every=2,
                )
            )  # fmt: skip
    assert_same_run(*ways)
    assert np.mean(ways[0].accepted) > 0


def test_ramps_in_lanes():
    ways = []
    for together in (True, False):
        with chains_are(together=together):
            ways.append(
                montecarlo.ramp(
                    Hopfield(), **SHARED, T=[0.2, 0.9, 0.2], schedule=Schedule(warmup=2, sweeps=20)
                )
            )
    assert_same_run(*ways)


def lowered(memory, n_chains, *, form="auto", T=0.5, site_order=SEQUENTIAL):
    return chains.name_of(
        chains.lower(memory, form=form, T=T, n_chains=n_chains, site_order=site_order)
    )


@pytest.mark.parametrize("model", [Hopfield(), Dense(order=2, indices="all"), Dense(order=3)])
def test_many_chains_share_vectors_and_one_does_not(model):
    memory = draw(model, n_spins=500, alpha=model.load(50, 500)).memory
    assert lowered(memory, 32) == lowered(memory, 64) == "lanes"
    assert lowered(memory, 1) != "lanes"
    assert lowered(memory, 1, form="lanes") == "lanes"
    assert not resolve("numba", n_chains=1, n_rows=50).batched
    assert resolve("numba", n_chains=2, n_rows=50).batched
    assert (
        simulate(model, alpha=model.load(12, 61), n_replicas=1, T=1.0).settings["form"] != "lanes"
    )


def test_the_order_of_the_visits_counts_in_the_choice():
    """Gathered entries cost every lane what its rows cost alone."""
    memory = draw(Hopfield(), n_spins=400, alpha=0.5).memory
    assert lowered(memory, 32, T=2.0) == "lanes"
    for site_order in (RANDOM, PERMUTATION):
        form, flips = of_many.fastest(memory, 0.4, 32, site_order), 0.4
        together = of_many.time_of_chain(form, memory, flips, 32, site_order)
        in_order = of_many.time_of_chain(form, memory, flips, 32, SEQUENTIAL)
        assert together > 4 * in_order
        apart = min(one.visit_time(memory, flips) for one in forms.legal(memory).values())
        found = lowered(memory, 32, T=2.0, site_order=site_order)
        assert (found == "lanes") == (together < apart)


def test_a_block_costs_what_its_lanes_cost():
    memory = draw(Hopfield(), n_spins=500, alpha=0.2).memory

    def of_all(n_chains):
        return n_chains * of_many.time_of_chain(signs, memory, 0.2, n_chains, SEQUENTIAL)

    one, two = (signs.visit_time(memory, 0.2, lanes) for lanes in (16, 32))
    for n_chains, cost in ((1, one), (16, one), (17, two), (32, two), (33, two + one)):
        assert of_all(n_chains) == pytest.approx(cost)


def test_the_form_follows_the_rows():
    many = draw(Hopfield(), n_spins=500, alpha=1.0).memory
    few = draw(Hopfield(), n_spins=500, alpha=0.01).memory
    assert of_many.fastest(many, 0.3, 32, SEQUENTIAL) is signs
    assert of_many.fastest(few, 0.3, 32, SEQUENTIAL) is coefficients
    sums = draw(Hopfield(rule=Supervised(quality=0.7, n_examples=2)), n_spins=50, alpha=0.2).memory
    assert of_many.fastest(sums, 0.3, 32, SEQUENTIAL) is coefficients
    assert of_many.fastest(draw(Dense(order=4), n_spins=40, alpha=0.1).memory, 0.3, 32, RANDOM) is (
        tabulated
    )


def rows_of(n_rows, n_spins, largest=1, dtype=np.int8):
    found = np.random.default_rng(1).choice([-1, 1], (n_rows, n_spins)) * largest
    return found.astype(dtype)


def test_networks_of_more_rows_are_never_in_lanes():
    most = Memory(rows=rows_of(4096, 20), order=2, indices="distinct", weight=1.0)
    more = dataclasses.replace(most, rows=rows_of(4097, 20))
    assert of_many.fastest(most, 0.3, 32, SEQUENTIAL) is not None
    assert of_many.fastest(more, 0.3, 32, SEQUENTIAL) is None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(of_many, "time_of_chain", lambda *_: 0.0)
        assert lowered(most, 1) == "lanes"
        assert lowered(more, 64) != "lanes"
    assert resolve("numba", n_chains=32, n_rows=4096).batched
    assert not resolve("numba", n_chains=32, n_rows=4097).batched


J = np.ones((12, 12)) / 12
REFUSED = {
    "rows": Memory(rows=rows_of(4097, 12), order=2, indices="distinct", weight=1.0),
    "layers": draw(BAM(), n_spins=12, alpha=0.3).memory,
    "couplings": Memory(rows=rows_of(1, 12), couplings=J, weight=1.0),
    "exponential": draw(Exponential(sharpness=0.5), n_spins=12, alpha=0.3).memory,
    "strengths": draw(Hopfield(weights="zipf:0.5"), n_spins=12, alpha=0.3).memory,
    "strengths, three bodies": draw(Dense(order=3, weights="zipf:1"), n_spins=12, alpha=0.3).memory,
    "sums, three bodies": Memory(
        rows=rows_of(3, 12, largest=3), order=3, indices="distinct", weight=1.0
    ),
    "floats": Memory(rows=rows_of(3, 3000), order=8, indices="all", weight=1e-24),
    "large sums": Memory(
        rows=rows_of(3, 1000, 1000, np.int16), order=2, indices="distinct", weight=1e-9
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_lanes_cannot_hold_is_refused_in_a_line(name, monkeypatch):
    memory = REFUSED[name]
    message = f"form = 'lanes': {memory.n_rows} rows of this network do not fit lanes: .*4096 rows"
    with pytest.raises(ValueError, match=message) as caught:
        lowered(memory, 32, form="lanes")
    assert "\n" not in str(caught.value)
    monkeypatch.setattr(of_many, "time_of_chain", lambda *_: 0.0)
    assert lowered(memory, 32) != "lanes"


def test_names_that_are_refused():
    with pytest.raises(ValueError, match="form = 'many' is not one of auto, lanes, overlaps"):
        simulate(form="many")
    for changes in ({"backend": "reference"}, {"dynamics": "parallel"}):
        with pytest.raises(ValueError, match="form = 'lanes' is of the compiled CPU kernel"):
            simulate(**changes, form="lanes")
    with pytest.raises(ValueError, match=r"form = 'lanes': .* rows of this network do not fit"):
        simulate(Exponential(sharpness=0.5), form="lanes")


@pytest.mark.parametrize("rule", [Unsupervised(quality=0.8, n_examples=2), None])
def test_rows_of_a_sample_count_in_the_choice_of_a_run(rule):
    """Lanes are in question for as many rows as networks have, whatever makes them."""
    model = Hopfield(rule=rule) if rule else Hopfield()
    alpha = model.load(2100 if rule else 4097, 4)
    brief = {"n_samples": 1, "n_spins": 4, "alpha": alpha, "T": 1.0, "n_replicas": 32}
    run = simulate(model, **brief, schedule=Schedule(warmup=0, sweeps=1, stride=1))
    assert run.settings["form"] != "lanes"


@pytest.mark.parametrize(
    ("n_spins", "n_rows", "T", "n_chains", "lanes"),
    [
        (1000, 3, 1.2, 4, True),
        (1000, 50, 0.5, 4, True),
        (1000, 200, 0.5, 4, False),
        (1000, 3, 0.2, 2, False),
        (4000, 1000, 0.5, 4, False),
        (4000, 1000, 0.5, 16, True),
    ],
)
def test_four_chains_suffice_where_rows_are_few_and_sixteen_where_they_are_many(
    n_spins, n_rows, T, n_chains, lanes
):
    """The side of the choice that was measured to be faster (`benchmarks/test_many_forms.py`)."""
    memory = draw(Hopfield(), n_spins=n_spins, alpha=n_rows / n_spins, seed=1).memory
    network = chains.lower(memory, form="auto", T=T, n_chains=n_chains, site_order=SEQUENTIAL)
    assert (chains.name_of(network) == of_many.NAME) == lanes

"""Replica exchange on the emulated device: where rows come from, and what does not fit."""

import device_emulator
import numpy as np
import pytest

import montecarlo
from hebbian import Dense, Hopfield, Supervised, from_examples
from montecarlo import Schedule, device
from montecarlo.kernels import device_rows

pytestmark = [device_emulator.needed, pytest.mark.usefixtures("emulator")]

ARGUMENTS = {
    "T": [0.3, 0.6, 1.0], "n_samples": 2, "n_replicas": 2, "keep_spins": True,
    "schedule": Schedule(warmup=3, sweeps=6, stride=2), "exchange_every": 2,
}  # fmt: skip


def agree(model, **arguments):
    cupy, numba = (
        montecarlo.temper(model, **ARGUMENTS, **arguments, backend=name)
        for name in ("cupy", "numba")
    )
    for name in ("spins", "last", "visits", "accepted"):
        np.testing.assert_array_equal(getattr(cupy, name), getattr(numba, name))
    return cupy


def test_rows_are_drawn_where_the_ladder_runs(monkeypatch):
    """The host draws the archetypes that start and observables need, and copies no row."""

    def refuse(memories):
        raise AssertionError("rows of the host")

    monkeypatch.setattr(device_rows, "uploaded_rows", refuse)
    rule = Supervised(quality=0.8, n_examples=3)
    agree(Hopfield(rule=rule), alpha=0.2, n_spins=18, patterns=[2, 0])
    agree(Dense(order=4), alpha=0.01, n_spins=18, start="random", site_order="permutation")


def test_given_rows_are_copied():
    model = Hopfield(rule=Supervised(quality=0.8, n_examples=3))
    rng = np.random.default_rng(0)
    archetypes = rng.choice([-1, 1], (4, 18))
    agree(model, data=from_examples(model, archetypes, np.repeat(archetypes[:, None], 3, 1)))


def test_a_ladder_beyond_the_memory_is_one_line(emulator):
    emulator.memory = 100
    with pytest.raises(ValueError, match="a ladder of 3 temperatures does not fit") as caught:
        montecarlo.temper(Hopfield(), **ARGUMENTS, alpha=0.2, n_spins=18, backend="cupy")
    assert len(str(caught.value).splitlines()) == 1


def test_auto_takes_the_device_for_large_ladders(monkeypatch):
    asked = []

    def quick(work):
        asked.append(work)
        return 0.0

    arguments = {**ARGUMENTS, "alpha": 0.2, "n_spins": 18}
    assert montecarlo.temper(Hopfield(), **arguments).settings["backend"] == "numba"
    monkeypatch.setattr(device, "seconds_on_device", quick)
    assert montecarlo.temper(Hopfield(), **arguments).settings["backend"] == "cupy"
    # 2 x 2 ladders follow each other; 9 sweeps of 3 walkers, 4 rows of 18 spins
    assert asked == [device.Work(n_chains=3, n_sweeps=36, n_spins=18, n_rows=4)]

"""Replica exchange on the emulated device: where rows come from, and what does not fit."""

import device_emulator
import numpy as np
import pytest

import montecarlo
from hebbian import Dense, Hopfield, Supervised, from_examples
from montecarlo import Schedule
from montecarlo.engine.ledger import Ledger
from montecarlo.kernels.device import rows as device_rows

pytestmark = [device_emulator.needed, pytest.mark.usefixtures("emulator"), pytest.mark.heavy]

ARGUMENTS = {
    "T": [0.3, 0.6, 1.0], "n_samples": 2, "n_replicas": 2, "keep_spins": True,
    "schedule": Schedule(warmup=3, sweeps=6, stride=2), "exchange_every": 2,
}  # fmt: skip


def agree(model, **arguments):
    cupy, numba = (
        montecarlo.temper(model, **ARGUMENTS, **arguments, backend=name)
        for name in ("cupy", "numba")
    )
    for name in ("spins", "last", "period", "visits", "accepted"):
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


def test_observables_see_what_they_see_on_the_host():
    """All archetypes, of the samples of all ladders of a launch."""
    seen = {"all": lambda s: s.overlaps(s.archetypes), "warm": lambda s: s.T * s.energy}
    cupy = agree(Hopfield(), alpha=0.2, n_spins=18, observables=seen)
    numba = montecarlo.temper(Hopfield(), **ARGUMENTS, alpha=0.2, n_spins=18, observables=seen)
    assert cupy.series["all"].shape == (3, 2, 2, 3, 4)
    for name in seen:
        np.testing.assert_allclose(cupy.series[name], numba.series[name], rtol=1e-12, atol=1e-14)


def launched(emulator):
    return [grid[0] for name, grid, _, _ in emulator.launches if name == "prepare"]


def test_all_ladders_are_one_launch_and_fewer_where_the_memory_ends(emulator):
    """Two samples and two replicas of three temperatures."""
    agree(Hopfield(), alpha=0.2, n_spins=18, start="random")
    assert launched(emulator) == [12]
    emulator.launches.clear()
    emulator.memory = 4400
    agree(Hopfield(), alpha=0.2, n_spins=18, start="random")
    assert launched(emulator) == [6, 6]
    emulator.launches.clear()
    emulator.cuda.runtime.memGetInfo = lambda: (10**9, 10**9)  # the estimate is wrong
    emulator.memory = 900
    agree(Hopfield(), alpha=0.2, n_spins=18, start="random")
    assert launched(emulator)[-4:] == [3, 3, 3, 3]


def test_ladders_that_were_cut_go_on_together(tmp_path, monkeypatch, emulator):
    arguments = {**ARGUMENTS, "alpha": 0.2, "n_spins": 18, "backend": "cupy"}
    whole, path = montecarlo.temper(Hopfield(), **arguments), tmp_path / "ladders.npz"
    look, looks = Ledger.look, []

    def nervous(self, entries, save, kept):
        kept = look(self, entries, save, kept)
        looks.append(entries)
        if len(looks) == 4:
            raise RuntimeError("the power is cut")
        return kept

    monkeypatch.setattr(Ledger, "look", nervous)
    with pytest.raises(RuntimeError, match="power"):
        montecarlo.temper(Hopfield(), **arguments, checkpoint=path, checkpoint_every=1e-9)
    monkeypatch.setattr(Ledger, "look", look)
    emulator.launches.clear()
    resumed = montecarlo.temper(Hopfield(), **arguments, checkpoint=path)
    assert launched(emulator) == [12]
    assert len(emulator.launches) < 1 + len(looks) + 4
    for name in ("spins", "last", "period", "visits", "accepted"):
        np.testing.assert_array_equal(getattr(resumed, name), getattr(whole, name))
    np.testing.assert_array_equal(resumed.series["energy"], whole.series["energy"])


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

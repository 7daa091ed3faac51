"""The pattern that is due: in runs that are cut, in protocols, and in `montecarlo.replay`."""

import os
import signal

import numpy as np
import pytest

import montecarlo
from hebbian import ExponentialSequence, Hopfield, Sequence, draw
from montecarlo import Schedule
from montecarlo.engine.ledger import Ledger
from montecarlo.protocols.replay import one_step_overlaps

CASE = {
    "alpha": 0.1, "T": 0.3, "n_spins": 61, "n_samples": 2, "n_replicas": 2, "seed": 5,
    "dynamics": "parallel",
}  # fmt: skip
MODEL = Sequence(order=2)
K = 6


def networks(model=MODEL, n_samples=2, **changes):
    case = {**CASE, **changes}
    given = {name: case[name] for name in ("alpha", "n_spins", "seed")}
    return [draw(model, **given, sample=sample) for sample in range(n_samples)]


@pytest.mark.parametrize("n_threads", [1, 3])
def test_overlaps_are_with_the_pattern_that_is_due(n_threads):
    """After warm-up, at every stride, from a later first sweep, of several patterns."""
    for warmup, stride, first_sweep in ((0, 1, 0), (5, 3, 0), (4, 2, 9)):
        run = montecarlo.simulate(
            MODEL, **CASE, schedule=Schedule(warmup=warmup, sweeps=12, stride=stride),
            first_sweep=first_sweep, patterns=[0, 4], keep_spins=True, n_threads=n_threads,
            observables={"when": lambda state: state.times.astype(float)},
        )  # fmt: skip
        times = first_sweep + warmup + stride * np.arange(1, 12 // stride + 1)
        assert (run.series["when"] == times).all()
        assert (run.first["when"] == first_sweep).all()
        for sample, data in enumerate(networks()):
            assert data.n_patterns == K
            for k, t in enumerate(times):
                due = data.archetypes[[t % K, (t + 4) % K]]
                expected = run.spins[sample, :, k].astype(float) @ due.T / 61
                np.testing.assert_allclose(run.series["m"][sample, :, k], expected, atol=1e-15)
                np.testing.assert_allclose(run.series["n"][sample, :, k], expected, atol=1e-15)


def test_a_run_goes_on_from_the_last_configurations_of_another():
    whole, first = (
        montecarlo.simulate(MODEL, **CASE, schedule=Schedule(warmup=0, sweeps=n, stride=1))
        for n in (17, 10)
    )
    rest = montecarlo.simulate(
        MODEL, **CASE, schedule=Schedule(warmup=0, sweeps=7, stride=1), start=first.last,
        first_sweep=10,
    )  # fmt: skip
    np.testing.assert_array_equal(rest.series["m"], whole.series["m"][..., 10:])
    assert rest.m.mean > 0.9
    np.testing.assert_array_equal(first.series["m"], whole.series["m"][..., :10])


def test_a_run_that_is_stopped_again_and_again_gives_the_same_bits(tmp_path, monkeypatch):
    def run(**more):
        schedule = Schedule(warmup=7, sweeps=60, stride=4)
        return montecarlo.simulate(MODEL, **CASE, schedule=schedule, **more)

    whole, stops, look, left = run(), 0, Ledger.look, [2]

    def nervous(self, entries, save, kept):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGINT)
        return look(self, entries, save, kept)

    monkeypatch.setattr(Ledger, "look", nervous)
    monkeypatch.setattr(montecarlo.engine.chains, "PATIENCE", 1e-4)
    while True:
        try:
            resumed = run(checkpoint=tmp_path / "run.npz", n_threads=1 + stops % 2)
            break
        except KeyboardInterrupt:
            stops, left[0] = stops + 1, 3 + stops
    assert stops > 1
    for name in ("m", "n"):
        np.testing.assert_array_equal(resumed.series[name], whole.series[name])
    np.testing.assert_array_equal(resumed.last, whole.last)


def test_chains_that_left_are_in_another_place_of_the_cycle_or_nowhere():
    case = {**CASE, "T": 0.0, "schedule": Schedule(warmup=4, sweeps=20, stride=1)}
    spins = np.empty((2, 2, 61), np.int8)
    for sample, data in enumerate(networks()):
        spins[sample] = data.archetypes[3]
        spins[sample, :, :20] = data.archetypes[0, :20]  # enough of it to have started there
    slipped = montecarlo.simulate(MODEL, **case, start=spins)
    assert (slipped.start_overlaps > 0.02).all()
    assert slipped.switched == 1.0
    assert slipped.escaped == 0.0
    kept = montecarlo.simulate(MODEL, **case)
    assert kept.escaped == kept.switched == 0.0
    lost = montecarlo.simulate(MODEL, **{**case, "T": 3.0}, start=0.9)
    assert lost.escaped > 0.5


def test_protocols_know_of_the_pattern_that_is_due():
    schedule = Schedule(warmup=4, sweeps=20, stride=2)
    case = {"n_spins": 101, "alpha": 0.05, "schedule": schedule, "dynamics": "parallel"}
    ramp = montecarlo.ramp(MODEL, T=[0.1, 0.3, 3.0], **case)
    assert (ramp.m.mean[:2] > 0.9).all()
    assert ramp.m.mean[2] < 0.5
    basin = montecarlo.basin(MODEL, overlaps=[0.02, 0.95], T=0.1, **case)
    assert basin.success.mean.tolist() == [0.0, 1.0]
    for arguments in ({"T": 0.1, "alpha": [0.05, 0.1]}, {"T": [0.1, 0.2], "carry": False}):
        with pytest.raises(ValueError, match="a ramp is of T alone"):
            montecarlo.ramp(MODEL, **{**case, **arguments})
    with pytest.raises(ValueError, match="no energy"):
        montecarlo.equilibrated(MODEL, T=0.1, **case)


def mapped(data, s, n_steps):
    """Configurations at T = 0, an odd number of odd sums: never without a field."""
    xi, path = data.archetypes.astype(int), [s]
    for _ in range(n_steps):
        path.append(np.sign(np.roll(xi, -1, axis=0).T @ (xi @ path[-1])))
    return np.array(path)


def test_replays_are_those_of_the_map():
    """All that is said of them, from configurations made anew."""
    case = {"alpha": 25 / 99, "n_spins": 99, "seed": 2, "n_samples": 6}
    found = montecarlo.replay(MODEL, T=0.0, **case, n_steps=40, start=0.6, threshold=0.8)
    assert found.n_patterns == 25
    ended, lags, exact = [], [], np.zeros((6, 41))
    for sample in range(6):
        data = draw(MODEL, n_spins=99, alpha=25 / 99, seed=2, sample=sample)
        xi = data.archetypes.astype(int)
        start = montecarlo.simulate(
            MODEL, **case, T=0.0, start=0.6, n_replicas=1, dynamics="parallel",
            schedule=Schedule(warmup=0, sweeps=1, stride=1), keep_spins=True,
            observables={"seen": lambda state: state.spins.astype(float)},
        ).first["seen"][sample, 0]  # fmt: skip
        path = mapped(data, start.astype(int), 40)
        m = np.array([s @ xi[t % 25] / 99 for t, s in enumerate(path)])
        np.testing.assert_allclose(found.series["m"][sample, 0], m, atol=1e-15)
        exact[sample] = [(s == xi[t % 25]).all() for t, s in enumerate(path)]
        largest = (path @ xi.T).argmax(axis=1)
        lag = (np.arange(41) - largest) % 25
        due = np.arange(41) % 25
        lag[(path @ xi.T).max(axis=1) == (path * xi[due]).sum(axis=1)] = 0
        np.testing.assert_array_equal(found.series["lag"][sample, 0], lag)
        lags.append(lag)
        below = np.flatnonzero(m[1:] < 0.8)
        assert found.length.censored[sample, 0] == (below.size == 0)
        assert found.length.times[sample, 0] == (below[0] + 1 if below.size else 40)
        back = np.flatnonzero(path[1:] @ xi[0] / 99 >= 0.8)
        expected = back[0] + 1 if back.size else np.nan
        np.testing.assert_equal(found.period[sample, 0], expected)
        steps = np.array([(mapped(data, x, 1)[1] * np.roll(xi, -1, 0)[k]).mean()
                          for k, x in enumerate(xi)])  # fmt: skip
        np.testing.assert_allclose(found.one_step[sample], steps, atol=1e-15)
        last = int(below[0]) + 1 if below.size else 0
        while last > 0 and m[last] < m[last - 1]:
            last -= 1
        assert found.ended_at[sample, 0] == (last % 25 if below.size else -1)
        rank = (steps < steps[last % 25]).mean() + (steps == steps[last % 25]).mean() / 2
        np.testing.assert_equal(found.weakness[sample, 0], rank if below.size else np.nan)
        ended.append(below.size > 0)
        assert found.weakest[sample] == steps.argmin()
    assert sum(ended) > 0
    assert found.slips.any()
    np.testing.assert_allclose(found.m, found.series["m"][:, 0].mean(axis=0), atol=1e-15)
    np.testing.assert_allclose(found.exact.mean, exact.mean(axis=0), atol=1e-15)
    np.testing.assert_array_equal(found.slips[:, 0], np.array(lags) != 0)
    assert "ended: " in repr(found)


def test_one_step_of_every_pattern_at_a_temperature():
    """Fields of every size; the mean of a step that is drawn is that of tanh."""
    model = Sequence(order=3)
    (data,) = networks(model, n_samples=1, alpha=0.15)
    found = one_step_overlaps(data, np.array([0.0, 0.7]))
    assert found.shape == (2, data.n_patterns)
    start = data.archetypes[11]
    drawn = montecarlo.simulate(
        model, **{**CASE, "alpha": 0.15, "T": 0.7, "n_samples": 1, "n_replicas": 400},
        schedule=Schedule(warmup=0, sweeps=1, stride=1), start=start, patterns=[11],
    )  # fmt: skip
    assert abs(drawn.series["m"].mean() - found[1, 11]) < 5 * drawn.series["m"].std() / 20
    cold = montecarlo.simulate(
        model, **{**CASE, "alpha": 0.15, "T": 0.0, "n_samples": 1, "n_replicas": 1},
        schedule=Schedule(warmup=0, sweeps=1, stride=1), start=start, patterns=[11],
    )  # fmt: skip
    np.testing.assert_allclose(cold.series["m"].ravel(), found[0, 11], atol=1e-12)


def test_several_temperatures_and_exponentially_many_patterns():
    model = ExponentialSequence(sharpness=1.0)
    found = montecarlo.replay(
        model, alpha=0.3, T=[0.0, 0.5], n_spins=20, n_steps=5, n_samples=3, n_replicas=2
    )
    assert found.m.shape == (2, 6)
    assert found.one_step.shape == (2, 3, 403)
    assert found.series["lag"].shape == (2, 3, 2, 6)
    assert found.weakness.shape == (2, 3, 2)
    assert found.m[0].min() > 0.8
    assert found.m[1, -1] < 0.5
    assert not found.slips[0, ..., 0].any()


def test_what_is_no_replay_is_refused_in_one_line():
    case = {"alpha": 0.1, "T": 0.1, "n_spins": 50, "n_steps": 3}
    for changes, words in (
        ({"model": Hopfield()}, "no pattern that is due"),
        ({"n_steps": 0}, "n_steps = 0"),
        ({"start": 1.5}, "start = 1.5"),
        ({"threshold": 0.0}, "threshold = 0.0"),
        ({"one_step": 2}, "one_step = 2"),
        ({"dynamics": "parallel"}, "dynamics is not a choice"),
        ({"n_samples": 0}, "n_samples = 0"),
    ):
        with pytest.raises(ValueError, match=words) as refused:
            montecarlo.replay(**{"model": MODEL, **case, **changes})
        assert "\n" not in str(refused.value)
    found = montecarlo.replay(MODEL, **case, one_step=False)
    with pytest.raises(ValueError, match="one_step = False"):
        _ = found.weakest


@pytest.mark.heavy
def test_replays_end_at_weak_memories():
    """Where the mean step is exact to 2e-4, and where replays lose the sequence."""
    exact = montecarlo.replay(
        Sequence(order=3), alpha=0.1, T=0.0, n_spins=100, n_steps=400, n_samples=30,
        threshold=1.0, seed=1,
    )  # fmt: skip
    inexact = (exact.one_step < 1).any(axis=-1)
    first = np.where(inexact, (exact.one_step < 1).argmax(axis=-1), -1)
    np.testing.assert_array_equal(exact.ended_at[:, 0], first)
    assert inexact.sum() > 20
    assert exact.one_step.mean() > 0.9997
    assert (exact.weakness[inexact] < 0.03).all()
    lost = montecarlo.replay(
        Sequence(order=3), alpha=0.3, T=0.0, n_spins=60, n_steps=400, n_samples=60,
        threshold=0.8, seed=1,
    )  # fmt: skip
    rank = lost.weakness[~lost.length.censored]
    assert rank.size > 40
    assert rank.mean() < 0.5 - 3 / np.sqrt(12 * rank.size)

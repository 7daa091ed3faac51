"""A run of chains that is stopped goes on with the same bits; signals reach their handlers."""

import os
import signal
import threading

import numpy as np
import pytest
from long_runs import simulate, sweeps_in

import montecarlo
from hebbian import Dense, Hopfield, Supervised
from montecarlo import Cooling, Schedule

BRIEF = {
    "alpha": 0.1, "T": 0.5, "n_spins": 100, "n_samples": 2, "n_replicas": 2,
    "schedule": Schedule(warmup=3, sweeps=20, stride=2), "seed": 3,
}  # fmt: skip


@pytest.mark.parametrize(
    ("model", "changes"),
    [
        (Hopfield(rule=Supervised(quality=0.7, n_examples=3)), {}),
        (Dense(order=3, rule=Supervised(quality=0.7, n_examples=3)), {"alpha": 0.02}),
        (Dense(order=8), {"alpha": 1e-6, "dynamics": "metropolis", "site_order": "permutation"}),
        pytest.param(
            Dense(order=8, indices="all"),
            {"alpha": 5e-11, "n_spins": 190, "T": 5.0},
            marks=pytest.mark.heavy,
        ),
        (Dense(order=3), {"dynamics": "parallel", "T": [0.5, 0.7]}),
        (Hopfield(), {"dynamics": "parallel", "schedule": Schedule(
            warmup=3000, sweeps=5000, stride=10, cooling=Cooling(T=2.0))}),
    ],
)  # fmt: skip
def test_chains_stopped_in_the_middle_go_on(model, changes, tmp_path):
    """Whatever the kernel, the threads and the batches: three interrupts, the same bits."""
    path = tmp_path / "run.npz"
    schedule = Schedule(warmup=4, sweeps=3000, stride=2)
    settings = {**BRIEF, "n_spins": 30, "schedule": schedule, **changes}
    calls = threading.Semaphore(3)

    def nervous(state):
        if len(state.spins) > 1 and calls.acquire(blocking=False):
            os.kill(os.getpid(), signal.SIGINT)
        return state.energy

    whole = montecarlo.simulate(model, **settings, observables={"e": lambda s: s.energy})
    stops, swept = 0, []
    while True:
        try:
            run = montecarlo.simulate(
                model, **settings, observables={"e": nervous}, checkpoint=path,
                n_threads=1 + stops,
            )  # fmt: skip
            break
        except KeyboardInterrupt:
            stops += 1
            swept.append(sweeps_in(path))
    assert stops >= 1
    assert [0] < swept[0] <= sweeps_in(path)
    for name in whole.series:
        np.testing.assert_array_equal(run.series[name], whole.series[name])
    np.testing.assert_array_equal(run.last, whole.last)
    np.testing.assert_array_equal(run.period, whole.period)


def test_a_run_goes_on_in_another_form_of_its_network(tmp_path):
    """Its bits do not depend on the form, and neither does what its file keeps."""
    path, calls = tmp_path / "run.npz", []
    schedule = Schedule(warmup=20, sweeps=3000, stride=2)
    settings = {**BRIEF, "schedule": schedule, "n_threads": 1}

    def nervous(state):
        calls.append(len(state.spins))
        if calls[-1] > 1 and len(calls) % 4 == 0:
            os.kill(os.getpid(), signal.SIGINT)
        return state.energy

    whole = montecarlo.simulate(Hopfield(), **settings, observables={"e": lambda s: s.energy})
    for form in ("couplings", "tables", "overlaps"):
        with pytest.raises(KeyboardInterrupt):
            montecarlo.simulate(
                Hopfield(), **settings, form=form, observables={"e": nervous}, checkpoint=path
            )
    run = montecarlo.simulate(
        Hopfield(), **settings, observables={"e": lambda s: s.energy}, checkpoint=path
    )
    for name in whole.series:
        np.testing.assert_array_equal(run.series[name], whole.series[name])
    np.testing.assert_array_equal(run.last, whole.last)


def test_signal_handlers_are_put_back(tmp_path):
    before = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
    simulate(checkpoint=tmp_path / "run.npz")
    assert [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)] == before


def test_ignored_signals_stay_ignored(tmp_path):
    """As for a job in the background of a shell that has gone."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        timer = threading.Timer(0.1, os.kill, [os.getpid(), signal.SIGINT])
        timer.start()
        simulate(100, n_threads=1, checkpoint=tmp_path / "run.npz")
        timer.join()
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_failing_observable_leaves_what_is_done(tmp_path):
    path, calls = tmp_path / "run.npz", threading.Semaphore(30)

    def failing(state):
        if not calls.acquire(blocking=False):
            raise ZeroDivisionError
        return state.energy

    settings = {**BRIEF, "n_samples": 20, "n_threads": 1, "checkpoint": path}
    with pytest.raises(ZeroDivisionError):
        montecarlo.simulate(Hopfield(), **settings, observables={"e": failing})
    assert sweeps_in(path) > [0]
    run = montecarlo.simulate(Hopfield(), **settings, observables={"e": lambda s: s.energy})
    np.testing.assert_array_equal(run.series["e"], run.series["energy"])


def test_interrupts_reach_the_program(tmp_path):
    """A handler of the program's own sees the signal once the file is written."""
    path, seen = tmp_path / "run.npz", []

    def own(number, frame):
        seen.append(sweeps_in(path))

    before = signal.signal(signal.SIGTERM, own)
    try:
        timer = threading.Timer(0.5, os.kill, [os.getpid(), signal.SIGTERM])
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            simulate(10_000, n_spins=1000, n_threads=1, checkpoint=path)
        timer.join()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert len(seen) == 1
    assert seen[0] > [0]


def test_other_threads_leave_the_handlers_alone(tmp_path):
    results = []
    worker = threading.Thread(
        target=lambda: results.append(simulate(checkpoint=tmp_path / "run.npz"))
    )
    worker.start()
    worker.join()
    assert np.isfinite(results[0].m.mean).all()

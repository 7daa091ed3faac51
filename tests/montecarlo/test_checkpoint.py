"""A run that is killed at any time and started again gives the same bits, or one clear line."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import montecarlo
from hebbian import Dense, Hopfield, Supervised
from montecarlo import Cooling, Schedule
from montecarlo.chains.checkpoint import Checkpoint
from montecarlo.chains.progress import Progress

LONG = {
    "alpha": 0.1, "T": [0.5, 1.1], "n_spins": 100, "n_samples": 2, "n_replicas": 2,
    "schedule": Schedule(warmup=20000, sweeps=100000, stride=50), "seed": 3,
}  # fmt: skip
BRIEF = {**LONG, "schedule": Schedule(warmup=3, sweeps=20, stride=2), "T": 0.5}


def mean_field(state):
    return state.spins.mean(axis=1)


OBSERVABLES = {"mean field": mean_field, "both": lambda s: np.c_[s.energy, mean_field(s)]}

SCRIPT = """
import sys
import numpy as np
import montecarlo
from hebbian import Hopfield
from montecarlo import Cooling, Schedule

run = montecarlo.simulate(
    Hopfield(), alpha=0.1, T=[0.5, 1.1], n_spins=100, n_samples=2, n_replicas=2,
    schedule=Schedule(warmup=20000, sweeps=100000, stride=50), seed=3, n_threads=2,
    observables={"mean field": lambda s: s.spins.mean(axis=1)},
    checkpoint=sys.argv[1], checkpoint_every=0.001,
)
np.savez(sys.argv[2], **run.series)
"""


def start(checkpoint, out):
    environment = {**os.environ, "PYTHONPATH": str(Path(montecarlo.__file__).parents[1])}
    arguments = [sys.executable, "-c", SCRIPT, str(checkpoint), str(out)]
    return subprocess.Popen(arguments, env=environment, stderr=subprocess.PIPE, text=True)


def sweeps_in(checkpoint):
    try:
        with np.load(checkpoint) as arrays:
            return int(arrays["chains"][1].sum())
    except FileNotFoundError:
        return 0


@pytest.fixture(scope="module")
def undisturbed():
    return montecarlo.simulate(
        Hopfield(), **LONG, observables={"mean field": mean_field}, n_threads=1
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_killed_and_resumed_runs_give_the_same_bits(number, tmp_path, undisturbed):
    checkpoint, out = tmp_path / "run.ckpt.npz", tmp_path / "series.npz"
    rng = np.random.default_rng(int(number))
    reached = 0
    for _ in range(2):
        process = start(checkpoint, out)
        while sweeps_in(checkpoint) <= reached and process.poll() is None:
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 0.3))
        process.send_signal(number)
        _, complaint = process.communicate(timeout=60)
        assert process.returncode != 0, "the run ended before it was killed: nothing was tested"
        if number == signal.SIGINT:
            assert complaint.rstrip().endswith("KeyboardInterrupt")
        else:
            assert process.returncode == -number
        assert sweeps_in(checkpoint) > reached
        reached = sweeps_in(checkpoint)
    done = start(checkpoint, out)
    _, complaint = done.communicate(timeout=120)
    assert done.returncode == 0, complaint
    with np.load(out) as series:
        assert set(series.files) == set(undisturbed.series)
        for name in series.files:
            np.testing.assert_array_equal(series[name], undisturbed.series[name])


def test_a_complete_checkpoint_is_the_result(tmp_path, monkeypatch):
    path = tmp_path / "run.npz"
    first = montecarlo.simulate(
        Dense(order=3), **BRIEF, observables=OBSERVABLES, checkpoint=path, keep_spins=True
    )
    monkeypatch.setattr(montecarlo.chains.chain.Chain, "run", None)  # nothing is left to run
    second = montecarlo.simulate(
        Dense(order=3), **BRIEF, observables=OBSERVABLES, checkpoint=str(path), keep_spins=True
    )
    for name in first.series:
        np.testing.assert_array_equal(first.series[name], second.series[name])
    np.testing.assert_array_equal(first.spins, second.spins)
    np.testing.assert_array_equal(first.start_overlaps, second.start_overlaps)
    assert second.series["both"].shape == (2, 2, 10, 2)
    assert [p.name for p in tmp_path.iterdir()] == ["run.npz"]


@pytest.mark.parametrize(
    ("model", "changes"),
    [
        (Hopfield(rule=Supervised(quality=0.7, n_examples=3)), {}),
        (Dense(order=3, rule=Supervised(quality=0.7, n_examples=3)), {"alpha": 0.02}),
        (Dense(order=8), {"alpha": 1e-6, "dynamics": "metropolis", "site_order": "permutation"}),
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
    assert 0 < swept[0] <= sweeps_in(path)
    for name in whole.series:
        np.testing.assert_array_equal(run.series[name], whole.series[name])
    np.testing.assert_array_equal(run.last, whole.last)
    np.testing.assert_array_equal(run.period, whole.period)


def put(path, **changes):
    settings = {**BRIEF, **changes}
    return montecarlo.simulate(settings.pop("model", Hopfield()), **settings, checkpoint=path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"T": 0.6}, r"T = 0.5 there, 0.6 here"),
        ({"seed": 4}, "seed = 3 there, 4 here"),
        ({"model": Dense(order=4)}, "belongs to another run: model = "),
        ({"n_samples": 3}, "n_samples = 2 there, 3 here"),
        ({"schedule": Schedule(warmup=3, sweeps=22, stride=2)}, "schedule = "),
        ({"start": np.ones(100)}, "start = 'pattern' there, "),
        ({"patterns": [1]}, r"patterns = \[0\] there, \[1\] here"),
        ({"observables": {"x": mean_field}}, r"observables = \[\] there, \['x'\] here"),
    ],
)
def test_the_file_of_another_run_is_refused_and_kept(changes, message, tmp_path):
    path = tmp_path / "run.npz"
    put(path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=message) as caught:
        put(path, **changes)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == before


def test_another_version_is_refused(tmp_path, monkeypatch):
    put(tmp_path / "run.npz")
    monkeypatch.setattr("hebbian.__version__", "0.0.0")
    with pytest.raises(ValueError, match=r"version = .* there, '0.0.0' here"):
        put(tmp_path / "run.npz")
    monkeypatch.undo()
    monkeypatch.setattr(montecarlo.chains.checkpoint, "FORMAT", "hebbian-toolkit checkpoint 2")
    with pytest.raises(ValueError, match="has the format 'hebbian-toolkit checkpoint 1'"):
        put(tmp_path / "run.npz")


def test_truncated_files_are_refused_and_kept(tmp_path):
    path = tmp_path / "run.npz"
    put(path)
    whole = path.read_bytes()
    for length in (0, 1, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match="damaged or not a checkpoint") as caught:
            put(path)
        assert "\n" not in str(caught.value)
        assert path.read_bytes() == whole[:length]


def test_a_flipped_bit_never_changes_a_result(tmp_path):
    """It is refused, or it is in a byte that carries nothing (a date in the archive)."""
    path, identity = tmp_path / "run.npz", {"seed": 1}
    progress = Progress(
        sweep=5, flips=7, start_overlap=1.0, series={"m": np.arange(6.0)}, state=(np.ones(3),)
    )
    checkpoint = Checkpoint(path, identity, 1, (1, 1, 2))
    checkpoint.keep([(0, 0, 1)], False, progress)
    checkpoint.save()
    checkpoint.close()
    whole = path.read_bytes()
    refused = 0
    sites = range(0, len(whole), 3)
    for at in sites:
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        try:
            again = Checkpoint(path, identity, 1, (1, 1, 2))
        except ValueError:
            refused += 1
            continue
        again.close()
        found = again.progress[0, 0, 1]
        assert (found.sweep, found.flips, found.start_overlap) == (5, 7, 1.0)
        np.testing.assert_array_equal(found.series["m"], progress.series["m"])
        np.testing.assert_array_equal(found.state[0], progress.state[0])
    assert refused > 0.5 * len(sites)


def test_foreign_files_and_places(tmp_path):
    np.savez(tmp_path / "foreign.npz", m=np.ones(3))
    with pytest.raises(ValueError, match="not a checkpoint"):
        put(tmp_path / "foreign.npz")
    np.savez(tmp_path / "objects.npz", header=np.array([{}], object))
    with pytest.raises(ValueError, match="not a checkpoint"):
        put(tmp_path / "objects.npz")
    with pytest.raises(ValueError, match="not a checkpoint"):
        put(tmp_path)
    with pytest.raises(ValueError, match="No such file or directory"):
        put(tmp_path / "nowhere" / "run.npz")
    for wrong in (3, ""):
        with pytest.raises(ValueError, match="is not the path of a file"):
            put(wrong)
    with pytest.raises(ValueError, match=r"checkpoint_every = 0.0 is outside .*\(0, 525600\]"):
        montecarlo.simulate(
            Hopfield(), **BRIEF, checkpoint=tmp_path / "run.npz", checkpoint_every=0
        )
    assert not (tmp_path / "run.npz").exists()


def test_two_runs_cannot_share_a_file(tmp_path):
    holder = Checkpoint(tmp_path / "run.npz", {}, 1, (1, 1, 1))
    with pytest.raises(ValueError, match="is in use by another run"):
        put(tmp_path / "run.npz")
    holder.save()  # the lock moves to the file that replaces the old one
    with pytest.raises(ValueError, match="is in use by another run"):
        put(tmp_path / "run.npz")
    holder.close()
    with pytest.raises(ValueError, match="belongs to another run"):
        put(tmp_path / "run.npz")


def test_a_full_disk_costs_a_warning_not_the_run(tmp_path, monkeypatch):
    def full(*arguments, **arrays):
        raise OSError(28, "No space left on device")

    path, whole = tmp_path / "run.npz", put(tmp_path / "whole.npz")
    opened = Checkpoint(path, {}, 1, (1, 1, 1))
    before = path.read_bytes()
    monkeypatch.setattr(np, "savez", full)
    with pytest.warns(RuntimeWarning, match="was not written: No space left on device"):
        opened.save()
    opened.close()
    assert path.read_bytes() == before
    with pytest.raises(ValueError, match="No space left on device"):
        put(tmp_path / "other.npz")  # said at the start, not after a night
    monkeypatch.undo()
    np.testing.assert_array_equal(put(tmp_path / "other.npz").series["m"], whole.series["m"])
    assert {p.name for p in tmp_path.iterdir()} == {"run.npz", "whole.npz", "other.npz"}


def test_signal_handlers_are_put_back(tmp_path):
    before = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
    put(tmp_path / "run.npz")
    assert [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)] == before


def test_ignored_signals_stay_ignored(tmp_path):
    """As for a job in the background of a shell that has gone."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        timer = threading.Timer(0.1, os.kill, [os.getpid(), signal.SIGINT])
        timer.start()
        schedule = Schedule(warmup=0, sweeps=20000, stride=50)
        settings = {**LONG, "schedule": schedule, "n_threads": 1}
        montecarlo.simulate(Hopfield(), **settings, checkpoint=tmp_path / "run.npz")
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
    assert sweeps_in(path) > 0
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
            montecarlo.simulate(
                Hopfield(), **{**LONG, "n_spins": 1000}, checkpoint=path, n_threads=1
            )
        timer.join()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert len(seen) == 1
    assert seen[0] > 0


def test_other_threads_leave_the_handlers_alone(tmp_path):
    results = []
    worker = threading.Thread(target=lambda: results.append(put(tmp_path / "run.npz")))
    worker.start()
    worker.join()
    assert np.isfinite(results[0].m.mean)

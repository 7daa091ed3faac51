"""The file of a run: whole or not at all, refused where it is of no use, in one clear line."""

import numpy as np
import pytest

import montecarlo
from hebbian import Dense, Hopfield
from montecarlo import Schedule
from montecarlo.engine.checkpoint import Checkpoint
from montecarlo.engine.progress import Progress

BRIEF = {
    "alpha": 0.1, "T": 0.5, "n_spins": 100, "n_samples": 2, "n_replicas": 2,
    "schedule": Schedule(warmup=3, sweeps=20, stride=2), "seed": 3,
}  # fmt: skip


def mean_field(state):
    return state.spins.mean(axis=1)


OBSERVABLES = {"mean field": mean_field, "both": lambda s: np.c_[s.energy, mean_field(s)]}


def test_a_complete_checkpoint_is_the_result(tmp_path, monkeypatch):
    path = tmp_path / "run.npz"
    first = montecarlo.simulate(
        Dense(order=3), **BRIEF, observables=OBSERVABLES, checkpoint=path, keep_spins=True
    )
    monkeypatch.setattr(montecarlo.engine.chains.Chains, "batch", None)  # nothing is left to run
    second = montecarlo.simulate(
        Dense(order=3), **BRIEF, observables=OBSERVABLES, checkpoint=str(path), keep_spins=True
    )
    for name in first.series:
        np.testing.assert_array_equal(first.series[name], second.series[name])
    np.testing.assert_array_equal(first.spins, second.spins)
    np.testing.assert_array_equal(first.start_overlaps, second.start_overlaps)
    assert second.series["both"].shape == (2, 2, 10, 2)
    assert [p.name for p in tmp_path.iterdir()] == ["run.npz"]


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
        ({"backend": "reference"}, "backend = 'numba' there, 'reference' here"),
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
    monkeypatch.setattr(montecarlo.engine.archive, "FORMAT", "hebbian-toolkit checkpoint 4")
    with pytest.raises(ValueError, match="has the format 'hebbian-toolkit checkpoint 3'"):
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
    path, shape = tmp_path / "run.npz", (1, 1, 2)
    given = {"flips": np.int64(7), "series/m": np.arange(6.0), "spins": np.ones((3, 2), np.int8)}
    checkpoint = Checkpoint(path, 1, {"run": "two"})
    for part in range(2):
        own = {name: array + array.dtype.type(part) for name, array in given.items()}
        ledger = checkpoint.ledger({"part": part}, shape)
        ledger.keep([(0, 0, 1)], [Progress(sweep=5 + part, arrays=own, ended=part == 0)])
    checkpoint.close()
    whole = path.read_bytes()
    refused = 0
    sites = range(0, len(whole), 7)
    for at in sites:
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        try:
            again = Checkpoint(path, 1, {"run": "two"})
        except ValueError:
            refused += 1
            continue
        for part in range(2):
            found = again.ledger({"part": part}, shape).progress[0, 0, 1]
            assert (found.sweep, found.ended) == (5 + part, part == 0)
            assert list(found.arrays) == list(given)
            for name, array in given.items():
                np.testing.assert_array_equal(found.arrays[name], array + part)
                assert found.arrays[name].dtype == array.dtype
        again.close()
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
    holder = Checkpoint(tmp_path / "run.npz", 1, {})
    holder.ledger({}, (1, 1, 1))
    with pytest.raises(ValueError, match="is in use by another run"):
        put(tmp_path / "run.npz")
    holder.save()  # the lock moves to the file that replaces the old one
    with pytest.raises(ValueError, match="is in use by another run"):
        put(tmp_path / "run.npz")
    holder.close()
    with pytest.raises(ValueError, match="belongs to another run"):
        put(tmp_path / "run.npz")


def test_a_file_that_appears_meanwhile_is_another_runs(tmp_path):
    """Two processes find no file, and both begin."""
    late, early = (Checkpoint(tmp_path / "run.npz", 1, {}) for _ in range(2))
    early.ledger({}, (1, 1, 1))
    early.save()
    early.close()
    before = (tmp_path / "run.npz").read_bytes()
    with pytest.raises(ValueError, match="is in use by another run"):
        late.ledger({}, (1, 1, 1))
    assert (tmp_path / "run.npz").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["run.npz"]


def test_a_full_disk_costs_a_warning_not_the_run(tmp_path, monkeypatch):
    def full(*arguments, **arrays):
        raise OSError(28, "No space left on device")

    path, whole = tmp_path / "run.npz", put(tmp_path / "whole.npz")
    opened = Checkpoint(path, 1, {})
    opened.ledger({}, (1, 1, 1))
    before = path.read_bytes()
    monkeypatch.setattr(np, "savez", full)
    with pytest.warns(RuntimeWarning, match="was not written: No space left on device"):
        opened.save()
    with pytest.warns(RuntimeWarning, match="No space left on device"):
        opened.close()  # the last try
    assert path.read_bytes() == before
    with pytest.raises(ValueError, match="No space left on device"):
        put(tmp_path / "other.npz")  # said at the start, not after a night
    monkeypatch.undo()
    np.testing.assert_array_equal(put(tmp_path / "other.npz").series["m"], whole.series["m"])
    assert {p.name for p in tmp_path.iterdir()} == {"run.npz", "whole.npz", "other.npz"}

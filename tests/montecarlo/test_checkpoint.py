"""The file of a run: whole or not at all, refused where it is of no use, in one clear line."""

import io
import json
import os
import struct
import tracemalloc
import warnings
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from long_runs import RUNS
from mutations import npy, reseal

import montecarlo
from hebbian import Dense, Hopfield
from montecarlo import Schedule
from montecarlo.engine import archive
from montecarlo.engine.checkpoint import Checkpoint
from montecarlo.engine.ledger import Ledger, Stopped
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
    assert first.first.keys() == {"m", "n", "energy", *OBSERVABLES}
    for name in first.first:
        np.testing.assert_array_equal(first.first[name], second.first[name])
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
    monkeypatch.setattr(montecarlo.engine.archive, "FORMAT", "hebbian-toolkit checkpoint 5")
    with pytest.raises(ValueError, match="has the format 'hebbian-toolkit checkpoint 4'"):
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


def test_a_changed_file_is_refused_wherever_it_changed(tmp_path):
    path, shape = tmp_path / "run.npz", (1, 1, 2)
    given = {"flips": np.int64(7), "series/m": np.arange(6.0), "spins": np.ones((3, 2), np.int8)}
    checkpoint = Checkpoint(path, 1, {"run": "two"})
    for part in range(2):
        own = {name: array + array.dtype.type(part) for name, array in given.items()}
        ledger = checkpoint.ledger({"part": part}, shape)
        ledger.keep([(0, 0, 1)], [Progress(sweep=5 + part, arrays=own, ended=part == 0)])
    checkpoint.close()
    whole = path.read_bytes()
    begun = Checkpoint(path, 1, {"run": "two"})
    for part in range(2):
        found = begun.ledger({"part": part}, shape).progress[0, 0, 1]
        assert (found.sweep, found.ended) == (5 + part, part == 0)
        assert list(found.arrays) == list(given)
        for name, array in given.items():
            np.testing.assert_array_equal(found.arrays[name], array + part)
            assert found.arrays[name].dtype == array.dtype
    begun.close()
    flipped = (
        whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :] for at in range(0, len(whole), 7)
    )
    longer = [whole + bytes(1), bytes(1) + whole, whole + whole, whole[:500] + whole[501:]]
    for content in (*flipped, *longer, whole[:99] + bytes(400) + whole[499:]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"damaged or not a checkpoint|has the format"):
            Checkpoint(path, 1, {"run": "two"})
        assert path.read_bytes() == content


def forged(path, content, how=zipfile.ZIP_STORED):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that come twice
        with zipfile.ZipFile(path, "w", how) as made:
            for name, one in content:
                made.writestr(name, one)
    reseal(path)


def lying(shape, kind="<f8", data=bytes(64)):
    """Return an entry whose head promises another shape than its data has."""
    head = f"{{'descr': {kind!r}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + data


def headed(header):
    return npy(np.frombuffer(header.encode(), np.uint8))


HEADERS = [
    "", "null", "[]", "3", "{}", "[" * 10**5, '{"a":' * 10**5, '{"identity": null, "parts": []}',
    '{"identity": {}, "parts": null}', '{"identity": {}, "parts": [null]}',
    '{"identity": {}, "parts": [{}]}', '{"identity": {}, "parts": [{"identity": {}}]}',
    '{"identity": {}, "parts": [{"identity": {}, "names": "flips"}]}',
    '{"identity": {}, "parts": [{"identity": {}, "names": [1]}]}',
    '{"identity": {}, "parts": [{"identity": {}, "names": ["x", "x"]}]}',
    '{"identity": {}, "parts": [{"identity": {}, "names": ' + json.dumps([*"abcdefghijk"]) + "}]}",
    '{"identity": {"T": NaN}, "parts": []}', '{"identity": {"T": ' + "9" * 5000 + '}, "parts": []}',

]  # fmt: skip


def test_a_seal_that_is_right_makes_no_archive(tmp_path):
    """Heads that lie, arrays that do not fit together, headers of another form."""
    path = tmp_path / "run.npz"
    put(path)
    with zipfile.ZipFile(path) as whole:
        content = {one.filename: whole.read(one) for one in whole.infolist()}
    forged(path, content.items())
    assert len(archive.read(path)[1]) == 1
    n_entries, tried = len(content), 0
    for name, raw in content.items():
        array = np.load(io.BytesIO(raw))
        wrong = [
            b"", raw[:-1], raw + bytes(1), npy(array.astype(str)),
            npy(np.concatenate([array, array], axis=-1)), npy(array.astype("M8[s]")),
            lying((1 << 40,)), lying((-2, -4)), lying((-1,)), lying((1 << 62, 4)), lying((8.0,)),
            lying((3,), "|O"), lying((1 << 60,), "|V0", b""), lying("(" * 3000, data=b""),
            lying((1,), [("a", "<f8")], bytes(8)), lying((8,)).replace(b"\1\0", b"\2\0", 1),
            lying((8,)).replace(b"}", b"}\n# ["), lying("[8]"), lying("'8'"), lying("(8, (1))"),
        ]  # fmt: skip
        if name.endswith(("chains.npy", "owners.npy", "shapes.npy")):
            wrong += [npy(array.astype(float)), npy(array[None])]
            wrong += [npy(array + shift) for shift in (1 << 40, -(1 << 40), -1)]
        if name == "header.npy":
            wrong += map(headed, HEADERS)
        for one in wrong:
            if name.endswith("shapes.npy") and array.size == 0 and len(one) == len(raw):
                continue  # numbers have no axes
            if name.endswith("shapes.npy") and (array == 1).all() and one is wrong[4]:
                continue  # one number may have any
            forged(path, ({**content, name: one}).items())
            with pytest.raises(ValueError, match="damaged or not a checkpoint"):
                archive.read(path)
            tried += 1
        forged(path, [(n, one) for n, one in content.items() if n != name])
        with pytest.raises(ValueError, match="damaged or not a checkpoint"):
            archive.read(path)
    assert tried > 17 * n_entries


def test_archives_that_would_unpack_to_more_are_refused_before(tmp_path):
    path, zeros = tmp_path / "run.npz", npy(np.zeros(1 << 24))
    put(path)
    with zipfile.ZipFile(path) as whole:
        content = [(one.filename, whole.read(one)) for one in whole.infolist()]
    for how in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2):
        forged(path, [*content, ("zeros.npy", zeros)], how)
        tracemalloc.start()
        with pytest.raises(ValueError, match="damaged or not a checkpoint"):
            archive.read(path)
        assert tracemalloc.get_traced_memory()[1] < 1 << 23
        tracemalloc.stop()
    forged(path, content)
    with zipfile.ZipFile(path, "a") as whole:
        whole.writestr("more.npy", b"xyz", zipfile.ZIP_DEFLATED)  # even if it is small
    reseal(path)
    with pytest.raises(ValueError, match="damaged or not a checkpoint"):
        archive.read(path)
    # Many names for the same bytes, and sizes that are not those of the file.
    forged(path, content)
    raw = path.read_bytes()
    with zipfile.ZipFile(path) as whole:
        place = whole.start_dir
        (first, *_) = whole.infolist()
    directory = raw[place : raw.index(b"PK\5\6", place)]
    entry = directory[: 46 + len(first.filename)]
    sizes = struct.pack("<2I", 1 << 31, 1 << 31)
    for listed in (directory * 30, entry[:20] + sizes + entry[28:] + directory[len(entry) :]):
        n = listed.count(b"PK\1\2")
        end = b"PK\5\6" + struct.pack("<4H2IH", 0, 0, n, n, len(listed), place, 0)
        path.write_bytes(raw[:place] + listed + end)
        reseal(path)
        with pytest.raises(ValueError, match="damaged or not a checkpoint"):
            archive.read(path)


#: One run of every kind of job.
JOBS = ["simulate", "temper", "trajectories", "plefka"]


@pytest.fixture(scope="module", params=JOBS)
def stopped(request, tmp_path_factory):
    """A kind of run, and its file with a chain under way and at the end."""
    path, look, looks = tmp_path_factory.mktemp("stopped") / "run.npz", Ledger.look, []

    def stopping(self, *arguments):
        looks.append(0)
        if len(looks) == 3:
            self.stop.set()
        return look(self, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ledger, "look", stopping)
        with pytest.raises(Stopped):
            RUNS[request.param](checkpoint=path, n_threads=1)
    content = path.read_bytes()
    assert any(not chain.ended for chain in archive.read(path)[1][0].chains.values())
    RUNS[request.param](checkpoint=path)
    return request.param, (content, path.read_bytes())


def mutants(chains):
    """Yield what no run of this kind leaves behind."""
    number, one = next(((n, c) for n, c in chains.items() if not c.ended), (0, chains[min(chains)]))
    yield {**chains, 10**6: one}
    for changes in ({"sweep": 10**15}, {"ended": not one.ended}):
        yield {**chains, number: replace(one, **changes)}
    yield {**chains, number: replace(one, arrays=one.arrays | {"more": np.zeros(3)})}
    for name, array in one.arrays.items():
        others = {n: a for n, a in one.arrays.items() if n != name}
        yield {**chains, number: replace(one, arrays=others)}
        for axis in range(array.ndim):
            twice = np.concatenate([array, array], axis)
            shorter = np.delete(array, slice(1), axis)
            for other in (twice, shorter):
                if other.shape != array.shape:
                    yield {**chains, number: replace(one, arrays=one.arrays | {name: other})}
        for other in (np.float32, np.int64 if array.dtype != np.int64 else np.float64):
            yield {
                n: replace(c, arrays=c.arrays | {name: np.zeros(c.arrays[name].shape, other)})
                for n, c in chains.items()
                if name in c.arrays
            }
        if name in ("spins", "last", "at"):
            yield {**chains, number: replace(one, arrays=one.arrays | {name: 0 * array})}


def test_a_run_takes_no_arrays_but_its_own(stopped, tmp_path):
    """Spins of another size, numbers of another type, sweeps beyond the schedule, ..."""
    kind, contents = stopped
    path = tmp_path / "run.npz"
    for content in contents:
        path.write_bytes(content)
        identity, parts = archive.read(path)
        tried = 0
        for chains in mutants(parts[0].chains):
            parts[0] = parts[0]._replace(chains=chains)
            with path.open("w+b") as file:
                archive.write(file, identity, parts)
            with pytest.raises(ValueError, match="damaged or not a checkpoint"):
                RUNS[kind](checkpoint=path)
            tried += 1
        assert tried > 8
    path.write_bytes(contents[0])
    RUNS[kind](checkpoint=path)


def test_foreign_files_and_places(tmp_path):
    np.savez(tmp_path / "foreign.npz", m=np.ones(3))
    with pytest.raises(ValueError, match="not a checkpoint"):
        put(tmp_path / "foreign.npz")
    np.savez(tmp_path / "objects.npz", header=np.array([{}], object))
    with pytest.raises(ValueError, match="not a checkpoint"):
        put(tmp_path / "objects.npz")
    with pytest.raises(ValueError, match="not a checkpoint"):
        put(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(ValueError, match="not a checkpoint"):
            put(place)
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

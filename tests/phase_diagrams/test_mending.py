"""Every damage of a store is named, harms no command, and is mended to the same bytes."""

import json
import os
import shutil
import threading

import pytest

import phase_diagrams
from hebbian import Hopfield
from phase_diagrams.cli import main
from phase_diagrams.schema import study_attributes
from phase_diagrams.stores import groups, integrity, journal, labelled
from phase_diagrams.stores import store as stores_store
from phase_diagrams.stores.headers import attributes, header, write_header
from phase_diagrams.stores.store import Store
from phase_diagrams.study import Study
from phase_diagrams.sweeps import batches

pytestmark = pytest.mark.heavy

GRID = {"alpha": [0.03, 0.1], "T": [0.2, 0.6, 1.3]}
SHIFTED = {**GRID, "T": [0.25, 0.6, 1.3]}

#: The rows of the grid, of a round, and the bytes of one.
ROWS, ROUND, ROW = "cells/grid/rows/c/0/0/0", "cells/refinement_001", 8 * 18


@pytest.fixture(scope="module")
def stores(tmp_path_factory, settings):
    """A study that was refined; one of another seed; one of another grid of the same shape."""
    folder = tmp_path_factory.mktemp("stores")
    studies = {"sound": (GRID, 5), "seed": (GRID, 6), "shifted": (SHIFTED, 5)}
    for name, (grid, seed) in studies.items():
        out = folder / f"{name}.zarr"
        phase_diagrams.sweep(Hopfield(), grid, out=out, **{**settings, "seed": seed})
        phase_diagrams.refine(out, 2)
    return folder


@pytest.fixture
def out(stores, tmp_path):
    return shutil.copytree(stores / "sound.zarr", tmp_path / "study.zarr")


def resume(out, settings):
    return phase_diagrams.sweep(Hopfield(), GRID, out=out, resume=True, **settings)


def content(store):
    return {p.relative_to(store): p.read_bytes() for p in store.rglob("*") if p.is_file()}


def missing(*names):
    def harm(store, _):
        for name in names:
            place = store / name
            shutil.rmtree(place) if place.is_dir() else place.unlink()

    return harm


def swapped(name, other="seed"):
    def harm(store, stores):
        missing(name)(store, stores)
        there = stores / f"{other}.zarr" / name
        (shutil.copytree if there.is_dir() else shutil.copy)(there, store / name)

    return harm


def patched(name, position, new):
    """Overwrite bytes in the middle of a file, or behind its end."""

    def harm(store, _):
        with (store / name).open("r+b") as file:
            file.seek(position, 2 if position < 0 else 0)
            file.write(new)

    return harm


def cut(*names):
    def harm(store, _):
        for name in names:
            os.truncate(store / name, 40)

    return harm


def forged(name, change):
    """Change an array with a checksum that is right."""

    def harm(store, _):
        import zarr

        array = zarr.open_array(store / name, mode="r+")
        array[...] = change(array[...])

    return harm


def emptied(name):
    def harm(store, stores):
        missing(name)(store, stores)
        (store / name).mkdir()

    return harm


DAMAGES = {
    **{
        f"{name} missing": missing(name)
        for name in (
            "theory/m", "theory/phase", "theory/T", "simulation/m", "simulation/status",
            "simulation/alpha", "theory", "simulation", "theory/zarr.json", "simulation/zarr.json",
            "zarr.json", "cells/zarr.json", "cells/grid/zarr.json", "cells/grid/rows/zarr.json",
            "cells/grid/rows", "cells/grid", "cells", ROWS, "refinement", "refinement/zarr.json",
            "refinement/001", "refinement/001/zarr.json", ROUND, f"{ROUND}/zarr.json",
        )
    },
    **{
        f"{name} torn": cut(name)
        for name in (
            "zarr.json", "theory/zarr.json", "cells/zarr.json", "cells/grid/rows/zarr.json",
            "refinement/zarr.json", "refinement/001/zarr.json", f"{ROUND}/zarr.json",
        )
    },
    **{
        f"{name} of another seed": swapped(name)
        for name in (
            "zarr.json", "cells/zarr.json", "cells/grid", "cells/grid/zarr.json",
            "cells/grid/rows", ROWS, "theory", "simulation", "simulation/m", ROUND,
            "refinement/001",
        )
    },
    **{
        f"{name} of another grid": swapped(name, "shifted")
        for name in ("zarr.json", "cells/grid", ROWS, "theory", "theory/m", "simulation")
    },
    "theory empty": emptied("theory"),
    "a row zeroed": patched(ROWS, 0, bytes(ROW)),
    "all rows zeroed": patched(ROWS, 0, bytes(6 * ROW)),
    "a row of a round zeroed": patched(f"{ROUND}/rows/c/0/0", 0, bytes(ROW)),
    "a row flipped": patched(ROWS, ROW + 9, b"\xff"),
    "rows longer": patched(ROWS, 6 * ROW, b"0"),
    "rows shorter": lambda store, _: os.truncate(store / ROWS, 3 * ROW),
    "headers of a round torn": cut(f"{ROUND}/zarr.json", f"{ROUND}/rows/zarr.json"),
    "simulation forged": forged("simulation/m", lambda m: m + 1),
    "theory forged": forged("theory/m", lambda m: m + 1),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_named_and_mended_to_the_same_bytes(damage, out, stores, settings, capsys):
    DAMAGES[damage](out, stores)
    found = integrity.check(out)
    assert found
    assert all(line.startswith(str(out)) and "\n" not in line for line in found)
    assert main(["status", str(out)]) == 3
    assert set(found) <= set(capsys.readouterr().out.splitlines())
    try:
        tree = phase_diagrams.open(out)
    except ValueError as error:
        words = str(error)
        assert "(--resume) mends it" in words
    else:
        assert tree["simulation/m"].shape == (2, 3)
    resume(out, settings)
    assert content(out) == content(stores / "sound.zarr")
    assert integrity.check(out) == []


COMMANDS = {
    "compare": lambda s: main(["compare", str(s)]),
    "export": lambda s: main(["export", str(s), str(s.parent / "x.csv")]),
    "figure": lambda s: main(["figure", str(s), "--out", str(s.parent / "x")]),
    "page": lambda s: main(["figure", str(s), "--html", "--out", str(s.parent / "x")]),
    "merge": lambda s: main(["merge", str(s), "--out", str(s.parent / "y.zarr")]),
    "refine": lambda s: main(["refine", str(s), "--budget", "1"]),
    "rerun": lambda s: main(["rerun", str(s), "--out", str(s.parent / "y.zarr")]),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("damage", ["a row flipped", "theory/m missing", f"{ROUND} missing"])
def test_no_command_falls_over_damage(command, damage, out, stores, capsys):
    DAMAGES[damage](out, stores)
    code = COMMANDS[command](out)
    errors = capsys.readouterr().err
    assert code in (0, 2, 3)
    assert "internal" not in errors
    if code == 2:
        assert errors.count("error:") == 1
        assert "--resume" in errors or "finish the sweep" in errors


def test_what_is_not_of_the_store_is_no_damage(out, settings):
    """A half-made round, leftovers of another layout, files of the user's."""
    shutil.copytree(out / ROUND, out / "cells" / "refinement_002")
    (out / "cells" / "refinement_abc").mkdir()
    (out / "cells" / "larger").mkdir()
    (out / "refinement" / "002").mkdir()
    (out / "theory" / "mine").mkdir()
    (out / "notes.txt").write_text("mine")
    assert integrity.check(out) == []
    assert phase_diagrams.open(out)["refinement/simulation"].sizes["point"] == 2
    tree = phase_diagrams.refine(out, 1)
    assert tree["refinement/simulation"].sizes["point"] == 3
    assert integrity.check(out) == []
    assert (out / "notes.txt").read_text() == "mine"


def test_a_round_of_which_nothing_is_left_is_given_up_in_words(out, settings, caplog):
    missing(ROUND, "refinement/001")(out, None)
    assert any("nothing says which points were here" in line for line in integrity.check(out))
    assert "refinement" not in phase_diagrams.open(out).children
    assert "nothing says any more which points 1 rounds of refinement had" in caplog.text
    resume(out, settings)
    assert integrity.check(out) == []
    assert Store(out).refined() == dict.fromkeys(Store(out).refined(), 0)


def changed(entries, name, value):
    return {n: x for n, x in {**entries, name: value}.items() if x is not ...}


DEEP = json.loads("[" * 60 + "]" * 60)
ODD = [..., None, [], {}, DEEP, -1, 1e300, 10**15, "x", "9/2", "../../x", [None], {"../x": []}]
NAMES = [
    "study", "fingerprint", "n_patterns", "observables", "shard", "rows", "rounds", "asked",
    "predicted", "published", "seed", "n_samples", "title", "created", "schema_version", "format",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_headers_of_the_right_digest_and_the_wrong_form_are_refused(name, out, capsys):
    sound = attributes(out)
    for value in ODD:
        if value == sound[name] or (name, value) in (("n_patterns", None), ("rounds", [])):
            continue
        if name == "created" and isinstance(value, str):
            continue
        for folder in (out, out / "cells"):
            write_header(folder, changed(sound, name, value))
        assert main(["status", str(out)]) == 2, value
        errors = capsys.readouterr().err
        assert errors.count("\n") == 1
        assert len(errors) < 600
        assert "internal" not in errors


def test_a_header_of_the_wrong_form_is_replaced_by_its_copy(out, stores, settings):
    sound = attributes(out)
    for name, value in {"study": None, "rows": "../../x", "asked": -1, "rounds": [0]}.items():
        write_header(out, changed(sound, name, value))
        assert Store(out).attributes() == sound
        assert len(integrity.check(out)) == 1
    resume(out, settings)
    assert content(out) == content(stores / "sound.zarr")


@pytest.mark.parametrize(
    "points",
    [None, [], {}, {"T": None}, {"T": [0.1]}, {"T": 1e9, "alpha": 1e9}, {"T": [[]], "alpha": [1]}],
)
def test_rounds_of_the_wrong_form_are_read_from_elsewhere(points, out, stores, settings):
    for folder in (out / ROUND, out / ROUND / "rows"):
        node = {n: x for n, x in header(folder).items() if n not in ("attributes", "zarr_format")}
        grid = json.dumps({"points": points, "n_spins": 40})
        write_header(folder, {**attributes(folder), "grid": grid}, **node)
    assert len(integrity.check(out)) == 2
    resume(out, settings)
    assert content(out) == content(stores / "sound.zarr")


@pytest.mark.parametrize(
    "change",
    [
        {"n_samples": 10**6},
        {"grid": {"alpha": [i / 2000 for i in range(2000)], "T": [i / 4999 for i in range(4999)]}},
        {"grid": {n: [i / 1000 for i in range(1000)] for n in ("alpha", "T", "start")}},
    ],
)
def test_headers_cost_no_more_than_the_files_that_are_there(change, out, capsys):
    """A study of terabytes, or of 10^7 points, of which there are a few rows."""
    found = attributes(out)
    described = {**json.loads(found["study"]), **change, "theory": False}
    described["grid"] = {**described["grid"], "n_spins": 40}
    study = json.dumps(described)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Study, "check_size", lambda _: None)
        entries = study_attributes(Study.stored(study, None, {}), {})
    for folder in (out, out / "cells"):
        write_header(folder, {**found, **entries})
    assert main(["status", str(out)]) in (2, 3)
    for command in (["compare", "--no-write"], ["export"]):
        rest = [str(out.parent / "x.csv")] if command == ["export"] else []
        code = main([command[0], str(out), *rest, *command[1:]])
        assert code == 2 or "n_samples" in change  # a few rows of some megabytes
        assert "internal" not in capsys.readouterr().err


@pytest.mark.parametrize("gone", ["theory", "simulation", "zarr.json", "cells/zarr.json"])
def test_what_goes_while_a_sweep_runs_is_there_at_its_end(
    gone, stores, settings, tmp_path, monkeypatch
):
    out = tmp_path / "study.zarr"
    compute, taken = batches.compute, []

    def harmed(*arguments):
        if not taken and (out / gone).exists():
            missing(gone)(out, None)
            taken.append(gone)
        return compute(*arguments)

    monkeypatch.setattr(batches, "compute", harmed)
    phase_diagrams.sweep(Hopfield(), GRID, out=out, **settings)
    assert taken == ([gone] if gone != "simulation" else [])
    assert integrity.check(out) == []
    assert (out / ROWS).read_bytes() == (stores / "sound.zarr" / ROWS).read_bytes()


def test_rows_that_go_while_a_sweep_runs_are_missed(tmp_path, monkeypatch, caplog):
    out = tmp_path / "study.zarr"
    compute = batches.compute

    def harmed(*arguments):
        shutil.rmtree(out / "cells" / "grid" / "rows" / "c", ignore_errors=True)
        return compute(*arguments)

    monkeypatch.setattr(batches, "compute", harmed)
    flags = ["--alpha", "0.03", "--T", "0.2,0.6", "--n-spins", "20", "--sweeps", "5"]
    assert main(["sweep", "--model", "hopfield", *flags, "--out", str(out)]) == 3
    assert "2 points are damaged" in caplog.text
    assert "resume it (--resume)" in caplog.text


def test_a_full_disk_on_the_way_of_a_refinement_loses_nothing(out, tmp_path, monkeypatch):
    whole = shutil.copytree(out, tmp_path / "whole.zarr")
    phase_diagrams.refine(whole, 2)
    expected = content(whole)
    written = []

    def counted(make, limit):
        def write(*arguments, **options):
            written.append(arguments)
            if len(written) > limit:
                raise OSError(28, "No space left on device")
            return make(*arguments, **options)

        return write

    for limit in (0, 3, 7, 12, 18):
        study = shutil.copytree(out, tmp_path / f"{limit}.zarr")
        written.clear()
        with monkeypatch.context() as patch:
            for module in (stores_store, journal, labelled):
                patch.setattr(module, "write_header", counted(write_header, limit))
            patch.setattr(groups, "write_labelled", counted(labelled.write_labelled, limit))
            try:
                phase_diagrams.refine(study, 2)
            except OSError as error:
                assert "with room again resume (--resume)" in str(error)  # noqa: PT017
        assert integrity.check(study) == []
        assert len(written) > limit
        if Store(study).refined()["asked"] == 2:
            phase_diagrams.refine(study, 2)
        else:
            phase_diagrams.refine(study, resume=True)
        assert content(study) == expected
        assert main(["status", str(study)]) == 0


def test_threads_sweep_side_by_side_and_never_into_one_store(settings, tmp_path):
    """Signals are left alone outside the main thread; a lock is one of an open file."""
    outs = [tmp_path / "a.zarr", tmp_path / "b.zarr", tmp_path / "b.zarr"]
    met, found = threading.Barrier(3), {}

    def sweep(number):
        met.wait()
        try:
            phase_diagrams.sweep(Hopfield(), GRID, out=outs[number], **settings)
        except ValueError as error:
            found[number] = str(error)

    threads = [threading.Thread(target=sweep, args=(i,)) for i in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert integrity.check(outs[0]) == integrity.check(outs[1]) == []
    assert Store(outs[1]).counts()["done"] == 6
    assert 0 not in found
    words = ("by another process", "pending: resume it")
    assert all(any(word in text for word in words) for text in found.values())

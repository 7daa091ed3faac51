"""Studies as files of others: what is written reads back, everything else is called what it is."""

import json
import pickle
import subprocess
import sys
import warnings
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath

import h5py
import numpy as np
import pandas
import pytest
import xarray as xr
import zarr

import phase_diagrams
from phase_diagrams import figures
from phase_diagrams.cli import main
from phase_diagrams.stores import foreign


def zarr_of_xarray(tree, path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of zarr, about what xarray does
        tree.to_zarr(path)


def same(back, tree):
    assert set(back.groups) == set(tree.groups)
    for group in ("theory", "simulation"):
        ours, theirs = (each[group].to_dataset() for each in (back, tree))
        xr.testing.assert_equal(ours, theirs)
        assert dict(ours.dtypes) == dict(theirs.dtypes)
        assert {n: v.attrs.get("symbol") for n, v in ours.variables.items()} == {
            n: v.attrs.get("symbol") for n, v in theirs.variables.items()
        }
        assert ours.attrs["model"] == theirs.attrs["model"]


def netcdf_of_xarray(tree, path):
    tree.to_netcdf(path, engine="h5netcdf")


@pytest.mark.parametrize(
    ("write", "name"),
    [(phase_diagrams.export, "s.nc"), (phase_diagrams.export, "a.b.NC"),
     (netcdf_of_xarray, "of xarray"), (zarr_of_xarray, "own.zarr")],
)  # fmt: skip
def test_a_study_reads_back(tree, tmp_path, write, name):
    """Figures, comparison and boundary are those of the study itself."""
    write(tree, tmp_path / name)
    back = phase_diagrams.open(tmp_path / name)
    same(back, tree)
    assert phase_diagrams.compare(back).identical(phase_diagrams.compare(tree))
    assert phase_diagrams.boundary(back).equals(phase_diagrams.boundary(tree))
    mesh, expected = (figures.phase_map(each).collections[0] for each in (back, tree))
    np.testing.assert_array_equal(mesh.get_array(), expected.get_array())
    phase_diagrams.export(back, tmp_path / "again.nc")
    same(phase_diagrams.open(tmp_path / "again.nc"), tree)


@pytest.mark.heavy
def test_commands_take_an_export(tree, tmp_path, capsys):
    file = str(tmp_path / "s.nc")
    phase_diagrams.export(tree, file)
    for flags in ([], ["--finite-size"]):
        assert main(["figure", file, "--out", str(tmp_path / "f.svg"), *flags]) == 0
    assert main(["export", file, "--out", str(tmp_path / "s.csv")]) == 0
    assert main(["compare", file]) == 0
    assert "Simulation and theory" in capsys.readouterr().out


def test_out_is_a_flag_as_everywhere_and_the_second_word(tmp_path, capsys):
    store = str(tmp_path / "s.zarr")
    grid = ["--model", "hopfield", "--alpha", "0.02,0.05", "--T", "0.1", "--n-spins", "30"]
    assert main(["sweep", *grid, "--out", store]) == 0
    names = [str(tmp_path / name) for name in ("a.nc", "b.csv", "c.NC")]
    assert main(["export", store, "--out", names[0]]) == 0
    assert main(["export", store, names[1]]) == 0
    assert main(["export", "--out", names[2], store]) == 0
    assert all(Path(name).stat().st_size for name in names)
    capsys.readouterr()
    for words in ([], [names[0], "--out", names[1]], ["--out", str(tmp_path / "d.xlsx")]):
        assert main(["export", store, *words]) == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("name", ["q.xlsx", "q.txt", "q", "q.zarr", "q.nc.gz", ".nc"])
def test_other_suffixes_are_refused(tree, tmp_path, name):
    with pytest.raises(ValueError, match=r"neither \.nc nor \.csv"):
        phase_diagrams.export(tree, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


ATTRIBUTES = {
    "truth": (True, "true"),
    "numpy truth": (np.True_, "true"),
    "none": (None, "null"),
    "dictionary": ({"T": 0.1, 3: [None, True]}, '{"T": 0.1, "3": [null, true]}'),
    "keys": ({(1, 2): Path("a")}, '{"(1, 2)": "a"}'),
    "mixed": ([1, "a", None], '[1, "a", null]'),
    "truths": ([True, False], "[true, false]"),
    "nothing": ([], "[]"),
    "empty": ({}, "{}"),
    "table": ([[1, 2], [3, 4]], "[[1, 2], [3, 4]]"),
    "ragged": ([[1], [2, 3]], "[[1], [2, 3]]"),
    "number": (np.float32(0.5), 0.5),
    "whole": (7, 7),
    "large": (10**30, "1000000000000000000000000000000"),
    "complex": (1 + 2j, "(1+2j)"),
    "tuple": ((1, 2), [1, 2]),
    "array": (np.arange(3), [0, 1, 2]),
    "words": (["a", "b"], ["a", "b"]),
    "word": ("a ± b", "a ± b"),
    "no word": ("", ""),
    "zero byte": ("a\0b", '"a\\u0000b"'),
    "bytes": (b"raw", "raw"),
    "path": (PurePosixPath("/data"), "/data"),
    "time": (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00+00:00"),
    "day": (date(2026, 1, 2), "2026-01-02"),
    "numpy time": (np.datetime64("2026-01-02"), "2026-01-02"),
    "no time": (np.datetime64("NaT", "ns"), "NaT"),
    "set": ({"b", "a"}, '["a", "b"]'),
    "long": (np.arange(20000.0), json.dumps(np.arange(20000.0).tolist())),
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(*pair, marks=[pytest.mark.heavy] if k % 3 else [], id=name)
        for k, (name, pair) in enumerate(ATTRIBUTES.items())
    ],
)
def test_attributes_of_any_kind_are_written(tree, tmp_path, value, expected):
    """On the root, on groups, variables and coordinates; the study itself keeps its own."""
    noted = tree.copy(deep=True)
    places = (noted, noted["theory"], noted["theory/m"], noted["simulation/T"])
    for place in places:
        place.attrs["note"] = value
    phase_diagrams.export(noted, tmp_path / "s.nc")
    phase_diagrams.export(noted, tmp_path / "s.csv")
    assert noted.attrs["note"] is value
    back = phase_diagrams.open(tmp_path / "s.nc")
    for place in (back, back["theory"], back["theory/m"], back["simulation/T"]):
        found = place.attrs["note"]
        assert (found.tolist() if isinstance(found, np.ndarray | np.generic) else found) == expected


@pytest.mark.parametrize(
    "variable",
    [
        np.array(["a", "b"]), np.array(["a", "b"], object), np.array([1, 2], np.uint64),
        np.array(["2026-01-02", "NaT"], "M8[ns]"), np.array([True, False]),
        np.array([0.5, np.nan], np.float32),
    ],
    ids=["words", "words as objects", "large", "times", "truths", "float32"],
)  # fmt: skip
def test_variables_that_are_written(tree, tmp_path, variable):
    more = xr.Dataset({"x": ("alpha", variable), "two words": ("alpha", [1, 2])})
    noted = xr.DataTree.from_dict({"/theory": tree["theory"].to_dataset().merge(more)})
    phase_diagrams.export(noted, tmp_path / "s.nc")
    back = phase_diagrams.open(tmp_path / "s.nc")["theory"]
    np.testing.assert_array_equal(back["x"].values, variable)
    phase_diagrams.export(noted, tmp_path / "s.csv")
    table = pandas.read_csv(tmp_path / "s.csv")
    assert len(table) == 6


@pytest.mark.parametrize(
    ("variable", "says"),
    [
        (np.array([1j, 2]), "variable 'x' is of type complex128"),
        (np.array([1, "a"], object), r"variable 'x' holds objects \(int\)"),
        (np.array([{}, None], object), r"variable 'x' holds objects \(dict\)"),
        (np.array([10**30, 1], object), r"variable 'x' holds objects \(int\)"),
    ],
    ids=["complex", "mixed", "dictionaries", "long"],
)
@pytest.mark.parametrize("name", ["s.nc", "s.csv"])
def test_variables_that_are_named(tree, tmp_path, variable, says, name):
    noted = xr.DataTree.from_dict({"/theory": xr.Dataset({"x": ("T", variable)})})
    with pytest.raises(ValueError, match=says) as raised:
        phase_diagrams.export(noted, tmp_path / name)
    assert "\n" not in str(raised.value)
    assert list(tmp_path.iterdir()) == []


def test_several_levels_become_coordinates(tree, tmp_path):
    stacked = tree["theory"].to_dataset().stack(point=("alpha", "T"))
    phase_diagrams.export(xr.DataTree.from_dict({"/theory": stacked}), tmp_path / "s.nc")
    back = phase_diagrams.open(tmp_path / "s.nc")["theory"]
    np.testing.assert_array_equal(back["T"], stacked["T"])
    np.testing.assert_array_equal(back["m"], stacked["m"])


def test_a_group_alone_is_written(tree, tmp_path):
    for name in ("theory", "simulation"):
        phase_diagrams.export(tree[name], tmp_path / f"{name}.nc")
        with xr.open_dataset(tmp_path / f"{name}.nc", engine="h5netcdf") as back:
            np.testing.assert_array_equal(back["m"], tree[f"{name}/m"])
        phase_diagrams.export(tree[name], tmp_path / f"{name}.csv")
        table = pandas.read_csv(tmp_path / f"{name}.csv")
        assert len(table) == 6
        assert {"alpha", "T", "m"} <= set(table)
    with pytest.raises(ValueError, match="there are no points"):
        phase_diagrams.export(xr.DataTree(), tmp_path / "empty.csv")
    with pytest.raises(TypeError, match="tree is a Dataset, not the DataTree"):
        phase_diagrams.export(tree["theory"].to_dataset(), tmp_path / "x.nc")


def test_what_is_in_the_way_is_kept(tree, tmp_path):
    (tmp_path / "s.nc").write_text("mine")
    with pytest.raises(ValueError, match="exists already"):
        phase_diagrams.export(tree, tmp_path / "s.nc")
    assert (tmp_path / "s.nc").read_text() == "mine"
    with pytest.raises(ValueError, match="there is no folder"):
        phase_diagrams.export(tree, tmp_path / "none" / "s.nc")


@pytest.mark.heavy
@pytest.mark.parametrize("suffix", ["nc", "csv"])
def test_a_full_disk_leaves_no_half_file(tree, tmp_path, suffix):
    """A limit on the size of files stands for it."""
    script = f"""if True:
        import resource, signal, phase_diagrams
        from pathlib import Path
        tree = phase_diagrams.open({str(tmp_path / "s.nc")!r})
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (400, 400))
        try:
            phase_diagrams.export(tree, {str(tmp_path / "t")!r} + ".{suffix}")
        except OSError as error:
            print(error)
    """
    phase_diagrams.export(tree, tmp_path / "s.nc")
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"[Errno 27] File too large: '{tmp_path / 't'}.{suffix}'\n"
    assert done.stderr == ""
    assert [path.name for path in tmp_path.iterdir()] == ["s.nc"]


def one_group(tree, path):
    tree["theory"].to_dataset().to_netcdf(path, engine="h5netcdf")


def other_hdf5(tree, path):
    with h5py.File(path, "w") as file:
        file["results/data"] = np.arange(3)


def cut(tree, path):
    phase_diagrams.export(tree, path.with_name("whole.nc"))
    path.write_bytes(path.with_name("whole.nc").read_bytes()[:5000])


def large(tree, path):
    with h5py.File(path, "w") as file:
        file.create_dataset("theory/m", (1 << 40,), "f8", chunks=(1 << 10,))


def zipped(tree, path):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("zarr.json", "{}")


def old_zarr(tree, path):
    zarr.create_group(path, zarr_format=2)


def other_zarr(tree, path):
    zarr.create_group(path, zarr_format=3).create_array("x", data=np.arange(3))


def table(tree, path):
    phase_diagrams.export(tree, path.with_suffix(".csv"))
    path.with_suffix(".csv").rename(path)


FOREIGN = {
    "one data set": (one_group, "of one data set, .* xarray.open_dataset reads it"),
    "other HDF5": (other_hdf5, "of other groups, without the groups theory and simulation"),
    "damaged": (cut, "an HDF5 file that cannot be read"),
    "large": (large, "unpacks to 8796093022208 bytes, more than 4294967296"),
    "zipped": (zipped, "a zip archive .* unpack it first"),
    "Zarr v2": (old_zarr, r"a folder of Zarr v2, .* zarr_format=3"),
    "other Zarr": (other_zarr, "a Zarr folder that cannot be read: .*dimension_names"),
    "table": (table, "a table keeps no study: read it with pandas.read_csv"),
    "pickle": (lambda tree, path: path.write_bytes(pickle.dumps(tree)), "a Python pickle, .* code"),
    "empty": (lambda tree, path: path.touch(), "unknown kind, not a study: open a store"),
    "noise": (lambda tree, path: path.write_bytes(bytes(range(130, 250))), "unknown kind"),
    "page": (lambda tree, path: path.write_text("<!DOCTYPE html>"), "an HTML page, not a study"),
    "empty folder": (lambda tree, path: path.mkdir(), "is not the store of a study"),
    "nothing": (lambda tree, path: None, "does not exist"),
}


@pytest.mark.parametrize(("make", "says"), FOREIGN.values(), ids=FOREIGN)
def test_what_is_no_study_is_called_what_it_is(tree, tmp_path, make, says, capsys):
    path = tmp_path / "given"
    make(tree, path)
    with pytest.raises(ValueError, match=says) as raised:
        phase_diagrams.open(path)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)
    assert main(["figure", str(path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_damaged_store_is_not_taken_for_a_file_of_others(tmp_path):
    grid = {"alpha": [0.02, 0.05], "T": 0.3}
    from hebbian import Hopfield

    phase_diagrams.sweep(Hopfield(), grid, simulate=False, out=tmp_path / "s.zarr")
    for folder in ("s.zarr", "s.zarr/cells"):
        header = tmp_path / folder / "zarr.json"
        header.write_text(header.read_text().replace("0.05", "0.06"))
    assert not foreign.is_foreign(tmp_path / "s.zarr")
    with pytest.raises(ValueError, match="digest"):
        phase_diagrams.open(tmp_path / "s.zarr")

"""Files of results: bit for bit, whole or not at all, and nothing in them is believed."""

import dataclasses
import json
import re
import shutil

import numpy as np
import pytest
import xarray as xr
from result_examples import EXAMPLES, SHORT, example, run

import montecarlo
import theory
from hebbian import Dreaming, Hopfield, Model, Result, saved

FORMATS = ("nc", "zarr")


def same(one, other, where="result"):
    """Compare two values to the last bit, and the types that they are of."""
    assert type(one) is type(other), where
    if isinstance(one, np.ndarray | np.generic):
        assert (one.dtype, one.shape) == (other.dtype, other.shape), where
        assert np.asarray(one).tobytes() == np.asarray(other).tobytes(), where
    elif isinstance(one, dict):
        assert list(one) == list(other), where
        for key in one:
            same(one[key], other[key], f"{where}.{key}")
    elif isinstance(one, list | tuple) and not hasattr(one, "_fields"):
        assert len(one) == len(other), where
        for k, pair in enumerate(zip(one, other, strict=True)):
            same(*pair, f"{where}[{k}]")
    elif isinstance(one, Model):
        assert one == other, where
    elif dataclasses.is_dataclass(one) or hasattr(one, "_fields"):
        names = [f.name for f in dataclasses.fields(one)] if not hasattr(one, "_fields") else (
            one._fields)  # fmt: skip
        for name in names:
            same(getattr(one, name), getattr(other, name), f"{where}.{name}")
        if isinstance(one, Result):
            same(dict(one.settings), dict(other.settings), f"{where}.settings")
    elif isinstance(one, xr.DataArray):
        assert one.identical(other), where
        assert one.dtype == other.dtype
    elif callable(one):
        # the function itself, or one that says that it is not known here
        assert one is other or "unknown" in (one.__name__, other.__name__), where
    elif isinstance(one, float) and np.isnan(one):
        assert np.isnan(other), where
    else:
        assert one == other, where


def kept(result, folder, suffix="nc"):
    path = folder / f"result.{suffix}"
    result.save(path)
    return type(result).load(path)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_loaded_is_what_was_saved(name, suffix, tmp_path):
    result = example(name)
    same(kept(result, tmp_path, suffix), result)
    assert [p.name for p in tmp_path.iterdir()] == [f"result.{suffix}"]


@pytest.mark.parametrize("suffix", FORMATS)
def test_others_read_the_numbers(suffix, tmp_path):
    result = run()
    result.save(tmp_path / f"run.{suffix}")
    options = {"engine": "h5netcdf"} if suffix == "nc" else {"consolidated": False, "chunks": None}
    opened = xr.open_dataset if suffix == "nc" else xr.open_zarr
    with opened(tmp_path / f"run.{suffix}", **options) as data:
        np.testing.assert_array_equal(data["m"], result.m.mean)
        assert data["T"].values.tolist() == [0.2, 0.6]
    with opened(tmp_path / f"run.{suffix}", group="series", **options) as series:
        np.testing.assert_array_equal(series["m"], result.series["m"])


@pytest.mark.parametrize("suffix", FORMATS)
def test_numbers_that_are_none(suffix, tmp_path):
    odd = dataclasses.replace(
        example("ExampleState"), free_energy=float("nan"), energy=-np.inf, min_eigenvalue=np.inf,
        converged=False, m=np.array([np.nan, -0.0, 5e-324]),
        example_overlaps=np.empty((3, 0)), residual=np.float64(np.nan),
    )  # fmt: skip
    same(kept(odd, tmp_path, suffix), odd)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_run_without_measurements(suffix, tmp_path):
    empty = run(schedule=montecarlo.Schedule(warmup=2, sweeps=0))
    assert empty.series["m"].shape[-1] == 0
    same(kept(empty, tmp_path, suffix), empty)


@pytest.mark.parametrize("suffix", FORMATS)
def test_infinite_settings(suffix, tmp_path):
    found = theory.solve(Dreaming(sleep=np.inf), alpha=0.1, T=0.1)
    again = kept(found, tmp_path, suffix)
    same(again, found)
    assert again.model == Dreaming(sleep=np.inf)


@pytest.mark.parametrize("suffix", FORMATS)
def test_labelled_solutions(suffix, tmp_path):
    alpha = xr.DataArray([0.02, 0.05], coords={"alpha": [0.02, 0.05]}, dims="alpha")
    T = xr.DataArray([0.1, 0.5], coords={"T": [0.1, 0.5], "name": ("T", ["cold", "hot"])}, dims="T")
    found = theory.solve(Hopfield(), alpha=alpha, T=T)
    again = kept(found, tmp_path, suffix)
    same(again, found)
    assert again.m.sel(alpha=0.05, T=0.5).name == found.m.name


def of_module(seen):
    """Return the absolute sum of the spins: an observable that this module has by its name."""
    return np.abs(seen.spins.sum(axis=-1))


def test_observables_of_all_kinds(tmp_path):
    found = run(
        observables=[
            "susceptibility",
            montecarlo.Observable(name="of_module", function=of_module),
            montecarlo.Observable(name="own", function=lambda seen: seen.spins.mean(axis=-1)),
        ]
    )
    again = kept(found, tmp_path)
    same(again, found)
    for name in found.observables:
        same(again.estimate(name).mean, found.estimate(name).mean)
        same(again.estimate(name).error, found.estimate(name).error)
    unknown = again.observables["own"].function
    with pytest.raises(ValueError, match="known to the process alone that saved this result") as e:
        unknown(None)
    assert "\n" not in str(e.value)
    path = tmp_path / "again.nc"
    again.save(path)  # and once more
    same(montecarlo.Run.load(path).series, found.series)


def test_nothing_is_replaced_unasked(tmp_path):
    path = tmp_path / "run.zarr"
    solution = example("ReplicaSolution")
    solution.save(path)
    with pytest.raises(ValueError, match=r"exists: overwrite=True replaces it$"):
        run().save(path)
    assert theory.Solution.load(path).alpha.shape == (2, 1)
    run().save(path, overwrite=True)
    assert montecarlo.Run.load(path).seed == 3
    assert [p.name for p in tmp_path.iterdir()] == ["run.zarr"]


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_saving_that_fails_leaves_what_was_there(suffix, tmp_path, monkeypatch):
    path = tmp_path / f"result.{suffix}"
    example("ReplicaSolution").save(path)

    def killed(*_, **__):
        raise KeyboardInterrupt

    name = "to_netcdf" if suffix == "nc" else "to_zarr"
    for method in (name, "map_over_datasets"):
        with monkeypatch.context() as patch:
            patch.setattr(xr.DataTree, method, killed)
            with pytest.raises(KeyboardInterrupt):
                run().save(path, overwrite=True)
            with pytest.raises(KeyboardInterrupt):
                run().save(tmp_path / f"other.{suffix}")
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    same(theory.ReplicaSolution.load(path), example("ReplicaSolution"))


def one_line(call, *words):
    with pytest.raises(ValueError, match=re.escape(words[0])) as refused:
        call()
    text = str(refused.value)
    assert "\n" not in text
    assert len(text) < 500
    for word in words:
        assert word in text


def test_refusals(tmp_path):
    solution = example("ReplicaSolution")
    one_line(lambda: solution.save(tmp_path / "a.h5"), "does not end in .nc or .zarr")
    one_line(lambda: solution.save(tmp_path / "no" / "a.nc"), "there is no folder")
    one_line(lambda: theory.Solution.load(tmp_path / "none.nc"), "there is no such file")
    solution.save(tmp_path / "a.nc")
    path = tmp_path / "a.nc"
    one_line(lambda: montecarlo.Run.load(path), "holds a ReplicaSolution, not a Run")
    one_line(lambda: theory.BrokenSolution.load(path), "not a BrokenSolution")
    assert isinstance(Result.load(path), theory.ReplicaSolution)


@pytest.mark.parametrize(
    "content", [b"", b"CDF\x01 of another kind", b"\x89HDF\r\n\x1a\n" + b"0" * 99]
)
def test_other_files(content, tmp_path):
    path = tmp_path / "other.nc"
    path.write_bytes(content)
    one_line(lambda: Result.load(path), "is no saved result")
    shutil.copy(path, tmp_path / "other.zarr")
    one_line(lambda: Result.load(tmp_path / "other.zarr"), "is no saved result")


def test_other_data_sets(tmp_path):
    xr.Dataset({"m": ("T", [1.0])}).to_netcdf(tmp_path / "other.nc", engine="h5netcdf")
    one_line(lambda: Result.load(tmp_path / "other.nc"), "is no saved result")
    xr.Dataset({"m": ("T", [1.0])}).to_zarr(tmp_path / "other.zarr", consolidated=False)
    one_line(lambda: Result.load(tmp_path / "other.zarr"), "is no saved result")


def test_damage_is_one_line(tmp_path):
    """A file cut off anywhere, or with bytes of another one, is read or refused in one line."""
    path = tmp_path / "run.nc"
    example("Run").save(path)
    whole = path.read_bytes()
    cut = tmp_path / "cut.nc"
    for part in (0.02, 0.3, 0.7, 0.98):
        cut.write_bytes(whole[: int(part * len(whole))])
        one_line(lambda: Result.load(cut), "is no saved result")
    folder = tmp_path / "run.zarr"
    example("Run").save(folder)
    for victim in sorted((folder / "state").rglob("zarr.json"))[:3]:
        text = victim.read_text()
        for broken in ("", "{", text.replace("{", "[", 1)):
            victim.write_text(broken)
            one_line(lambda: Result.load(folder), str(folder))
        victim.write_text(text)
    same(Result.load(folder), example("Run"))


def rewritten(path, change):
    """Change the description in a saved file."""
    with xr.open_datatree(path, engine="h5netcdf", decode_times=False) as tree:
        tree = tree.load()
    state = json.loads(tree["state"].attrs["state"])
    tree["state"].attrs["state"] = json.dumps(change(state) or state)
    tree.to_netcdf(path, engine="h5netcdf")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("subprocess:Popen", "is no class of this toolkit"),
        ("hebbian_evil:Popen", "is no class of this toolkit"),
        ("hebbian.saved:write", "is no class of results"),
        ("hebbian.references:import_module", "is no class of results"),
        ("hebbian.saved:Path", "is no class of results"),
        ("hebbian.documents:Path", "is no class of results"),
        ("hebbian.domain:UnknownWord", "is no class of results"),
        ("montecarlo.labelling:Variable", "is no class of results"),
        ("hebbian.nothing:Nothing", "is of another version"),
        ("theory.solution:Nothing", "is of another version"),
    ],
)
def test_other_classes_are_refused(name, words, tmp_path):
    path = tmp_path / "state.nc"
    example("State").save(path)
    rewritten(path, lambda state: state.update(object=name))
    one_line(lambda: Result.load(path), words, str(path))


def test_other_fields_are_of_another_version(tmp_path):
    path = tmp_path / "state.nc"
    example("State").save(path)
    rewritten(path, lambda state: state["fields"].update(more=1))
    one_line(lambda: Result.load(path), "is of another version")
    example("State").save(path, overwrite=True)
    rewritten(path, lambda state: state["fields"].update(m={"array": 99}))
    one_line(lambda: Result.load(path), "is of another version")
    example("State").save(path, overwrite=True)
    rewritten(path, lambda state: [1])
    one_line(lambda: Result.load(path), str(path))


def test_what_only_this_process_has_is_not_saved(tmp_path):
    odd = dataclasses.replace(example("State"), label=object())
    one_line(lambda: odd.save(tmp_path / "odd.nc"), "State.label", "cannot be saved")
    assert not list(tmp_path.iterdir())


def test_suffixes():
    assert saved.SUFFIXES == (".nc", ".zarr")
    assert SHORT.stride == 2

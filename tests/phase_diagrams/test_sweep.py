import json

import numpy as np
import pytest
import xarray as xr

import hebbian
import montecarlo
import phase_diagrams
import theory
from hebbian import Dense, Hopfield, Multitasking
from phase_diagrams.stores.store import Store

GRID = {"alpha": [0.03, 0.1], "T": [0.2, 0.6, 1.3]}


def numbers(tree):
    return tree["simulation"].to_dataset().drop_attrs()


def assert_same_bits(tree, reference):
    found, expected = numbers(tree), numbers(reference)
    found = found.sel(
        {dim: expected[dim] for dim in expected.sizes if dim not in ("pattern", "sample")}
    )
    xr.testing.assert_identical(found.transpose(*expected["status"].dims, ...), expected)


def test_points_are_what_simulate_returns(tree, settings):
    run = montecarlo.simulate(Hopfield(), alpha=0.1, T=0.6, **settings)
    point = tree["simulation"].to_dataset().sel(alpha=0.1, T=0.6)
    for name in ("m", "n", "q", "energy"):
        estimate = getattr(run, name)
        assert point[name] == estimate.mean
        assert point[f"{name}_err"] == estimate.error
    assert point["tau"] == run.m.tau
    assert point["n_eff"] == run.m.n_eff
    assert point["acceptance"] == run.acceptance.mean
    assert point["escaped"] == run.escaped
    assert point["status"] == 1


def test_no_number_depends_on_the_rest_of_the_grid(tree, settings):
    permuted = {"T": [1.3, 0.2, 0.6], "alpha": [0.1, 0.03]}
    assert_same_bits(phase_diagrams.sweep(Hopfield(), permuted, **settings), tree)
    larger = {"alpha": [0.03, 0.07, 0.1], "T": [0.2, 0.4, 0.6, 1.3]}
    assert_same_bits(phase_diagrams.sweep(Hopfield(), larger, theory=False, **settings), tree)


def test_processes_compute_the_same_bits(tree, settings, tmp_path):
    out = tmp_path / "study.zarr"
    arguments = {"out": out, "executor": "process:2", **settings}
    assert_same_bits(phase_diagrams.sweep(Hopfield(), GRID, **arguments), tree)


def test_every_parameter_can_be_an_axis(schedule):
    model = Multitasking(n_patterns=2, dilution=0.1)
    grid = {"dilution": [0.2, 0.5], "n_spins": [30, 50], "n_patterns": [2, 3], "T": 0.1}
    tree = phase_diagrams.sweep(model, grid, schedule=schedule, start="hierarchical")
    assert tree["simulation/m"].dims == ("dilution", "n_spins", "n_patterns", "pattern")
    assert tree["theory/m"].dims == ("dilution", "n_patterns", "pattern")
    for group in ("simulation", "theory"):
        m = tree[f"{group}/m"]
        assert m.sel(n_patterns=2, pattern=2).isnull().all()
        assert m.sel(n_patterns=3).notnull().all()
    run = montecarlo.simulate(
        model.replace(dilution=0.5, n_patterns=3), T=0.1, n_spins=30, schedule=schedule,
        start="hierarchical",
    )  # fmt: skip
    point = tree["simulation/m"].sel(dilution=0.5, n_spins=30, n_patterns=3)
    np.testing.assert_array_equal(point, run.m.mean)


def test_the_order_can_be_an_axis(settings):
    grid = {"order": [3, 4], "alpha": 0.1, "T": [0.2, 0.4]}
    tree = phase_diagrams.sweep(Dense(), grid, **settings)
    assert tree["simulation/m"].dims == tree["theory/m"].dims == ("order", "T")
    assert tree["theory/spinodal_temperature"].dims == ("order",)
    assert tree["theory/critical_load"].dims == ("order", "T")


def test_a_failed_point_is_nan_and_the_others_go_on(tree, settings, tmp_path, monkeypatch, caplog):
    out, simulate = tmp_path / "study.zarr", montecarlo.simulate

    def moody(model, *, T, **rest):
        if 0.6 in np.atleast_1d(T):
            raise FloatingPointError("it is tepid")
        return simulate(model, T=T, **rest)

    monkeypatch.setattr(montecarlo, "simulate", moody)
    broken = phase_diagrams.sweep(Hopfield(), GRID, out=out, **settings)
    data = numbers(broken)
    np.testing.assert_array_equal(data["status"], [[1, 2, 1], [1, 2, 1]])
    assert data["m"].sel(T=0.6).isnull().all()
    assert data["m"].sel(T=[0.2, 1.3]).notnull().all()
    assert [r.getMessage() for r in caplog.records] == [
        f"point alpha={a}, T=0.6, n_spins=40 of Hopfield(rule=Storing()) failed: "
        "FloatingPointError: it is tepid"
        for a in GRID["alpha"]
    ]
    monkeypatch.undo()
    assert_same_bits(phase_diagrams.sweep(Hopfield(), GRID, out=out, **settings), broken)
    mended = phase_diagrams.sweep(Hopfield(), GRID, out=out, resume=True, **settings)
    assert_same_bits(mended, tree)


def test_another_study_is_refused(settings, tmp_path):
    out = tmp_path / "study.zarr"
    arguments = {"theory": False, "out": out, **settings}
    first = phase_diagrams.sweep(Hopfield(), GRID, **arguments)
    stamps = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    assert_same_bits(phase_diagrams.sweep(Hopfield(), GRID, **arguments), first)
    for resume in (False, True):
        with pytest.raises(ValueError, match=r"another study \(seed is 5 there, 6 here"):
            phase_diagrams.sweep(Hopfield(), GRID, **{**arguments, "seed": 6, "resume": resume})
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == stamps


def test_an_unfinished_study_opens_and_waits_for_resume(tree, settings, tmp_path, monkeypatch):
    out, simulate = tmp_path / "study.zarr", montecarlo.simulate

    def impatient(model, *, alpha, T, **rest):
        if alpha == 0.1 and 0.6 in np.atleast_1d(T):
            raise KeyboardInterrupt
        return simulate(model, alpha=alpha, T=T, **rest)

    monkeypatch.setattr(montecarlo, "simulate", impatient)
    with pytest.raises(KeyboardInterrupt, match="keeps what is done"):
        phase_diagrams.sweep(Hopfield(), GRID, out=out, **settings)
    monkeypatch.undo()
    partial = numbers(phase_diagrams.open(out))
    np.testing.assert_array_equal(partial["status"], [[1, 1, 1], [0, 0, 0]])
    np.testing.assert_array_equal(partial["m"].isnull(), partial["status"] == 0)
    with pytest.raises(ValueError, match="3 of 6 points pending: resume it"):
        phase_diagrams.sweep(Hopfield(), GRID, out=out, **settings)
    resumed = phase_diagrams.sweep(Hopfield(), GRID, out=out, resume=True, **settings)
    assert_same_bits(resumed, tree)


@pytest.mark.parametrize("name", ["file", "folder"])
def test_what_is_not_a_store_stays_untouched(name, settings, tmp_path):
    (tmp_path / "file").write_text("precious")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "thesis.tex").write_text("precious")
    for resume in (False, True):
        with pytest.raises(ValueError, match="is not the store of a study"):
            phase_diagrams.sweep(Hopfield(), GRID, out=tmp_path / name, resume=resume, **settings)
    with pytest.raises(ValueError, match=r"is not the store of a study|is text, not a study"):
        phase_diagrams.open(tmp_path / name)
    assert (tmp_path / "file").read_text() == "precious"
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["thesis.tex"]


def test_theory_alone_needs_no_simulation(tmp_path):
    grid = {"alpha": [0.05, 0.3], "T": [0.3, 0.7, 1.5]}
    out = tmp_path / "study.zarr"
    tree = phase_diagrams.sweep(Hopfield(), grid, simulate=False, out=out)
    assert list(tree.children) == ["theory"]
    xr.testing.assert_identical(
        phase_diagrams.sweep(Hopfield(), grid, simulate=False, out=out), tree
    )
    solution = theory.solve(Hopfield(), alpha=0.05, T=0.3)
    point = tree["theory"].to_dataset().sel(alpha=0.05, T=0.3)
    for name in ("m", "n", "q", "energy", "free_energy", "replicon"):
        assert float(point[name]) == pytest.approx(float(getattr(solution, name)), abs=1e-12)
    with pytest.raises(ValueError, match="nothing to compute"):
        phase_diagrams.sweep(Hopfield(), grid, simulate=False, theory=False)


def test_one_writer_at_a_time(settings, tmp_path):
    out = tmp_path / "study.zarr"
    arguments = {"theory": False, "out": out, **settings}
    phase_diagrams.sweep(Hopfield(), GRID, **arguments)
    Store(out).withdraw()
    with Store(out).lock(), pytest.raises(ValueError, match="written by another process"):
        phase_diagrams.sweep(Hopfield(), GRID, resume=True, **arguments)
    phase_diagrams.sweep(Hopfield(), GRID, resume=True, **arguments)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"n_samples": 0}, "n_samples = 0"),
        ({"n_samples": 2.5}, "n_samples = 2.5"),
        ({"n_replicas": -1}, "n_replicas = -1"),
        ({"dynamics": "magic"}, "dynamics = 'magic'"),
        ({"start": "pattren"}, "start = 'pattren'"),
        ({"start": 1.5}, "start = 1.5"),
        ({"start": np.ones(40)}, "start"),
        ({"seed": -1}, "seed = -1"),
        ({"backend": "abacus"}, "backend = 'abacus'"),
        ({"law": "poisson"}, "law = 'poisson'"),
        ({"n_spins": None}, "n_spins"),
        ({"executor": "process:0"}, "executor = 'process:0'"),
    ],
)
def test_bad_settings_are_refused_before_anything_is_written(change, words, settings, tmp_path):
    with pytest.raises(ValueError, match=words):
        phase_diagrams.sweep(
            Hopfield(), GRID, **{**settings, "out": tmp_path / "a" / "study.zarr", **change}
        )
    assert list(tmp_path.iterdir()) == []


def test_stores_open_in_plain_xarray_and_export_as_netcdf(tree, settings, tmp_path):
    out = tmp_path / "study.zarr"
    phase_diagrams.sweep(Hopfield(), GRID, out=out, **settings)
    opened = phase_diagrams.open(out)
    phase_diagrams.export(opened, tmp_path / "study.nc")
    with pytest.raises(ValueError, match="exists already"):
        phase_diagrams.export(opened, tmp_path / "study.nc")
    plain = xr.open_datatree(out, engine="zarr", consolidated=False)
    netcdf = xr.open_datatree(tmp_path / "study.nc", engine="h5netcdf")
    with plain, netcdf:
        for group in ("simulation", "theory"):
            expected = opened[group].to_dataset()
            sealed = plain[group].to_dataset().load()
            for name in ("digest", "points", "variables"):  # the seal of the group
                del sealed.attrs[name]
            xr.testing.assert_identical(sealed, expected)
            xr.testing.assert_identical(netcdf[group].to_dataset().load(), expected)
    assert_same_bits(opened, tree)


def test_data_describe_themselves(tree):
    groups = {name: child.to_dataset() for name, child in tree.children.items()}
    for dataset in groups.values():
        assert len({name.lower() for name in dataset.variables}) == len(dataset.variables)
        for variable in dataset.variables.values():
            assert {"long_name", "symbol", "units"} <= set(variable.attrs)
            assert variable.attrs["units"] == "1"
        attributes = dataset.attrs
        assert hebbian.Model.build(json.loads(attributes["model"])) == Hopfield()
        assert json.loads(attributes["schedule"]) == {"warmup": 4, "sweeps": 20, "stride": 2}
        assert attributes["seed"] == 5
        assert json.loads(attributes["versions"])["numpy"] == np.__version__
        assert {"command", "git_commit", "created", "schema_version"} <= set(attributes)
    assert groups["simulation"].attrs["backend"] == "numba"
    flags = groups["theory"]["phase"].attrs
    assert groups["theory"]["phase"].dtype == np.int8
    assert len(flags["flag_values"]) == len(flags["flag_meanings"].split())
    assert set(groups["theory"]["m"].dims) == set(groups["simulation"]["m"].dims)
    for name in ("m", "n", "q", "energy"):
        assert name in groups["theory"]
        assert f"{name}_err" in groups["simulation"]

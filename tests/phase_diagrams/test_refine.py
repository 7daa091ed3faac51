import json

import numpy as np
import pytest
import xarray as xr
from sweep_doubles import pointwise

import montecarlo
import phase_diagrams
import theory
from hebbian import Hopfield, Multitasking
from phase_diagrams.analysis.brackets import bracket
from phase_diagrams.analysis.crossings import Profile
from phase_diagrams.grid import Grid
from phase_diagrams.results import widths
from phase_diagrams.settings import Settings
from phase_diagrams.stores.store import Store
from phase_diagrams.study import Study
from phase_diagrams.sweeps import batches

GRID = {"alpha": [0.02, 0.05], "T": [0.1, 0.4, 0.7, 1.0]}


@pytest.fixture
def step(monkeypatch):
    """Replace the simulation by an overlap that falls from 0.9 to 0.1 at a temperature."""

    def install(where, noise=0.001, width=1e-9):
        def compute(cell, settings, components, *_):
            m = 0.5 - 0.4 * np.tanh((cell.T - where(cell.alpha)) / width)
            slots = widths(settings.results, settings.lengths(components))
            row = {name: [0.0] * n for name, n in slots.items()}
            row |= {"m": [m], "m_err": [noise], "m_samples": [m] * settings.n_samples}
            return "numba", np.concatenate([row[name] for name in row])

        monkeypatch.setattr(batches, "compute", pointwise(compute))

    return install


def study(tmp_path, grid=GRID, **options):
    out = tmp_path / "study.zarr"
    options = {"n_spins": 100, "theory": False, "n_samples": 2, **options}
    phase_diagrams.sweep(Hopfield(), grid, out=out, **options)
    return out


def test_bisection_closes_in_on_the_fall(step, tmp_path):
    """12 points in 2 columns: 6 halvings each of a bracket of 0.3."""
    true = {0.02: 0.6217, 0.05: 0.4481}
    step(true.get)
    out = study(tmp_path)
    before = (out / "cells" / "grid").rglob("*")
    before = {path: path.read_bytes() for path in before if path.is_file()}
    tree = phase_diagrams.refine(out, 12)
    assert {path: path.read_bytes() for path in before} == before
    found = phase_diagrams.boundary(tree)
    for alpha, T in true.items():
        row = found.isel(column=int(np.flatnonzero(found["alpha"] == alpha)[0]))
        assert row["low"] <= T <= row["high"]
        assert float(row["high"] - row["low"]) == pytest.approx(0.3 / 2**6)
    report = tree["refinement"].attrs
    assert report["points"] == report["bisecting"] == 12
    assert report["width_before"] == pytest.approx(0.3)
    assert report["width_after"] == pytest.approx(0.3 / 64)
    # equally spaced: 63 points cut an interval into 64
    assert report["uniform_points"] == 2 * 63
    assert report["gain"] == pytest.approx(126 / 12)


@pytest.mark.heavy
def test_a_right_theory_is_worth_two_points_per_factor_sixteen(step, tmp_path):
    def line(alpha):
        return float(theory.spinodal_temperature(Hopfield(), alpha))

    step(line)
    tree = phase_diagrams.refine(study(tmp_path, theory=True), 4)
    assert tree["refinement"].attrs["width_after"] < 0.3 / 8
    assert phase_diagrams.boundary(tree)["inside"].all()


@pytest.mark.heavy
def test_a_wrong_theory_costs_one_point(step, tmp_path):
    step({0.02: 0.69, 0.05: 0.42}.get)
    tree = phase_diagrams.refine(study(tmp_path, theory=True), 8)
    assert tree["refinement"].attrs["width_after"] <= 0.3 / 2**3
    found = phase_diagrams.boundary(tree)
    assert (found["low"] <= [0.69, 0.42]).all()
    assert (found["high"] >= [0.69, 0.42]).all()


@pytest.mark.heavy
def test_the_widest_bracket_is_narrowed_first(step, tmp_path):
    """Brackets of 0.1 and 0.5: the wide one is halved until the other is the wider."""
    step({0.02: 0.1617, 0.05: 0.4481}.get)
    out = study(tmp_path, {**GRID, "T": [0.1, 0.2, 0.7, 1.0]})
    points = phase_diagrams.refine(out, 3)["refinement/simulation"].to_dataset()
    assert points["alpha"].values.tolist() == [0.05, 0.05, 0.05]
    points = phase_diagrams.refine(out, 1)["refinement/simulation"].to_dataset()
    assert points["alpha"].values.tolist() == [0.05, 0.05, 0.05, 0.02]
    np.testing.assert_allclose(points["T"], [0.45, 0.325, 0.3875, 0.15], rtol=1e-12)


def test_budgets_add_up_and_leave_numbers_alone(step, tmp_path):
    step({0.02: 0.6217, 0.05: 0.4481}.get)
    out = study(tmp_path)
    first = phase_diagrams.refine(out, 5)["refinement/simulation"].to_dataset()
    both = phase_diagrams.refine(out, 4)["refinement/simulation"].to_dataset()
    assert both.sizes["point"] == 9
    xr.testing.assert_identical(both.isel(point=slice(5)).drop_attrs(), first.drop_attrs())


@pytest.mark.heavy
def test_refined_points_have_the_bits_of_a_grid(settings, tmp_path):
    out = tmp_path / "study.zarr"
    grid = {"alpha": [0.03, 0.1], "T": [0.2, 0.6, 1.3]}
    phase_diagrams.sweep(Hopfield(), grid, out=out, **settings)
    tree = phase_diagrams.refine(out, 3, executor="process:2")
    points = tree["refinement/simulation"].to_dataset()
    assert points.sizes["point"] == 3
    for i in range(3):
        point = points.isel(point=i)
        run = montecarlo.simulate(
            Hopfield(), alpha=float(point["alpha"]), T=float(point["T"]), **settings
        )
        assert point["m"] == run.m.mean
        assert point["energy_err"] == run.energy.error
    predicted = tree["refinement/theory"].to_dataset().isel(point=0)
    alpha, T = float(predicted["alpha"]), float(predicted["T"])
    solution = theory.solve(Hopfield(), alpha=alpha, T=T)
    if np.isfinite(solution.m):
        assert float(predicted["m"]) == pytest.approx(float(solution.m), abs=1e-12)
    line = theory.spinodal_temperature(Hopfield(), alpha)
    assert float(predicted["spinodal_temperature"]) == pytest.approx(float(line), abs=1e-9)
    compared = phase_diagrams.compare(tree["refinement"])
    assert compared["m_residual"].dims == ("point",)
    phase_diagrams.export(tree, tmp_path / "study.nc")
    with xr.open_datatree(tmp_path / "study.nc", engine="h5netcdf") as netcdf:
        assert netcdf["refinement/simulation/m"].values.tolist() == points["m"].values.tolist()


def test_an_interrupted_refinement_resumes(step, tmp_path, monkeypatch):
    true = {0.02: 0.6217, 0.05: 0.4481}
    step(true.get)
    (tmp_path / "a").mkdir()
    whole = phase_diagrams.refine(study(tmp_path / "a"), 7)
    out = study(tmp_path)
    compute, calls = batches.compute, []

    def impatient(*arguments):
        calls.append(arguments)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return compute(*arguments)

    monkeypatch.setattr(batches, "compute", impatient)
    with pytest.raises(KeyboardInterrupt, match="keeps what is done"):
        phase_diagrams.refine(out, 7)
    assert len(calls) == 4
    with pytest.raises(ValueError, match="interrupted refinement: resume it"):
        phase_diagrams.refine(out, 2)
    tree = phase_diagrams.refine(out, resume=True)
    assert len(calls) == 8
    group = "refinement/simulation"
    xr.testing.assert_identical(
        tree[group].to_dataset().drop_attrs(), whole[group].to_dataset().drop_attrs()
    )


def test_there_must_be_something_to_resume(step, tmp_path):
    step({0.02: 0.6217, 0.05: 0.4481}.get)
    out = study(tmp_path)
    with pytest.raises(ValueError, match="has no refinement to resume"):
        phase_diagrams.refine(out, resume=True)
    assert not (out / "refinement").exists()


@pytest.mark.heavy
def test_noise_ends_bisection_and_the_rest_fills_the_fall(step, tmp_path):
    step({0.02: 0.55}.get, noise=0.02, width=0.05)
    tree = phase_diagrams.refine(study(tmp_path, {"alpha": [0.02], "T": GRID["T"]}), 10)
    report = tree["refinement"].attrs
    assert (report["points"], report["resolved"]) == (10, 1)
    assert 3 <= report["bisecting"] <= 6
    assert "as sharp as size" in report["summary"]
    points = tree["refinement/simulation"].to_dataset().sortby("T")
    assert np.abs(np.diff(points["m"])).max() < 0.2


def test_a_fall_inside_the_noise_is_not_refined(step, tmp_path):
    # 0.8 is less than two standard errors of a difference, 0.85
    step({0.02: 0.6217, 0.05: 0.4481}.get, noise=0.3)
    out = study(tmp_path)
    with pytest.raises(ValueError, match="m does not fall along T anywhere"):
        phase_diagrams.refine(out, 3)
    assert len(Store(out).parts()) == 1


def test_the_bracket_follows_the_line_only_where_the_overlap_falls():
    x, m = np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.9, 0.8, 0.2, 0.1])
    profile = Profile(x, m, np.full(4, 0.01), np.empty((4, 0)), np.zeros(4, int))
    for line in (np.nan, 0.15, 0.25, 0.35, 2.0):
        found = bracket(profile, line)
        assert (found.low, found.high, found.level) == (0.2, 0.3, 0.5)
    gentle = profile._replace(m=np.array([0.9, 0.6, 0.2, 0.1]))
    assert bracket(gentle, 0.15).low == 0.1
    assert bracket(profile._replace(m=np.full(4, 0.9)), 0.25) is None


@pytest.mark.heavy
def test_load_and_pattern_can_be_refined(tmp_path):
    schedule = montecarlo.Schedule(warmup=20, sweeps=40, stride=2)
    out = tmp_path / "load.zarr"
    phase_diagrams.sweep(
        Hopfield(), {"alpha": [0.05, 0.4], "T": 0.1}, n_spins=100, schedule=schedule, out=out
    )
    tree = phase_diagrams.refine(out, 2)
    assert tree["refinement"].attrs["along"] == "alpha"
    assert tree["refinement/simulation"].to_dataset()["T"].shape == ()
    out = tmp_path / "several.zarr"
    phase_diagrams.sweep(
        Multitasking(n_patterns=2), {"T": [0.05, 1.2], "dilution": [0.2, 0.4]}, n_spins=200,
        schedule=schedule, start="hierarchical", out=out,
    )  # fmt: skip
    tree = phase_diagrams.refine(out, 2, pattern=1)
    assert tree["refinement/simulation/m"].dims == ("point", "pattern")
    assert tree["refinement/theory/m"].dims == ("point", "pattern")
    with pytest.raises(ValueError, match=r"pattern = 2 is outside the allowed range \[0, 1\]"):
        phase_diagrams.refine(out, 2, pattern=2)
    for pattern in (2, -1, 10**20):
        with pytest.raises(ValueError, match=rf"pattern = {pattern} is outside the allowed range"):
            phase_diagrams.boundary(tree, pattern=pattern)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"budget": 0}, r"budget = 0 is outside the allowed range \[1, 100000\]"),
        ({"budget": 1.5}, "budget = 1.5 is not a whole number"),
        ({"budget": None}, "budget is missing"),
        ({"along": "dilution"}, "along = 'dilution' is not one of T, alpha"),
        ({"executor": "abacus"}, "executor = 'abacus'"),
    ],
)
def test_bad_refinements_write_nothing(change, words, step, tmp_path):
    step({0.02: 0.6217, 0.05: 0.4481}.get)
    out = study(tmp_path)
    with pytest.raises(ValueError, match=words):
        phase_diagrams.refine(out, **{"budget": 2, **change})
    assert not (out / "refinement").exists()


def test_what_cannot_be_refined(tmp_path):
    out = tmp_path / "theory.zarr"
    phase_diagrams.sweep(Hopfield(), GRID, simulate=False, out=out)
    with pytest.raises(ValueError, match="no simulation"):
        phase_diagrams.refine(out, 2)
    out = study(tmp_path, {"alpha": 0.1, "T": 0.5})
    with pytest.raises(ValueError, match="no axis of the study has two values"):
        phase_diagrams.refine(out, 2)


def test_points_are_a_grid_with_one_axis():
    columns = {"dilution": [0.1, 0.1, 0.3], "T": [0.1 + 0.05, 0.2, 0.15]}
    points = Grid(Multitasking(n_patterns=2), {"points": columns, "n_spins": 50})
    assert points.size == 3
    found = [(cell.index, cell.model.dilution, cell.T, cell.n_spins) for cell in points.cells()]
    assert found == [((0,), 0.1, 0.15, 50), ((1,), 0.1, 0.2, 50), ((2,), 0.3, 0.15, 50)]
    assert len(list(points.models())) == 2
    settings = Settings().checked()
    whole = Study(grid=points, settings=settings)
    again = Study.build(json.loads(json.dumps(whole.describe())))
    assert again.grid.scattered
    assert again.fingerprint() == whole.fingerprint()
    assert list(again.grid.cells()) == list(points.cells())
    with pytest.raises(ValueError, match="columns of one length"):
        Grid(Hopfield(), {"points": {"alpha": [0.1], "T": [0.1, 0.2]}})
    with pytest.raises(ValueError, match="T is missing"):
        Grid(Hopfield(), {"points": {"alpha": [0.1]}})
    with pytest.raises(ValueError, match=r"alpha = -0.1 is outside the allowed range \[0, inf\)"):
        Grid(Hopfield(), {"points": {"alpha": [-0.1], "T": [0.1]}})
    assert not Grid(Hopfield(), {"alpha": 0.1, "T": 0.1}).scattered

"""The numbers that the user gave are the labels; canonical ones are the keys."""

import csv

import numpy as np
import pytest
import xarray as xr

import montecarlo
import phase_diagrams
import theory
from hebbian import Hopfield, Multitasking, Supervised
from phase_diagrams.grid import Grid
from phase_diagrams.keys import hashes, united

FEW = montecarlo.Schedule(warmup=2, sweeps=4, stride=2)
SHORT = {"n_spins": 20, "n_samples": 2, "schedule": FEW}
LEARNT = Hopfield(rule=Supervised(quality=0.5, n_examples=5))
#: .02 k in floats that differ from the shortest ones.
FINE = np.linspace(0.02, 0.14, 7)
PLAIN = [float(f"{x:.12g}") for x in FINE]


def test_the_grid_of_these_tests_is_not_canonical():
    assert (FINE != PLAIN).any()


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("model", "grid"),
    [
        (Hopfield(), {"alpha": FINE, "T": 0.1 + 0.2}),
        (Hopfield(), {"alpha": 0.1 + 0.02 + 0.02, "T": 7 * FINE}),
        (Hopfield(), {"alpha": 0.1, "T": 0.2, "start": FINE}),
        (Multitasking(n_patterns=2), {"dilution": FINE, "T": FINE}),
        (LEARNT, {"quality": FINE, "alpha": FINE, "T": 0.1}),
        (Hopfield(), {"points": {"alpha": FINE, "T": FINE[::-1]}}),
    ],
)  # fmt: skip
def test_every_door_finds_the_numbers_that_were_given(model, grid, tmp_path):
    tree = phase_diagrams.sweep(model, grid, **SHORT, out=tmp_path / "a.zarr")
    stored = phase_diagrams.open(tmp_path / "a.zarr")
    again = phase_diagrams.rerun(tmp_path / "a.zarr", tmp_path / "b.zarr")
    phase_diagrams.export(tree, tmp_path / "a.nc")
    phase_diagrams.export(tree, tmp_path / "a.csv")
    with xr.open_dataset(tmp_path / "a.nc", group="simulation", engine="h5netcdf") as exported:
        datasets = [exported.load()]
    datasets += [part["simulation"].to_dataset() for part in (tree, stored, again)]
    datasets += [part["theory"].to_dataset() for part in (tree, stored, again)]
    columns = grid.get("points", grid)
    for data in datasets:
        for name, value in columns.items():
            if name == "start" and "start" not in data.coords:
                continue  # the theory does not know it
            np.testing.assert_array_equal(data[name], value)
            if name in data.dims:
                assert data.sel({name: value}).sizes[name] == len(value)
    with (tmp_path / "a.csv").open() as file:
        rows = list(csv.DictReader(file))
    for name, value in columns.items():
        assert {float(row[name]) for row in rows} == set(np.ravel(value).tolist())
    assert not phase_diagrams.compare(stored)["m_residual"].isnull().all()


def test_arithmetic_with_ones_own_theory_finds_every_point():
    alpha = xr.DataArray(FINE, coords={"alpha": FINE}, dims="alpha")
    own = theory.solve(Hopfield(), alpha=alpha, T=0.1).m
    found = phase_diagrams.sweep(Hopfield(), {"alpha": FINE, "T": 0.1}, simulate=False)
    difference = found["theory/m"] - own
    assert difference.sizes["alpha"] == 7
    assert float(abs(difference).max()) < 1e-12


def test_labels_change_no_key_and_no_bit():
    fine, coarse = (Grid(Hopfield(), {"alpha": x, "T": 0.1, "n_spins": 20}) for x in (FINE, PLAIN))
    assert fine.axes == coarse.axes
    assert (hashes(fine) == hashes(coarse)).all()
    first, second = (
        phase_diagrams.sweep(Hopfield(), {"alpha": x, "T": 0.1}, **SHORT)["simulation"]
        for x in (FINE, PLAIN)
    )
    assert first.attrs["fingerprint"] == second.attrs["fingerprint"]
    np.testing.assert_array_equal(first["m_samples"], second["m_samples"])


def test_of_two_numbers_with_one_key_the_first_is_the_label():
    grid = Grid(Hopfield(), {"alpha": [0.1 + 0.05, 0.15, 0.1], "T": [0.3, -0.0, 0.0, 0.1 + 0.2]})
    assert grid.labels == {"alpha": (0.1 + 0.05, 0.1), "T": (0.3, 0.0)}
    assert str(grid.labels["T"][1]) == "0.0"
    assert Grid(Hopfield(), grid.describe()).describe() == grid.describe()
    assert Grid.stored(grid.model, grid.describe(), None).axes == grid.axes
    assert Grid.stored(grid.model, grid.describe(), None).labels == grid.labels


def test_single_precision_is_found_and_is_the_number_that_it_is():
    """0.1 in single precision is 0.10000000149: another point than 0.1."""
    alpha = FINE.astype(np.float32)
    found = phase_diagrams.sweep(Hopfield(), {"alpha": alpha, "T": np.float32(0.1)}, simulate=False)
    m = found["theory/m"]
    assert m.sel(alpha=alpha).sizes["alpha"] == 7
    assert m["T"].item() == float(np.float32(0.1)) != 0.1
    own = xr.DataArray(np.zeros(7), coords={"alpha": alpha}, dims="alpha")
    assert (m - own).sizes["alpha"] == 7
    assert 0.10000000149 in Grid(Hopfield(), {"alpha": alpha, "T": 0.1}).axes["alpha"]


def test_whole_numbers_stay_whole_and_loads_stay_real():
    grid = {"alpha": [0, 1], "T": 1, "n_spins": np.array([20.0, 30.0])}
    data = phase_diagrams.sweep(Hopfield(), grid, n_samples=2, schedule=FEW)["simulation"]
    assert data["n_spins"].dtype == np.int64
    assert data["alpha"].dtype == data["T"].dtype == np.float64


def test_a_store_keeps_its_labels_and_a_call_gets_its_own(tmp_path):
    out = tmp_path / "a.zarr"
    first = phase_diagrams.sweep(Hopfield(), {"alpha": FINE, "T": [0.1, 0.2]}, **SHORT, out=out)
    before = {p: p.read_bytes() for p in out.rglob("*") if p.is_file()}
    same = phase_diagrams.sweep(Hopfield(), {"alpha": PLAIN, "T": [0.1, 0.2]}, **SHORT, out=out)
    assert {p: p.read_bytes() for p in out.rglob("*") if p.is_file()} == before
    np.testing.assert_array_equal(same["simulation"]["alpha"], PLAIN)
    np.testing.assert_array_equal(same["theory"]["alpha"], PLAIN)
    np.testing.assert_array_equal(same["simulation"]["m"], first["simulation"]["m"])
    np.testing.assert_array_equal(phase_diagrams.open(out)["theory"]["alpha"], FINE)
    # An extension: the labels that are there stay, new points bring theirs.
    larger = {"alpha": [*PLAIN, 0.1 + 0.05 + 0.05], "T": [0.1, 0.2]}
    more = phase_diagrams.sweep(Hopfield(), larger, **SHORT, out=out, resume=True)
    np.testing.assert_array_equal(more["simulation"]["alpha"], larger["alpha"])
    kept = phase_diagrams.open(out)
    for group in ("theory", "simulation"):
        np.testing.assert_array_equal(kept[group]["alpha"], [*FINE, 0.1 + 0.05 + 0.05])


def test_stores_under_two_labels_merge(tmp_path):
    halves = {"a": (FINE, [0.1, 0.2]), "b": (PLAIN, [0.3, 0.1])}
    for name, (alpha, T) in halves.items():
        phase_diagrams.sweep(
            Hopfield(), {"alpha": alpha, "T": T}, **SHORT, out=tmp_path / f"{name}.zarr"
        )
    paths = [tmp_path / "a.zarr", tmp_path / "b.zarr"]
    both = phase_diagrams.merge(paths, tmp_path / "ab.zarr")
    for group in ("theory", "simulation"):
        np.testing.assert_array_equal(both[group]["alpha"], FINE)
        assert both[group]["T"].values.tolist() == [0.1, 0.2, 0.3]
    assert (both["simulation"]["status"] == 1).all()
    # Of one grid: the theory of both stores is compared point by point.
    phase_diagrams.sweep(
        Hopfield(), {"alpha": PLAIN, "T": [0.1, 0.2]}, **SHORT, out=tmp_path / "c.zarr"
    )
    same = phase_diagrams.merge([tmp_path / "c.zarr", tmp_path / "a.zarr"], tmp_path / "ca.zarr")
    np.testing.assert_array_equal(same["theory"]["alpha"], PLAIN)


def test_grids_unite_under_the_first_labels():
    fine, coarse = (Grid(Hopfield(), {"alpha": x, "T": 0.1 + 0.2}) for x in (FINE, PLAIN[:3]))
    assert united(coarse, fine).labels["alpha"] == (*PLAIN[:3], *FINE[3:])
    assert united(fine, coarse) is fine
    apart = united(Grid(Hopfield(), {"alpha": PLAIN[3:], "T": 0.3}), coarse)
    assert apart.labels == {"T": 0.3, "alpha": tuple(PLAIN)}


@pytest.mark.heavy
def test_refined_points_stand_at_the_labels_of_the_grid(tmp_path):
    alpha, T = np.array([0.05, 0.1 + 0.05]), np.linspace(0.1, 1.3, 5)
    assert alpha[1] != 0.15
    out = tmp_path / "a.zarr"
    settings = {**SHORT, "n_spins": 100}
    phase_diagrams.sweep(Hopfield(), {"alpha": alpha, "T": T}, **settings, out=out)
    tree = phase_diagrams.refine(out, 4)
    points = tree["refinement/simulation"]
    assert np.isin(points["alpha"], alpha).all()
    assert phase_diagrams.boundary(tree).sizes["column"] == 2
    # One study, asked for under other labels: its refinement follows.
    known = [float(f"{x:.12g}") for x in alpha]
    other = phase_diagrams.sweep(Hopfield(), {"alpha": known, "T": T}, **settings, out=out)
    assert np.isin(other["refinement/simulation"]["alpha"], known).all()
    assert phase_diagrams.boundary(other).sizes["column"] == 2


def test_a_refined_point_takes_the_label_of_the_grid_that_grows_over_it(tmp_path):
    out, settings = tmp_path / "a.zarr", {**SHORT, "n_spins": 100}
    T = [0.1, 0.4, 0.7, 1.0, 1.3]
    phase_diagrams.sweep(Hopfield(), {"alpha": 0.05, "T": T}, **settings, out=out)
    x = phase_diagrams.refine(out, 1)["refinement/simulation"]["T"].item()
    label = np.nextafter(x, 1)
    grown = {"alpha": 0.05, "T": [*T, label]}
    phase_diagrams.sweep(Hopfield(), grown, **settings, out=out, resume=True)
    tree = phase_diagrams.open(out)
    assert tree["refinement/simulation"]["T"].item() == label
    assert label in tree["simulation"]["T"]


def test_scattered_points_are_resumed_and_counted_once(tmp_path):
    points = {"alpha": [0.05, 0.05, 0.1, 0.05], "T": [0.1, 0.1 + 0.2, 0.1, 0.1]}
    out = tmp_path / "a.zarr"
    first = phase_diagrams.sweep(Hopfield(), {"points": points}, **SHORT, out=out)
    assert first["simulation"]["T"].values.tolist() == [0.1, 0.1 + 0.2, 0.1]
    plain = {"points": {"alpha": [0.05, 0.05, 0.1], "T": [0.1, 0.3, 0.1]}}
    again = phase_diagrams.sweep(Hopfield(), plain, **SHORT, out=out)
    assert again["simulation"]["T"].values.tolist() == [0.1, 0.3, 0.1]
    larger = {"points": {"alpha": [0.2, 0.05, 0.05, 0.1], "T": [0.5, 0.1, 0.3, 0.1]}}
    grown = phase_diagrams.sweep(Hopfield(), larger, **SHORT, out=out, resume=True)
    alone = phase_diagrams.sweep(Hopfield(), larger, **SHORT)
    np.testing.assert_array_equal(grown["simulation"]["m"], alone["simulation"]["m"])
    np.testing.assert_array_equal(grown["simulation"]["m"][1:], first["simulation"]["m"])
    other = {"points": {"alpha": [0.3], "T": [0.1]}}
    with pytest.raises(ValueError, match="points of several grids do not become one"):
        phase_diagrams.sweep(Hopfield(), other, **SHORT, out=out, resume=True)


@pytest.mark.parametrize(
    "values",
    [{0.1, 0.2}, {"a": 0.1}, (x for x in (0.1,)), "0.1", ["0.1"], 1j, [0.1 + 0j], True, [True, 0.5],
     np.ma.array([0.1, 0.2], mask=[False, True]), [[0.1]], None, [None], np.array(True),
     xr.DataArray([[0.1, 0.2]]), np.datetime64("2020")],
)  # fmt: skip
def test_what_holds_no_numbers_is_refused_in_one_line(values):
    with pytest.raises(ValueError, match="alpha = ") as refusal:
        Grid(Hopfield(), {"alpha": values, "T": 0.1})
    assert "\n" not in str(refusal.value)


def test_whatever_holds_numbers_is_taken():
    for values in ((0.1, 0.2), xr.DataArray([0.1, 0.2], dims="load"), np.array([0.2, 0.1])[::-1]):
        assert Grid(Hopfield(), {"alpha": values, "T": 0.1}).axes["alpha"] == (0.1, 0.2)
    with pytest.raises(ValueError, match="not a mapping of names"):
        Grid(Hopfield(), [("alpha", 0.1)])
    with pytest.raises(ValueError, match=r"points = .* not a mapping of names"):
        Grid(Hopfield(), {"points": [0.1, 0.2]})

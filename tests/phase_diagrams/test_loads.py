"""A network has a whole number of patterns: it is stored, shown, and compared at its own load."""

import json
from fractions import Fraction

import numpy as np
import pytest
import xarray as xr

import montecarlo
import phase_diagrams
import theory
from hebbian import Dense, Hopfield, Multitasking, Supervised
from phase_diagrams import figures
from phase_diagrams.analysis.crossings import profiles
from phase_diagrams.analysis.simulated_theory import prediction_of
from phase_diagrams.cli import main
from phase_diagrams.grid import Grid
from phase_diagrams.loads import networks, of_grid
from phase_diagrams.prediction import ends

FEW = montecarlo.Schedule(warmup=2, sweeps=4, stride=2)
SHORT = {"n_samples": 2, "schedule": FEW}
LEARNT = Hopfield(rule=Supervised(quality=0.7, n_examples=9))
LOADS = [0.01, 0.03, 0.05, 0.07, 0.09, 0.11, 0.13, 0.15]


@pytest.mark.parametrize("n_spins", [49, 50, 99, 100, 1000])
def test_halves_go_upwards_for_every_order(n_spins):
    """Exact fractions decide; the load is a decimal number of four digits."""
    for order in (2, 3, 4, 5):
        factor = Fraction(2, int(np.prod(range(1, order + 1)))) * n_spins ** (order - 1)
        for i in range(1, 400, 3):
            asked = Fraction(i, 2000) * factor
            expected = max(1, (2 * asked.numerator + asked.denominator) // (2 * asked.denominator))
            assert Dense(order=order).count(i / 2000, n_spins) == expected
            assert order > 2 or Hopfield().count(i / 2000, n_spins) == expected


def test_a_half_in_floating_point_is_a_half():
    assert 0.29 * 50 < 14.5
    assert Hopfield().count(0.29, 50) == 15
    assert [Hopfield().count(a, 50) for a in LOADS] == [1, 2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize("model", [Hopfield(), Dense(order=3), Dense(order=4, indices="all")])
def test_the_load_of_a_number_of_patterns_is_what_count_inverts(model):
    for K in (1, 2, 17, 400):
        assert model.count(model.load(K, 60), 60) == K
        assert model.load(K, 60) == pytest.approx(
            float(theory.conventions.load(K, n_spins=60, order=model.order)), rel=1e-15
        )
    assert Multitasking().load(3, 60) is None


@pytest.fixture(scope="module")
def study():
    grid = {"alpha": LOADS, "T": [0.1, 0.3, 0.9]}
    return phase_diagrams.sweep(Hopfield(), grid, n_spins=50, n_samples=4, schedule=FEW)


def test_numbers_of_patterns_and_their_loads_are_stored_shown_and_exported(study, tmp_path):
    out = tmp_path / "a.zarr"
    grid = {"alpha": LOADS, "T": [0.1, 0.3, 0.9]}
    phase_diagrams.sweep(Hopfield(), grid, n_spins=50, n_samples=4, schedule=FEW, out=out)
    phase_diagrams.export(study, tmp_path / "a.nc")
    stored = xr.open_zarr(out, group="simulation", consolidated=False).load()
    exported = xr.open_dataset(tmp_path / "a.nc", group="simulation", engine="h5netcdf").load()
    K = np.arange(1, 9)[:, None] * np.ones(3)
    for data in (study["simulation"], phase_diagrams.open(out)["simulation"], stored, exported):
        np.testing.assert_array_equal(data["n_patterns"], K)
        assert data["n_patterns"].dtype.kind == "i"
        np.testing.assert_allclose(data["alpha_effective"], K / 50, rtol=1e-15)
    exported.close()
    phase_diagrams.export(study, tmp_path / "a.csv")
    header, first = (tmp_path / "a.csv").read_text().splitlines()[:2]
    row = dict(zip(header.split(","), first.split(","), strict=True))
    assert (row["alpha"], row["n_patterns"], row["alpha_effective"]) == ("0.01", "1", "0.02")


def test_commands_show_numbers_of_patterns(tmp_path, capsys):
    out = str(tmp_path / "a.zarr")
    flags = ["--model", "hopfield", "--T", "0.1", "--n-spins", "50", "--n-samples", "2"]
    flags += ["--sweeps", "10", "--alpha"]
    assert main(["simulate", *flags, "0.05,0.08"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    table = [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]
    assert [(r["n_patterns"], r["alpha_effective"]) for r in table] == [
        ("3", "0.06"),
        ("4", "0.08"),
    ]
    assert main(["simulate", *flags, "0.08"]) == 0
    assert "n_patterns" not in capsys.readouterr().out
    assert main(["sweep", *flags, "0.05,0.08", "--out", out]) == 0
    capsys.readouterr()
    assert main(["status", out]) == 0
    assert "alpha = 0.05 is 0.06 (K = 3, N = 50)" in capsys.readouterr().out
    assert main(["status", out, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["networks"]
    assert [(n["alpha"], n["n_patterns"]) for n in told] == [(0.05, 3), (0.08, 4)]
    assert main(["compare", out, "--json"]) == 0
    points = json.loads(capsys.readouterr().out)
    assert "(alpha = 0.05 is 0.06)" in points["summary"]
    assert [p["alpha_effective"] for p in points["points"]] == [0.06, 0.08]


def test_a_run_tells_its_number_of_patterns():
    run = montecarlo.simulate(Hopfield(), alpha=0.05, T=0.1, n_spins=50, **SHORT)
    assert (run.n_patterns, run.alpha_effective, run.settings["alpha"]) == (3, 0.06, 0.05)
    assert "n_patterns=3" in repr(run)
    many = montecarlo.simulate(Multitasking(n_patterns=2), T=0.1, n_spins=50, **SHORT)
    assert (many.n_patterns, many.alpha_effective) == (2, None)
    ramp = montecarlo.ramp(Hopfield(), alpha=[0.05, 0.08], T=0.1, n_spins=50, **SHORT)
    assert ramp.settings["n_patterns"] == [3, 4]
    assert ramp.settings["alpha_effective"] == [0.06, 0.08]


@pytest.mark.parametrize(
    ("model", "grid"),
    [
        (Hopfield(), {"alpha": LOADS, "T": [0.1, 0.3, 0.9], "n_spins": 50}),
        (Hopfield(), {"alpha": 0.05, "T": [0.1, 0.3], "n_spins": [30, 50]}),
        (Hopfield(), {"alpha": [0.04, 0.05], "T": 0.1, "n_spins": [50, 100]}),
        (Dense(order=3), {"T": [0.2, 0.4], "n_spins": [20, 30], "alpha": [0.03, 0.1]}),
        (Dense(), {"alpha": [0.03, 0.1], "T": 0.2, "n_spins": 20, "order": [3, 4]}),
        (Hopfield(), {"points": {"alpha": [0.05, 0.06, 0.1], "T": [0.1, 0.3, 0.2]}, "n_spins": 50}),
        (LEARNT, {"alpha": 0.05, "T": 0.1, "n_spins": 50}),
    ],
)  # fmt: skip
def test_the_theory_is_that_of_the_load_that_was_simulated(model, grid):
    """Point by point the equations at K/N, solved by themselves."""
    tree = phase_diagrams.sweep(model, grid, **SHORT)
    simulation = tree["simulation"].to_dataset()
    points = phase_diagrams.compare(tree)
    at = simulation["m"]
    for index in np.ndindex(at.shape):
        where = dict(zip(at.dims, index, strict=True))
        here, found = simulation.isel(where), points.isel(where)
        names = [n for n in here.coords if n in model.parameters()]
        one = model.replace(**{n: here[n].item() for n in names})
        order, n_spins = one.order, int(here["n_spins"])
        K = one.count(here["alpha"].item(), n_spins)
        load = float(theory.conventions.load(K, n_spins=n_spins, order=order))
        assert here["n_patterns"].item() == K
        assert here["alpha_effective"].item() == pytest.approx(load, rel=1e-15)
        known = theory.solve(one, alpha=load, T=here["T"].item())
        m = float(known.m) if known.converged else 0.0
        assert float(found["m_residual"]) == pytest.approx(float(here["m"]) - m, abs=1e-9)
        T_M = float(theory.spinodal_temperature(one, load))
        capacity = float(theory.critical_load(one, here["T"].item()))
        distance = np.nanmin([abs(1 - here["T"].item() / T_M), abs(1 - load / capacity)])
        assert float(found["boundary_distance"]) == pytest.approx(distance, rel=1e-6)


def test_the_stored_theory_stays_at_the_loads_of_the_grid(study):
    known = theory.solve(Hopfield(), alpha=LOADS, T=0.1).m
    np.testing.assert_allclose(study["theory/m"].sel(T=0.1), known, rtol=1e-9)
    assert (study["theory/alpha"].values == LOADS).all()
    whole = phase_diagrams.sweep(Hopfield(), {"alpha": 0.08, "T": 0.1}, n_spins=50, **SHORT)
    assert prediction_of(whole).identical(whole["theory"].to_dataset())


def test_a_simulation_that_is_its_own_theory_agrees(study):
    """Numbers put in place of the simulation: the theory at K/N, where it was 0.01 off."""
    right = ends(prediction_of(study))["m"]
    simulation = study["simulation"].to_dataset()
    simulation["m"] = right.transpose(*simulation["m"].dims)
    simulation["m_err"] = xr.full_like(simulation["m"], 1e-4)
    tree = xr.DataTree.from_dict(
        {"/theory": study["theory"].to_dataset(), "/simulation": simulation}
    )
    assert float(abs(phase_diagrams.compare(tree)["m_residual"]).max()) < 1e-12
    nominal = float(abs(simulation["m"] - study["theory/m"]).max())
    assert nominal > 0.001


def test_boundaries_stand_at_the_loads_that_were_simulated(study):
    along_T = phase_diagrams.boundary(study, "T")
    loads = np.arange(1, 9) / 50
    np.testing.assert_allclose(along_T["alpha_effective"], loads, rtol=1e-15)
    np.testing.assert_allclose(
        along_T["theory"], theory.spinodal_temperature(Hopfield(), loads), rtol=1e-9
    )
    for profile in profiles(study, "alpha").values():
        np.testing.assert_allclose(profile.x, loads, rtol=1e-15)
    assert "alpha_effective" not in phase_diagrams.boundary(study, "alpha")


@pytest.mark.heavy
def test_refinement_along_loads_asks_for_whole_numbers_of_patterns(tmp_path):
    """Between 2 and 10 patterns there are 7 networks, whatever the budget."""
    out = tmp_path / "a.zarr"
    schedule = montecarlo.Schedule(warmup=50, sweeps=100)
    grid = {"alpha": [0.02, 0.25], "T": 0.1}
    phase_diagrams.sweep(Hopfield(), grid, n_spins=100, n_samples=4, schedule=schedule, out=out)
    tree = phase_diagrams.refine(out, 40, along="alpha")
    points = tree["refinement/simulation"].to_dataset()
    assert 1 <= points.sizes["point"] <= 22
    K = points["n_patterns"].values
    assert len(np.unique(K)) == len(K)
    np.testing.assert_allclose(points["alpha"], K / 100, rtol=1e-11)


def test_finite_size_scaling_takes_off_what_rounding_adds():
    """At 30, 50, 70 spins the load .05 is .0667, .06, .0571: of the theory nothing is left."""
    grid = {"alpha": 0.05, "T": [0.1, 0.3], "n_spins": [30, 50, 70]}
    tree = phase_diagrams.sweep(Hopfield(), grid, n_samples=4, schedule=FEW)
    simulation = tree["simulation"].to_dataset()
    loads = simulation["alpha_effective"]
    known = theory.solve(Hopfield(), alpha=loads, T=loads["T"]).m
    simulation["m"] = known.transpose(*simulation["m"].dims)
    simulation["m_err"] = xr.full_like(simulation["m"], 1e-3)
    for name in ("escaped", "switched"):
        simulation[name] = xr.zeros_like(simulation[name])
    tree = xr.DataTree.from_dict(
        {"/theory": tree["theory"].to_dataset(), "/simulation": simulation}
    )
    found = phase_diagrams.extrapolate(tree)["m"]
    np.testing.assert_allclose(found["value"], found["theory"], atol=1e-8)


def test_points_and_cells_of_figures_stand_at_their_loads(study):
    curve = figures.overlap_curve(figures.select(study, "T", 0.3))
    np.testing.assert_allclose(curve.lines[0].get_xdata(), LOADS)
    places = np.asarray(curve.containers[0][0].get_xdata(), float)
    np.testing.assert_allclose(places, np.arange(1, 9) / 50)
    mesh = figures.phase_map(study).collections[0]
    edges = np.unique(np.asarray(mesh.get_coordinates())[..., 0])
    np.testing.assert_allclose(edges, np.arange(0.5, 9) / 50)


def test_one_warning_names_the_loads_of_one_network(caplog):
    grid = {"alpha": [0.001, 0.01, 0.03, 0.031, 0.2], "T": [0.1, 0.2], "n_spins": 50}
    phase_diagrams.sweep(Hopfield(), grid, **SHORT)
    (said,) = [record.getMessage() for record in caplog.records]
    assert "alpha = 0.001, 0.01 are K = 1 at N = 50; alpha = 0.03, 0.031 are K = 2" in said
    assert "less than half a pattern, one is stored: alpha = 0.001 at N = 50" in said
    assert "\n" not in said
    caplog.clear()
    # Other sizes and orders are other networks; 0 is a load.
    quiet = {"alpha": [0.0, 0.1], "T": 0.1, "n_spins": [50, 60], "order": [3, 4]}
    phase_diagrams.sweep(Dense(), quiet, **SHORT)
    phase_diagrams.sweep(Hopfield(), {**grid, "n_spins": 50}, simulate=False)
    assert not caplog.records


def test_networks_of_a_large_grid_are_counted_once():
    """A hundred thousand points of five networks; scattered ones, too."""
    grid = Grid(Hopfield(), {"alpha": LOADS[:5], "T": np.linspace(0, 2, 20000), "n_spins": 50})
    loads = of_grid(grid)
    assert loads.n_patterns.shape == (5, 20000)
    assert len(networks(grid)) == 5
    points = {"alpha": np.tile(LOADS[:5], 20), "T": np.linspace(0.1, 1, 100)}
    scattered = Grid(Hopfield(), {"points": points, "n_spins": 50})
    np.testing.assert_array_equal(of_grid(scattered).n_patterns, np.tile([1, 2, 3, 4, 5], 20))

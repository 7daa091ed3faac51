"""The (d, T) diagram of multitasking networks: regions, lines, names, points, losses."""

import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure

import montecarlo
import phase_diagrams
import theory
from hebbian import Multitasking, Supervised, Unsupervised
from phase_diagrams import Phase, figures
from phase_diagrams.analysis.dilution_map import dilution_map, observed_phase, state_letters
from phase_diagrams.analysis.loss_trajectory import loss_trajectory
from phase_diagrams.figures.dilution import dilution_diagram, staircase
from phase_diagrams.figures.regions import COLOURS


@pytest.fixture(scope="module")
def three():
    return dilution_map(3, np.linspace(0.05, 0.95, 31), np.linspace(0.01, 0.6, 30))


@pytest.fixture(scope="module")
def study():
    """A network of two patterns on both sides of every line of its diagram."""
    model = Multitasking(n_patterns=2, sampling="stratified")
    grid = {"dilution": [0.3, 0.5, 0.8], "T": [0.05, 0.12, 0.4]}
    return phase_diagrams.sweep(
        model, grid, n_spins=4000, n_samples=3, n_replicas=1, start="hierarchical", seed=2,
        schedule=montecarlo.Schedule(warmup=200, sweeps=400, stride=4),
    )  # fmt: skip


def letters(diagram, d, T):
    code = diagram["state"].sel(dilution=d, T=T, method="nearest").item()
    return diagram["state"].attrs["flag_meanings"].split()[code]


@pytest.mark.parametrize(
    ("d", "T", "name"),
    [
        (0.3, 0.55, "a00"),
        (0.3, 0.15, "ab0"),
        (0.4, 0.03, "abc"),
        (0.8, 0.1, "aaa"),
        (0.9, 0.4, "000"),
        (0.68, 0.11, "aab"),
    ],
)
def test_all_kinds_of_three_patterns(three, d, T, name):
    """Section 4.4 of the derivation: labels and where they are stable."""
    assert letters(three, d, T) == name


def test_regions_end_at_the_exact_lines(three):
    """The borders of the map, found by descent, are the lines, found as roots."""
    d, T = three["dilution"], three["T"]
    phase = three["phase"]
    step = float(T[1] - T[0])
    pure = (phase == Phase.PURE).where(d < 0.6, drop=True)
    coldest = xr.where(pure, T, np.inf).min("T")
    line = three["pure_temperature"].sel(dilution=coldest["dilution"])
    assert ((coldest - line > -1e-12) & (coldest - line < step + 1e-12)).all()
    np.testing.assert_array_equal(phase == Phase.ERGODIC, T.values >= 1 - d.values[:, None])
    parallel = (phase == Phase.PARALLEL).where(d > 0.68, drop=True)
    coldest = xr.where(parallel, T, np.inf).min("T")
    line = three["parallel_temperature_low"].sel(dilution=coldest["dilution"])
    assert ((coldest - line > -1e-12) & (coldest - line < step + 1e-12)).all()


def test_the_search_finds_no_lower_state_with_more_starts():
    few, many = (
        dilution_map(4, [0.55, 0.62, 0.7], [0.02, 0.1, 0.2], n_starts=n) for n in (10, 100)
    )
    np.testing.assert_allclose(few["free_energy"], many["free_energy"], atol=1e-13)
    xr.testing.assert_equal(few["state"], many["state"])


def test_simulation_shows_the_phases_of_the_theory(study):
    seen = observed_phase(study["simulation"].to_dataset())
    expected = study["theory/phase"].transpose(*seen.dims)
    np.testing.assert_array_equal(seen, expected)
    names = {Phase(code).name for code in np.unique(seen)}
    assert names == {"ERGODIC", "PURE", "HIERARCHICAL", "PARALLEL"}


@pytest.mark.parametrize(
    ("m", "error", "phase"),
    [
        ([0.5, 0.2, 0.1], 0.001, Phase.HIERARCHICAL),
        ([0.5, 0.2, 0.1], 0.03, Phase.MIXED),  # 0.2 and 0.1 are equal, for all we know
        ([0.3, 0.3004, 0.2997], 0.001, Phase.PARALLEL),
        ([-0.3, 0.2999, 0.1], 0.001, Phase.MIXED),
        ([0.5, 0.001, -0.002], 0.001, Phase.PURE),
        ([0.004, 0.001, -0.002], 0.001, Phase.ERGODIC),
        ([0.5, np.nan, 0.1], 0.001, Phase.UNKNOWN),
        ([0.5, 0.08, 0.03], 0.03, Phase.PURE),  # within three errors of nothing
        ([0.08, 0.05, 0.03], 0.03, Phase.ERGODIC),
        ([0.5, 0.2, 0.1], [0.001, 0.001, 0.04], Phase.HIERARCHICAL),
    ],
)
def test_observed_phases(m, error, phase):
    errors = np.broadcast_to(error, 3)
    point = xr.Dataset({"m": ("pattern", m), "m_err": ("pattern", errors)})
    assert observed_phase(point).item() == phase


def test_few_samples_and_small_networks_are_no_phase_of_their_own():
    """The error of two samples is a guess, and N^(-1/2) an overlap by chance."""
    point = xr.Dataset({"m": ("pattern", [0.5, 0.04]), "m_err": ("pattern", [0.001, 0.005])})
    assert observed_phase(point).item() == Phase.HIERARCHICAL
    assert observed_phase(point.assign_attrs(n_samples=2)).item() == Phase.PURE
    assert observed_phase(point.assign_coords(n_spins=400)).item() == Phase.PURE
    assert observed_phase(point.assign_coords(n_spins=4000)).item() == Phase.HIERARCHICAL


def short_sweep(**settings):
    return phase_diagrams.sweep(
        Multitasking(n_patterns=3), {"dilution": [0.25, 0.45], "T": [0.02, 0.05]}, n_spins=2000,
        n_samples=3, n_replicas=1, seed=2, **settings,
        schedule=montecarlo.Schedule(warmup=60, sweeps=60, stride=3),
    )  # fmt: skip


def test_a_sweep_that_is_told_nothing_shows_the_hierarchy():
    tree = short_sweep()
    simulation = tree["simulation"].to_dataset()
    assert simulation.attrs["start"] == "hierarchical"
    np.testing.assert_allclose(simulation["m"], tree["theory/m"], atol=4e-3)
    assert (observed_phase(simulation) == Phase.HIERARCHICAL).all()
    assert "m_sorted" not in simulation
    assert figures.draw(tree).get_title() == "$K = 3$"
    assert figures.draw(tree, variable="m").get_title() == ""
    assert figures.draw(tree, pattern=1).get_title() == ""


@pytest.mark.parametrize("start", ["pattern", "random", 0.5])
def test_a_sweep_whose_patterns_chance_named_keeps_them_by_size(start):
    tree = short_sweep(start=start)
    simulation = tree["simulation"].to_dataset()
    assert abs(simulation["m"] - tree["theory/m"]).max() > 0.1
    assert (simulation["m_sorted"].diff("pattern") < 0).all()
    if start != "random":  # from which some chains end in mixtures that are metastable
        sizes = simulation["m_sorted"].isel(dilution=0)
        np.testing.assert_allclose(sizes, tree["theory/m"].isel(dilution=0), atol=8e-3)
        assert (observed_phase(simulation) == Phase.HIERARCHICAL).all()
    curve = figures.draw(figures.select(tree, "T", 0.02))
    assert curve.get_ylabel() == "sorted magnetization $m_{(k)}$"
    drawn = [line for line in curve.lines if len(line.get_xdata())]
    assert len(drawn) == 3 + 3 * 3  # lines of the theory, and points with error bars
    assert [text.get_text() for text in curve.get_legend().get_texts()] == [
        *(f"overlap {k}" for k in (1, 2, 3)), "theory", "simulation",
    ]  # fmt: skip


def test_names_are_those_of_the_theory():
    for T, name in ((0.05, "abc"), (0.15, "ab0"), (0.5, "a00")):
        label = str(theory.solve(Multitasking(n_patterns=3, dilution=0.3), T=T).label)
        assert state_letters(label, 3) == name


def test_diagram_has_regions_lines_and_points(three, study):
    ax = dilution_diagram(three, ax=Figure().add_subplot())
    assert {"a00", "ab0", "abc", "aaa"} <= {text.get_text() for text in ax.texts}
    assert {text.get_text() for text in ax.get_legend().get_texts()} == {
        "ergodic", "pure", "hierarchical", "parallel", "mixed",
    }  # fmt: skip
    assert any(line.get_linestyle() == ":" for line in ax.lines)
    ax = dilution_diagram(
        dilution_map(2, [0.1, 0.5, 0.9], [0.05, 0.5]), study, ax=Figure().add_subplot()
    )
    points = ax.collections[-1]
    assert len(points.get_offsets()) == study["simulation"].status.size
    assert set(COLOURS) >= {Phase(int(code)) for code in points.get_array()}
    shown = figures.draw(study, variable="phase")
    assert shown.get_title() == "$K = 2$"


def test_staircase_has_a_step_for_every_pattern(study):
    model = Multitasking(n_patterns=2, dilution=0.3)
    lines = phase_diagrams.sweep(model, {"T": np.linspace(0.01, 0.8, 40)}, simulate=False)
    ax = staircase(
        lines, figures.select(study, "dilution", 0.3), ax=Figure().add_subplot(),
        marks={"$T_c$": 0.7},
    )  # fmt: skip
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["$m_{1}$", "$m_{2}$"]
    assert ax.get_xlabel() == "temperature $T$"
    assert len(ax.containers) == 2
    with pytest.raises(ValueError, match="a staircase needs one axis, not dilution, T"):
        staircase(study, ax=Figure().add_subplot())


@pytest.mark.parametrize(
    "rule", [None, Supervised(quality=0.4, n_examples=40), Unsupervised(quality=0.4, n_examples=40)]
)
def test_cost_and_losses_fall_together(rule):
    """At T = 0: energy and sum of L+ L- on one line, both falling, and the archetypes' too."""
    model = Multitasking(n_patterns=3, dilution=0.3, **({"rule": rule} if rule else {}))
    path = loss_trajectory(model, n_spins=3000, sweeps=25, start="random", seed=4)
    np.testing.assert_allclose(path["energy"], path["energy_of_losses"], rtol=1e-12)
    assert (path["energy"].diff("sweep") <= 1e-15).all()
    assert (path["learnt_product"].diff("sweep") <= 1e-9).all()
    slope = np.polyfit(path["learnt_product"], path["energy"], 1)[0]
    factor = 0.5 / (rule.quality**2 * rule.n_examples) if isinstance(rule, Unsupervised) else 0.5
    assert slope == pytest.approx(factor, rel=1e-6)
    archetypes = (path["plus"] * path["minus"]).sum("pattern")
    assert archetypes[0] == pytest.approx(3, abs=0.02)  # a random start: l+ = l- = 1
    assert archetypes[-1] < 2.2


def test_bad_input():
    with pytest.raises(ValueError, match=r"n_patterns = 9 is outside the allowed range \[2, 8\]"):
        dilution_map(9, [0.1], [0.1])
    with pytest.raises(ValueError, match=r"dilution = 1.0 is outside"):
        dilution_map(2, [1.0], [0.1])
    with pytest.raises(ValueError, match=r"T of shape .* is not a list"):
        dilution_map(2, [0.5], 0.1)
    with pytest.raises(ValueError, match="sweeps = 0 is outside"):
        loss_trajectory(Multitasking(), n_spins=100, sweeps=0)

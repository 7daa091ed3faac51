"""Figures of studies along time show the numbers of the study, and say which they are."""

import logging

import numpy as np
import pytest
import xarray as xr
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

import phase_diagrams
from hebbian import Hopfield, Multitasking
from phase_diagrams import figures
from phase_diagrams.analysis.basin_lines import basin_lines

STARTS, SIZES, STEPS = [0.2, 0.5, 0.8], [40, 60], 3
MARKERS = {40: "o", 60: "s"}


@pytest.fixture(scope="module")
def followed():
    grid = {"alpha": [0.05, 0.2], "start": STARTS, "n_spins": SIZES, "T": 0.2}
    return phase_diagrams.sweep(
        Hopfield(), grid, dynamics="parallel", n_samples=4, n_steps=STEPS, seed=3
    )


@pytest.fixture(scope="module")
def patterns():
    return phase_diagrams.sweep(
        Multitasking(n_patterns=2, dilution=0.3), {"T": [0.1, 0.4], "n_spins": 60},
        start="hierarchical", dynamics="parallel", n_samples=2, n_steps=STEPS,
    )  # fmt: skip


def drawn(ax):
    """Return the lines of an Axes that have data and are no points."""
    return [line for line in ax.lines if len(line.get_xdata()) and line.get_marker() == "None"]


def bars(container):
    """Return the half lengths of error bars."""
    (segments,) = container[2]
    ends = [segment for segment in segments.get_segments() if np.size(segment)]
    return np.array([np.ptp(np.reshape(segment, (2, 2))[:, 1]) / 2 for segment in ends])


def words(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def corners(band):
    """Return the lower and the upper edge of a band over t = 0 ... STEPS."""
    (path,) = band.get_paths()
    edges = [path.vertices[path.vertices[:, 0] == t, 1] for t in range(STEPS + 1)]
    return np.array([[edge.min(), edge.max()] for edge in edges]).T


def test_every_number_of_a_study_is_drawn_once(followed):
    ax = figures.trajectory(followed.sel(alpha=0.05))
    theory, simulation = (followed[n].to_dataset().sel(alpha=0.05) for n in followed.children)
    lines, bands = drawn(ax), [c for c in ax.collections if isinstance(c, PolyCollection)]
    assert len(lines) == len(bands) == 3
    assert len({line.get_color() for line in lines}) == 3
    assert len(ax.containers) == 6
    colours = {start: line.get_color() for start, line in zip(STARTS, lines, strict=True)}
    for line, band, start in zip(lines, bands, STARTS, strict=True):
        here = theory.sel(start=start)
        np.testing.assert_array_equal(line.get_xdata(), range(STEPS + 1))
        np.testing.assert_array_equal(line.get_ydata(), here["m"])
        np.testing.assert_array_equal(
            corners(band), [here["m"] - here["m_err"], here["m"] + here["m_err"]]
        )
    for container in ax.containers:
        points = container[0]
        (start,) = (s for s in STARTS if colours[s] == points.get_color())
        (size,) = (n for n in SIZES if MARKERS[n] == points.get_marker())
        here = simulation.sel(start=start, n_spins=size)
        np.testing.assert_array_equal(points.get_ydata(), here["m"])
        np.testing.assert_allclose(bars(container), here["m_err"], atol=1e-14)
    assert ax.get_xlabel() == "time $t$"
    assert ax.get_ylabel() == "Mattis magnetization $m$"
    assert (ax.get_xticks() % 1 == 0).all()
    assert words(ax) == [f"$m_0 = {s}$" for s in STARTS] + [f"$N = {n}$" for n in SIZES]


def test_a_size_may_be_what_has_the_colours(followed):
    ax = figures.trajectory(followed.sel(alpha=0.05, start=0.5))
    (line,) = drawn(ax)
    assert line.get_color() == "black"
    colours = [container[0].get_color() for container in ax.containers]
    assert len({*colours}) == 2
    handles = ax.get_legend().legend_handles
    assert words(ax) == ["theory", "$N = 40$", "$N = 60$"]
    assert [handle.get_color() for handle in handles] == ["black", *colours]


def test_one_curve_has_one_colour(followed):
    one = figures.select(followed.sel(alpha=0.05, start=0.5), "n_spins", 60)
    ax = figures.trajectory(one)
    assert words(ax) == ["theory", "$N = 60$"]
    (line,), (points,) = drawn(ax), ax.containers
    assert (
        {line.get_color()}
        == {points[0].get_color()}
        == {handle.get_color() for handle in ax.get_legend().legend_handles}
    )
    assert len(figures.trajectory(one, legend=False).lines) < len(ax.lines)


def test_studies_on_one_axes_go_on_in_the_cycle_of_colours(followed):
    ax = Figure().add_subplot()
    for alpha, name in ((0.05, "below"), (0.2, "above")):
        one = figures.select(followed.sel(alpha=alpha, start=0.5), "n_spins", 60)
        assert figures.trajectory(one, ax, label=name) is ax
    first, second = drawn(ax)
    assert first.get_color() != second.get_color()
    np.testing.assert_array_equal(
        second.get_ydata(), followed["theory/m"].sel(alpha=0.2, start=0.5)
    )
    assert words(ax) == [f"{n}: {w}" for n in ("below", "above") for w in ("theory", "$N = 60$")]


def test_samples_are_shown_behind_their_mean(followed):
    one = figures.select(followed.sel(alpha=0.05, start=0.5), "n_spins", 60)
    known = one["simulation/m_samples"].transpose("sample", "t").values
    usual = figures.trajectory(one)
    ax = figures.trajectory(one, samples="lines")
    assert len(drawn(ax)) == 5
    np.testing.assert_array_equal([line.get_ydata() for line in drawn(ax)[1:]], known)
    assert all(line.get_zorder() < 2 for line in drawn(ax)[1:])
    ax = figures.trajectory(one, samples="band")
    assert len(ax.collections) == len(usual.collections) + 1
    expected = np.quantile(known, [0.1, 0.9], axis=0)
    np.testing.assert_allclose(corners(ax.collections[-1]), expected, atol=1e-14)
    assert len(ax.containers) == 1


def test_patterns_have_colours_or_strokes(patterns):
    known = patterns["theory/m"]
    ax = figures.trajectory(patterns.sel(T=0.1))
    assert words(ax) == [r"$\mu = 0$", r"$\mu = 1$", "$N = 60$"]
    for mu, line in enumerate(drawn(ax)):
        np.testing.assert_array_equal(line.get_ydata(), known.sel(T=0.1, pattern=mu))
    assert not [c for c in ax.collections if isinstance(c, PolyCollection)]  # nothing is sampled
    ax = figures.trajectory(patterns)
    styles = [(line.get_color(), line.get_linestyle()) for line in drawn(ax)]
    assert len({*styles}) == 4
    assert [style for _, style in styles] == ["-", "--", "-", "--"]
    for line, (T, mu) in zip(drawn(ax), ((0.1, 0), (0.1, 1), (0.4, 0), (0.4, 1)), strict=True):
        np.testing.assert_array_equal(line.get_ydata(), known.sel(T=T, pattern=mu))
    ax = figures.trajectory(patterns, pattern=1, variable="n")
    np.testing.assert_array_equal(
        drawn(ax)[1].get_ydata(), patterns["theory/n"].sel(T=0.4, pattern=1)
    )
    np.testing.assert_array_equal(
        ax.containers[1][0].get_ydata(), patterns["simulation/n"].sel(T=0.4, pattern=1)
    )
    assert len(drawn(figures.trajectory(patterns.sel(T=0.1), samples="lines"))) == 4


def test_many_values_have_shades_and_a_scale():
    starts = np.linspace(0.1, 0.9, 9).tolist()
    grid = {"start": starts, "T": 0.1, "dilution": 0.1}
    tree = phase_diagrams.sweep(
        Multitasking(n_patterns=1), grid, dynamics="parallel", n_steps=STEPS, simulate=False
    )
    ax = figures.trajectory(tree)
    lines = drawn(ax)
    np.testing.assert_array_equal([line.get_ydata() for line in lines], tree["theory/m"][:, 0])
    assert len({tuple(line.get_color()) for line in lines}) == 9
    scale = next(other for other in ax.figure.axes if other is not ax)
    assert scale.get_ylabel() == "start overlap $m_0$"
    np.testing.assert_allclose(scale.get_ylim(), (0.1, 0.9))


def test_quantities_of_the_simulation_alone_and_parts_of_the_time(followed, caplog):
    part = followed.sel(alpha=0.05, start=0.5).isel(t=slice(1, None))
    ax = figures.trajectory(part, variable="energy")
    assert drawn(ax) == []
    np.testing.assert_array_equal(
        ax.containers[1][0].get_ydata(), part["simulation/energy"].sel(n_spins=60)
    )
    ax = Figure().add_subplot(xscale="log")
    with caplog.at_level(logging.WARNING):
        figures.trajectory(followed.sel(alpha=0.05, start=0.5), ax)
    assert "t = 0 has no place on an axis of scale log and is left out" in caplog.text
    np.testing.assert_array_equal(drawn(ax)[0].get_xdata(), [1, 2, 3])


def test_other_loads_of_the_networks_are_told(caplog):
    tree = phase_diagrams.sweep(
        Hopfield(), {"alpha": 0.05, "T": 0.0, "n_spins": [50, 100]}, n_steps=1, n_samples=1,
        theory=False,
    )  # fmt: skip
    with caplog.at_level(logging.WARNING):
        figures.trajectory(tree)
    assert caplog.messages == ["alpha = 0.05 is 0.06 in the networks; the lines are of the former"]


BORDERS = {0.05: [0.3, 0.5, 0.5, 0.7], 0.1: [0.5, 0.7, 0.9, 0.9], 0.2: [2.0] * 4}


@pytest.fixture(scope="module")
def bordered():
    """A study whose borders are known: m grows as start (1 + t) - 2 alpha, or jumps to 0.7."""
    start = xr.DataArray(np.arange(0, 1.1, 0.2), dims="start", name="start")
    start = start.assign_coords(start=("start", start.values, {"symbol": "m_0"}))
    alpha = xr.DataArray([*BORDERS], coords={"alpha": [*BORDERS]}, dims="alpha")
    t = xr.DataArray(range(4), coords={"t": range(4)}, dims="t")
    m = (start * (1 + t) - 2 * alpha).transpose("alpha", "start", "t")
    theory = xr.Dataset({"m": m, "m_err": 0 * m + 0.01})
    border = xr.DataArray([*BORDERS.values()], coords=alpha.coords, dims=("alpha", "sample"))
    inside = (start + 0.1 * t > border).transpose("alpha", "start", "sample", "t")
    samples = xr.where(inside, 0.7, 0.69)
    simulation = xr.Dataset({"m": samples.mean("sample"), "m_samples": samples})
    for group in (theory, simulation):
        group.coords["alpha"].attrs = {"symbol": r"\alpha", "long_name": "load"}
        group.coords["t"].attrs = {"symbol": "t", "long_name": "time"}
    return xr.DataTree.from_dict({"/theory": theory, "/simulation": simulation})


def test_borders_are_where_half_of_the_samples_and_the_theory_cross(bordered):
    found = basin_lines(bordered, times=[1, 3], threshold=0.7)
    line, points = found["theory/critical_overlap"], found["simulation/critical_overlap"]
    for (alpha, borders), (i, t) in ((a, b) for a in BORDERS.items() for b in enumerate((1, 3))):
        expected = (0.7 + 2 * alpha) / (1 + t)
        assert float(line.sel(alpha=alpha)[i]) == pytest.approx(expected)
        fractions = np.mean([np.arange(0, 1.1, 0.2) + 0.1 * t > b for b in borders], axis=0)
        last = np.flatnonzero(fractions < 0.5)[-1]
        expected = np.nan
        if last < 5:
            low, high = fractions[last : last + 2]
            expected = 0.2 * (last + (0.5 - low) / (high - low))
        np.testing.assert_allclose(points.sel(alpha=alpha)[i], expected)
    # Of m over the slope 1 + t, and of a place between two starts.
    error = found["theory/critical_overlap_err"].sel(t=3)
    np.testing.assert_allclose(error, np.hypot(0.01 / 4, 0.2 / np.sqrt(12)))
    shuffled = basin_lines(bordered.isel(start=[3, 0, 5, 1, 4, 2]), times=[1, 3])
    xr.testing.assert_identical(shuffled, found)
    none = basin_lines(bordered, threshold=1.0)
    assert none["theory/critical_overlap"].dims == ("alpha", "t")
    assert none["theory/critical_overlap"]["t"].values.tolist() == [3]
    for threshold, expected in ((0.71, 0), (0.7, 2), (0.69, 0)):  # none retrieves, or all
        found = basin_lines(bordered, threshold=threshold)["simulation/critical_overlap"]
        assert int(found.notnull().sum()) == expected
    low = basin_lines(bordered.isel(start=slice(3, None)), threshold=0.5)
    assert low["theory/critical_overlap"].isnull().all()  # the first start is inside


def test_points_that_failed_are_left_out(bordered):
    broken = bordered.copy(deep=True)
    values = broken["simulation/m_samples"].values
    values[0, 2] = np.nan  # at start 0.4
    found = float(basin_lines(broken, times=0)["simulation/critical_overlap"].sel(alpha=0.05)[0])
    assert found == pytest.approx(np.interp(0.5, [0.0, 0.75], [0.2, 0.6]))
    values[0] = np.nan
    found = basin_lines(broken)["simulation/critical_overlap"]
    assert found.isnull()[:, 0].values.tolist() == [True, False, True]


def test_the_basin_is_drawn_as_it_is_found(bordered):
    found = basin_lines(bordered, times=[1, 3], threshold=0.7)
    ax = figures.basin(bordered, times=[3, 1])
    lines = drawn(ax)
    for i, (line, points) in enumerate(zip(lines, ax.containers, strict=True)):
        assert line.get_color() == points[0].get_color()
        np.testing.assert_array_equal(line.get_xdata(), [*BORDERS])
        np.testing.assert_array_equal(line.get_ydata(), found["theory/critical_overlap"][:, i])
        expected = found["simulation/critical_overlap"][:, i]
        np.testing.assert_array_equal(points[0].get_ydata(), expected)
        error = found["simulation/critical_overlap_err"][:, i].dropna("alpha")
        np.testing.assert_allclose(bars(points), error)
    assert words(ax) == ["$t = 1$", "$t = 3$", "theory", "simulation"]
    assert ax.get_xlabel() == r"load $\alpha$"
    assert ax.get_ylabel() == "smallest start overlap that retrieves $m_c$"
    ax = figures.basin(bordered, threshold=0.75, legend=False)
    (line,), (points,) = drawn(ax), ax.containers
    np.testing.assert_allclose(line.get_ydata(), [(0.75 + 2 * a) / 4 for a in BORDERS])
    assert np.isnan(points[0].get_ydata()).all()


def test_the_basin_of_networks_stands_at_their_loads(tmp_path):
    grid = {"alpha": [0.05, 0.17], "start": [0.05, 0.9], "T": 0.0, "n_spins": 50}
    tree = phase_diagrams.sweep(
        Hopfield(), grid, dynamics="parallel", n_samples=2, n_replicas=1, n_steps=5, theory=False
    )
    ax = figures.basin(tree)
    np.testing.assert_allclose(ax.containers[0][0].get_xdata(), [0.06, 0.18])
    assert words(ax) == ["$t = 5$", "$N = 50$"]
    paths = figures.save(ax.figure, tmp_path / "basin")
    assert [path.stat().st_size > 1000 for path in paths] == [True, True]


def test_the_basin_may_stand_over_the_sizes(followed):
    ax = figures.basin(followed.sel(alpha=0.05), times=1, threshold=0.6)
    assert ax.get_xlabel() == "number of spins $N$"
    (line,) = drawn(ax)
    assert len({*line.get_ydata()}) == 1
    assert np.isfinite(line.get_ydata()).all()
    assert line.get_xdata().tolist() == ax.containers[0][0].get_xdata().tolist() == SIZES


def test_a_study_along_time_is_drawn_as_trajectories(followed, patterns):
    one = followed.sel(alpha=0.05)
    for ax in (figures.draw(one), figures.draw(one, kind="trajectory"), figures.draw(patterns)):
        assert ax.get_xlabel() == "time $t$"
    assert figures.draw(followed, kind="basin", threshold=0.6).get_xlabel() == r"load $\alpha$"
    moment = figures.select(followed, "t", 2)
    ax = figures.draw(figures.select(moment, "n_spins", 60))
    shown = np.asarray(ax.collections[0].get_array()).reshape(3, 2).T
    np.testing.assert_array_equal(
        shown, followed["simulation/m"].sel(t=2, n_spins=60).transpose("alpha", "start")
    )
    assert drawn(ax) == []  # lines of equilibrium are of other states
    status = figures.select(followed, "n_spins", 60)
    assert figures.draw(status, variable="status").get_ylabel().startswith("start overlap")


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda tree: figures.trajectory(tree.isel(t=2)), "trajectory needs an axis t"),
        (lambda tree: figures.basin(tree.isel(t=2)), "basin of attraction needs an axis t"),
        (lambda tree: figures.trajectory(tree), r"has alpha \(2\), start \(3\): select the others"),
        (lambda tree: figures.basin(tree.sel(start=0.5)), "needs an axis start of two overlaps"),
        (lambda tree: figures.trajectory(tree, variable="mass"), "'mass' is not one of"),
        (lambda tree: figures.trajectory(tree, variable="status"), "'status' has no axis t"),
        (lambda tree: figures.trajectory(tree, samples="dots"), "samples = 'dots' is not one"),
        (lambda tree: figures.trajectory(tree.sel(alpha=0.2), variable="n", samples="band"),
            "known of m"),
        (lambda tree: figures.basin(tree, times=[1, 2.5]), r"times = 2.5: .* t = 0 \.\.\. 3"),
        (lambda tree: figures.basin(tree, times=[]), r"times = \[\]"),
        (lambda tree: figures.basin(tree, threshold=0), r"threshold = 0.0 .* \(0, 1\]"),
        (lambda tree: figures.basin(figures.select(tree.sel(alpha=0.2), "n_spins", 40)),
            "one axis of more than one value beside start, this has none"),
        (lambda tree: figures.draw(tree, kind="basin", variable="n"), "a basin is of m"),
        (lambda tree: figures.draw(tree, kind="surface"), "kind = 'surface' is not one of"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_along_time_is_refused(followed, draw, message):
    with pytest.raises(ValueError, match=message):
        draw(followed)

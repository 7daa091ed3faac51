import itertools
import sys

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

import montecarlo
import phase_diagrams
import theory
from hebbian import Dense, Hopfield, Multitasking, Supervised
from phase_diagrams import figures
from phase_diagrams.figures.curves import between_curves
from phase_diagrams.figures.regions import COLOURS
from phase_diagrams.phases import Phase


@pytest.fixture(scope="module")
def parallel(schedule):
    grid = {"dilution": [0.1, 0.3, 0.7], "T": [0.05, 0.2, 0.5, 0.9]}
    return phase_diagrams.sweep(
        Multitasking(n_patterns=2), grid, n_spins=30, n_samples=2, schedule=schedule,
        start="hierarchical",
    )  # fmt: skip


def words(ax):
    return [text.get_text() for text in ax.texts]


def test_phase_map_shows_the_simulation_with_the_lines_of_the_theory(tree):
    ax = figures.phase_map(tree)
    (mesh,) = ax.collections
    simulated = tree["simulation/m"].transpose("T", "alpha")
    np.testing.assert_array_equal(np.asarray(mesh.get_array()).reshape(3, 2), simulated)
    assert mesh.get_clim() == (0, 1)
    assert mesh.get_cmap().name == "cividis"
    lines = {line.get_linestyle(): line for line in ax.lines if line.get_color() == "black"}
    curves = theory.phase_lines(Hopfield())
    for style, name in (("--", "spinodal"), ("-", "transition")):
        ends = [curves[f"{name}_{end}"] for end in ("load", "temperature")]
        drawn = lines[style].get_xydata()
        np.testing.assert_array_equal(drawn[-190:], np.column_stack(ends)[-190:])
        assert tuple(drawn[-1]) == (0.0, 1.0)  # both axes are reached
        assert drawn[0, 1] == (0.0 if name == "transition" else drawn[:, 1].min())
    assert "metastable retrieval" in words(ax)
    assert "paramagnet" in words(ax)
    assert ax.get_xlabel() == r"load $\alpha$"
    assert ax.get_ylabel() == "temperature $T$"


def test_lines_are_those_of_the_model_whatever_the_grid():
    grid = {"alpha": [0.1, 0.4], "T": [0.2, 0.6, 1.1]}
    fine = {"alpha": np.linspace(0.05, 0.5, 7).tolist(), "T": np.linspace(0.1, 1.2, 5).tolist()}
    maps = [
        figures.phase_map(phase_diagrams.sweep(Dense(order=4), points, simulate=False))
        for points in (grid, fine)
    ]
    assert len({len(ax.lines) for ax in maps}) == 1
    for ours, theirs in zip(*(ax.lines for ax in maps), strict=True):
        np.testing.assert_array_equal(ours.get_xydata(), theirs.get_xydata())


def test_a_finite_network_has_its_own_lines(settings):
    tree = phase_diagrams.sweep(Dense(order=4), {"alpha": [0.1, 0.3], "T": [0.3, 0.7]}, **settings)
    transition = figures.phase_map(tree, finite_size=True).lines[-1].get_xydata()
    x, y = transition[np.argmin(np.abs(transition[:, 0] - 0.1))]
    n_spins = int(tree["simulation"].coords["n_spins"])
    expected = theory.transition_temperature(Dense(order=4), x, n_spins=n_spins)
    assert y == pytest.approx(expected, rel=1e-6)
    grid = {"alpha": [0.1, 0.3], "T": [0.3, 0.7], "n_spins": [20, 30]}
    rest = {name: value for name, value in settings.items() if name != "n_spins"}
    sizes = phase_diagrams.sweep(Dense(order=4), grid, **rest).isel(T=[0])
    with pytest.raises(ValueError, match="no n_spins, or several: select one"):
        figures.phase_map(sizes.isel(alpha=slice(None)), finite_size=True)


def test_along_a_parameter_lines_are_between_the_points_of_the_study():
    learner = Dense(order=4, rule=Supervised(quality=0.6, n_examples=5))
    grid = {"n_examples": [4, 20, 40], "T": [0.2, 0.6, 0.9], "alpha": 0.05}
    ax = figures.phase_map(phase_diagrams.sweep(learner, grid, simulate=False))
    spinodal, transition = ax.lines
    assert len(spinodal.get_xdata()) > 20
    for line, function in (
        (spinodal, theory.spinodal_temperature), (transition, theory.transition_temperature)
    ):  # fmt: skip
        M, T = line.get_xydata()[7]
        assert function(learner.replace(n_examples=int(M)), 0.05) == T
    assert transition.get_linestyle() == "-"


def test_the_bare_diagram_has_every_line_and_name():
    ax = figures.phase_lines(Dense(order=4), n_spins=100)
    labels = [line.get_label() for line in ax.lines]
    assert len(labels) == len(set(labels)) == 5
    assert {"retrieval", "glass", "paramagnet", "metastable retrieval"} >= set(words(ax))
    assert {"retrieval", "glass", "paramagnet"} <= set(words(ax))
    assert ax.get_xlabel() == r"load $\alpha/\Pi$"
    own = figures.phase_lines(Dense(order=4), n_spins=100, units="network")
    factor = theory.conventions.finite_size_factor(100, order=4)
    for ours, theirs in zip(own.lines, ax.lines, strict=True):
        np.testing.assert_allclose(ours.get_xydata(), factor * theirs.get_xydata(), rtol=1e-12)
    with pytest.raises(ValueError, match="no plane of load and temperature"):
        figures.phase_lines(Multitasking(n_patterns=2))


@pytest.mark.parametrize("model", [Hopfield(), Dense(order=3), Dense(order=4, indices="all")])
def test_names_are_inside_their_regions_and_on_no_line(model):
    ax = figures.phase_lines(model)
    ax.figure.canvas.draw()
    lines = theory.phase_lines(model)
    for text in ax.texts:
        box = text.get_window_extent().transformed(ax.transData.inverted())
        x, y = np.linspace(box.x0, box.x1, 9), np.linspace(box.y0, box.y1, 5)
        phases = {Phase(int(c)).text for c in np.unique(between_curves(lines, x, y))}
        assert phases == {text.get_text().replace("\n", " ")}
        for line in ax.lines:
            assert not box.count_contains(line.get_xydata())


def test_order_of_the_values_does_not_matter(tree):
    shuffled = tree.isel(alpha=[1, 0], T=[2, 0, 1])
    meshes = [figures.phase_map(each).collections[0] for each in (tree, shuffled)]
    np.testing.assert_array_equal(*(mesh.get_array() for mesh in meshes))


def test_any_two_axes_make_a_map(parallel, settings):
    ax = figures.phase_map(parallel, pattern=1)
    assert ax.get_xlabel() == "dilution $d$"
    assert {"ergodic", "hierarchical"} <= set(words(ax))
    grid = {"n_spins": [20, 30], "T": [0.1, 0.4], "alpha": 0.1}
    rest = {name: value for name, value in settings.items() if name != "n_spins"}
    sizes = phase_diagrams.sweep(Dense(order=3), grid, **rest)
    assert figures.phase_map(sizes, variable="energy").get_xlabel() == "number of spins $N$"
    assert figures.overlap_curve(sizes.isel(T=[0])).get_xlabel() == "number of spins $N$"


def test_overlap_curve_shows_points_with_errors_and_a_line(tree, parallel):
    ax = figures.overlap_curve(tree.sel(alpha=0.03))
    line, points = ax.lines[0], ax.containers[0]
    # The line is of the load that the points have: 2 patterns of 50 spins.
    here = tree["simulation"].to_dataset().sel(alpha=0.03)
    known = theory.solve(Hopfield(), alpha=float(here["alpha_effective"][0]), T=here["T"].values)
    np.testing.assert_allclose(line.get_ydata(), known.m, atol=1e-9)
    np.testing.assert_array_equal(points[0].get_ydata(), tree["simulation/m"].sel(alpha=0.03))
    assert len(figures.overlap_curve(parallel.sel(T=0.05)).containers) == 2


def test_a_given_axes_is_used(tree):
    ax = Figure().add_subplot()
    assert figures.phase_map(tree, ax) is ax


def test_files_are_one_column_with_embedded_fonts(tree, tmp_path):
    ax = figures.phase_map(tree)
    assert ax.figure.get_figwidth() == 3.4
    pdf, png = figures.save(ax.figure, tmp_path / "a.b" / "map.v1")
    assert (pdf.name, png.name) == ("map.v1.pdf", "map.v1.png")
    assert b"/Type0" in pdf.read_bytes()  # Type 42 fonts are embedded as composite fonts
    assert b"/Type3" not in pdf.read_bytes()
    assert png.read_bytes().startswith(b"\x89PNG")


def test_pyplot_is_not_needed(tree):
    figures.phase_map(tree)
    assert "matplotlib.pyplot" not in sys.modules


def test_select_takes_the_nearest_value(tree):
    assert figures.select(tree, "alpha", 0.09)["simulation"].coords["alpha"] == 0.1
    with pytest.raises(ValueError, match="order is not one of the axes alpha, T"):
        figures.select(tree, "order", 3)
    with pytest.raises(ValueError, match=r"alpha = nan is outside the allowed range \(-inf, inf\)"):
        figures.select(tree, "alpha", float("nan"))


def test_a_bad_name_makes_no_folder(tree, tmp_path):
    figure = figures.phase_map(tree).figure
    with pytest.raises(ValueError, match="is not the name of a figure"):
        figures.save(figure, f"{tmp_path}/new/folder/")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda tree: figures.phase_map(tree, variable="mass"), "variable = 'mass' is not one of"),
        (lambda tree: figures.phase_map(tree.sel(T=0.2)), r"two axes .* alpha \(2\)"),
        (lambda tree: figures.draw(tree.sel(T=0.2, alpha=0.1)), "this is one point"),
        (lambda tree: figures.overlap_curve(tree), r"one axis .* alpha \(2\), T \(3\)"),
    ],
)
def test_what_cannot_be_drawn_is_refused(tree, draw, words):
    with pytest.raises(ValueError, match=words):
        draw(tree)


def test_a_pattern_that_does_not_exist_is_refused(parallel):
    with pytest.raises(ValueError, match=r"pattern = 2 .*\[0, 1\]"):
        figures.phase_map(parallel, pattern=2)


def test_refined_points_are_dots_of_their_slice(tmp_path):
    out = tmp_path / "study.zarr"
    grid = {"alpha": [0.03, 0.06], "T": [0.1, 0.5, 1.1], "n_spins": [50, 60]}
    schedule = montecarlo.Schedule(warmup=5, sweeps=20, stride=2)
    phase_diagrams.sweep(Hopfield(), grid, schedule=schedule, out=out)
    tree = phase_diagrams.refine(out, 3)
    points = tree["refinement/simulation"].to_dataset()
    for n_spins, count in ((50, 2), (60, 1)):
        ax = figures.phase_map(figures.select(tree, "n_spins", n_spins))
        (dots,) = [c for c in ax.collections if isinstance(c, PathCollection)]
        here = points.isel(point=points["n_spins"] == n_spins)
        assert here.sizes["point"] == count
        K = np.round(here["alpha"] * n_spins + 1e-9)
        expected = np.column_stack([K / n_spins, here["T"]])
        np.testing.assert_array_equal(dots.get_offsets(), expected)
        np.testing.assert_array_equal(dots.get_array(), here["m"])


def test_phases_have_the_colours_and_the_names_of_phases(tree):
    ax = figures.draw(tree, variable="phase")
    (mesh,) = ax.collections
    phase = tree["theory/phase"].transpose("T", "alpha").values
    shown = mesh.get_cmap()(mesh.norm(np.asarray(mesh.get_array())))[..., :3].reshape(3, 2, 3)
    for place, code in np.ndenumerate(phase):
        np.testing.assert_allclose(shown[place], to_rgb(COLOURS[Phase(int(code))]))
    assert set(words(ax)) == {Phase(code).text for code in np.unique(phase).tolist()}
    (line,) = (curve := figures.draw(figures.select(tree, "alpha", 0.03), variable="phase")).lines
    assert line.get_drawstyle() == "steps-mid"
    assert {tick.get_text() for tick in curve.get_yticklabels()} <= {p.text for p in Phase}


def test_the_diagram_of_stored_patterns_is_not_drawn_behind_learnt_ones():
    learner = Multitasking(n_patterns=2, rule=Supervised(quality=0.5, n_examples=3))
    grid = {"dilution": [0.1, 0.5, 0.8], "T": [0.05, 0.2, 0.6]}
    tree = phase_diagrams.sweep(learner, grid, simulate=False)
    ax = figures.draw(tree, variable="phase")
    np.testing.assert_array_equal(
        np.asarray(ax.collections[0].get_array()).reshape(3, 3),
        tree["theory/phase"].transpose("T", "dilution"),
    )


def test_names_stay_inside_the_frame(tree):
    ax = figures.phase_map(tree)
    ax.figure.canvas.draw()
    frame = ax.get_window_extent()
    for text in ax.texts:
        box = text.get_window_extent()
        assert frame.x0 <= box.x0
        assert box.x1 <= frame.x1


def test_short_logarithmic_axes_have_plain_numbers_that_do_not_touch():
    ax = Figure(figsize=(2, 2)).add_subplot()
    ax.semilogx([3, 11, 39], [0, 1, 2])
    figures.drawing.logarithmic(ax.xaxis)
    ax.figure.canvas.draw()
    shown = [t for t in ax.get_xticklabels() if 3 <= t.get_position()[0] <= 39]
    assert [text.get_text() for text in shown] == ["5", "10", "20"]
    boxes = [text.get_window_extent() for text in shown]
    assert all(a.x1 < b.x0 for a, b in itertools.pairwise(boxes))

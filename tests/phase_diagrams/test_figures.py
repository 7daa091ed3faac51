import itertools
import logging
import subprocess
import sys
import tempfile

import numpy as np
import pytest
from matplotlib import rcParams
from matplotlib import style as styles
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

import montecarlo
import phase_diagrams
import theory
from hebbian import Dense, Hopfield, Multitasking, Supervised, TeacherStudent
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


@pytest.mark.heavy
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


@pytest.mark.heavy
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


@pytest.mark.heavy
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
@pytest.mark.heavy
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


@pytest.mark.parametrize(
    ("model", "points"),
    [
        (TeacherStudent(signal=3.0), {"retrieval": (0.3, 0.5), "glass": (0.02, 0.5),
                                      "paramagnet": (0.05, 2.0)}),
        (TeacherStudent(order=3, signal=0.5),
         {"retrieval": (22.0, 6.8), "metastable retrieval": (19.5, 6.84), "glass": (3.0, 0.5),
          "paramagnet": (16.0, 6.8)}),
    ],
)  # fmt: skip
def test_a_student_knows_its_teacher_beyond_the_lines(model, points):
    ax = figures.phase_lines(model)
    assert set(words(ax)) >= {"retrieval", "glass", "paramagnet"}
    lines = theory.phase_lines(model)
    for name, (alpha, T) in points.items():
        at = np.array([alpha]), np.array([T])
        assert Phase(between_curves(lines, *at).item()).text == name
        known = theory.solve(model, alpha=alpha, T=T)
        others = [
            theory.solve(model, alpha=alpha, T=T, start=start) for start in ("glass", "paramagnet")
        ]
        assert known.converged == (name in ("retrieval", "metastable retrieval"))
        if name == "retrieval":
            assert known.free_energy < np.nanmin([other.free_energy for other in others])


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


def test_pyplot_is_not_needed():
    """In a process of its own: other tests draw by it."""
    code = """
import sys
from phase_diagrams import figures, sweep
from hebbian import Hopfield
tree = sweep(Hopfield(), {"alpha": [0.02, 0.1], "T": [0.1, 0.5]}, simulate=False)
figures.save(figures.phase_map(tree).figure, sys.argv[1])
assert "matplotlib.pyplot" not in sys.modules
"""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-c", code, f"{folder}/map.png"], check=True)


def test_who_draws_studies_imports_no_monte_carlo():
    code = """
import sys
from phase_diagrams import figures
assert "montecarlo" not in sys.modules
assert figures.plot_result and "montecarlo" in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


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
        (lambda tree: figures.phase_map(tree.sel(T=0.2, alpha=0.1)), "this is one point"),
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
    tree = phase_diagrams.refine(out, budget=3)
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


def plain(tree):
    return Figure(figsize=(5, 4)).subplots()


def adjusted(tree):
    ax = plain(tree)
    ax.figure.subplots_adjust(left=0.3)
    return ax


def in_a_grid(tree):
    figure = Figure()
    figure.add_subplot(figure.add_gridspec(2, 3)[1, 1:]).plot([1, 2])
    return figure.add_subplot(figure.axes[0].get_gridspec()[0, :2])


OTHERS = {
    "plain": plain,
    "adjusted": adjusted,
    "grid": in_a_grid,
    "tight": lambda _: Figure(layout="tight").subplots(),
    "constrained": lambda _: Figure(layout="constrained").subplots(),
    "subfigure": lambda _: Figure().subfigures(1, 2)[1].subplots(),
    "inset": lambda _: Figure().subplots().inset_axes([0.5, 0.5, 0.4, 0.4]),
    "twin": lambda _: Figure().subplots().twinx(),
    "next to three dimensions": lambda _: [
        (f := Figure()).add_subplot(121, projection="3d"), f.add_subplot(122)
    ][1],
    "tiny": lambda _: Figure(figsize=(0.1, 0.1)).subplots(),
}  # fmt: skip


@pytest.mark.parametrize("draw", [figures.phase_map, figures.overlap_curve])
@pytest.mark.parametrize("make", OTHERS.values(), ids=OTHERS)
def test_a_figure_of_the_user_stays_as_it_is(tree, tmp_path, make, draw):
    """Layout, size and rcParams are theirs; other axes do not move."""
    ax = make(tree)
    whole = ax.figure.get_figure(root=True)
    canvas = FigureCanvasAgg(whole)
    canvas.draw()
    engine, size, parameters = whole.get_layout_engine(), whole.get_size_inches(), dict(rcParams)
    moving = engine is not None or draw is figures.phase_map  # which takes room for its colours
    own = ax.get_position().bounds  # that of a twin, too
    others = [other for other in whole.axes if not moving or other.get_position().bounds != own]
    before = [other.get_position().bounds for other in (*others, *([] if moving else [ax]))]
    draw(tree if draw is figures.phase_map else tree.sel(T=0.6), ax)
    canvas.draw()
    if engine is None:
        now = [other.get_position().bounds for other in (*others, *([] if moving else [ax]))]
        assert now == before
    drawn = [each.get_position().bounds for each in whole.axes]
    written = figures.save(ax.figure, tmp_path / "theirs")
    assert [path.suffix for path in written] == [".pdf", ".png"]
    canvas.draw()
    np.testing.assert_allclose([a.get_position().bounds for a in whole.axes], drawn, atol=2e-3)
    assert whole.get_layout_engine() is engine
    np.testing.assert_array_equal(whole.get_size_inches(), size)
    assert dict(rcParams) == parameters


def test_figures_of_ours_keep_their_layout_and_style(tree, tmp_path):
    ax = figures.phase_map(tree)
    figures.save(ax.figure, tmp_path / "ours")
    assert type(ax.figure.get_layout_engine()).__name__ == "ConstrainedLayoutEngine"
    assert {label.get_fontname() for label in ax.get_xticklabels()} == {"STIXGeneral"}
    assert figures.save(Figure(), tmp_path / "empty")[0].exists()


@pytest.mark.parametrize("suffix", figures.files.FORMATS)
def test_the_suffix_is_the_format(tree, tmp_path, suffix):
    name = tmp_path / f"a.map.{suffix.upper()}"
    assert figures.save(figures.overlap_curve(tree.sel(T=0.6)).figure, name) == (name,)
    start = name.read_bytes()[:12]
    signatures = {
        "pdf": b"%PDF", "png": b"\x89PNG", "svg": b"<?xml", "eps": b"%!PS", "ps": b"%!PS",
        "jpg": b"\xff\xd8", "jpeg": b"\xff\xd8", "tif": b"II*", "tiff": b"II*", "webp": b"RIFF",
    }  # fmt: skip
    assert start.startswith(signatures[suffix])
    assert list(tmp_path.iterdir()) == [name]


@pytest.mark.parametrize("name", ["map.docx", "map.xlsx", "map.html", "map.nc", "map.GIF"])
def test_a_suffix_of_other_files_is_refused_by_name(tree, tmp_path, name):
    figure = figures.phase_map(tree).figure
    with pytest.raises(ValueError, match=rf"{name[4:].lower()} is not one of .*\.pdf, \.png, \."):
        figures.save(figure, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_figure_and_no_axes_is_named(tree, tmp_path):
    ax = plain(tree)
    with pytest.raises(TypeError, match=r"no matplotlib Figure: that of an Axes is ax\.figure"):
        figures.save(ax, tmp_path / "x")
    for wrong in (ax.figure, [ax], "q", 3):
        with pytest.raises(TypeError, match="is not one matplotlib Axes"):
            figures.phase_map(tree, wrong)
    with pytest.raises(TypeError, match="three dimensions"):
        figures.phase_map(tree, Figure().add_subplot(projection="3d"))


def test_names_and_lines_are_seen_on_a_dark_ground(tree):
    with styles.context("dark_background"):
        ax, bare = (Figure().subplots() for _ in range(2))
        figures.phase_map(tree, ax=ax)
        figures.phase_lines(Hopfield(), bare)
    assert {text.get_color() for text in ax.texts} == {"black"}  # on the light ground of a map
    assert {text.get_color() for text in bare.texts} == {"white"}
    assert all(text.get_path_effects() for text in (*ax.texts, *bare.texts))
    assert "black" not in {line.get_color() for line in bare.lines}


def test_several_studies_on_one_axes_are_told_apart(tree):
    ax = figures.overlap_curve(tree.sel(T=0.2), label="cold")
    assert figures.overlap_curve(tree.sel(T=0.6), ax, label="hot") is ax
    cold, hot = (ax.get_legend_handles_labels()[1][i::2] for i in (0, 1))
    assert {*cold, *hot} == {"cold: theory", "hot: theory", "cold: simulation", "hot: simulation"}
    theory_lines = {
        line.get_label(): line.get_color()
        for line in ax.lines
        if str(line.get_label()).endswith("theory")
    }
    points = {c.get_label(): c[0].get_color() for c in ax.containers}
    assert theory_lines["cold: theory"] != theory_lines["hot: theory"]
    for study in ("cold", "hot"):
        assert theory_lines[f"{study}: theory"] == points[f"{study}: simulation"]


def test_a_curve_of_phases_leaves_other_lines_alone(tree):
    ax = plain(tree)
    (theirs,) = ax.plot([0.2, 1.3], [0, 1])
    figures.overlap_curve(tree.sel(alpha=0.03), ax, variable="phase")
    assert [line.get_drawstyle() for line in ax.lines] == ["default", "steps-mid"]
    assert ax.lines[0] is theirs


@pytest.mark.heavy
def test_geometric_values_make_logarithmic_axes_with_geometric_cells():
    learner = Dense(order=4, rule=Supervised(quality=0.5, n_examples=2))
    grid = {"quality": [0.5, 0.7, 0.9], "n_examples": [2, 4, 8, 16], "alpha": 0.05, "T": 0.2}
    tree = phase_diagrams.sweep(learner, grid, simulate=False)
    ax = figures.phase_map(tree)
    assert (ax.get_xscale(), ax.get_yscale()) == ("linear", "log")
    corners = ax.collections[0].get_coordinates()
    np.testing.assert_allclose(corners[:, 0, 1], 2 ** np.arange(0.5, 5), rtol=1e-12)
    np.testing.assert_allclose(corners[0, :, 0], [0.4, 0.6, 0.8, 1.0], rtol=1e-12)
    assert figures.overlap_curve(tree.sel(quality=0.7)).get_xscale() == "log"


@pytest.mark.parametrize("scale", ["log", "symlog", "linear", "asinh"])
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("inverted", [True, False], ids=["inverted", "upright"])
def test_scales_of_the_user(tmp_path, caplog, scale, before, inverted):
    """A zero on a logarithmic axis is left out with one warning; cells end in the middle."""
    grid = {"alpha": [0.0, 0.05, 0.1], "T": [0.1, 0.5]}
    tree = phase_diagrams.sweep(Hopfield(), grid, simulate=False)
    for draw, shown in ((figures.phase_map, tree), (figures.overlap_curve, tree.sel(T=0.5))):
        ax = plain(tree)
        caplog.clear()
        if before:
            ax.set_xscale(scale)
        if inverted and before:
            ax.invert_xaxis()
        draw(shown, ax)
        if not before:
            ax.set_xscale(scale)
            ax.set_xlim(*((0.2, 0.01) if inverted else (0.01, 0.2)))
        assert ax.xaxis_inverted() == inverted
        figures.save(ax.figure, tmp_path / "f.png")
        left_out = scale == "log" and before
        said = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]
        assert len(said) == left_out
        assert all(words.startswith("alpha = 0 has no place") for words in said)
        if draw is figures.phase_map and before:
            corners = ax.collections[0].get_coordinates()[0, :, 0]
            middles = ax.xaxis.get_transform().transform(grid["alpha"][left_out:])
            inner = ax.xaxis.get_transform().transform(corners[1:-1])
            np.testing.assert_allclose(inner, (middles[1:] + middles[:-1]) / 2, rtol=1e-9)


def test_an_axis_without_any_place_is_refused():
    ax = plain(None)
    ax.set_yscale("log")
    grid = {"alpha": [0.02, 0.1], "T": [0.0, 0.5]}
    cold = phase_diagrams.sweep(Hopfield(), grid, simulate=False).isel(T=[0])
    with pytest.raises(ValueError, match="T = 0 has no place on an axis of scale log"):
        figures.drawing.placed(cold["theory/m"].transpose("T", "alpha"), ax)


def test_the_bare_diagram_on_logarithmic_and_inverted_axes(tmp_path):
    for scale in ("log", "symlog"):
        ax = plain(None)
        ax.set(xscale=scale, yscale=scale)
        ax.invert_yaxis()
        figures.phase_lines(Dense(order=4), ax)
        figures.save(ax.figure, tmp_path / "f.png")
        assert (ax.get_xscale(), ax.yaxis_inverted()) == (scale, True)
        assert ax.get_xlim()[1] > 0.4


def test_names_on_logarithmic_axes_are_inside_their_regions():
    grid = {"alpha": np.geomspace(1e-3, 0.2, 6), "T": np.geomspace(0.02, 2, 6)}
    ax = figures.phase_map(phase_diagrams.sweep(Hopfield(), grid, simulate=False))
    assert ax.get_xscale() == ax.get_yscale() == "log"
    lines = theory.phase_lines(Hopfield())
    for text in ax.texts:
        x, y = text.get_position()
        code = between_curves(lines, np.array([x]), np.array([y])).item()
        assert Phase(code).text == text.get_text().replace("\n", " ")


def test_a_window_that_was_closed_is_saved(tmp_path):
    script = f"""if True:
        import matplotlib; matplotlib.use("agg")
        from matplotlib import pyplot
        from phase_diagrams import figures
        figure, ax = pyplot.subplots()
        pyplot.close(figure)
        figures.save(figure, {str(tmp_path / "closed.png")!r})
    """
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True)
    assert (tmp_path / "closed.png").exists()

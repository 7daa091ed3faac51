"""Figures of several curves, studies and models, in any style, with the arguments of matplotlib."""

import functools

import numpy as np
import pytest
import xarray as xr
from matplotlib import rcParams
from matplotlib import style as styles
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, QuadMesh
from matplotlib.colors import LogNorm, to_hex, to_rgb
from matplotlib.figure import Figure

import phase_diagrams
import theory
from hebbian import Dense, Hopfield, Multitasking, Supervised
from phase_diagrams import figures
from phase_diagrams.figures.dilution import staircase

GRID = {"alpha": [0.02, 0.06, 0.1], "T": [0.1, 0.4, 0.7]}


@pytest.fixture(autouse=True, scope="module")
def cached():
    """Lines are solved for once."""
    solved, known = theory.phase_lines, {}

    @functools.wraps(solved)
    def phase_lines(model, **settings):
        key = repr(model), *sorted(settings.items())
        if key not in known:
            known[key] = solved(model, **settings)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(theory, "phase_lines", phase_lines)
        yield


@pytest.fixture(scope="module")
def study(schedule):
    return phase_diagrams.sweep(Hopfield(), GRID, n_spins=50, n_samples=2, schedule=schedule)


@pytest.fixture(scope="module")
def dense():
    return phase_diagrams.sweep(Dense(order=4), GRID, simulate=False)


@pytest.fixture(scope="module")
def followed():
    grid = {"start": [0.2, 0.5, 0.8], "n_spins": [40, 60], "T": 0.1, "alpha": 0.05}
    return phase_diagrams.sweep(
        Hopfield(), grid, dynamics="parallel", n_samples=2, n_steps=3, n_replicas=1
    )


@pytest.fixture(scope="module")
def patterns(schedule):
    grid = {"dilution": [0.1, 0.3, 0.6], "T": [0.05, 0.3]}
    return phase_diagrams.sweep(
        Multitasking(n_patterns=3), grid, n_spins=40, n_samples=2, schedule=schedule,
        start="hierarchical",
    )  # fmt: skip


def drawn(ax):
    """Return the lines of an Axes that have data and are no points."""
    return [line for line in ax.lines if len(line.get_xdata()) and line.get_marker() == "None"]


def words(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def luminance(colour):
    """Relative luminance as IEC 61966-2-1 and WCAG have it."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ratio(colour, ground):
    high, low = sorted((luminance(colour), luminance(ground)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def seen(ax):
    """Return colours with what is behind them: of all lines and words of an Axes."""
    face, beside = ax.get_facecolor(), ax.figure.get_facecolor()
    colours = [(line.get_color(), face) for line in ax.lines]
    for bars in (c for c in ax.collections if isinstance(c, LineCollection)):
        colours += [(colour, face) for colour in bars.get_color()]
    colours += [(text.get_color(), face) for text in ax.texts]
    if ax.get_legend() is not None:
        colours += [(text.get_color(), face) for text in ax.get_legend().get_texts()]
    colours += [(axis.label.get_color(), beside) for axis in (ax.xaxis, ax.yaxis)]
    return colours


@pytest.mark.parametrize("style", ["default", *styles.available])
def test_everything_is_seen_in_every_style(style, study, dense, followed, patterns):
    before = None
    with styles.context(style):
        before = dict(rcParams)
        axes = [Figure().subplots() for _ in range(9)]
        figures.phase_map(study, axes[0])
        figures.phase_map(study, axes[1], variable="phase")
        figures.overlap_curve(study, axes[2], x="T")
        figures.phase_lines(Hopfield(), axes[3])
        figures.phase_lines([Hopfield(), Dense(order=4)], axes[4])
        figures.trajectory(followed, axes[5], samples="lines")
        figures.basin(followed.sel(n_spins=60).assign(followed.children), axes[6], x="n_spins")
        staircase(patterns.sel(T=0.05), patterns.sel(T=0.05), ax=axes[7], marks={"$d$": 0.3})
        for model in (study, dense):
            figures.overlap_curve(figures.select(model, "alpha", 0.02), axes[8])
        own = figures.overlap_curve(study, x="alpha")
        assert dict(rcParams) == before
    for ax in (*axes, own):
        for colour, ground in seen(ax):
            assert ratio(colour, ground) >= 2.99, (axes.index(ax), colour, ground)


def test_a_hue_has_a_colour_and_a_name_for_each_of_its_values(study):
    ax = figures.overlap_curve(study, x="T", hue="alpha")
    lines = drawn(ax)
    assert [line.get_label() for line in lines] == [rf"$\alpha = {a}$" for a in (0.02, 0.06, 0.1)]
    assert words(ax)[:3] == [line.get_label() for line in lines]
    assert words(ax)[3:] == ["theory", "simulation"]
    assert len({line.get_color() for line in lines}) == 3
    for line, points, alpha in zip(lines, ax.containers, GRID["alpha"], strict=True):
        assert line.get_color() == points[0].get_color()
        np.testing.assert_array_equal(
            points[0].get_ydata(), study["simulation/m"].sel(alpha=alpha).transpose("T")
        )
    other = figures.overlap_curve(study, hue="T")
    assert other.get_xlabel() == r"load $\alpha$"
    assert [line.get_label() for line in drawn(other)] == [f"$T = {T}$" for T in GRID["T"]]
    coordinate = figures.overlap_curve(study, hue="n_patterns")
    assert [line.get_label() for line in drawn(coordinate)] == ["$K = 1$", "$K = 3$", "$K = 5$"]


def test_patterns_and_sizes_may_be_the_hue(patterns, followed):
    cold = patterns.sel(T=0.05)
    ax = figures.overlap_curve(cold, hue="pattern")
    assert words(ax)[:3] == [rf"$\mu = {k}$" for k in range(3)]
    for k, line in enumerate(drawn(ax)):
        np.testing.assert_array_equal(line.get_ydata(), cold["theory/m"].sel(pattern=k))
    ax = figures.trajectory(followed.sel(start=0.5), hue="n_spins")
    assert words(ax) == ["theory", "$N = 40$", "$N = 60$"]
    with pytest.raises(ValueError, match="hue = 'mass' is not one of"):
        figures.overlap_curve(cold, hue="mass")
    with pytest.raises(ValueError, match="x = 'T' and hue = 'T' are one axis"):
        figures.overlap_curve(patterns, x="T", hue="T")


def test_many_values_have_shades_that_are_seen(caplog):
    alpha = np.linspace(0.01, 0.12, 12).round(3).tolist()
    tree = phase_diagrams.sweep(Hopfield(), {"alpha": alpha, "T": [0.1, 0.3]}, simulate=False)
    for ground in ("white", "black"):
        ax = Figure().subplots()
        ax.set_facecolor(ground)
        figures.overlap_curve(tree, ax, x="T", hue="alpha")
        assert len({line.get_color() for line in ax.lines}) == 12
        assert min(ratio(line.get_color(), ground) for line in ax.lines) >= 2.99
        assert ax.figure.axes[1].get_ylabel() == r"load $\alpha$"
    ax = Figure().subplots()
    cax = ax.figure.add_axes((0.95, 0.1, 0.02, 0.8))
    figures.overlap_curve(
        tree, ax, x="T", hue="alpha", cmap="magma", norm=LogNorm(0.01, 1), colorbar=cax
    )
    np.testing.assert_allclose(cax.get_ylim(), (0.01, 1))
    assert len(ax.figure.axes) == 2
    figures.overlap_curve(tree, ax := Figure().subplots(), x="T", hue="alpha", colorbar=False)
    assert len(ax.figure.axes) == 1


def test_several_studies_in_one_call_or_in_several(study, dense):
    both = {"Hopfield": figures.select(study, "alpha", 0.06),
            "P = 4": figures.select(dense, "alpha", 0.06)}  # fmt: skip
    ax = figures.overlap_curve(both, Figure().subplots())
    assert words(ax) == ["Hopfield: theory", "P = 4", "Hopfield: simulation"]
    apart = Figure().subplots()
    for name, tree in both.items():
        figures.overlap_curve(tree, apart, label=name)
    for ours, theirs in zip(drawn(ax), drawn(apart), strict=True):
        assert (ours.get_color(), ours.get_label()) == (theirs.get_color(), theirs.get_label())
    assert drawn(ax)[0].get_color() != drawn(ax)[1].get_color()
    for _ in range(2):
        figures.overlap_curve(both["P = 4"], apart)
    assert len(words(apart)) == len({*words(apart)})
    listed = figures.overlap_curve(list(both.values()), Figure().subplots())
    assert words(listed)[1] == "Dense(order=4)"
    with pytest.raises(ValueError, match="give 2, one word or text each"):
        figures.overlap_curve(list(both.values()), label="A")
    with pytest.raises(TypeError, match="tree is a Dataset, not the DataTree"):
        figures.overlap_curve(study["theory"].to_dataset())
    with pytest.raises(ValueError, match="is empty"):
        figures.overlap_curve({})


def test_maps_and_lines_of_several_models(study, dense):
    ax = figures.phase_map({"P = 2": study, "P = 4": dense})
    assert not [c for c in ax.collections if isinstance(c, QuadMesh)]
    assert {"P = 2", "P = 4"} <= {*words(ax)}
    assert ax.get_xlim() == (0.02, 0.1)
    ax = figures.phase_lines({"P = 2": Hopfield(), "P = 4": Dense(order=4)})
    assert words(ax)[:2] == ["P = 2", "P = 4"]
    assert not ax.texts
    assert len(words(ax)) == len({*words(ax)})
    one, two = (line.get_color() for line in ax.lines if line.get_label() in ("P = 2", "P = 4"))
    at = theory.phase_lines(Dense(order=4))["transition_load"]
    assert any(
        np.array_equal(line.get_xdata(), at, equal_nan=True)
        for line in drawn(ax)
        if line.get_color() == two
    )
    assert one != two
    with pytest.raises(TypeError, match="is not a model"):
        figures.phase_lines([Hopfield(), 3])


def test_axes_of_a_map_may_be_exchanged(study):
    usual, other = figures.phase_map(study), figures.phase_map(study, x="T")
    assert other.get_xlabel() == "temperature $T$"
    ours, theirs = (
        np.asarray(ax.collections[0].get_array()).reshape(3, 3) for ax in (usual, other)
    )
    np.testing.assert_array_equal(ours, theirs.T)
    for here, there in zip(usual.lines, other.lines, strict=True):
        np.testing.assert_array_equal(here.get_xydata(), there.get_xydata()[:, ::-1])
    for text in other.texts:
        T, alpha = text.get_position()
        at = figures.curves.between_curves(
            theory.phase_lines(Hopfield()), np.array([alpha]), np.array([T])
        )
        assert figures.regions.Phase(at.item()).text == text.get_text().replace("\n", " ")
    assert not figures.phase_map(study, y="alpha", names=False).texts
    with pytest.raises(ValueError, match="y = 'order' is not one of the axes"):
        figures.phase_map(study, y="order")


def test_scales_and_ticks(study, schedule, caplog):
    ax = figures.phase_map(study, xscale="log", yscale="symlog")
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "symlog")
    with pytest.raises(ValueError, match="xscale = 'logg' is not one of"):
        figures.phase_map(study, xscale="logg")
    tree = phase_diagrams.sweep(Hopfield(), {"alpha": [0.0, 0.05, 0.1], "T": 0.2}, simulate=False)
    ax = figures.overlap_curve(tree, xscale="log")
    assert "alpha = 0 has no place on an axis of scale log and is left out" in caplog.text
    assert drawn(ax)[0].get_xdata().tolist() == [0.05, 0.1]
    cheap = {"n_samples": 1, "n_replicas": 1, "schedule": schedule, "theory": False}
    grid = {"order": [2, 3, 4], "alpha": 0.1, "T": [0.1, 0.3], "n_spins": 12}
    orders = phase_diagrams.sweep(Dense(order=3), grid, **cheap)
    for ax in (figures.phase_map(orders), figures.overlap_curve(orders, hue="T")):
        assert (ax.get_xticks() % 1 == 0).all()
    learner = Dense(order=3, rule=Supervised(quality=0.5, n_examples=2))
    grid = {"n_examples": [2, 5, 10, 20, 50], "alpha": 0.1, "T": [0.1, 0.2], "n_spins": 12}
    learnt = phase_diagrams.sweep(learner, grid, **cheap)
    assert figures.overlap_curve(learnt, hue="T").get_xscale() == "log"
    assert figures.phase_map(learnt).get_xscale() == "log"
    ax = figures.phase_map(study, Figure().subplots(), xscale="log")
    shown = [text.get_text() for text in ax.get_xticklabels(minor=True)]
    assert not any(shown)  # and no powers of ten that touch


def test_properties_of_matplotlib_pass_through(study):
    one = figures.select(study, "alpha", 0.06)
    ax = figures.overlap_curve(
        one, color="red", marker="s", ls="--", lw=3, alpha=0.5,
        theory_style={"zorder": 7}, simulation_style={"ms": 9, "capsize": 0},
        legend={"title": "here", "loc": "lower left"},
    )  # fmt: skip
    (line,), (points,) = drawn(ax), ax.containers
    assert (line.get_color(), line.get_linestyle(), line.get_linewidth()) == ("red", "--", 3)
    assert (line.get_zorder(), line.get_alpha()) == (7, 0.5)
    assert (points[0].get_marker(), points[0].get_markersize()) == ("s", 9)
    assert (points[0].get_color(), points[0].get_linestyle()) == ("red", "None")
    assert ax.get_legend().get_title().get_text() == "here"
    theirs = Figure().subplots()
    theirs.set(xlabel="mine", title="")
    figures.overlap_curve(one, theirs, legend=False)
    assert theirs.get_xlabel() == "mine"
    assert theirs.get_legend() is None
    mesh = figures.phase_map(study, cmap="magma", vmin=-1, vmax=2, alpha=0.5).collections[0]
    assert (mesh.get_cmap().name, mesh.get_clim(), mesh.get_alpha()) == ("magma", (-1, 2), 0.5)
    ax = figures.phase_map(study, colorbar=False, theory_style={"color": "cyan"})
    assert {line.get_color() for line in ax.lines} == {"cyan"}
    assert len(ax.figure.axes) == 1
    lines = figures.phase_lines(Hopfield(), lw=4, names=False)
    assert {line.get_linewidth() for line in lines.lines} == {4}


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda t: figures.overlap_curve(t, x="T", colour="red"), TypeError, "no argument colour"),
        (lambda t: figures.overlap_curve(t, x="T", color="reed"), ValueError, "color = 'reed'"),
        (lambda t: figures.overlap_curve(t, x="T", varable="q"), TypeError, "variable"),
        (lambda t: figures.phase_map(t, cmap="magmaa"), ValueError, "magma"),
        (lambda t: figures.phase_map(t, colorbar="left"), TypeError, "colorbar = 'left'"),
        (lambda t: figures.phase_map(t, theory_style={"linestile": 1}), TypeError, "linestile"),
        (lambda t: figures.overlap_curve(t, x="T", legend="off"), TypeError, "legend = 'off'"),
        (lambda t: figures.save(Figure(), "f.png", format="pdf"), TypeError, "suffix of the name"),
        (lambda t: figures.save(Figure(), "f.png", dpy=3), TypeError, "dpy"),
    ],
)
def test_what_matplotlib_has_not_is_one_line(study, tmp_path, monkeypatch, call, error, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=message) as caught:
        call(study)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_panels_that_share_axes_show_all_of_their_maps(study):
    wide = phase_diagrams.sweep(
        Hopfield(), {"alpha": [0.05, 0.15, 0.25], "T": [0.5, 1.0]}, simulate=False
    )
    panels = Figure(layout="tight").subplots(1, 3, sharex=True, sharey=True)
    for ax, tree in zip(panels, (study, wide, study), strict=True):
        figures.phase_map(tree, ax, colorbar=False)
    low, high = panels[0].get_xlim()
    assert (low, high) == pytest.approx((0.0, 0.3))
    assert panels[2].get_ylim() == pytest.approx((0.0, 1.25))
    fixed = Figure().subplots()
    fixed.set_xlim(0.03, 0.08)
    figures.phase_map(study, fixed)
    assert fixed.get_xlim() == (0.03, 0.08)


def test_a_figure_is_saved_as_matplotlib_saves_it(study, tmp_path):
    from matplotlib.image import imread

    figure = figures.phase_map(study).figure
    (name,) = figures.save(figure, tmp_path / "f.png", dpi=50, transparent=True)
    pixels = imread(name)
    assert pixels.shape == (130, 170, 4)
    assert pixels[0, 0, 3] == 0
    assert figure.get_facecolor() == (1, 1, 1, 1)
    with styles.context("dark_background"):
        figure = figures.overlap_curve(study, x="T").figure
    (name,) = figures.save(figure, tmp_path / "dark.png", dpi=50)
    ticks = [text.get_color() for text in figure.axes[0].get_xticklabels()]
    assert {to_hex(colour) for colour in ticks} == {"#ffffff"}
    assert imread(name)[0, 0, :3].tolist() == [0, 0, 0]


def failed(tree):
    """Return a study whose points have all failed."""
    groups = {name: child.to_dataset() * np.nan for name, child in tree.children.items()}
    for name, child in tree.children.items():
        groups[name].attrs = child.attrs
    return xr.DataTree.from_dict(groups)


def test_sparse_studies_are_drawn_or_refused_in_one_line(study, followed, patterns, dense):
    only = {
        "theory": xr.DataTree.from_dict({"theory": study["theory"].to_dataset()}),
        "simulation": xr.DataTree.from_dict({"simulation": study["simulation"].to_dataset()}),
    }
    for tree in only.values():
        FigureCanvasAgg(figures.phase_map(tree).figure).draw()
        FigureCanvasAgg(figures.overlap_curve(tree, x="T").figure).draw()
    simulated = figures.overlap_curve(only["simulation"], x="T", legend=False)
    assert [c for c in simulated.containers if c[0].get_marker() == "o"]
    broken = study.copy(deep=True)
    broken["simulation/m"][0] = np.nan
    for draw in (figures.phase_map, lambda t: figures.overlap_curve(t, x="alpha")):
        FigureCanvasAgg(draw(broken).figure).draw()
    empty = xr.DataTree.from_dict({"simulation": failed(study)["simulation"].to_dataset()})
    FigureCanvasAgg(figures.phase_map(empty).figure).draw()
    FigureCanvasAgg(figures.phase_map(empty, variable="energy").figure).draw()
    FigureCanvasAgg(figures.overlap_curve(empty, x="T").figure).draw()
    with pytest.raises(ValueError, match="this is one point"):
        figures.overlap_curve(study.sel(alpha=0.02, T=0.1), hue="T")
    row = figures.overlap_curve(study.sel(T=0.1), hue="T")
    assert "$T = 0.1$" in words(row)

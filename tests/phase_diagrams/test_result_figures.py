"""Pictures of single results show the numbers of the results, on any Axes, in any style."""

import inspect
import subprocess
import sys

import matplotlib
import numpy as np
import pytest
from matplotlib import rc_context, style
from matplotlib.collections import QuadMesh
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from result_examples import EXAMPLES, SMALL, example, run
from scipy.stats import rankdata

import montecarlo
import theory
from hebbian import Hopfield, Result
from phase_diagrams.figures import results
from phase_diagrams.figures.chains import rank_shares
from phase_diagrams.figures.contrast import contrast
from phase_diagrams.figures.histograms import bin_edges
from phase_diagrams.retrieval import retrieve

LONG = montecarlo.Schedule(warmup=20, sweeps=400, stride=2)


def drawn(name):
    """Yield every picture of an example that there can be of it."""
    result = example(name)
    for kind in results.kinds(result):
        shape = np.shape(getattr(result, "converged", getattr(result, "m", 0)))
        if kind == "map" and np.sum(np.array(shape) > 1) < 2:
            continue
        if kind == "autocorrelation" and name == "Run":
            continue  # the first temperature of the example is too cold for it
        yield kind


@pytest.fixture
def ax():
    return Figure().add_subplot()


@pytest.mark.parametrize("name", [name for name in EXAMPLES if not name.startswith("Ultra")])
def test_every_picture_is_drawn(name, ax):
    result = example(name)
    assert results.kinds(result)
    for kind in drawn(name):
        with rc_context():
            before = dict(matplotlib.rcParams)
            for given in (None, ax):
                found = result.plot(kind, ax=given)
                assert given is None or found is given
                assert found.get_xlabel(), kind
                assert found.get_ylabel(), kind
                assert found.has_data()
                assert not found.get_title()
                found.figure.canvas.draw()
                found.clear()
            assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("name", ["Tempered", "Basin", "Ramp", "ReplicaSolution", "FirstPassage"])
def test_lines_are_seen_on_dark_ground(name):
    with style.context("dark_background"):
        for kind in drawn(name):
            ax = Figure().add_subplot()
            example(name).plot(kind, ax=ax)
            for line in ax.lines:
                if line.get_alpha() is None and line.get_linewidth() >= 0.8:
                    assert contrast(line.get_color(), ax.get_facecolor()[:3]) >= 2.9, kind


def test_unknown_kinds_and_classes():
    with pytest.raises(ValueError, match="kind of Run = 'rnak' is not one of") as refused:
        run().plot("rnak")
    assert str(refused.value).endswith("did you mean rank?")
    with pytest.raises(ValueError, match="there is no picture of UltraStorage, but of Basin"):
        example("UltraStorage").plot()
    for call, words in (
        (lambda: run().plot("trace", variable="k"), "variable = 'k' is not one of"),
        (lambda: run().plot("trace", index=2), "index = 2 is outside the allowed range"),
        (lambda: run().plot("trace", component=1), "component = 1 is outside"),
        (lambda: run().plot("estimates", variable="mm"), "variable = 'mm' is not one of"),
        (lambda: run().plot("histogram", bins=0), "bins = 0 is outside"),
        (lambda: example("BrokenSolution").plot("map"), "map needs two axes"),
        (lambda: run(schedule=montecarlo.Schedule(warmup=1, sweeps=0)).plot("trace"), "sweeps = 0"),
        (lambda: run(n_replicas=1).plot("histogram", variable="q"), "n_replicas"),
        (lambda: run(n_replicas=1).plot("rank"), "n_replicas"),
    ):
        with pytest.raises(ValueError, match=words) as refused:
            call()
        assert "\n" not in str(refused.value)
    with pytest.raises(TypeError, match="no argument colr, nor has matplotlib"):
        run().plot("trace", colr="red")
    with pytest.raises(TypeError, match="no argument hatchh"):
        example("Spurious").plot(hatchh="/")
    with pytest.raises(TypeError, match="is not one matplotlib Axes"):
        run().plot(ax=3)


def test_defaults():
    assert results.kinds(run())[0] == "estimates"
    assert results.kinds(run(T=0.2))[0] == "trace"
    assert results.kinds(example("Tempered"))[0] == "swap_rates"
    assert results.kinds(example("RankSolution"))[0] == "rank"
    many = theory.solve(Hopfield(), alpha=np.linspace(0.01, 0.05, 8)[:, None],
                        T=np.linspace(0.1, 0.3, 8))  # fmt: skip
    assert results.kinds(many)[0] == "map"


def test_arguments_of_pictures_are_no_properties_of_matplotlib():
    for pictures in results.PICTURES.values():
        for picture in pictures.values():
            names = list(inspect.signature(picture.draw).parameters)
            assert names[1:3] == ["ax", "look"]
            assert not {"color", "label", "alpha", "linewidth", "marker"} & set(names)


def test_style_goes_to_matplotlib(ax):
    example("BrokenSolution").plot(ax=ax, color="#123456", label="one step", lw=3, alpha=0.5)
    (line,) = ax.lines
    assert (to_hex(line.get_color()), line.get_linewidth(), line.get_alpha()) == ("#123456", 3, 0.5)
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["one step"]
    ax.clear()
    example("Spurious").plot(ax=ax, color="red", hatch="/")
    assert {to_hex(patch.get_facecolor()) for patch in ax.patches} == {"#ff0000"}
    ax.clear()
    example("ReplicaSolution").plot("map", ax=ax, cmap="magma", vmin=0.9)
    (mesh,) = (each for each in ax.collections if isinstance(each, QuadMesh))
    assert mesh.get_cmap().name == "magma"
    assert mesh.get_clim()[0] == 0.9
    ax.clear()
    run().plot(ax=ax, xscale="log")
    assert ax.get_xscale() == "log"


def test_estimates_are_those_of_the_run(ax):
    found = run()
    for variable in ("m", "energy", "susceptibility"):
        ax.clear()
        found.plot(ax=ax, variable=variable)
        (bars,) = ax.containers
        np.testing.assert_allclose(bars[0].get_xdata(), found.T)
        np.testing.assert_allclose(bars[0].get_ydata(), found.estimate(variable).mean)
        ends = [path.vertices[:, 1] for path in bars[2][0].get_paths()]
        for (low, high), error in zip(ends, found.estimate(variable).error, strict=True):
            np.testing.assert_allclose(high - low, 2 * error)


def test_one_point_is_a_point(ax):
    theory.solve(Hopfield(), alpha=0.05, T=0.3).plot(ax=ax)
    run(T=0.3).plot("estimates", ax=ax)
    assert {line.get_xdata().tolist()[0] for line in ax.lines} == {0.3}
    assert ax.get_xlabel() == "temperature $T$"


def test_traces_are_the_series(ax):
    found = run()
    found.plot("trace", ax=ax, index=1, variable="energy")
    lines = [line.get_ydata() for line in ax.lines]
    np.testing.assert_array_equal(lines, found.series["energy"][1].reshape(6, -1))
    assert ax.lines[0].get_xdata().tolist() == [6, 8, 10, 12, 14, 16]
    colours = [line.get_color() for line in ax.lines]
    assert colours[0] == colours[1] != colours[2]
    long = run(T=0.6, schedule=montecarlo.Schedule(warmup=0, sweeps=3000))
    ax.clear()
    long.plot("trace", ax=ax)
    assert 300 < len(ax.lines[0].get_xdata()) <= 600


def test_ranks_are_those_of_scipy():
    rng = np.random.default_rng(0)
    edges = np.linspace(0, 1, 11)
    series = rng.normal(size=(3, 200))
    ranks = (rankdata(series).reshape(3, 200) - 0.5) / 600
    direct = [np.histogram(chain, edges)[0] / 200 for chain in ranks]
    np.testing.assert_allclose(rank_shares(series, edges), direct, atol=1e-12)
    whole = rng.integers(0, 3, (3, 200))
    np.testing.assert_allclose(rank_shares(whole, edges).sum(axis=1), 1)
    np.testing.assert_allclose(rank_shares(whole, edges).mean(axis=0), 0.1)
    assert np.allclose(rank_shares(np.ones((2, 5)), edges), 0.1)


def test_rank_pictures_see_chains_that_differ(ax):
    rng = np.random.default_rng(1)
    found = run(T=0.6, schedule=LONG)
    for shift, outside in ((0.0, False), (3.0, True)):
        found.series["m"][...] = rng.normal(size=found.series["m"].shape)
        found.series["m"][:, 0] += shift
        ax.clear()
        found.plot("rank", ax=ax, bins=10)
        band = max(patch.get_y() + patch.get_height() for patch in ax.patches
                   if hasattr(patch, "get_y"))  # fmt: skip
        highest = max(p.get_data().values.max() for p in ax.patches if hasattr(p, "get_data"))
        assert bool(highest > 1.2 * band) is outside


def test_autocorrelations(ax):
    found = run(T=0.8, schedule=LONG)
    found.plot("autocorrelation", ax=ax, lags=20)
    x = found.series["m"][0]
    centred = x - x.mean(axis=-1, keepdims=True)
    n = x.shape[-1]
    direct = [(centred[:, : n - k] * centred[:, k:]).sum() for k in range(21)]
    line = ax.lines[0]
    np.testing.assert_allclose(line.get_ydata(), np.array(direct) / direct[0], atol=1e-10)
    np.testing.assert_array_equal(line.get_xdata(), 2 * np.arange(21))


@pytest.mark.parametrize("n_spins", [40, 41])
def test_bins_hold_as_many_values_each(n_spins):
    rng = np.random.default_rng(2)
    values = 1 - 2 * rng.binomial(n_spins, 0.3, 3000) / n_spins
    edges = bin_edges(values, n_spins, 9)
    lattice = 1 - 2 * np.arange(-50, n_spins + 50) / n_spins
    inside = np.histogram(lattice, edges)[0]
    assert len(set(inside)) == 1
    assert np.ptp(np.diff(edges)) < 1e-12
    assert np.abs(edges[:, None] - lattice).min() > 0.9 / n_spins
    assert edges[0] < values.min()
    assert edges[-1] > values.max()


def test_histograms_are_densities(ax):
    found = run(T=[0.4, 0.8], schedule=LONG)
    found.plot("histogram", ax=ax, variable="q")
    for patch, series in zip(ax.patches, found.series["q"], strict=True):
        density, edges, _ = patch.get_data()
        assert np.sum(density * np.diff(edges)) == pytest.approx(1)
        np.testing.assert_allclose(density, np.histogram(series, edges, density=True)[0])
    assert len(ax.get_legend().get_texts()) == 2


def test_relaxation_begins_at_the_start(ax):
    found = run(T=[0.2, 0.8])
    found.plot("relaxation", ax=ax)
    line = ax.lines[1]
    assert line.get_xdata()[0] == 0
    assert line.get_ydata()[0] == 1
    np.testing.assert_allclose(line.get_ydata()[1:], found.series["m"][1].mean(axis=(0, 1)))


def test_ladders(ax):
    found = example("Tempered")
    found.plot(ax=ax)
    line = ax.containers[0][0]
    np.testing.assert_allclose(line.get_xdata(), [0.5, 0.75])
    np.testing.assert_allclose(line.get_ydata(), found.swap_rates)
    ax.clear()
    found.plot("walkers", ax=ax, sample=1)
    paths = sorted(tuple(path) for path in found.visits[1, 0])
    assert sorted(tuple(x.get_ydata()) for x in ax.lines) == paths


def test_survival_is_that_of_the_times(ax):
    found = run(T=1.5, n_samples=6).first_passage()
    found.plot(ax=ax)
    times, share, _ = found.survival()
    line = ax.lines[0]
    assert line.get_drawstyle() == "steps-post"
    for t, s in zip(times, share, strict=True):
        assert line.get_ydata()[line.get_xdata() <= t][-1] == s
    assert line.get_ydata()[0] == 1


def test_solutions_without_a_state_and_with_broken_symmetry(ax):
    found = theory.solve(Hopfield(), alpha=0.13, T=np.geomspace(5e-4, 0.3, 40))
    found.plot(ax=ax)
    sure, doubtful = ax.lines
    broken = found.converged & (found.replicon < 0)
    assert broken.any()
    assert not found.converged.all()
    assert doubtful.get_linestyle() == "--"
    np.testing.assert_array_equal(np.isfinite(sure.get_ydata()), found.converged & ~broken)
    near = np.isfinite(doubtful.get_ydata())
    assert near[broken].all()
    assert near.sum() <= broken.sum() + 2


def test_families_have_a_curve_for_each_value(ax):
    found = theory.solve(Hopfield(), alpha=[[0.01], [0.02], [0.03]], T=np.linspace(0.1, 0.4, 5))
    found.plot("lines", ax=ax)
    np.testing.assert_allclose([line.get_ydata() for line in ax.lines], found.m)
    found.plot("lines", ax=ax, x="alpha")
    assert len(ax.lines) == 3 + 5
    assert ax.lines[-1].get_xdata().tolist() == [0.01, 0.02, 0.03]
    points = theory.solve(Hopfield(), alpha=[0.01, 0.02], T=[0.1, 0.2])
    ax.clear()
    points.plot(ax=ax, x="T")
    assert ax.get_xlabel() == "temperature $T$"
    assert ax.lines[0].get_xdata().tolist() == [0.1, 0.2]


def test_ramps_show_samples_and_the_crossing(ax):
    found = montecarlo.ramp(Hopfield(), alpha=0.05, T=[0.2, 0.6, 1.2], **SMALL)
    found.plot(ax=ax)
    samples = [x.get_ydata() for x in ax.lines[:3]]
    np.testing.assert_allclose(samples, found.series["m"].mean(axis=(-1, -2)).T)
    marked = [x.get_xdata()[0] for x in ax.lines if len(set(x.get_xdata())) == 1]
    assert found.line().value in marked


def test_shares_have_intervals(ax):
    found = example("Spurious")
    found.plot(ax=ax)
    heights = [patch.get_height() for patch in ax.patches]
    assert heights == [float(getattr(found, k)) for k in results.shares.KINDS]
    ends = [path.vertices[:, 1].tolist() for path in ax.collections[0].get_paths()]
    shares = [getattr(found, kind) for kind in results.shares.KINDS]
    assert ends == [[float(each.low), float(each.high)] for each in shares]


def test_a_retrieval_is_a_result(ax, tmp_path):
    rng = np.random.default_rng(0)
    classes = rng.choice([20, 230], (3, 8, 8))
    labels = np.repeat(["hat", "coat", "boot"], 8)
    images = np.repeat(classes, 8, axis=0) + rng.integers(-15, 15, (24, 8, 8))
    found = retrieve(images, labels, n_examples=5, orders=[2, 4], sweeps=4, threshold="median")
    data = found.to_dataset()
    assert data["m_4"].dims == ("t", "class")
    assert data["class"].values.tolist() == list(found.chosen.classes)
    np.testing.assert_allclose(data["m_4"], found.overlaps(found.trajectories[4]))
    assert found.T == 0.0
    for suffix in ("nc", "zarr"):
        found.save(tmp_path / f"found.{suffix}")
        again = type(found).load(tmp_path / f"found.{suffix}")
        assert again.report() == found.report()
        assert list(again.trajectories) == [2, 4]
    found.plot(ax=ax, network=4)
    np.testing.assert_allclose(
        [line.get_ydata()[1:] for line in ax.lines], found.overlaps(found.trajectories[4]).T
    )
    with pytest.raises(ValueError, match="network = 3 is not one of 2, 4"):
        found.plot(network=3)


def test_no_window_is_opened_by_an_import():
    code = "import phase_diagrams.figures, sys; assert 'matplotlib.pyplot' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_kind_of_result_is_known_to_the_table():
    for kind in results.PICTURES:
        assert issubclass(kind, Result)

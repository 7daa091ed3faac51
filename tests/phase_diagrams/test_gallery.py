"""Every claim of the gallery, in its quick version, from the command line."""

import json
import math
import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest
import xarray as xr
from matplotlib.image import imread, imsave

import theory
from hebbian import Dense, Exponential, SparseDistributed
from phase_diagrams.cli import main
from phase_diagrams.gallery import (
    claims,
    courses,
    exponential_diagram,
    first_order,
    publishing,
)
from phase_diagrams.gallery.crossings import crossing, power
from phase_diagrams.gallery.running import averaged
from phase_diagrams.gallery.verdicts import (
    Measured,
    Verdict,
    equal,
    exact,
    positive,
    report,
    verdict,
)
from phase_diagrams.sealed import seal
from theory.exponential import binary
from theory.sparse_distributed import votes

PUBLISHED = Path(__file__).parents[2] / "docs" / "gallery"


def turned(path, name, dim):
    """Put the values of a variable in the opposite order."""

    def fault(tree):
        tree[f"{path}/{name}"] = tree[f"{path}/{name}"].copy(
            data=tree[f"{path}/{name}"].isel({dim: slice(None, None, -1)}).values
        )

    return fault


def changed(path, name, function):
    """Change every value of a variable."""

    def fault(tree):
        variable = tree[f"{path}/{name}"]
        tree[f"{path}/{name}"] = variable.copy(data=function(variable.values))

    return fault


def noted(path, name, value):
    """Change an attribute."""

    def fault(tree):
        tree[path].attrs[name] = value

    return fault


def shifted(values):
    return values + 0.2


#: For every claim what would prove it wrong, each by itself.
FAULTS = {
    "assembly_diagrams": [
        turned("layers_2/simulation", "m", "T"),
        changed("layers_2/simulation", "m_theory", lambda m: m - 0.3),
        changed("layers_3/lines", "spinodal_temperature", lambda T: 3 * T),
        changed("layers_3/lines", "glass_temperature", lambda T: T / 3),
    ],
    "attention_fit": [
        changed("weights", "beta", lambda beta: 1.001 * beta),
        changed("weights", "beta", lambda beta: beta * [[1], [1.01]]),
        changed("basins", "outvoted", lambda radius: radius / 2),
        changed("basins", "radius", lambda radius: radius[:, ::-1]),
        changed("basins", "radius", lambda radius: radius - np.array([0.0, 0.1])[:, None]),
    ],
    "ags_diagram": [
        turned("study/simulation", "m", "T"),
        changed("lines", "spinodal_temperature", lambda T: T / 3),
        changed("lines", "glass_temperature", shifted),
        noted("lines", "critical_load", 0.144),
        changed("heating", "T_c", lambda T: 4 * T),
    ],
    "basin": [
        turned("order_2/simulation", "m", "start"),
        changed("order_2/simulation", "critical", lambda m: m + 1),
        turned("order_2/theory", "critical", "alpha"),
        changed("order_4/theory", "critical", lambda m: m - 0.5),
        changed("order_2/neurodynamics", "critical", lambda m: m + 0.5),
    ],
    "basin_plane": [
        changed("attention/simulation", "radius", lambda radius: radius - 0.1),
        changed("P = 4/simulation", "radius", lambda radius: radius + 0.2),
        changed("SDM 0.2/simulation", "bound", lambda radius: radius - 0.2),
    ],
    "capacity": [
        changed("", "dynamic", np.sqrt),  # T_d itself is no load
        changed("", "one_step", lambda load: load / 2),
        turned("", "replica_symmetric", "order"),
        turned("", "static", "order"),
    ],
    "dense_p4": [
        changed("exchange", "transition", lambda T: 2 * T),
        changed("heating", "T_c", lambda T: 3 * T),
    ],
    "dense_phases": [
        turned("order_4/simulation", "m", "T"),
        changed("order_4/lines", "spinodal_temperature", lambda T: 3 * T),
    ],
    "dilution_diagrams": [
        turned("n_patterns_2/study/simulation", "m", "T"),
        changed("n_patterns_3/diagram", "phase", np.zeros_like),
        changed("n_patterns_2/diagram", "critical_temperature", np.sqrt),
    ],
    "disentangling": [
        changed("pictures", "wrong", np.ones_like),
        turned("words", "own", "alpha"),
        turned("patterns", "success", "coupling"),
    ],
    "dreaming_basin": [
        turned("dreaming", "radius", "sleep"),
        changed("projector", "radius", shifted),
        turned("projector", "radius", "alpha"),
    ],
    "dreaming_capacity": [
        turned("line", "capacity", "sleep"),
        changed("line", "capacity", lambda alpha: 0.8 * alpha),
        changed("simulation", "m_theory", lambda m: m - 0.2),
        changed("simulation", "m", lambda m: m - 0.2),
        turned("simulation", "m", "load"),
    ],
    "dreaming_images": [turned("digits", "recalled", "memory")],
    "exponential_diagram": [
        changed("sharpness_0.1/lines", "transition", lambda alpha: alpha + 0.01),
        changed("sharpness_1/lines", "spinodal", lambda alpha: alpha + 0.01),
        changed("sharpness_0.1/simulation", "heating", lambda T: 3 * T),
        changed("sharpness_0.1/simulation", "heating", lambda T: T / 3),
        changed("sharpness_0.1/simulation", "cooling", lambda T: 3 * T),
        changed("sharpness_0.1/simulation", "m", lambda m: m - 0.1),
    ],
    "finite_size": [changed("m", "theory", shifted)],
    "first_order": [
        changed("located", "theory", lambda T: 3 * T),
        changed("located", "barrier", np.zeros_like),
    ],
    "hierarchy": [
        turned("dilution/study/simulation", "m", "pattern"),
        changed("temperature/study/simulation", "m", np.negative),
        noted("", "temperatures", np.array([0.0638, 0.2128, 0.7])),
    ],
    "image_confusion": [changed("digits", "right", np.zeros_like)],
    "image_corruption": [changed("digits", "right", np.zeros_like)],
    "image_gallery": [changed("digits", "cue", lambda m: m + 1)],
    "image_learning": [
        turned("digits", "recognised", "order"),
        changed("digits", "recognised", lambda r: np.broadcast_to([1, 1, 0.5], r.shape)),
        changed("digits", "m_theory", lambda m: m - 20),
    ],
    "image_memories": [
        turned("digits", "wrong", "memory"),
        changed("digits", "nearest", shifted),
    ],
    "layer_capacity": [
        turned("", "capacity", "case"),
        changed("", "capacity", np.sqrt),
        changed("", "m_theory", lambda m: m - 0.3),
        turned("", "m", "load"),
    ],
    "layer_recall": [
        changed("layers_2", "first_theory", shifted),
        turned("layers_3", "critical", "alpha"),
        changed("layers_2", "worst", np.zeros_like),
    ],
    "learning_curves": [
        turned("supervised", "m", "n_examples"),
        changed("unsupervised_theory", "m", lambda m: m + 0.7),
        noted("sizes", "limit", -1.0),
        changed("sizes", "m", lambda m: m * [1, -1]),
    ],
    "learning_diagram": [
        changed("supervised_threshold", "self_consistent", lambda M: 1000 * M),
        changed("unsupervised_threshold", "one_step", np.ones_like),
        changed("supervised", "m", np.zeros_like),
    ],
    "learning_thresholds": [
        changed("thresholds", "exact", lambda M: M * [1, 2]),
        changed("thresholds", "supervised", lambda M: 10 * M),
    ],
    "lifetimes": [
        changed("escapes", "slope", lambda rate: rate - 1),
        noted("ramps", "spinodal_temperature", 0.5),
    ],
    "literal_powers": [
        changed("order_4/distinct/theory", "m", lambda m: 0.9 * m),
        turned("order_4/all/theory", "m", "t"),
        changed("order_4/all/predicted", "critical", lambda m: m - 0.5),
        changed("order_4/all/borders", "critical", lambda m: m - 0.5),
    ],
    "losses": [
        changed("supervised", "energy", shifted),
        turned("unsupervised", "learnt_product", "sweep"),
    ],
    "metastability": [
        turned("order_2/simulation", "found", "alpha"),
        changed("order_2/lines", "transition_temperature_at", lambda T: T + 1),
        changed("order_2/lines", "spinodal_temperature", lambda T: T / 3),
    ],
    "outer_product": [
        changed("dimensions", "error", lambda error: 2 * error),
        changed("samples", "error", lambda error: 2 * error),
        changed("lines", "theory", np.sqrt),
        changed("lines", "theory", lambda error: error[::-1]),
        changed("samples_lines", "theory", lambda error: error**1.2),
    ],
    "parallel_retrieval": [
        changed("hierarchical/theory", "m", shifted),
        turned("hierarchical/theory", "m", "pattern"),
        changed("parallel/cue", "m", np.zeros_like),
    ],
    "plefka": [
        changed("order_2", "gap_2", shifted),
        changed("order_4", "gap_1", shifted),
        changed("order_2", "gain", lambda gain: gain - 1),
    ],
    "recovery": [
        changed("order_2/points", "m", lambda m: m**2),
        turned("order_2/points", "m", "load"),
        changed("order_2/simulation", "lost", np.negative),
        changed("order_4/simulation", "m", lambda m: m + 0.6),
    ],
    "replay": [
        changed("order_2/theory", "m", lambda m: m - 0.3),
        turned("order_3/simulation", "m", "alpha"),
        changed("ends", "together", np.zeros_like),
        turned("ends", "ended", "n_spins"),
    ],
    "retrieval_trajectories": [
        changed("order_2/theory", "m", lambda m: 0.9 * m),
        turned("order_2/theory", "m", "start"),
        turned("order_3/simulation", "m", "t"),
        changed("order_3/near", "m", lambda m: m + 1),
    ],
    "sequence_capacity": [
        turned("order_2/line", "capacity", "T"),
        changed("order_2/line", "capacity", shifted),
        noted("order_2/line", "dense", 0.269),
        noted("order_3/line", "dense", 0.4),
        changed("order_3/simulation", "m_theory", lambda m: m - 0.3),
        turned("order_2/simulation", "m", "load"),
    ],
    "sparse_reading": [
        changed("theory", "whole", lambda distance: distance + 4),
        changed("theory", "voteless", lambda distance: distance - 20),
        changed("simulation", "unchanged", lambda distance: distance - 5),
        noted("theory", "voteless", 60.0),
    ],
    "sphere_capacity": [
        changed("sphere", "capacity", lambda alpha: 0 * alpha + 0.5),
        changed("sphere", "half", lambda alpha: alpha - 0.13),
        changed("gaussian", "capacity", shifted),
        changed("binary", "mean_theory", shifted),
    ],
    "structured_dilution": [
        changed("digits", "gap", shifted),
        changed("digits", "common", np.reciprocal),
        changed("digits", "m", np.negative),
    ],
    "student_diagram": [
        turned("order_2/simulation", "m", "alpha"),
        changed("order_2/simulation", "onset", lambda load: 40 * load),
        changed("order_3/simulation", "m_theory", lambda m: m - 0.3),
        changed("order_2/lines", "learning", lambda load: load / 2),
        noted("order_2/lines", "load", 0.112),
        noted("order_3/lines", "load", 9.0),
    ],
    "student_examples": [
        noted("", "onset", 1.01),
        turned("simulation", "m", "n_spins"),
        changed("simulation", "m_theory", lambda m: m - 0.3),
        changed("simulation", "told_theory", lambda m: m - 0.3),
        changed("simulation", "told", lambda m: m / 2),
        changed("simulation", "excess", shifted),
    ],
    "surviving_patterns": [
        changed("zipf", "m_theory", lambda m: m - 0.1),
        changed("zipf", "m", lambda m: 1 + 0 * m),
        changed("zipf", "kept_theory", lambda kept: 1 - kept),
        changed("line", "kept", lambda kept: 1.1 * kept),
        changed("palimpsest", "cut", lambda age: 3 * age),
    ],
    "teacher_dynamics": [
        changed("order_2/unsupervised/theory", "n", lambda n: 0.8 * n),
        turned("order_2/supervised/simulation", "m", "t"),
        changed("order_2/supervised/theory", "m", lambda m: m - 0.3),
    ],
    "ultra_detection": [
        turned("", "m", "factor"),
        changed("", "n_patterns", lambda K: K * [1, 3]),
        changed("", "quality", np.reciprocal),
    ],
    "ultra_storage": [changed("order_2/capacity", "n_patterns", lambda K: K**3)],
}


#: Claims that are computed in every run of the tests; the others are with the heavy ones.
ALWAYS = ("ags_diagram",)


@pytest.mark.parametrize(
    "name",
    [
        name if name in ALWAYS else pytest.param(name, marks=pytest.mark.heavy)
        for name in claims.names()
    ],
)
def test_quick_version(name, tmp_path, capsys):
    assert main(["gallery", name, "--quick", "--out", str(tmp_path)]) == 0
    folder = tmp_path / name
    caption = (folder / "caption.txt").read_text().strip()
    printed = capsys.readouterr().out
    assert caption in printed
    assert "nan" not in caption.split()
    assert (folder / "figure.pdf").read_bytes().startswith(b"%PDF")
    png = imread(folder / "figure.png")
    with xr.open_datatree(folder / "data.nc", engine="h5netcdf") as tree:
        assert json.loads(tree.attrs["parameters"])
        numbers = sum(
            int(v.notnull().sum()) for node in tree.subtree for v in node.data_vars.values()
        )
        assert numbers > 0
        tree = tree.load()
    findings = list(claims.find(name).module().holds(tree))
    said = (folder / "verdict.txt").read_text().strip()
    assert said == report(findings)
    assert said in printed
    found = {finding.verdict for finding in findings}
    assert Verdict.FAILS not in found, said
    assert Verdict.HOLDS in found, said
    for k, fault in enumerate(FAULTS[name]):
        wrong = tree.copy(deep=True)
        fault(wrong)
        assert verdict(claims.find(name).module().holds(wrong)) is Verdict.FAILS, k
    made = (folder / "data.nc").stat().st_mtime_ns
    assert main(["gallery", name, "--quick", "--out", str(tmp_path)]) == 0
    assert (folder / "data.nc").stat().st_mtime_ns == made
    # matplotlib smooths the edge of one and the same line in one of two ways, by chance, some
    # hundredths apart along the line; a changed letter is several times the bound.
    assert np.abs(imread(folder / "figure.png") - png).mean() < 1e-5


def test_what_errors_cannot_tell_is_not_decided():
    """Three of the errors of a Gaussian, 9.2 of four samples."""
    kinds = {
        positive("", Measured(0.4, 0.1)): Verdict.HOLDS,
        positive("", Measured(-0.4, 0.1)): Verdict.FAILS,
        positive("", Measured(0.2, 0.1)): Verdict.UNDECIDED,
        positive("", Measured(0.4, 0.1, dof=3)): Verdict.UNDECIDED,
        positive("", Measured(np.nan, 0.1)): Verdict.UNDECIDED,
        equal("", Measured(0.02, 0.01)): Verdict.HOLDS,
        equal("", Measured(0.04, 0.01)): Verdict.FAILS,
        equal("", Measured(0.04, 0.01), tolerance=0.02): Verdict.HOLDS,
        equal("", Measured(0.04, 0.05)): Verdict.UNDECIDED,
        equal("", Measured(0.04, 0.02), tolerance=0.05): Verdict.UNDECIDED,
        equal("", Measured([0.0] * 19 + [1], 0.01)): Verdict.HOLDS,  # one in twenty
        equal("", Measured([0.0] * 18 + [1], 0.01)): Verdict.FAILS,
    }
    assert {finding: finding.verdict for finding in kinds} == kinds
    yes, no = exact("a", True), exact("b", [True, False])
    open_ = positive("c", Measured(0, 1))
    assert [verdict(f) for f in ([yes], [yes, open_], [yes, open_, no])] == [
        Verdict.HOLDS, Verdict.UNDECIDED, Verdict.FAILS,
    ]  # fmt: skip
    assert report([yes, no]) == "Verdict: does not hold\n* a: holds\n* b: does not hold"


def test_errors_of_differences_and_of_means():
    """Errors add in squares and degrees of freedom add; a mean of two has half their distance."""
    gap = Measured(1.0, 3.0, 3) - Measured(0.5, 4.0, 4)
    assert (gap.value, gap.error, gap.dof) == (0.5, 5.0, 7)
    half = -(Measured(1.0, 0.5, 3) - 3.0) / 2
    assert (half.value, half.error, half.dof) == (1.0, 0.25, 3)
    found = averaged({"m": [[1.0, 2.0], [3.0, 2.0]]}, ["T"])
    assert [values.tolist() for _, values in found.values()] == [[2, 2], [pytest.approx(1), 0]]
    dims, error = averaged({"m": np.ones((1, 2))}, ["T"])["m_err"]
    assert dims == ["T"]
    assert np.isnan(error).all()


@pytest.mark.parametrize("name", claims.names())
def test_full_version_is_larger(name):
    claim = claims.find(name)
    full, quick = claim.parameters(), claim.parameters(quick=True)
    assert full != quick
    assert 0 < claim.minutes < 120
    assert math.isfinite(claim.minutes)
    assert claim.statement.endswith(".")


def test_other_parameters_are_refused(tmp_path, capsys):
    (tmp_path / "ags_diagram").mkdir()
    data = tmp_path / "ags_diagram" / "data.nc"
    xr.Dataset(attrs={"fingerprint": "another"}).to_netcdf(data, engine="h5netcdf")
    command = ["gallery", "ags_diagram", "--quick", "--out", str(tmp_path)]
    assert main(command) == 2
    assert "data.nc is damaged, or no result of this version" in capsys.readouterr().err
    seal(data)
    assert main(command) == 2
    assert "with other parameters" in capsys.readouterr().err


def test_every_claim_is_in_the_documentation():
    """In its full version, with these parameters and this caption: scripts/gallery.sh."""
    chosen = [claims.find(name) for name in claims.names()]
    assert publishing.missing(chosen, PUBLISHED) == []
    folders = {path.name for path in PUBLISHED.iterdir() if path.is_dir()}  # pages are beside them
    assert folders == set(claims.names())
    for name in claims.names():
        folder = PUBLISHED / name
        assert {path.name for path in folder.iterdir()} == set(publishing.FILES)
        assert (folder / "figure.png").stat().st_size < publishing.LARGEST_FIGURE, name
        assert (folder / "numbers.json").stat().st_size < publishing.LARGEST_NUMBERS, name
        assert "Verdict: does not hold" not in (folder / "verdict.txt").read_text(), name


@pytest.fixture(scope="module")
def computed(tmp_path_factory):
    """The full version of the claim that takes least, computed and published."""
    folder = tmp_path_factory.mktemp("computed")
    command = ["gallery", "losses", "--out", str(folder / "out")]
    assert main([*command, "--publish", str(folder / "published")]) == 0
    return folder


@pytest.mark.heavy
def test_what_is_published(computed):
    claim = claims.find("losses")
    folder = computed / "published" / "losses"
    made = json.loads((folder / "numbers.json").read_text())
    assert made["parameters"] == claim.plain_parameters()
    assert made["version"]
    assert made["computed"][:2] == "20"
    with xr.open_datatree(computed / "out/losses/data.nc", engine="h5netcdf") as tree:
        drawn = np.array(made["/supervised"]["energy"]["values"])
        np.testing.assert_allclose(drawn, tree["supervised/energy"], rtol=1e-4)
        assert made["/supervised"]["energy"]["dims"] == ["sample", "sweep"]
    for name in ("caption.txt", "verdict.txt"):
        assert (folder / name).read_text() == (computed / "out/losses" / name).read_text()
    small, large = imread(folder / "figure.png"), imread(computed / "out/losses/figure.png")
    assert small.shape[1] == 1400 < large.shape[1]
    assert (folder / "figure.png").stat().st_size < publishing.LARGEST_FIGURE
    assert publishing.missing([claim], computed / "published") == []


@pytest.mark.heavy
def test_what_is_published_of_another_claim_is_missing(computed, tmp_path):
    claim = claims.find("losses")
    shutil.copytree(computed / "published" / "losses", tmp_path / "losses")
    others = [
        msgspec.structs.replace(claim, full=claim.full | {"seed": 99}),
        msgspec.structs.replace(claim, caption=claim.caption.replace("Above", "Below")),
    ]
    assert [publishing.missing([other], tmp_path) for other in others] == [["losses"]] * 2
    (tmp_path / "losses" / "figure.png").unlink()
    assert publishing.missing([claim], tmp_path) == ["losses"]


@pytest.mark.heavy
def test_what_is_not_published(computed, tmp_path, capsys):
    command = ["gallery", "losses", "--out", str(tmp_path), "--publish", str(tmp_path / "docs")]
    assert main([*command, "--quick"]) == 2
    assert "takes full versions" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    claim = claims.find("losses")
    with pytest.raises(ValueError, match="holds no result"):
        publishing.publish(claim, tmp_path, tmp_path / "docs")
    other = msgspec.structs.replace(claim, full=claim.full | {"seed": 99})
    with pytest.raises(ValueError, match="has other parameters"):
        publishing.publish(other, computed / "out", tmp_path / "docs")


def test_large_maps_are_thinned_and_pictures_left_out():
    """Maps of phases every second point, lines every second, pictures of numbers not at all."""
    size = 80
    axes = {"T": np.linspace(0, 1, size), "d": np.linspace(0, 1, size)}
    data = xr.Dataset(
        {
            "phase": (("T", "d"), np.ones((size, size), np.int8)),
            "free_energy": (("T", "d"), np.ones((size, size))),
            "line": ("T", np.full(size, np.nan)),
            "tau": ("T", np.ones(size)),
        },
        coords=axes,
    )
    found = publishing.variables(data)
    assert set(found) == {"phase", "line", "T", "d"}
    assert np.shape(found["phase"]["values"]) == (40, 40)
    assert found["line"]["values"] == [None] * 40
    assert found["T"]["values"][1] == float(f"{axes['T'][2]:.5g}")


@pytest.mark.heavy
def test_no_colour_is_lost(computed, tmp_path):
    """A phase of a few points keeps its colour beside many shades of others."""
    source = np.zeros((300, 400, 3), np.uint8)
    source[..., 0] = np.arange(400) // 2
    source[..., 1] = np.arange(300)[:, None] // 2
    source[10:16, 20:40] = (222, 154, 190)
    out = shutil.copytree(computed / "out", tmp_path / "out")
    imsave(out / "losses" / "figure.png", source)
    publishing.publish(claims.find("losses"), out, tmp_path / "docs")
    small = imread(tmp_path / "docs" / "losses" / "figure.png")[..., :3]
    assert np.abs(small[12, 30] - np.array([222, 154, 190]) / 255).max() < 0.05


def test_the_crossing_of_a_line_and_a_power():
    x = np.linspace(0, 1, 11)
    place, error = crossing(x, 1 - x, np.full(11, 0.02), 0.75)
    assert place == pytest.approx(0.25)
    assert error == pytest.approx(0.02)
    sizes, errors = np.array([10, 20, 40, 80]), np.array([0.3, 0.1, 0.05, 0.05])
    slope = power(sizes, 3.0 * sizes**2.5, errors)
    noise = np.exp(errors * np.random.default_rng(1).standard_normal((2000, 4)))
    found = [power(sizes, values, errors).value for values in sizes**2.5 * noise]
    assert slope.value == pytest.approx(2.5)
    assert slope.error == pytest.approx(np.std(found), rel=0.05)
    assert power(sizes, 1 / sizes).value == pytest.approx(-1)
    assert np.isnan(power(sizes, sizes, [0.1, 0.1, 0.1, np.inf]).value)
    assert crossing(x, x, np.full(11, 0.02), 0.5)[1] == np.inf


def test_a_straight_line_in_one_over_n():
    """It ends at the infinite network, with the error that the scatter of many lines has."""
    sizes, errors = np.array([100, 200, 400]), np.array([0.03, 0.02, 0.01])
    noise = errors * np.random.default_rng(1).standard_normal((4000, 3))
    data = xr.Dataset(
        {
            "m": (("line", "n_spins"), 0.7 - 12 / sizes + noise),
            "m_err": ("n_spins", errors),
        },
        {"n_spins": sizes},
        {"n_samples": 8},
    )
    found = courses.extrapolated(data)
    assert float(found.value.mean()) == pytest.approx(0.7, abs=1e-3)
    assert float(found.value.std()) == pytest.approx(float(found.error), rel=0.05)
    assert found.dof == 7


@pytest.mark.heavy
def test_trajectories_of_the_couplings_of_the_infinite_network():
    """The first step is that of theory at the load that is asked for, not at that of 30 spins."""
    p = courses.Followed(n_samples=200, n_steps=1, n_trajectories=1000, seed=1)
    where = {"alpha": [0.2], "start": [0.8], "T": 0.5}
    data = courses.followed(Dense(order=4), p, n_spins=[30], **where)
    known = courses.predicted(Dense(order=4), p, **where)
    assert data["m"].dims == ("n_spins", "alpha", "start", "t")
    assert data["m"].values[..., 0] == pytest.approx(0.8)
    gap = (data["m"] - known["m"]).values[..., 1]
    assert abs(gap) < 1 / 30 + 3 * data["m_err"].values[..., 1]


def test_the_barrier_of_a_large_memory_ends_at_the_spinodal():
    """Below the spinodal it holds for any time, at a size that is large enough."""
    spinodal = float(binary.spinodal_temperature([0.25], 0.5)[0])
    lasting = [exponential_diagram.lifetime(0.5, 0.25, n_spins, 100) for n_spins in (50, 10**6)]
    assert lasting[0] < 0.7 * spinodal
    assert lasting[1] == pytest.approx(spinodal, rel=0.02)


@pytest.mark.parametrize("model", [SparseDistributed(radius=0.2), Exponential(sharpness=0.3)])
def test_the_balance_of_votes_is_the_capacity_of_a_large_memory(model):
    alpha, n_spins = 0.12, 2000
    radius = votes.outvoted(model, math.exp(alpha * n_spins), n_spins) / n_spins
    assert float(theory.reading_capacity(model, 1 - 2 * radius)) == pytest.approx(alpha, abs=0.01)


def test_names(capsys):
    assert main(["gallery", "no_such_claim"]) == 2
    assert "claim = 'no_such_claim' is not one of ags_diagram" in capsys.readouterr().err
    assert main(["gallery", "--list"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(claims.names())


def published(name):
    """Return what `hebbian gallery --publish` wrote of a claim: its numbers as a tree."""
    folder = Path(__file__).parents[2] / "docs" / "gallery" / name
    found = json.loads((folder / "numbers.json").read_text())
    groups = {
        group: xr.Dataset({n: (v["dims"], v["values"]) for n, v in variables.items()})
        for group, variables in found.items()
        if group.startswith("/")
    }
    root = xr.Dataset(attrs=found["parameters"])
    return xr.DataTree.from_dict({"/": root, **groups}), (folder / "verdict.txt").read_text()


def test_the_published_verdict_of_the_first_order_is_that_of_its_numbers():
    tree, verdict = published("first_order")
    assert [f"* {finding}" for finding in first_order.holds(tree)] == verdict.splitlines()[1:]


def test_a_barrier_that_shrinks_with_the_size_is_no_first_order():
    tree, _ = published("first_order")
    located = tree["located"].to_dataset()
    for name in ("barrier", "barrier_error"):
        located[name] = located[name].copy(data=located[name].values[:, ::-1])
    tree["located"] = xr.DataTree(located)
    judged = {
        finding.says.partition(" (")[0]: finding.verdict for finding in first_order.holds(tree)
    }
    assert judged["the barrier between them grows with N"] == Verdict.FAILS

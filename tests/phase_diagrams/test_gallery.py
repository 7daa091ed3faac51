"""Every claim of the gallery, in its quick version, from the command line."""

import json
import math

import numpy as np
import pytest
import xarray as xr
from matplotlib.image import imread

from phase_diagrams.cli import main
from phase_diagrams.gallery import claims
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
    "ags_diagram": [
        turned("study/simulation", "m", "T"),
        changed("lines", "spinodal_temperature", lambda T: T / 3),
        changed("lines", "glass_temperature", shifted),
        noted("lines", "critical_load", 0.144),
    ],
    "basin": [
        turned("order_2/simulation", "final", "overlap"),
        changed("order_2/simulation", "critical", lambda m: m + 1),
    ],
    "capacity": [
        changed("", "dynamic", np.sqrt),  # T_d itself is no load
        changed("", "one_step", lambda load: load / 2),
        turned("", "replica_symmetric", "order"),
        turned("", "static", "order"),
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
    "image_learning": [turned("digits", "recognised", "order")],
    "learning_curves": [
        turned("supervised", "m", "n_examples"),
        changed("unsupervised_theory", "m", lambda m: m / 3),
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
    "losses": [
        changed("supervised", "energy", shifted),
        turned("unsupervised", "learnt_product", "sweep"),
    ],
    "metastability": [
        turned("order_2/simulation", "found", "alpha"),
        changed("order_2/lines", "transition_temperature_at", lambda T: T + 1),
        changed("order_2/lines", "spinodal_temperature", lambda T: T / 3),
    ],
    "parallel_retrieval": [
        changed("hierarchical/theory", "m", shifted),
        turned("hierarchical/theory", "m", "pattern"),
        changed("parallel/cue", "m", np.zeros_like),
    ],
    "plefka": [changed("order_2", "m_2", shifted)],
    "structured_dilution": [
        changed("digits", "mean_field", shifted),
        changed("digits", "common", np.reciprocal),
        changed("digits", "m", np.negative),
    ],
    "ultra_detection": [
        turned("", "m", "factor"),
        changed("", "n_patterns", lambda K: K * [1, 3]),
        noted("", "slope", 0.0),
    ],
    "ultra_storage": [noted("order_2/capacity", "exponent", 3.0)],
}


@pytest.mark.parametrize("name", claims.names())
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
    xr.Dataset(attrs={"fingerprint": "another"}).to_netcdf(
        tmp_path / "ags_diagram" / "data.nc", engine="h5netcdf"
    )
    assert main(["gallery", "ags_diagram", "--quick", "--out", str(tmp_path)]) == 2
    assert "with other parameters" in capsys.readouterr().err


def test_names(capsys):
    assert main(["gallery", "no_such_claim"]) == 2
    assert "claim = 'no_such_claim' is not one of ags_diagram" in capsys.readouterr().err
    assert main(["gallery", "--list"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(claims.names())

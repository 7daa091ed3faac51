import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import hebbian
import montecarlo
import phase_diagrams
import theory
from hebbian import Dense, Hopfield
from phase_diagrams.cli import COMMANDS, main

SMALL = ["--n-spins", "20", "--warmup", "2", "--sweeps", "10", "--stride", "2", "--n-samples", "2"]
STUDY = """
[model]
model = "dense"
order = 3
[grid]
alpha = "0.05:0.1:2"
T = [0.1, 0.3]
n_spins = 20
[settings]
n_samples = 2
warmup = 2
sweeps = 10
stride = 2
"""
HEAVY = {"numpy", "scipy", "numba", "xarray", "zarr", "matplotlib", "msgspec", "pandas", "tqdm"}


@pytest.fixture
def study_file(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(STUDY)
    return path


def shell(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "phase_diagrams", *arguments],
        capture_output=True, text=True, check=False, **options,
    )  # fmt: skip


LIGHT = """
import sys
from phase_diagrams.cli import main
code = main(sys.argv[1:])
print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["--version"], 0),
        *(([name, "--help"], 0) for name in COMMANDS),
        ([], 2),
        (["sweeep"], 2),
        (["theory", "--alpha", "many"], 2),
    ],
)
def test_help_and_usage_errors_import_nothing_heavy(arguments, code):
    ran = subprocess.run(
        [sys.executable, "-c", LIGHT, *arguments], capture_output=True, text=True, check=False
    )
    assert ran.returncode == code
    assert not HEAVY & set(ran.stderr.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_help_explains_and_names_every_argument(name, capsys):
    assert main([name, "--help"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"usage: hebbian {name}")
    assert len(text.splitlines()) > 5


def test_theory_prints_what_solve_returns(capsys):
    arguments = ["theory", "--model", "hopfield", "--alpha", "0.05", "--T", "0.3,0.5"]
    assert main([*arguments, "--json"]) == 0
    points = json.loads(capsys.readouterr().out)["points"]
    solution = theory.solve(Hopfield(), alpha=0.05, T=np.array([0.3, 0.5]))
    assert [point["m"] for point in points] == solution.m.tolist()
    assert [point["free_energy"] for point in points] == solution.free_energy.tolist()
    assert [point["T"] for point in points] == [0.3, 0.5]
    assert main(arguments) == 0
    header, first, _ = capsys.readouterr().out.splitlines()
    row = dict(zip(header.split(), first.split(), strict=True))
    assert float(row["m"]) == pytest.approx(solution.m[0], abs=1e-7)


def test_what_does_not_exist_is_null_in_json_and_nan_in_a_table(capsys):
    arguments = ["theory", "--model", "hopfield", "--alpha", "0.3", "--T", "0.5"]
    assert main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["points"][0]["m"] is None
    assert main(arguments) == 0
    assert "nan" in capsys.readouterr().out


def test_boundaries(capsys):
    """T_M(0.05) = 0.542255 and alpha_c(0) = 0.137906 of the Hopfield model."""
    command = ["theory", "--model", "hopfield", "--json", "--quantity"]
    assert main([*command, "spinodal-temperature", "--alpha", "0.05"]) == 0
    (point,) = json.loads(capsys.readouterr().out)["points"]
    assert point["spinodal_temperature"] == pytest.approx(0.542255, abs=2e-6)
    assert main([*command, "critical-load", "--T", "0"]) == 0
    (point,) = json.loads(capsys.readouterr().out)["points"]
    assert point["critical_load"] == pytest.approx(0.137906, abs=2e-6)
    assert main([*command, "critical-load", "--T", "0", "--alpha", "0.1"]) == 2
    assert "takes --T alone" in capsys.readouterr().err


def test_simulate_prints_what_simulate_returns(capsys):
    model = ["--model", "dense", "--order", "3,4", "--rule", "supervised", "--quality", "0.8"]
    state = ["--n-examples", "5", "--alpha", "0.1", "--T", "0.2", "--start", "0.9", "--seed", "3"]
    assert main(["simulate", *model, *state, *SMALL, "--json"]) == 0
    points = json.loads(capsys.readouterr().out)["points"]
    assert [point["order"] for point in points] == [3, 4]
    rule = hebbian.Supervised(quality=0.8, n_examples=5)
    run = montecarlo.simulate(
        Dense(order=4, rule=rule), alpha=0.1, T=0.2, n_spins=20, n_samples=2, start=0.9, seed=3,
        schedule=montecarlo.Schedule(warmup=2, sweeps=10, stride=2),
    )  # fmt: skip
    assert points[1]["m"] == run.m.mean
    assert points[1]["n_err"] == run.n.error
    assert points[1]["status"] == "done"


def test_a_study_from_file_to_figure(study_file, tmp_path, capsys):
    store = str(tmp_path / "x.zarr")
    assert main(["sweep", str(study_file), "--out", store]) == 0
    assert capsys.readouterr().out == f"{store}: 4 of 4 points done, 0 failed, 0 pending\n"
    assert main(["sweep", str(study_file), "--out", store, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["done"] == 4
    assert main(["status", store]) == 0
    assert "4 of 4 points done" in capsys.readouterr().out
    assert main(["compare", store]) == 0
    assert "of 4 points" in capsys.readouterr().out
    assert main(["compare", store, "--finite-size", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["points"]) == 4
    assert main(["figure", store, "--out", str(tmp_path / "map")]) == 0
    assert main(["figure", store, "--select", "T=0.3", "--out", str(tmp_path / "curve")]) == 0
    assert {path.name for path in tmp_path.iterdir()} >= {
        "map.pdf", "map.png", "curve.pdf", "curve.png",
    }  # fmt: skip
    capsys.readouterr()
    assert main(["export", store, str(tmp_path / "x.nc")]) == 0
    assert main(["export", store, str(tmp_path / "x.nc")]) == 2
    assert "exists already" in capsys.readouterr().err


def test_flags_and_changes_win_over_the_file(study_file, tmp_path):
    store = tmp_path / "x.zarr"
    changes = ["--set", "grid.T=0.2:0.4:3", "--set", "settings.seed=4", "--set", "model.order=4"]
    flags = ["--n-replicas", "3", "--start", "random"]
    assert main(["sweep", str(study_file), "--out", str(store), *flags, *changes]) == 0
    study = json.loads(phase_diagrams.open(store).attrs["study"])
    assert study["grid"] == {"alpha": [0.05, 0.1], "T": [0.2, 0.3, 0.4], "n_spins": 20}
    assert study["model"]["order"] == 4
    assert (study["seed"], study["n_replicas"], study["start"]) == (4, 3, "random")
    assert study["sweeps"] == 10


def test_failed_points_are_exit_code_three(study_file, tmp_path, monkeypatch, capsys):
    simulate = montecarlo.simulate

    def moody(model, *, T, **rest):
        if T == 0.3:
            raise RuntimeError("it is tepid")
        return simulate(model, T=T, **rest)

    monkeypatch.setattr(montecarlo, "simulate", moody)
    store = str(tmp_path / "x.zarr")
    for command in (["sweep", str(study_file), "--out", store], ["status", store]):
        assert main(command) == 3
        assert "2 of 4 points done, 2 failed, 0 pending" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("order = 3", "order = 9"), "order = 9 is outside the allowed range [2, 8]"),
        (("order = 3", "ordre = 3"), "ordre is not a parameter of Dense with rule Storing"),
        (("[0.1, 0.3]", '[0.1, "hot"]'), "T = [0.1, 'hot'] is not a real number"),
        (("[0.1, 0.3]", '"0.1:0.3"'), "grid.T: '0.1:0.3' is not a number, a comma list"),
        (("n_samples = 2", 'n_samples = "two"'), "got `str` - at `$.settings.n_samples`"),
        (("n_samples", "n_sample"), "Object contains unknown field `n_sample` - at `$.settings`"),
        (("[settings]", "[setings]"), "Object contains unknown field `setings`"),
        (("[model]", "[model"), "study.toml: "),
        (("[model]", "seed = 3\n[model]"), "study.toml: seed = 3 stands outside a table"),
        (("stride = 2", "stride = 20"), "stride = 20 is outside the allowed range [1, 10]"),
    ],
)  # fmt: skip
def test_bad_studies_are_one_line_and_nothing_is_written(
    change, words, study_file, tmp_path, capsys
):
    study_file.write_text(STUDY.replace(*change))
    assert main(["sweep", str(study_file), "--out", str(tmp_path / "x.zarr")]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("hebbian: error: ")
    assert output.err.count("\n") == 1
    assert words in output.err
    assert [path.name for path in tmp_path.iterdir()] == ["study.toml"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["sweeep"], "invalid choice: 'sweeep'"),
        (["theory"], "the following arguments are required: --model"),
        (["theory", "--model", "ising", "--T", "1"], "model = 'ising' is not one of"),
        (["theory", "--model", "hopfield", "--T", "1"], "alpha is missing"),
        (["theory", "--model", "hopfield", "--alpha", "0.1"], "T is missing"),
        (["theory", "--alpha", "0:1"], "argument --alpha: '0:1' is not a number, a comma list"),
        (["simulate", "--stride", "1.5"], "argument --stride: '1.5' is not a whole number"),
        (["sweep", "--out", "x.zarr", "--T", "1"], "model is missing"),
        (["theory", "--alpha", "0:1:0"], "n in [1, 100000]"),
        (["theory", "--alpha", "0.1,x"], "argument --alpha: 'x' is not a number"),
        (
            ["theory", "--model", "multitasking", "--dilution", "1.5", "--T", "0.1"],
            "dilution = 1.5 is outside the allowed range [0, 1)",
        ),
        (
            ["theory", "--model", "dense", "--rule", "supervised", "--alpha", "0.1", "--T", "0.1"],
            "rule Supervised needs quality and n_examples",
        ),
        (["theory", "--model", "hopfield", "--parameter", "x", "--T", "1"], "is not NAME=VALUE"),
        (["sweep", "--out", "x.zarr", "--set", "seed=1"], "is not TABLE.NAME=VALUE"),
        (["sweep", "missing.toml", "--out", "x.zarr"], "missing.toml"),
        (["status", "missing.zarr"], "missing.zarr does not exist"),
        (["figure", "missing.zarr"], "missing.zarr does not exist"),
        (["compare", "missing.zarr"], "missing.zarr does not exist"),
        (["export", "missing.zarr", "x.nc"], "missing.zarr does not exist"),
    ],
)
def test_bad_arguments_are_one_line(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("hebbian: error: ")
    assert output.err.count("\n") == 1
    assert words in output.err
    assert list(tmp_path.iterdir()) == []


def test_the_installed_command_behaves_like_main(tmp_path):
    bad = shell("theory", "--model", "hopfield", "--alpha", "-0.1", "--T", "0.1", cwd=tmp_path)
    assert bad.returncode == 2
    assert bad.stderr == "hebbian: error: alpha = -0.1 is outside the allowed range [0, inf)\n"
    good = shell("theory", "--model", "hopfield", "--alpha", "0.1", "--T", "0.1", cwd=tmp_path)
    assert (good.returncode, good.stderr) == (0, "")
    head = f"{sys.executable} -m phase_diagrams theory --model hopfield --alpha 0.1 --T 0:1:4000"
    cut = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {head} | head -1"], capture_output=True, text=True,
        cwd=tmp_path, check=False,
    )  # fmt: skip
    assert cut.stderr == ""


def test_doctor_finds_this_installation_healthy(capsys):
    assert main(["doctor", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found["import_names"]) == {"hebbian", "theory", "montecarlo", "phase_diagrams"}
    assert all(text.startswith("ok") for text in found["import_names"].values())
    assert found["backends"]["reference"] == "ok, reference"


def test_doctor_sees_a_second_owner(monkeypatch, capsys):
    import importlib.metadata

    monkeypatch.setattr(
        importlib.metadata, "packages_distributions", lambda: {"montecarlo": ["montecarlo"]}
    )
    assert main(["doctor"]) == 3
    assert "wrong: owned by hebbian-toolkit, montecarlo" in capsys.readouterr().out


WORDS = ["", "x", "-", "--", "nan", "inf", "-1", "0", "1e400", "1e-300", "²", "\x00", "a\nb", "[1]"]
NUMBERS = ["0", "0.1", "0.5", "2", "3", "0.1,0.5", "0:0.5:2", "1:", ",", "0:1:1e9", *WORDS]
VALUES = {
    "--model": ["hopfield", "dense", "multitasking", *WORDS],
    "--rule": ["storing", "supervised", "unsupervised", *WORDS],
    "--indices": ["distinct", "all", *WORDS],
    "--order": ["2", "3", "4", "9", "3,4", *WORDS],
    "--quality": NUMBERS,
    "--n-examples": ["1", "3", "2,3", "1.5", *WORDS],
    "--dilution": NUMBERS,
    "--n-patterns": ["1", "2", "2,3", "1.5", *WORDS],
    "--alpha": NUMBERS,
    "--T": NUMBERS,
    "--law": ["binomial", "gaussian", *WORDS],
    "--parameter": ["order=3", "order", "=", "x=[", *WORDS],
    "--json": [None],
}
SIMULATION = {
    "--n-spins": ["20", "1", "9,20", "20.5", *WORDS],
    "--n-samples": ["1", "2", "0.5", *WORDS],
    "--n-replicas": ["1", "2", *WORDS],
    "--warmup": ["1", "5", *WORDS],
    "--sweeps": ["5", "10", *WORDS],
    "--stride": ["1", "2", *WORDS],
    "--dynamics": ["glauber", "metropolis", "zero-temperature", *WORDS],
    "--start": ["pattern", "random", "hierarchical", "parallel", "0.5", *WORDS],
    "--seed": ["1", "99999999999999999999999", *WORDS],
    "--backend": ["auto", "numba", "reference", *WORDS],
}
BRANCHES = ["retrieval", "glass", "paramagnet", "hierarchical", "pure", *WORDS]
FLAGS = {
    "theory": {**VALUES, "--start": BRANCHES, "--quantity": ["critical-load", *WORDS]},
    "simulate": {**VALUES, **SIMULATION},
    "sweep": {
        **VALUES,
        **SIMULATION,
        "--set": ["grid.T=0.3", "settings.seed=1", "model.x=1", "grid.T=", "a.b", *WORDS],
        "--executor": ["serial", "process:0", *WORDS],
        "--resume": [None],
    },
}
del FLAGS["simulate"]["--law"]


@st.composite
def commands(draw):
    """Draw a command line that is right but for a few flags."""
    command = draw(st.sampled_from(sorted(FLAGS)))
    flags = {"--model": "hopfield", "--T": "0.3", "--alpha": "0.1"}
    if command != "theory":
        flags |= dict(zip(SMALL[::2], SMALL[1::2], strict=True))
    for flag in draw(st.lists(st.sampled_from(sorted(FLAGS[command])), max_size=5)):
        flags[flag] = draw(st.sampled_from(FLAGS[command][flag]))
    for flag in draw(st.lists(st.sampled_from(sorted(flags)), max_size=2)):
        flags.pop(flag, None)
    arguments = [command]
    for flag, value in flags.items():
        arguments += [flag] if value is None else [flag, value]
    return arguments + draw(st.sampled_from([[]] * 8 + [["--nonsense"], ["stray"]]))


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@example(arguments=["theory", "--model", "hopfield", "--alpha", "0.1", "--T", "1e-300"])
@example(arguments=["simulate", "--model", "dense", "--alpha", "1e300", "--T", "1", *SMALL])
@given(arguments=commands())
def test_no_arguments_end_in_a_traceback(arguments, tmp_path_factory, capsys):
    folder = tmp_path_factory.mktemp("fuzz")
    if arguments[0] == "sweep":
        arguments = [*arguments, "--out", str(folder / "x.zarr")]
    code = main(arguments)
    output = capsys.readouterr()
    assert code in (0, 2, 3), (arguments, output.err)
    assert "Traceback" not in output.err
    if code == 2:
        assert output.err.startswith("hebbian: error: ")
        assert output.err.count("\n") == 1
        assert output.out == ""
        assert list(folder.iterdir()) == []

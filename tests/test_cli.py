import csv
import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from command_lines import SMALL, STUDY

import hebbian
import montecarlo
import phase_diagrams
import phase_diagrams.sweeps.cells
import theory
from hebbian import Dense, Hopfield
from phase_diagrams.arguments import COMMANDS
from phase_diagrams.cli import main
from phase_diagrams.commands import options
from phase_diagrams.settings import Settings
from phase_diagrams.stores.store import Store
from theory.closure import equations
from theory.lines import OF_DILUTION, UNDER_LOAD

HEAVY = {"numpy", "scipy", "numba", "xarray", "zarr", "matplotlib", "msgspec", "pandas", "tqdm"}


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


def test_the_help_of_a_setting_tells_its_default():
    for name, (*_, words) in options._SETTINGS.items():
        default = getattr(Settings(), name)
        if default not in (None, ()):
            assert re.search(rf"(default {default}\b)|({default} \(default\b)", words), name


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


NOISY = ["--rule", "supervised", "--quality", "0.5", "--n-examples", "12"]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(line, marks=[pytest.mark.heavy] if line.name == "transition_load" else [])
        for line in (*UNDER_LOAD, *OF_DILUTION)
    ],
    ids=lambda line: line.name,
)
def test_the_law_of_the_examples_acts_on_every_line(line, capsys):
    """All but the glass, in which the retrieved class takes no part, and T_c of a variance."""
    name, rule = line.name, hebbian.Supervised(quality=0.5, n_examples=12)
    if line.along == "dilution":
        model, own = hebbian.Multitasking(n_patterns=3, dilution=0.3, rule=rule), "multitasking"
    else:
        model, own = Dense(order=4, rule=rule), "dense"
    at = {"alpha": 0.02, "T": 0.1, "dilution": 0.3}[line.along]
    command = ["theory", "--json", "--model", own, *NOISY, f"--{line.along}", str(at)]
    printed = {}
    for law in ("binomial", "gaussian"):
        quantity = ["--quantity", name.replace("_", "-")]
        assert main([*command, *quantity, "--law", law]) == 0
        (point,) = json.loads(capsys.readouterr().out)["points"]
        assert point == {line.along: at, name: equations(model, law).line(name, np.array([at]))[0]}
        printed[law] = point[name]
    assert main([*command, *quantity]) == 0
    (point,) = json.loads(capsys.readouterr().out)["points"]
    assert point[name] == printed["binomial"]
    same = printed["binomial"] == pytest.approx(printed["gaussian"], rel=1e-6)
    assert same == (name in ("glass_temperature", "critical_temperature"))


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--alpha", "0.1", "--start", "glass"], "spinodal-temperature does not take --start"),
        (["--alpha", "0.1", "--T", "0.1"], "spinodal-temperature takes --alpha alone"),
        (["--alpha", "0.1", "--law", "poisson"], "law = 'poisson' is not one of"),
        ([], "alpha is missing"),
    ],
)
def test_what_does_not_act_on_a_line_is_refused(flags, message, capsys):
    command = ["theory", "--model", "hopfield", "--quantity", "spinodal-temperature"]
    assert main([*command, *flags]) == 2
    assert message in capsys.readouterr().err


def test_lines_of_other_models_are_refused(capsys):
    command = ["theory", "--model", "multitasking", "--quantity"]
    assert main([*command, "pure-temperature", "--T", "0.1"]) == 2
    assert "takes --dilution alone" in capsys.readouterr().err
    assert main([*command, "pure-temprature"]) == 2
    assert "did you mean pure-temperature?" in capsys.readouterr().err
    grid = ["--dilution", "0.2,0.4", "--json"]
    assert main([*command, "critical-temperature", *grid]) == 0
    points = json.loads(capsys.readouterr().out)["points"]
    assert points == [
        {"dilution": 0.2, "critical_temperature": 0.8},
        {"dilution": 0.4, "critical_temperature": 0.6},
    ]


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
    for name in ("x.nc", "x.csv"):
        assert main(["export", store, str(tmp_path / name)]) == (2 if name == "x.nc" else 0)
    assert "exists already" in capsys.readouterr().err
    for suffix in ("nc", "csv"):
        assert main(["export", store, str(tmp_path / "none" / f"y.{suffix}")]) == 2
        assert f"there is no folder {tmp_path / 'none'}\n" in capsys.readouterr().err
    assert main(["export", store, str(tmp_path / "x.txt")]) == 2
    assert "ends in neither .nc nor .csv" in capsys.readouterr().err


def test_a_study_file_may_begin_with_a_byte_order_mark(study_file, tmp_path):
    study_file.write_text(STUDY, encoding="utf-8-sig")
    assert main(["sweep", str(study_file), "--out", str(tmp_path / "x.zarr"), "--dry-run"]) == 0


def test_names_that_the_terminal_has_no_letters_for_are_escaped(study_file, tmp_path):
    store = tmp_path / "été ☃.zarr"
    assert main(["sweep", str(study_file), "--out", str(store)]) == 0
    poor = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    ran = shell("status", str(store), env=poor)
    assert ran.returncode == 0
    assert r"t\xe9 \u2603.zarr: 4 of 4 points done" in ran.stdout
    ran = shell("status", f"{store}2", env=poor)
    assert ran.returncode == 2
    assert r"\u2603.zarr2 does not exist" in ran.stderr


def test_a_link_to_nowhere_is_no_place_for_a_store(study_file, tmp_path, capsys):
    link = tmp_path / "x.zarr"
    link.symlink_to(tmp_path / "nowhere")
    assert main(["sweep", str(study_file), "--out", str(link)]) == 2
    assert "is a link to a place that does not exist" in capsys.readouterr().err
    assert {path.name for path in tmp_path.iterdir()} == {"study.toml", "x.zarr"}


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
        if 0.3 in np.atleast_1d(T):  # alone, or among others of its row
            raise RuntimeError("it is tepid")
        return simulate(model, T=T, **rest)

    monkeypatch.setattr(montecarlo, "simulate", moody)
    store = str(tmp_path / "x.zarr")
    for command in (["sweep", str(study_file), "--out", store], ["status", store]):
        assert main(command) == 3
        assert "2 of 4 points done, 2 failed, 0 pending" in capsys.readouterr().out


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
    closed = subprocess.run(
        ["bash", "-c", f"{head.rpartition(' ')[0]} 0.3 >&-"], capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (closed.returncode, closed.stderr) == (0, "")


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
    assert "wrong: montecarlo installs files of this name" in capsys.readouterr().out


def test_shards_merge_refine_and_repeat(study_file, tmp_path, capsys):
    def path(name):
        return str(tmp_path / name)

    for i in (1, 2):
        shard = ["--shard", f"{i}/2", "--out", path(f"part{i}.zarr")]
        assert main(["sweep", str(study_file), *shard]) == 0
        assert "2 of 2 points done" in capsys.readouterr().out
    assert main(["merge", path("part1.zarr"), "--out", path("half.zarr")]) == 3
    assert "2 of 4 points done, 0 failed, 2 pending" in capsys.readouterr().out
    parts = [path("part1.zarr"), path("part2.zarr")]
    assert main(["merge", *parts, "--out", path("whole.zarr"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["done"] == 4
    assert main(["rerun", path("whole.zarr"), "--out", path("again.zarr")]) == 0
    first, again = (phase_diagrams.open(path(f"{n}.zarr")) for n in ("whole", "again"))
    for name in ("simulation", "theory"):
        assert (
            first[name].to_dataset().drop_attrs().identical(again[name].to_dataset().drop_attrs())
        )


@pytest.mark.heavy
def test_refine_status_compare_and_table(tmp_path, capsys, caplog):
    store = str(tmp_path / "x.zarr")
    flags = ["--alpha", "0.03,0.05", "--T", "0.1:1.1:4", "--n-spins", "100", "--sweeps", "30"]
    assert main(["sweep", "--model", "hopfield", *flags, "--out", store]) == 0
    assert main(["refine", store]) == 2
    assert "budget is missing" in capsys.readouterr().err
    assert main(["refine", store, "--budget", "3", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["points"], report["along"]) == (3, "T")
    assert main(["status", store, "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert status["refinement"] == {"points": 3, "done": 3, "asked": 3}
    assert status["damage"] == []
    assert main(["compare", store]) == 0
    output = capsys.readouterr().out
    assert "Refinement: " in output
    assert "low" in output.splitlines()[-3]
    tree = phase_diagrams.open(store)
    assert set(tree["comparison"].children) == {"points", "refinement", "boundary"}
    with Store(store).lock():
        assert main(["compare", store]) == 0
    assert "being written by another process" in caplog.text
    capsys.readouterr()
    assert main(["compare", store, "--extrapolate"]) == 2
    assert "n_spins has one value" in capsys.readouterr().err
    # temperatures of the refinement are no columns of the theory's grid
    assert main(["compare", store, "--along", "alpha", "--no-write"]) == 0
    table = tmp_path / "x.csv"
    assert main(["export", store, str(table)]) == 0
    with table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8 + 3
    first = tree["simulation"].to_dataset().isel(alpha=0, T=0)
    assert float(rows[0]["m"]) == float(first["m"])
    assert (rows[0]["status"], rows[0]["round"], rows[-1]["round"]) == ("done", "", "2")
    assert float(rows[-1]["theory_spinodal_temperature"]) > 0
    # a sweep that adds points makes the comparison stale
    assert main(["refine", store, "--budget", "1"]) == 0
    assert "comparison" not in phase_diagrams.open(store).children


def test_sizes_extrapolate(tmp_path, capsys):
    store = str(tmp_path / "x.zarr")
    flags = ["--alpha", "0.04", "--T", "0.2,1.2", "--n-spins", "50,100,200", "--sweeps", "30"]
    assert main(["sweep", "--model", "hopfield", *flags, "--out", store]) == 0
    capsys.readouterr()
    assert main(["compare", store, "--extrapolate", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["extrapolated_m"]) == 2
    assert {row["verdict"] for row in found["extrapolated_m"]} <= {
        "accepted", "too_few_sizes", "bad_fit", "mixed_states",
    }  # fmt: skip
    assert len(found["extrapolated_transition"]) == 3
    assert main(["compare", store, "--extrapolate", "--powers", "0"]) == 2
    assert "powers = 0.0 is outside the allowed range (0, 4]" in capsys.readouterr().err


def test_starts_can_be_swept(tmp_path):
    store = tmp_path / "x.zarr"
    flags = ["--model", "hopfield", "--alpha", "0.1", "--T", "0.2", *SMALL]
    assert main(["sweep", *flags, "--start", "0.2:1:3", "--out", str(store)]) == 0
    tree = phase_diagrams.open(store)
    assert tree["simulation/m"].dims == ("start",)
    assert tree["simulation"].to_dataset()["start"].values.tolist() == [0.2, 0.6, 1.0]


@pytest.mark.parametrize("shell_name", ["bash", "zsh"])
def test_completion_knows_every_command(shell_name, capsys, tmp_path):
    pytest.importorskip("shtab")
    assert main(["completion", shell_name]) == 0
    text = capsys.readouterr().out
    for name in COMMANDS:
        assert name in text
    assert "--n-examples" in text
    if shell_name == "bash":
        script = tmp_path / "hebbian"
        script.write_text(text)
        checked = subprocess.run(["bash", "-n", str(script)], capture_output=True, check=False)
        assert checked.returncode == 0


def test_completion_without_its_package_is_one_line(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert main(["completion", "bash"]) == 2
    assert "needs the package shtab" in capsys.readouterr().err


def test_control_c_is_exit_code_130(monkeypatch, tmp_path, capsys):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(phase_diagrams.sweeps.batches, "compute", interrupted)
    out = str(tmp_path / "x.zarr")
    flags = ["--model", "hopfield", "--alpha", "0.1", "--T", "0.2", *SMALL]
    assert main(["sweep", *flags, "--out", out]) == 130
    assert capsys.readouterr().err == f"hebbian: error: interrupted: {out} keeps what is done\n"

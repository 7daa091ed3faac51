"""Command lines and study files that are right but for a few entries.

More cases: HEBBIAN_FUZZ=10000 pytest tests/test_fuzz.py
"""

import json
import os
import shutil

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from phase_diagrams.cli import main

CASES = int(os.environ.get("HEBBIAN_FUZZ", "0"))


def cases(share, usual):
    """Run the usual number of cases, or a share of HEBBIAN_FUZZ drawn at random."""
    return settings(
        max_examples=max(int(share * CASES), 1) if CASES else usual,
        derandomize=not CASES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


SMALL = ["--n-spins", "20", "--warmup", "2", "--sweeps", "10", "--stride", "2", "--n-samples", "2"]
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
    "--sampling": ["independent", "stratified", *WORDS],
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
    "--dynamics": ["glauber", "metropolis", "zero-temperature", "parallel", "plefka", *WORDS],
    "--site-order": ["sequential", "random", "permutation", *WORDS],
    "--cooling": ["2", "1.5:geometric", "0:geometric", "2:", ":", *WORDS],
    "--start": ["pattern", "random", "hierarchical", "parallel", "0.5", "0:1:2", "1,", *WORDS],
    "--seed": ["1", "99999999999999999999999", *WORDS],
    "--backend": ["auto", "numba", "reference", *WORDS],
}
BRANCHES = ["retrieval", "glass", "paramagnet", "hierarchical", "pure", *WORDS]
SHARDS = ["1/1", "1/2", "2/1", "0/2", "1/0", "1", "/", "1/2/3", "-1/2", "1/99999999", *WORDS]
EXECUTORS = ["serial", "process:0", "process:", "dask-file:none", "slurm:none", "dask:", *WORDS]
FLAGS = {
    "theory": {**VALUES, "--start": BRANCHES, "--quantity": ["critical-load", *WORDS]},
    "simulate": {name: v for name, v in {**VALUES, **SIMULATION}.items() if name != "--law"},
    "temper": {
        **{name: v for name, v in {**VALUES, **SIMULATION}.items() if name != "--law"},
        "--T": ["0.2,0.5", "0.5,0.2,0.3", "0:1:3", *NUMBERS],
        "--exchange-every": ["1", "2", *WORDS],
        "--tune": [None, "0.5", "2", *WORDS],
    },
    "sweep": {
        **VALUES,
        **SIMULATION,
        "--set": ["grid.T=0.3", "settings.seed=1", "model.x=1", "grid.T=", "a.b", "a.b=1", *WORDS],
        "--executor": EXECUTORS,
        "--shard": SHARDS,
        "--resume": [None],
        "--dry-run": [None],
    },
}
FLAGS_OF_STORES = {
    "status": {"--json": [None]},
    "figure": {
        "--variable": ["m", "q", "energy", "z", *WORDS],
        "--pattern": ["0", "1", *WORDS],
        "--select": ["T=0.3", "alpha=1", "T", "=", "x=1", "T=x", *WORDS],
    },
    "compare": {
        "--finite-size": [None],
        "--along": ["T", "alpha", "n_spins", *WORDS],
        "--pattern": ["0", "1", *WORDS],
        "--criterion": ["overlap", "success", *WORDS],
        "--extrapolate": [None],
        "--powers": ["1", "1,2", "0.5", "9", *WORDS],
        "--line-powers": ["1", "0.667", "1,1", *WORDS],
        "--json": [None],
    },
    "refine": {
        "--budget": ["1", "2", "1.5", "1e9", *WORDS],
        "--along": ["T", "alpha", "n_spins", *WORDS],
        "--pattern": ["0", "1", *WORDS],
        "--executor": EXECUTORS,
        "--resume": [None],
        "--json": [None],
    },
    "rerun": {"--executor": EXECUTORS, "--shard": SHARDS, "--resume": [None], "--json": [None]},
    "merge": {"--json": [None]},
}


@st.composite
def chosen(draw, known, usual):
    """Draw flags that are right but for a few."""
    flags = dict(usual)
    for flag in draw(st.lists(st.sampled_from(sorted(known)), max_size=5)):
        flags[flag] = draw(st.sampled_from(known[flag]))
    for flag in draw(st.lists(st.sampled_from(sorted(flags)), max_size=2)) if flags else []:
        flags.pop(flag, None)
    arguments = []
    for flag, value in flags.items():
        arguments += [flag] if value is None else [flag, value]
    return arguments + draw(st.sampled_from([[]] * 8 + [["--nonsense"], ["stray"]]))


@st.composite
def commands(draw):
    """Draw a command line without files."""
    command = draw(st.sampled_from(sorted(FLAGS)))
    flags = {"--model": "hopfield", "--T": "0.3", "--alpha": "0.1"}
    if command != "theory":
        flags |= dict(zip(SMALL[::2], SMALL[1::2], strict=True))
    return [command, *draw(chosen(FLAGS[command], flags))]


def judge(arguments, folder, capsys, before=()):
    """Run the command line: no traceback, a known exit code, nothing written on bad input."""
    code = main(arguments)
    output = capsys.readouterr()
    assert code in (0, 2, 3), (arguments, output.err)
    assert "Traceback" not in output.err
    if code == 2:
        assert output.err.startswith("hebbian: error: "), (arguments, output.err)
        assert output.err.count("\n") == 1, (arguments, output.err)
        assert output.out == "", arguments
        assert sorted(path.name for path in folder.iterdir()) == sorted(before), arguments
    return code


@cases(0.4, 150)
@example(arguments=["theory", "--model", "hopfield", "--alpha", "0.1", "--T", "1e-300"])
@example(arguments=["simulate", "--model", "dense", "--alpha", "1e300", "--T", "1", *SMALL])
@given(arguments=commands())
def test_no_arguments_end_in_a_traceback(arguments, tmp_path_factory, capsys):
    folder = tmp_path_factory.mktemp("fuzz")
    if arguments[0] == "sweep":
        arguments = [*arguments, "--out", str(folder / "x.zarr")]
    judge(arguments, folder, capsys)


ODD = [None, True, -1, 0, 0.5, 1.5, 1e300, float("nan"), float("inf"), "", "x", "1:2", [], [[1]]]
ODD += [["x"], [1, "x"], {}, 10**30, "0:1:3", "²", "\u0000", "a\nb", [0.1, 0.1]]
ENTRIES = {
    "model": {
        "model": ["hopfield", "dense", "multitasking"],
        "rule": ["storing", "supervised", "unsupervised"],
        "order": [2, 3, 4],
        "indices": ["distinct", "all"],
        "quality": [0.5, 1.0],
        "n_examples": [1, 3],
        "dilution": [0.0, 0.3],
        "n_patterns": [1, 2],
    },
    "grid": {
        "alpha": [0.1, [0.05, 0.1], "0.05:0.1:2"],
        "T": [0.0, 0.3, [0.1, 0.5]],
        "n_spins": [12, [12, 16], 16.0],
        "start": [0.5, [0.2, 1.0]],
        "order": [[2, 3]],
        "quality": [[0.5, 0.9]],
        "n_examples": [[1, 2]],
        "dilution": ["0:0.5:2"],
        "points": [{"T": [0.1]}],
    },
    "settings": {
        "n_samples": [1, 2],
        "n_replicas": [1, 2],
        "warmup": [0, 2],
        "sweeps": [0, 4],
        "stride": [1, 2],
        "dynamics": ["glauber", "metropolis", "zero-temperature"],
        "site_order": ["sequential", "random", "permutation"],
        "cooling": [2.0, "2.0:geometric"],
        "start": ["pattern", "random", "parallel", 0.5],
        "seed": [0, 7],
        "backend": ["auto", "reference"],
        "law": ["binomial", "gaussian"],
        "simulate": [True, False],
        "theory": [True, False],
    },
}
PLAIN = {
    "model": {"model": "hopfield"},
    "grid": {"alpha": 0.1, "T": 0.3, "n_spins": 12},
    "settings": {"n_samples": 2, "warmup": 1, "sweeps": 4, "stride": 2, "theory": False},
}


def toml(value):
    """Write a value as TOML; what TOML has no word for becomes a mistake."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {toml(entry)}" for name, entry in value.items()) + "}"
    return json.dumps(value) if isinstance(value, str) else repr(value)


@st.composite
def study_files(draw):
    """Draw the bytes of a study file that is right but for a few entries."""
    tables = {name: dict(entries) for name, entries in PLAIN.items()}
    for _ in range(draw(st.integers(0, 5))):
        table = draw(st.sampled_from(sorted(ENTRIES)))
        name = draw(st.sampled_from([*sorted(ENTRIES[table]), "tpyo"]))
        good = ENTRIES[table].get(name, ODD)
        tables[table][name] = draw(st.sampled_from([*good, *good, draw(st.sampled_from(ODD))]))
    for table in draw(st.lists(st.sampled_from(sorted(tables)), max_size=1)):
        gone = draw(st.sampled_from([None, *tables[table]]))
        if gone is None:
            del tables[table]
        else:
            del tables[table][gone]
    lines = []
    for table, entries in tables.items():
        lines += [f"[{table}]", *(f"{name} = {toml(value)}" for name, value in entries.items())]
    text = "\n".join(lines).encode()
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        place = draw(st.integers(0, len(text)))
        text = text[:place] + draw(st.binary(max_size=3)) + text[place + draw(st.integers(0, 3)) :]
    return text


@cases(0.4, 120)
@given(text=study_files(), flags=st.sampled_from([[]] * 6 + [["--json"], ["--shard", "1/2"]]))
def test_no_study_file_ends_in_a_traceback(text, flags, tmp_path_factory, capsys):
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "study.toml").write_bytes(text)
    arguments = ["sweep", str(folder / "study.toml"), "--out", str(folder / "x.zarr"), *flags]
    judge(arguments, folder, capsys, before=["study.toml"])


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("store") / "x.zarr"
    grid = ["--model", "hopfield", "--alpha", "0.05,0.1", "--T", "0.1,0.9"]
    assert main(["sweep", *grid, *SMALL, "--out", str(path)]) == 0
    return path


@st.composite
def commands_on_stores(draw):
    """Draw a command line about a store; the store and the output come later."""
    command = draw(st.sampled_from(sorted(FLAGS_OF_STORES)))
    usual = {"--budget": "1"} if command == "refine" else {}
    return [command, *draw(chosen(FLAGS_OF_STORES[command], usual))]


@cases(0.2, 40)
@given(arguments=commands_on_stores())
def test_no_command_on_a_store_ends_in_a_traceback(arguments, store, tmp_path_factory, capsys):
    folder = tmp_path_factory.mktemp("fuzz")
    command, *flags = arguments
    outputs = {"figure": "figure", "rerun": "y.zarr", "merge": "y.zarr"}
    out = ["--out", str(folder / outputs[command])] if command in outputs else []
    mine = shutil.copytree(store, folder / "x.zarr")
    judge([command, str(mine), *flags, *out], folder, capsys, before=["x.zarr"])

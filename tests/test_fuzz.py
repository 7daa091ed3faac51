"""Command lines and study files that are right but for a few entries.

More cases: HEBBIAN_FUZZ=10000 pytest tests/test_fuzz.py
"""

import argparse
import json
import os
import shutil
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from command_lines import (
    ON_STORES,
    PLAIN,
    RETRIEVE,
    SMALL,
    chosen,
    commands_on_stores,
    plain_commands,
    rare_commands,
)
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from mutations import deep, forged_checkpoints, forged_headers, mutated, reseal

from hebbian import Model
from montecarlo.engine import archive
from phase_diagrams import arguments
from phase_diagrams.cli import main
from phase_diagrams.grid import Grid
from phase_diagrams.settings import Settings
from phase_diagrams.study import Study

pytestmark = pytest.mark.heavy

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


def test_every_flag_is_drawn():
    (commands,) = (
        action.choices
        for action in arguments._parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    known = {**PLAIN, **ON_STORES, "retrieve": RETRIEVE}
    files = {"--help", "--out", "--images", "--labels"}
    for name, parser in commands.items():
        assert set(parser.flags()) - files == set(known[name]), name


def judge(arguments, folder, capsys, before=()):
    """Run the command line: no traceback, a known exit code, nothing written on bad input."""
    home = Path.cwd()
    os.chdir(folder)
    try:
        code = main(arguments)
    finally:
        os.chdir(home)
    output = capsys.readouterr()
    assert code in (0, 2, 3), (arguments, output.err)
    assert "Traceback" not in output.err
    if code == 2:
        assert output.err.startswith("hebbian: error: "), (arguments, output.err)
        assert output.err.count("\n") == 1, (arguments, output.err)
        assert output.out == "", arguments
        assert sorted(path.name for path in folder.iterdir()) == sorted(before), arguments
    elif "--json" in arguments:
        json.loads(output.out, parse_constant=float.fromhex)  # which knows no NaN
    return code


@cases(0.2, 120)
@example(arguments=["theory", "--model", "hopfield", "--alpha", "0.1", "--T", "1e-300"])
@example(arguments=["simulate", "--model", "dense", "--alpha", "1e300", "--T", "1", *SMALL])
@given(arguments=plain_commands())
def test_no_arguments_end_in_a_traceback(arguments, tmp_path_factory, capsys):
    folder = tmp_path_factory.mktemp("fuzz")
    if arguments[0] == "sweep":
        arguments = [*arguments, "--out", "x.zarr"]
    judge(arguments, folder, capsys)


@cases(0.05, 20)
@given(arguments=rare_commands())
def test_no_rare_command_ends_in_a_traceback(arguments, tmp_path_factory, capsys):
    judge(arguments, tmp_path_factory.mktemp("fuzz"), capsys)


#: More than a table or a list of a study may be nested.
DEEP = deep(80)
ODD = [None, True, -1, 0, 0.5, 1.5, 1e300, float("nan"), float("inf"), "", "x", "1:2", [], [[1]]]
ODD += [["x"], [1, "x"], {}, 10**30, 10**9, DEEP, "0:1:3", "²", "\u0000", "a\nb", [0.1, 0.1]]
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
        "sampling": ["independent", "stratified"],
    },
    "grid": {
        "alpha": [0.1, [0.05, 0.1], "0.05:0.1:2"],
        "T": [0.0, 0.3, [0.1, 0.5]],
        "n_spins": [12, [12, 16], 16.0, [16, 12, 16]],
        "start": [0.5, [0.2, 1.0]],
        "order": [[2, 3]],
        "quality": [[0.5, 0.9]],
        "n_examples": [[1, 2]],
        "dilution": ["0:0.5:2"],
        "n_patterns": [[1, 3, 2]],
        "points": [{"T": [0.1]}],
    },
    "settings": {
        "n_samples": [1, 2],
        "n_replicas": [1, 2],
        "warmup": [0, 2],
        "sweeps": [0, 4],
        "stride": [1, 2],
        "dynamics": ["glauber", "metropolis", "zero-temperature", "parallel"],
        "site_order": ["sequential", "random", "permutation"],
        "cooling": [2.0, "2.0:geometric"],
        "n_steps": [2, 3.0],
        "form": ["auto", "overlaps", "couplings"],
        "observables": [[], ["susceptibility"], ["m", "nothing"]],
        "start": ["pattern", "random", "parallel", 0.5],
        "seed": [0, 7],
        "backend": ["auto", "reference"],
        "law": ["binomial", "gaussian"],
        "simulate": [True, False],
        "theory": [True, False],
    },
}
PLAIN_STUDY = {
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
    tables = {name: dict(entries) for name, entries in PLAIN_STUDY.items()}
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


@st.composite
def changes(draw):
    """Draw the value of --set."""
    table = draw(st.sampled_from([*sorted(ENTRIES), "", "x"]))
    name = draw(st.sampled_from([*ENTRIES.get(table, ["y"]), "", "T.x.y", "a." * 500 + "b"]))
    value = draw(st.sampled_from([*ENTRIES.get(table, {}).get(name, ODD), *ODD]))
    text = toml(value)
    text = draw(
        st.sampled_from([text] * 6 + [text[1:], text * 40, "[" * 5000, "{a=" * 500, "=", ""])
    )
    return f"{table}.{name}={text}".replace("\0", "")


@cases(0.2, 100)
@given(
    text=study_files(),
    flags=st.one_of(
        st.sampled_from([[], [], ["--json"], ["--shard", "1/2"]]),
        changes().map(lambda x: ["--set", x]),
    ),
)
def test_no_study_file_ends_in_a_traceback(text, flags, tmp_path_factory, capsys):
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "study.toml").write_bytes(text)
    arguments = ["sweep", "study.toml", "--out", "x.zarr", *flags]
    judge(arguments, folder, capsys, before=["study.toml"])


HOPFIELD = ["--model", "hopfield", "--alpha", "0.05,0.1", "--T", "0.1,0.9"]
STUDIES = {
    "plane": HOPFIELD,
    "refined": HOPFIELD,
    "part": [*HOPFIELD, "--shard", "1/2"],
    "rest": [*HOPFIELD, "--shard", "2/2"],
    "predicted": [*HOPFIELD, "--set", "settings.simulate=false"],
    "sizes": [*HOPFIELD[:4], "--T", "0.3,0.9", "--n-spins", "16,20,24"],
    "point": ["--model", "dense", "--alpha", "0.05", "--T", "0.1"],
    "followed": [*HOPFIELD, "--start", "0.2,0.9", "--n-steps", "3", "--dynamics", "parallel"],
    "diluted": ["--model", "multitasking", "--dilution", "0:0.5:3", "--T", "0.1,0.5"],
}


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stores")
    for name, flags in STUDIES.items():
        small = SMALL
        if "--n-steps" in flags:
            small = [*SMALL[: SMALL.index("--warmup")], *SMALL[SMALL.index("--n-samples") :]]
        assert main(["sweep", *small, *flags, "--out", str(folder / name)]) == 0
    assert main(["refine", str(folder / "refined"), "--budget", "2"]) == 0
    return folder


@cases(0.15, 60)
@given(arguments=commands_on_stores(sorted(STUDIES)))
def test_no_command_on_a_store_ends_in_a_traceback(arguments, stores, tmp_path_factory, capsys):
    folder = tmp_path_factory.mktemp("fuzz")
    command, *rest = arguments
    before = {name for name in rest if name in STUDIES}
    for name in before:
        shutil.copytree(stores / name, folder / name)
    outputs = {"figure": "figure", "rerun": "y.zarr", "merge": "y.zarr"}
    out = ["--out", outputs[command]] if command in outputs else []
    if command == "export":
        out = [f"out.{('nc', 'csv')[len(rest) % 2]}"]
    judge([command, *rest, *out], folder, capsys, before=before)


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Thirty pictures of three classes."""
    folder = tmp_path_factory.mktemp("images")
    labels = np.arange(30) % 3
    grey = np.random.default_rng(1).integers(0, 90, (30, 6, 6)) + 80 * labels[:, None, None]
    content = struct.pack(">4I", 0x803, *grey.shape) + grey.astype(np.uint8).tobytes()
    (folder / "images").write_bytes(content)
    (folder / "labels").write_bytes(struct.pack(">2I", 0x801, 30) + bytes(labels.tolist()))
    return ["--images", str(folder / "images"), "--labels", str(folder / "labels")]


@cases(0.05, 20)
@given(flags=chosen(RETRIEVE, {"--n-classes": "3", "--n-examples": "4", "--sweeps": "2"}))
def test_no_retrieval_ends_in_a_traceback(flags, images, tmp_path_factory, capsys):
    judge(["retrieve", *images, *flags], tmp_path_factory.mktemp("fuzz"), capsys)


@cases(0.25, 100)
@given(data=st.data())
def test_no_description_of_a_study_is_more_than_refused(data):
    """As text, which a header holds, and as plain data; a study that is built says so again."""
    studies = [
        ({"model": "hopfield"}, {"alpha": [0.1, 0.2], "T": 0.3, "n_spins": 12}),
        ({"model": "multitasking"}, {"points": {"T": [0.1], "dilution": [0.2]}}),
    ]
    model, values = data.draw(st.sampled_from(studies))
    asked = Study.asked(Grid(Model.build(model), values), Settings(n_samples=3))
    found = data.draw(mutated(asked.describe()))
    for given_as in (found, json.dumps(found)):
        for make in (Study.build, lambda study: Study.stored(study, None, {})):
            refused = ""
            try:
                built = make(given_as)
                assert Study.build(built.describe()).fingerprint() == built.fingerprint()
            except ValueError as error:
                refused = str(error)
            assert "\n" not in refused
            assert len(refused) < 600


@pytest.fixture(scope="module")
def progress(tmp_path_factory):
    """The entries of the checkpoint of a small run, complete and under way."""
    path, found = tmp_path_factory.mktemp("progress") / "run.npz", []
    assert main([*KEPT, str(path)]) == 0
    identity, parts = archive.read(path)
    assert parts[0].chains.pop(0).ended
    with path.open("w+b") as file:
        archive.write(file, identity, parts)
    for _ in range(2):
        with zipfile.ZipFile(path) as whole:
            found.append({one.filename: whole.read(one) for one in whole.infolist()})
        assert main([*KEPT, str(path)]) == 0
    return found


KEPT = ["simulate", "--model", "hopfield", "--alpha", "0.1", "--T", "0.3", *SMALL, "--checkpoint"]


@cases(0.1, 40)
@given(data=st.data())
def test_no_checkpoint_ends_in_a_traceback(data, progress, tmp_path_factory, capsys):
    """With a seal that is right: what is damaged beyond it has tests of its own."""
    folder = tmp_path_factory.mktemp("fuzz")
    entries = data.draw(forged_checkpoints(data.draw(st.sampled_from(progress))))
    path = folder / "run.npz"
    with zipfile.ZipFile(path, "w") as made:
        for name, content in entries.items():
            made.writestr(name, content)
    reseal(path)
    before = path.read_bytes()
    if judge([*KEPT, "run.npz"], folder, capsys, before=["run.npz"]) == 2:
        assert path.read_bytes() == before


@cases(0.05, 30)
@given(data=st.data())
def test_no_header_ends_in_a_traceback(data, stores, tmp_path_factory, capsys):
    name = data.draw(st.sampled_from(["plane", "refined", "diluted"]))
    folder = tmp_path_factory.mktemp("fuzz")
    shutil.copytree(stores / name, folder / name)
    headers = {
        str(path.relative_to(folder)): path.read_text() for path in folder.rglob("zarr.json")
    }
    for _ in range(data.draw(st.integers(1, 2))):
        place, content = data.draw(forged_headers(headers))
        (folder / place).write_text(content)
    command = data.draw(st.sampled_from(["status", "compare", "figure", "export", "resume"]))
    arguments = {
        "figure": ["figure", name, "--out", "figure"],
        "export": ["export", name, "out.nc"],
        "resume": ["sweep", *SMALL, *STUDIES[name], "--out", name, "--resume"],
    }.get(command, [command, name])
    judge(arguments, folder, capsys, before=[name])

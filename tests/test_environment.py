"""Where the command runs: variables, limits and files beside it give one line, or it works."""

import errno
import json
import math
import os
import subprocess
import sys
from concurrent.futures import BrokenExecutor

import pytest

from hebbian import threads
from phase_diagrams import faults, limits, shadowing
from phase_diagrams.cli import main
from phase_diagrams.commands import surroundings

HEBBIAN = [sys.executable, "-m", "phase_diagrams"]
POINT = ["--model", "hopfield", "--alpha", "0.1", "--T", "0.3"]
THEORY = ["theory", *POINT]
SIMULATE = ["simulate", *POINT, "--n-spins", "20", "--n-samples", "1", "--sweeps", "5"]
SIMULATE += ["--warmup", "1"]
SWEEP = ["sweep", *SIMULATE[1:], "--out", "x.zarr"]


def run(arguments, cwd, *, limit="", seconds=90, python=(), **variables):
    """Return the exit code, what was printed and the lines of errors."""
    command = [sys.executable, *python, "-m", "phase_diagrams", *arguments]
    ran = subprocess.run(
        ["bash", "-c", f'{limit} exec "$@"', "bash", *command], cwd=cwd, text=True, check=False,
        capture_output=True, timeout=seconds, env={**os.environ, **variables},
    )  # fmt: skip
    return ran.returncode, ran.stdout, ran.stderr.splitlines()


HEAVY = pytest.mark.heavy

WORKS = {
    "warnings are errors": {"PYTHONWARNINGS": "error"},
    "no docstrings": {"PYTHONOPTIMIZE": "2", "NUMBA_CACHE_DIR": os.devnull},
    "ascii": {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    "no width, no colour": {"COLUMNS": "0", "NO_COLOR": "1", "TZ": "No/Where"},
    "layers that are not there": {"NUMBA_THREADING_LAYER": "tbb", "NUMBA_NUM_THREADS": "1000"},
    "hash seed, no cache of the user's": {"PYTHONHASHSEED": "5", "XDG_CACHE_HOME": "/proc/x"},
    "cache is a file": {"NUMBA_CACHE_DIR": "/etc/passwd"},
}


@pytest.mark.parametrize(
    "name",
    [
        name if name in ("warnings are errors", "ascii") else pytest.param(name, marks=HEAVY)
        for name in WORKS
    ],
)
def test_the_command_works(name, tmp_path):
    code, printed, errors = run(THEORY, tmp_path, **WORKS[name])
    assert (code, errors) == (0, [])
    assert printed.split()[-3] == "True"  # converged


@pytest.mark.heavy
@pytest.mark.parametrize("switches", [("-E",), ("-s",), ("-X", "dev")])
def test_switches_of_python(switches, tmp_path):
    assert run(THEORY, tmp_path, python=switches)[::2] == (0, [])


ONE_LINE = {
    "no number of threads": (2, "NUMBA_NUM_THREADS = 'abc'", {"NUMBA_NUM_THREADS": "abc"}),
    "no thread": (2, "NUMBA_NUM_THREADS = '0'", {"NUMBA_NUM_THREADS": "0"}),
    "odd switch": (0, "NUMBA_DEBUG", {"NUMBA_DEBUG": "x"}),
    "odd switch is an error": (
        2,
        "PYTHONWARNINGS",
        {"NUMBA_DEBUG": "x", "PYTHONWARNINGS": "error"},
    ),
    "nothing is compiled": (0, "NUMBA_DISABLE_JIT", {"NUMBA_DISABLE_JIT": "1"}),
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if code else [pytest.mark.heavy])
        for name, (code, *_) in ONE_LINE.items()
    ],
)
def test_the_command_says_one_line(name, tmp_path):
    code, words, variables = ONE_LINE[name]
    found, _, errors = run(SIMULATE, tmp_path, **variables)
    assert (found, len(errors)) == (code, 1), errors
    assert words in errors[0]


@pytest.mark.heavy
def test_without_compiling_the_reference_is_taken_and_others_are_refused(tmp_path):
    code, printed, _ = run([*SIMULATE, "--json"], tmp_path, NUMBA_DISABLE_JIT="1")
    assert (code, json.loads(printed)["backend"]) == (0, "reference")
    for flags in (["--backend", "numba"], ["--dynamics", "plefka"]):
        code, _, errors = run([*SIMULATE, *flags], tmp_path, NUMBA_DISABLE_JIT="1")
        assert code == 2
        assert "NUMBA_DISABLE_JIT" in errors[-1]


LIMITS = {
    "files": ("ulimit -n 5;", SWEEP, 2),
    "a few files": ("ulimit -n 8;", SWEEP, 2),
    "files of workers": ("ulimit -n 12;", [*SWEEP, "--executor", "process:2"], 2),
    "enough files": ("ulimit -n 32;", SWEEP, 0),
    "hardly any address space": ("ulimit -v 100000;", THEORY, 2),
    "little address space": ("ulimit -v 1000000;", SWEEP, 2),
    "small files": ("ulimit -f 1;", SWEEP, 2),
    "small stack": ("ulimit -s 512;", SIMULATE, 0),
}


@pytest.mark.heavy
@pytest.mark.parametrize("name", LIMITS)
def test_limits_of_the_shell(name, tmp_path):
    limit, arguments, code = LIMITS[name]
    found, _, errors = run(arguments, tmp_path, limit=limit)
    assert (found, len(errors)) == (code, 1 if code else 0), errors
    assert "internal" not in "".join(errors)


@pytest.mark.heavy
def test_the_end_of_the_processor_time_is_an_interrupt(tmp_path):
    grid = ["--model", "dense", "--order", "4", "--alpha", "0.01:0.5:400", "--T", "0.01:1:400"]
    code, _, errors = run(["theory", *grid], tmp_path, limit="ulimit -S -t 4;")
    assert (code, errors) == (130, ["hebbian: error: interrupted"])


@pytest.mark.parametrize(
    "name", ["theory", "montecarlo", "hebbian", "random", "numpy", "signal", "re"]
)
def test_a_file_in_the_place_of_a_module_is_named(name, tmp_path):
    path = tmp_path / f"{name}.py"
    path.write_text("x = 1\n")
    code, _, errors = run(THEORY, tmp_path)
    assert (code, len(errors)) == (2, 1)
    assert errors[0].startswith(f"hebbian: error: {path} is imported in place of ")
    if name in shadowing.ROOMS:
        assert run(["doctor"], tmp_path)[0] == 2
        script = "import phase_diagrams"
        ran = subprocess.run(
            [sys.executable, "-c", script],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.stderr.splitlines()[-1].startswith(f"ImportError: {path} is imported in place")


@pytest.mark.parametrize("room", ["theory", "montecarlo"])
def test_a_room_on_foreign_ground_says_so(room, tmp_path):
    (tmp_path / "hebbian.py").write_text("x = 1\n")
    ran = subprocess.run(
        [sys.executable, "-c", f"import {room}"], cwd=tmp_path, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    line = ran.stderr.splitlines()[-1]
    assert line.startswith(f"ImportError: {tmp_path / 'hebbian.py'} is imported in place of")


def test_another_package_of_the_name_of_a_room_is_named(tmp_path, monkeypatch):
    """As pip leaves it, which lets the second of two packages overwrite the first."""
    monkeypatch.setattr(shadowing, "MARK", "of nobody")
    assert "hebbian/__init__.py is of another package" in shadowing.foreign_room()


def test_python_m_hebbian_is_the_command(tmp_path):
    ran = subprocess.run(
        [sys.executable, "-m", "hebbian", *THEORY], cwd=tmp_path, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/cpu.max": "150000 100000\n"}, 1.5),
        ({"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/cpu.max": "50000 100000\n"}, 0.5),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "max 100000\n"}, math.inf),
        (
            {
                "proc/self/cgroup": "3:memory:/x\n2:cpu,cpuacct:/docker/1\n0::/\n",
                "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "300000\n",
                "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
            },
            3.0,
        ),
        (
            {
                "proc/self/cgroup": "1:cpu:/\n",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            },
            math.inf,
        ),
        ({"proc/self/cgroup": "odd\n", "sys/fs/cgroup/cpu.max": "odd\n"}, math.inf),
        ({}, math.inf),
    ],
)
def test_quotas_of_containers(files, expected, tmp_path):
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert threads.cgroup_quota(tmp_path) == expected


@pytest.mark.parametrize(
    ("variables", "mask", "quota", "expected"),
    [
        ({}, 8, math.inf, (8, "affinity mask")),
        ({}, 8, 2.5, (3, "cgroup quota")),
        ({}, 8, 0.1, (1, "cgroup quota")),
        ({"OMP_NUM_THREADS": "2"}, 8, math.inf, (2, "OMP_NUM_THREADS")),
        ({"OMP_NUM_THREADS": "3,2"}, 8, math.inf, (3, "OMP_NUM_THREADS")),
        ({"OMP_NUM_THREADS": "4", "NUMBA_NUM_THREADS": "1"}, 8, 2, (1, "NUMBA_NUM_THREADS")),
        ({"OMP_NUM_THREADS": "many", "NUMBA_NUM_THREADS": "0"}, 8, 3, (3, "cgroup quota")),
        ({"OMP_NUM_THREADS": "100"}, 8, math.inf, (8, "affinity mask")),
    ],
)
def test_the_surroundings_set_the_number_of_threads(variables, mask, quota, expected, monkeypatch):
    for name in threads.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(mask)))
    monkeypatch.setattr(threads, "cgroup_quota", lambda: quota)
    assert threads.default_threads() == expected
    assert threads.checked_threads(None) == expected[0]
    assert threads.checked_threads(7) == 7


@pytest.mark.parametrize("flag", ["--n-threads", "--threads"])
def test_a_flag_sets_the_number_of_threads(flag, capsys, monkeypatch):
    from montecarlo.engine import running

    used = []
    usual = running.checked_threads
    monkeypatch.setattr(running, "checked_threads", lambda n: used.append(n) or usual(n))
    for flags, expected in (([flag, "3"], {3, None}), ([], {None})):
        used.clear()
        assert main([*SIMULATE, *flags]) == 0
        assert set(used) == expected  # None: the rehearsal
    out = capsys.readouterr().out.splitlines()
    assert out[:2] == out[2:]
    assert main([*SIMULATE, flag, "0"]) == 2
    assert "n_threads = 0 is outside" in capsys.readouterr().err


def test_threads_of_workers_are_refused(capsys, tmp_path):
    flags = ["--out", str(tmp_path / "x.zarr"), "--executor", "process:2", "--n-threads", "2"]
    assert main(["sweep", *SIMULATE[1:], *flags]) == 2
    assert "workers of process:2 have one" in capsys.readouterr().err
    assert not (tmp_path / "x.zarr").exists()


@pytest.mark.parametrize(
    ("error", "words", "code"),
    [
        (OSError(errno.EMFILE, "Too many open files"), "ulimit -n", 2),
        (OSError(errno.ENOSPC, "No space left on device", "x"), "No space left on device: 'x'", 2),
        (MemoryError("1 TiB"), "ask for less (1 TiB)", 2),
        (RuntimeError("can't start new thread"), "ulimit -u", 2),
        (ModuleNotFoundError("No module named 'zarr'", name="zarr"), "pip install zarr", 2),
        (ImportError("numpy.core.multiarray failed to import"), "install it again", 2),
        (UnicodeError("odd letters"), "odd letters", 2),
        (RecursionError("maximum recursion depth exceeded"), "nested too deeply", 2),
        (UserWarning("odd"), "PYTHONWARNINGS", 2),
        (BrokenExecutor("lost"), "lost", 3),
    ],
)
def test_the_surroundings_are_no_internal_error(error, words, code):
    line, found = faults.explain(error)
    assert found == code
    assert words in line
    assert "internal" not in line


def test_a_bug_says_where_it_is(monkeypatch, capsys):
    from phase_diagrams.commands import theory

    monkeypatch.setattr(theory, "study_tables", None)
    assert main(THEORY) == 1
    line = capsys.readouterr().err
    assert line.startswith("hebbian: error: internal error, please report it: TypeError: ")
    assert "phase_diagrams/commands/theory.py:" in line


def test_hints(capsys):
    for words, hint in {
        "--alpha 0.1 0.2 --T 0.1": "several values are one word: --alpha 0.1,0.2",
        "--alpha 0.1 --T 0.1 --N 50": "did you mean --n-spins?",
        "--alpha 0.1 --temperature 0.1": "did you mean --T?",
        "--alpha 0.1 --T 0.1 --n-spin 50": "did you mean --n-spins?",
        "--alpha 0.1 --beta 5": "give --T, which is 1 / beta",
        "--alpha 0.1 --T 0.1 --P=4": "did you mean --order?",
        "--K 5 --T 0.1": "did you mean --n-patterns?",
        "--alpha 0.1 --T 0.1 --quantity magnetization": "did you mean solution?",
        "--alpha 0.1 --T 0.1 --start memory": "did you mean retrieval?",
    }.items():
        assert main(["theory", "--model", "hopfield", *words.split()]) == 2
        assert hint in capsys.readouterr().err


def test_words_of_other_programs(capsys):
    for words, hint in {
        "": "required: COMMAND; hebbian --help lists them",
        "help": "did you mean --help?",
        "plot x.zarr": "did you mean figure?",
        "simulat": "did you mean simulate?",
        "theory --model Hopfeild --alpha 0.1 --T 0.1": "did you mean hopfield?",
        "simulate --model hopfield --alpha 0.1 --T 0.1 --n-spins 20 --dynamics heat-bath":
            "did you mean glauber?",
        "simulate --model hopfield --alpha 0.1 --T 0.1 --n-spins 20 --backend gpu":
            "did you mean cupy?",
        "simulate --model hopfield --alpha 0.1 --T 0.1 --n-spins 20 --thermalisation 5":
            "did you mean --warmup?",
    }.items():  # fmt: skip
        assert main(words.split()) == 2
        said = capsys.readouterr().err
        assert hint in said
        assert said.count("\n") == 1


@pytest.mark.heavy
def test_doctor_looks_at_the_surroundings(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    found = surroundings.examined()
    assert {name for name, text in found.items() if not text.startswith("ok")} == set()
    assert set(found) == set(surroundings.CHECKS)
    (tmp_path / "statistics.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(limits, "address_space", lambda: (1.0, 2**30))
    monkeypatch.setattr(surroundings, "SPACE", 2**70)
    monkeypatch.setattr(surroundings, "CHECKS", {
        name: check for name, check in surroundings.CHECKS.items() if name != "workers"
    })  # fmt: skip
    found = surroundings.examined()
    wrong = {name for name, text in found.items() if text.startswith("wrong")}
    assert wrong == {"cache", "names", "lock", "limits", "temporary"}
    assert "statistics.py is imported in place of statistics" in found["names"]
    assert all("\n" not in text for text in found.values())
    assert main(["doctor", "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["healthy"] is False

"""Pools of processes where they cannot start, or almost."""

import os
import subprocess
import sys
import time
import types
from multiprocessing import synchronize

import pytest

from phase_diagrams.sweeps import processes
from phase_diagrams.sweeps.executors import open_executor

START = """
import multiprocessing, os, signal, sys
from multiprocessing import forkserver
from phase_diagrams.sweeps.executors import open_executor

def attempt(*_):
    try:
        with open_executor("process:2") as pool:
            return str(pool.submit(divmod, 7, 2).result())
    except OSError as error:
        return str(error)
"""


def ran(script, folder, *, stdin=False, **environment):
    """Run a script and return its output, in which no traceback may be."""
    file = folder / "script.py"
    file.write_text(START + script)
    command = [sys.executable, "-" if stdin else file]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=300,
        input=file.read_text() if stdin else None, env={**os.environ, **environment},
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done.stdout.splitlines(), done.stderr.splitlines()


def test_a_script_without_the_guard_is_told_of_it(tmp_path):
    out, errors = ran("print(attempt())", tmp_path)
    assert len(out) == 1
    assert "no worker starts" in out[0]
    assert 'put the sweep below `if __name__ == "__main__":`' in out[0]
    assert errors == []


def test_a_script_that_workers_cannot_import_is_named(tmp_path):
    out, errors = ran('if __name__ != "__main__": here\nelse: print(attempt())', tmp_path)
    assert len(out) == len(errors) == 1
    assert "no worker starts: it ended as it started (exit code 1)" in out[0]
    assert "NameError: name 'here' is not defined (script.py, line" in errors[0]
    out, _ = ran(
        'if __name__ == "__main__":\n    os.remove(__file__)\n    print(attempt())', tmp_path
    )
    assert "script.py is gone" in out[0]


def test_standard_input_is_no_script_to_import(tmp_path):
    assert ran("print(attempt())", tmp_path, stdin=True) == (["(3, 1)"], [])


def test_workers_of_other_pools(tmp_path):
    """A daemonic one is refused; one that was forked has no server of its own to ask."""
    script = """
if __name__ == "__main__":
    print(attempt(), flush=True)
    if os.fork() == 0:
        print(attempt(), flush=True)
        os._exit(0)
    os.wait()
    with multiprocessing.get_context("fork").Pool(1) as pool:
        print(*pool.map(attempt, [1]), sep="\\n")
    with open_executor("process:1") as pool:
        print(pool.submit(attempt).result())
    os.kill(forkserver._forkserver._forkserver_pid, signal.SIGKILL)
    print(attempt())
"""
    out, _ = ran(script, tmp_path)
    assert out[:2] == out[3:] == ["(3, 1)"] * 2
    assert "'process:2' cannot run inside a daemonic process" in out[2]


def test_files_of_the_folder_stand_for_no_modules(tmp_path):
    """Server, tracker and workers start beside files that are named like modules of Python."""
    (tmp_path / "folder").mkdir()
    for name in ("random", "select", "struct", "tokenize", "logging", "theory", "numpy", "socket"):
        (tmp_path / "folder" / f"{name}.py").write_text("raise SystemExit('not this one')\n")
    script = """
if __name__ == "__main__":
    os.chdir("folder")
    print(attempt())
    with open_executor("process:1") as pool:
        print(pool.submit(os.getenv, "PYTHONSAFEPATH").result())
"""
    assert ran(script, tmp_path) == (["(3, 1)", "None"], [])


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (12, 12))", "open files"),
        ("import tempfile; tempfile.tempdir = 'x' * 150; os.mkdir('x' * 150)", "set TMPDIR"),
        ("d = 'gone'; os.mkdir(d); os.chdir(d); os.rmdir('../gone')", "current folder is gone"),
        ("multiprocessing.get_start_method = lambda **_: 'loky'", "inside a worker of loky"),
    ],
)
def test_surroundings_without_room_for_workers(script, words, tmp_path):
    out, errors = ran(f'if __name__ == "__main__":\n    {script}\n    print(attempt())', tmp_path)
    assert len(out) == 1
    assert "executor = 'process:2': no worker starts: " in out[0]
    assert words in out[0]
    assert errors == []


def test_a_system_without_semaphores(monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(synchronize, "_multiprocessing", types.SimpleNamespace(SemLock=refuse))
    with pytest.raises(OSError, match=r"no worker starts: .*Permission denied"):
        open_executor("process:1").__enter__()


def test_fewer_workers_where_there_is_no_room_for_more(monkeypatch, caplog):
    start, started = processes.ForkServerProcess.start, []

    def crowded(self):
        started.append(self)
        if len(started) == 2:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        start(self)

    monkeypatch.setattr(processes.ForkServerProcess, "start", crowded)
    with open_executor("process:2") as pool:
        pool.submit(time.sleep, 30)
        assert pool.submit(divmod, 7, 2).result() == (3, 1)
    assert len(started) == 3
    assert "only 1 could be started: [Errno 11] Resource temporarily unavailable" in caplog.text

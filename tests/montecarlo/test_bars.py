"""Progress bars: who sees them, and what they say while numba compiles."""

import os
import pty
import subprocess
import sys
import termios
from types import SimpleNamespace

import pytest
import tqdm.notebook

from montecarlo.engine.bars import NOTE, progress_bar

BOTH = """
import montecarlo, phase_diagrams
from hebbian import Hopfield
fast = montecarlo.Schedule(warmup=2, sweeps=10, stride=5)
montecarlo.simulate(Hopfield(), alpha=0.1, T=0.1, n_spins=50, schedule=fast, progress=True)
phase_diagrams.sweep(Hopfield(), {"alpha": 0.1, "T": [0.1]}, n_spins=50, schedule=fast,
                     theory=False, progress=True)
"""
KERNEL = """
import numpy as np
from montecarlo.engine.bars import progress_bar
from montecarlo.kernels.shared.philox import fill_words
with progress_bar(True, total=1) as bar:
    for first in range(2):
        fill_words(np.arange(2, dtype=np.uint32), first, 1, 0, 8, np.empty((4, 8), np.uint64))
"""


def in_a_terminal(script, **environment):
    """Return what a script writes to a stderr that is a terminal."""
    ours, its = pty.openpty()
    termios.tcsetwinsize(its, (24, 80))
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=its,
    )
    os.close(its)
    written = b""
    try:
        while part := os.read(ours, 4096):
            written += part
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    assert process.communicate()[0] == b""
    assert process.returncode == 0, written.decode()
    return written.decode()


def test_a_terminal_shows_bars_and_a_file_none():
    shown = in_a_terminal(BOTH)
    assert "sweep/s]" in shown
    assert "point/s]" in shown
    silent = subprocess.run([sys.executable, "-c", BOTH], capture_output=True, check=True)
    assert silent.stdout + silent.stderr == b""


def test_the_first_call_alone_says_that_it_compiles(tmp_path):
    """Once: what the first process compiled, the second one has."""
    first, second = (in_a_terminal(KERNEL, NUMBA_CACHE_DIR=str(tmp_path)) for _ in range(2))
    assert first.count(NOTE) == 1
    assert "0/1" in first.partition(NOTE)[2]  # the bar goes on without it
    assert "0/1" in second
    assert NOTE not in second


@pytest.fixture
def notebook(monkeypatch):
    """A process that is the kernel of a notebook; its stderr is no terminal."""
    shell = SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    return shell


def test_a_notebook_without_widgets_has_text(notebook, monkeypatch, capsys):
    """Where tqdm itself would warn."""
    monkeypatch.setattr(tqdm.notebook, "IProgress", None)
    with progress_bar(True, total=2) as bar:
        bar.update()
    assert "1/2" in capsys.readouterr().err


def test_a_notebook_with_widgets_has_one(notebook, monkeypatch):
    monkeypatch.setattr(tqdm.notebook, "IProgress", object)
    made = []
    monkeypatch.setattr(tqdm.notebook, "tqdm", lambda **options: made.append(options) or no_bar())
    with progress_bar(True, total=2, unit="sweep"):
        pass
    assert made == [{"disable": False, "total": 2, "unit": "sweep"}]


def no_bar():
    return tqdm.tqdm(disable=True)


@pytest.mark.parametrize("kernel", [object(), None])
def test_silent_unless_it_is_asked_for(notebook, kernel, capsys):
    """Nor does IPython on a stderr that is no terminal show anything."""
    notebook.kernel = kernel
    with progress_bar(kernel is None, total=2) as bar:
        bar.update()
    assert capsys.readouterr().err == ""


def test_in_jupyter_itself():
    nbclient, nbformat = (pytest.importorskip(name) for name in ("nbclient", "nbformat"))
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(BOTH)])
    nbclient.NotebookClient(book, timeout=300).execute()
    shown = str(book.cells[0].outputs)
    assert "sweep/s]" in shown
    assert "point/s]" in shown
    assert "Warning" not in shown

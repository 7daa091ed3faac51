"""Nothing that Linux alone has is needed to import the package; what needs it says so."""

import subprocess
import sys

import pytest

import montecarlo
from hebbian import Hopfield

#: A Python in which our modules, and they alone, find what Windows has.
ELSEWHERE = """
import builtins, importlib, pkgutil, sys, types

ROOMS = ("hebbian", "theory", "montecarlo", "phase_diagrams")
MODULES = ("fcntl", "resource", "pwd", "grp", "termios", "pty", "tty", "syslog", "posix")
NAMES = {
    "os": "fork register_at_fork getuid geteuid killpg sched_getaffinity sysconf uname mkfifo "
          "O_NONBLOCK O_CLOEXEC O_DIRECTORY WNOHANG",
    "signal": "SIGHUP SIGXCPU SIGKILL SIGALRM SIGUSR1 SIGCHLD SIGTSTP SIGPIPE pthread_sigmask",
}

class Reduced(types.ModuleType):
    def __init__(self, whole, absent):
        super().__init__(whole.__name__)
        self.__dict__.update({k: v for k, v in vars(whole).items() if k not in absent})

usual = builtins.__import__

def imported(name, globals=None, locals=None, fromlist=(), level=0):
    importer = str((globals or {}).get("__name__")).partition(".")[0]
    if importer in ROOMS and name in MODULES:
        raise ImportError(name)
    found = usual(name, globals, locals, fromlist, level)
    return Reduced(found, NAMES[name].split()) if importer in ROOMS and name in NAMES else found

builtins.__import__ = imported
"""

EVERYTHING = """
count = 0
for room in ROOMS:
    package = importlib.import_module(room)
    for module in pkgutil.walk_packages(package.__path__, room + "."):
        if not module.name.endswith(".__main__"):
            importlib.import_module(module.name)
            count += 1
print(count)
"""


def test_every_module_is_imported_where_much_of_linux_is_not():
    ran = subprocess.run(
        [sys.executable, "-c", ELSEWHERE + EVERYTHING], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert int(ran.stdout) > 300


@pytest.mark.parametrize("name", ["fcntl", "resource"])
def test_the_surroundings_of_that_test_are_poor(name):
    """It would pass if nothing were missing there."""
    code = (
        f"{ELSEWHERE}\n__name__ = 'theory.x'\nimport signal\nassert not hasattr(signal, 'SIGHUP')"
    )
    ran = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport {name}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stderr.splitlines()[-1] == f"ImportError: {name}"


def test_without_locks_a_checkpoint_is_refused_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with pytest.raises(ValueError, match="has no locks of files") as caught:
        montecarlo.simulate(
            Hopfield(), alpha=0.1, T=0.5, n_spins=20, checkpoint=tmp_path / "run.npz"
        )
    assert "\n" not in str(caught.value)
    assert [*tmp_path.iterdir()] == []

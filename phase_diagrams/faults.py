"""What an error means to the user of the command: one line and an exit code.

The environment and the files of a user are theirs to mend; "internal error" is a bug.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from concurrent.futures import BrokenExecutor

from .arguments import UsageError
from .shadowing import ROOMS, culprits

__all__ = ["explain"]

_HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

_ADVICE = {
    errno.EMFILE: "too many open files: raise the limit, ulimit -n 1024",
    errno.ENFILE: "too many open files on this machine",
    errno.EAGAIN: "no process or thread can be started: raise the limits, ulimit -u and -v",
    errno.ENOMEM: "no memory is left: raise the limit, ulimit -v, or ask for less",
    errno.EFBIG: "a file reached the largest size that is allowed: raise the limit, ulimit -f",
}


def explain(error: BaseException) -> tuple[str, int]:
    """Return the line for an error that ended a command, and the exit code.

    Examples
    --------
    >>> explain(ValueError("T = -1 is outside the allowed range"))
    ('T = -1 is outside the allowed range', 2)
    """
    if isinstance(error, BrokenExecutor):
        return str(error), 3
    if isinstance(error, (UsageError, ValueError, ArithmeticError)):
        return str(error), 2
    if isinstance(error, OSError):
        advice = _ADVICE.get(error.errno or 0)
        return f"{advice} ({error})" if advice else str(error), 2
    if isinstance(error, MemoryError):
        return f"{_ADVICE[errno.ENOMEM]}{f' ({error})' if str(error) else ''}", 2
    if isinstance(error, RuntimeError) and "start new thread" in str(error):
        return _ADVICE[errno.EAGAIN], 2
    if isinstance(error, Warning):
        return f"{error} (a warning, which PYTHONWARNINGS or -W makes an error)", 2
    shadowing = culprits(loaded=True)
    if shadowing:
        because = f" ({type(error).__name__}: {error})"
        return shadowing[0] + ("" if shadowing[0] == str(error) else because), 2
    file, place = _place(error)
    room = file.removeprefix(_HOME + os.sep).partition(os.sep)[0]
    ours = file.startswith(_HOME + os.sep) and room in ROOMS
    if isinstance(error, ImportError):
        return (str(error) if ours and " needs " in str(error) else _broken(error)), 2
    what = f"{type(error).__name__}: {error}"
    if type(error).__module__.startswith(("numba.", "llvmlite.")):
        return f"numba does not compile ({what} at {place}): run hebbian doctor", 2
    if isinstance(error, RecursionError):
        return f"something is nested too deeply ({what} at {place})", 2
    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):
        return f"this needs compiled code, which NUMBA_DISABLE_JIT switches off ({what})", 2
    installed = any(file.startswith(folder + os.sep) for folder in _installed())
    if not ours and not installed and os.path.exists(file):
        return f"{what} at {place}", 2
    return f"internal error, please report it: {what} at {place}", 1


def _broken(error: ImportError) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name:
        return (
            f"{error}: the installation is incomplete; pip install {error.name.partition('.')[0]}"
        )
    return f"{error}: a package of the installation is broken; run hebbian doctor, install it again"


def _place(error: BaseException) -> tuple[str, str]:
    """Return the file in which the error was raised and, in short, where."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return "", "an unknown place"
    own = [frame for frame in frames if frame.filename.startswith(_HOME + os.sep)]
    last = frames[-1]
    shown = last if last in own or not own else own[-1]
    name = shown.filename.removeprefix(_HOME + os.sep)
    return last.filename, f"{name}:{shown.lineno}"


def _installed() -> list[str]:
    import sysconfig

    folders = (sysconfig.get_path(name) for name in ("stdlib", "platlib", "purelib"))
    return [*folders, *(entry for entry in sys.path if entry.endswith("-packages"))]

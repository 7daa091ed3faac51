"""What `hebbian doctor` looks at: one line each, ok or wrong and what to do."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

__all__ = ["CHECKS", "examined"]

#: Bytes that must be free where something is written.
SPACE = 100 * 2**20

#: Open files that a sweep with a few workers needs.
FILES = 64

#: Seconds in which a worker must start.
START = 60.0


def examined() -> dict[str, str]:
    """Return what every check says; one that fails itself has found something."""
    found = {}
    for name, check in CHECKS.items():
        try:
            found[name] = check()
        except Exception as error:  # noqa: BLE001 - whatever breaks a check is the finding
            words = " ".join(f"{type(error).__name__}: {error}".split())
            found[name] = f"wrong: {words[:300]}"
    return found


def _cache() -> str:
    from montecarlo.kernels.shared.philox import fill_words

    if not hasattr(fill_words, "_cache"):
        return "wrong: NUMBA_DISABLE_JIT switches compiling off: unset it"
    place = fill_words._cache.cache_path
    if place is None:
        return "wrong: compiled code is not kept: set NUMBA_CACHE_DIR to a folder of yours"
    start = time.perf_counter()
    with tempfile.TemporaryFile(dir=place) as file:
        file.write(bytes(2**20))
        file.flush()
    seconds = time.perf_counter() - start
    if seconds > 1:
        return (
            f"wrong: {place} takes {seconds:.1f} s for 1 MiB: set NUMBA_CACHE_DIR to a local disk"
        )
    return _with_space(place, "set NUMBA_CACHE_DIR")


def _with_space(place: str, cure: str) -> str:
    free = shutil.disk_usage(place).free
    if free < SPACE:
        return f"wrong: {free / 2**20:.0f} MiB are free in {place}: make room or {cure}"
    return f"ok, {place}, {free / 2**30:.1f} GiB free"


def _names() -> str:
    from phase_diagrams.shadowing import culprits

    lines = culprits()
    return f"wrong: {'; '.join(lines)}" if lines else "ok, no file stands in another's place"


def _workers() -> str:
    from phase_diagrams.sweeps.executors import open_executor

    start = time.perf_counter()
    with open_executor("process:1") as pool:
        pool.submit(os.getpid).result(START)
    return f"ok, one of process:N starts in {time.perf_counter() - start:.1f} s"


def _lock() -> str:
    from hebbian.locks import lock

    folder = Path.cwd()
    try:
        file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - only opening it may fail
    except OSError as error:
        return f"ok, but {folder} cannot be written ({error.strerror}): name another with --out"
    with file:
        try:
            lock(file)
        except OSError as error:
            return f"wrong: {folder} has no locks ({error.strerror}): put stores on another disk"
    return _with_space(str(folder), "put stores on another disk")


def _threads() -> str:
    from hebbian.threads import default_threads

    number, reason = default_threads()
    return f"ok, {number} of {os.cpu_count()} processors, allowed by: {reason}"


def _limits() -> str:
    from phase_diagrams.limits import address_space, soft_limit

    wrong = []
    allowed, needed = address_space()
    if allowed < needed:
        wrong.append(f"ulimit -v must be at least {needed // 1024}")
    for name, kind, least in (
        ("n", "NOFILE", FILES),
        ("f", "FSIZE", SPACE),
        ("t", "CPU", 60),
        ("s", "STACK", 2**20),
        ("u", "NPROC", 32),
    ):
        if soft_limit(kind) < least:
            wrong.append(f"ulimit -{name} is too small for a sweep")
    return f"wrong: {'; '.join(wrong)}" if wrong else "ok, no limit of the shell is small"


def _temporary() -> str:
    return _with_space(tempfile.gettempdir(), "set TMPDIR")


def _streams() -> str:
    places = {"standard output": sys.stdout, "standard error": sys.stderr}
    encodings = {name: getattr(stream, "encoding", "none") for name, stream in places.items()}
    return "ok, " + ", ".join(f"{name} in {encoding}" for name, encoding in encodings.items())


def _variables() -> str:
    told = sorted(name for name in os.environ if name.startswith("NUMBA_"))
    odd = [name for name in told if name.startswith("NUMBA_DEBUG") or name == "NUMBA_OPT"]
    if odd:
        return f"wrong: {', '.join(odd)}: for those who mend numba; unset them"
    return f"ok, set are {', '.join(told) or 'none of numba'}"


CHECKS: dict[str, Callable[[], str]] = {
    "cache": _cache,
    "names": _names,
    "workers": _workers,
    "lock": _lock,
    "threads": _threads,
    "limits": _limits,
    "temporary": _temporary,
    "streams": _streams,
    "variables": _variables,
}

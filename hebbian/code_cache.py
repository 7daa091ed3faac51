"""Machine code kept on disk, wherever the package runs; nothing that a disk does stops it.

numba refuses to compile where no folder can be written, fails on a cut file, loads what
another version of an inlined function left behind, and lets two processes exchange their
files.  Here each function and signature has a file of its own, which is whole, of these
sources and of this numba, or not there.  Code goes beside its source or where
``NUMBA_CACHE_DIR`` says, then into the cache of the user, a temporary folder of the user's
own, or nowhere; ``NUMBA_CACHE_DIR=/dev/null`` asks for nowhere.

numba is not imported here: whoever compiles hands over what it made.
"""

from __future__ import annotations

import logging
import os
import pickle
import stat
import sys
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

__all__ = ["cached", "temporary_folder"]

_Jitted = TypeVar("_Jitted")

_ROOMS = ("hebbian", "theory", "montecarlo", "phase_diagrams")
_DIGEST = 32
_log = logging.getLogger(__name__)


def cached(jitted: _Jitted) -> _Jitted:
    """Let a function that numba has jitted keep its machine code on disk, if one takes it.

    Parameters
    ----------
    jitted : numba dispatcher
        Without ``cache=True``; a plain function, where compiling is switched off, is left
        as it is.

    Returns
    -------
    numba dispatcher
        The same.
    """
    function: Any = jitted
    if not hasattr(function, "enable_caching"):
        _warn_once(
            "NUMBA_DISABLE_JIT switches compiling off: everything takes a hundred times longer"
        )
    elif os.environ.get("NUMBA_CACHE_DIR") != os.devnull:
        for _ in range(2):
            try:
                _no_home_in_this_folder()
                function.enable_caching()
            except (RuntimeError, OSError):  # no folder can be written
                if not _move_elsewhere():
                    break
            else:
                _mend(function)
                break
    return jitted


def _mend(function: Any) -> None:
    """Replace the files of numba's cache, and let it fail without stopping the program."""
    kept = function._cache
    kept._cache_file = _Files(function, kept)
    save = kept.save_overload

    def save_if_possible(signature: Any, data: Any) -> None:
        try:
            save(signature, data)
        except OSError as error:
            _warn_once(f"{error.strerror} in {kept.cache_path}: compiled code is not kept")

    kept.save_overload = save_if_possible


class _Files:
    """One file per signature: a digest, then the code that it is the digest of."""

    def __init__(self, function: Any, kept: Any) -> None:
        self._function, self._kept = function, kept
        self._numbas = kept._cache_file

    def _path(self, key: Any) -> Path:
        name = sha256(repr(key).encode()).hexdigest()[:16]
        return Path(self._kept.cache_path, f"{self._kept._impl.filename_base}.{name}.nbc")

    def _digest(self, code: bytes) -> bytes:
        """Hash the code together with all that it was made from."""
        made_from = sha256(sys.modules["numba"].__version__.encode() + _source(__name__))
        for part in _ingredients(self._function.py_func, set()):
            made_from.update(part)
        return sha256(made_from.digest() + code).digest()

    def load(self, key: Any) -> Any:
        try:
            content = self._path(key).read_bytes()
            if self._digest(content[_DIGEST:]) == content[:_DIGEST]:
                there, data = pickle.loads(content[_DIGEST:])
                # Words do not tell all: a default of NaN is not that of another process.
                return data if there == key else None
        except OSError:
            pass
        return None

    def save(self, key: Any, data: Any) -> None:
        code = self._numbas._dump((key, data))
        path = self._path(key)
        partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
        try:
            partial.write_bytes(self._digest(code) + code)
            partial.replace(path)
        except OSError:
            partial.unlink(missing_ok=True)
            raise

    def flush(self) -> None:
        for path in Path(self._kept.cache_path).glob(f"{self._kept._impl.filename_base}.*.nbc"):
            path.unlink(missing_ok=True)


def _ingredients(function: Any, seen: set[Any]) -> Iterator[bytes]:
    """Yield the source of a function and of all functions and constants that it uses.

    A function that is overloaded has the list ``implementations``.
    """
    if function in seen:
        return
    seen.add(function)
    yield _source(function.__module__)
    for name in function.__code__.co_names:
        used = function.__globals__.get(name)
        if hasattr(used, "py_func"):
            yield from _ingredients(used.py_func, seen)
        elif isinstance(used, ModuleType):
            if used.__name__.partition(".")[0] in _ROOMS:
                yield _source(used.__name__)
        elif getattr(used, "__module__", "").partition(".")[0] in _ROOMS:
            yield _source(used.__module__)
            for implementation in getattr(used, "implementations", ()):
                yield from _ingredients(implementation, seen)
        elif not callable(used):
            yield repr(used).encode()


@cache
def _source(module: str) -> bytes:
    try:
        return sha256(Path(sys.modules[module].__file__ or "").read_bytes()).digest()
    except OSError:  # in an archive
        return b""


def temporary_folder() -> Path | None:
    """Return a folder for compiled code below the temporary one that nobody else can write.

    Machine code is run as it is found: a folder of somebody else's, or open to others, is
    none.  None, too, if there is nowhere to write.
    """
    import tempfile

    try:
        folder = Path(tempfile.gettempdir()) / f"hebbian-code-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o77:
            folder = Path(tempfile.mkdtemp(prefix="hebbian-code-"))
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return None
    return folder


def _move_elsewhere() -> bool:
    """Choose the temporary folder, for the workers of this process, too; say so once."""
    config = sys.modules["numba"].config
    folder = None if "hebbian-code-" in config.CACHE_DIR else temporary_folder()
    if folder is None:
        _warn_once(
            "nowhere can compiled code be kept, every command compiles anew: set NUMBA_CACHE_DIR "
            "to a folder that can be written"
        )
    else:
        _warn_once(
            f"compiled code is kept in {folder}: no folder of the installation, of NUMBA_CACHE_DIR "
            "or of the user can be written"
        )
    os.environ["NUMBA_CACHE_DIR"] = config.CACHE_DIR = str(folder or os.devnull)
    return folder is not None


@cache
def _no_home_in_this_folder() -> None:
    """Keep numba from making a folder ``~`` here for a user without a home."""
    if not os.path.expanduser("~").startswith("/"):  # noqa: PTH111 - Path.home() raises
        os.environ.setdefault("XDG_CACHE_HOME", os.devnull)


@cache
def _warn_once(message: str) -> None:
    processes = sys.modules.get("multiprocessing.process")
    if processes is None or processes.parent_process() is None:  # workers leave that to it
        _log.warning("%s", message)

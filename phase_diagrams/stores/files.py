"""How files appear in a store: whole or not at all, flushed to the disk, by one writer."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hebbian.locks import lock

__all__ = ["FULL", "appearing", "flush", "held", "new_file", "replacing"]


#: Errors of a disk that has no more room for this file.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def held(folder: Path, store: Path) -> Iterator[None]:
    """Hold a folder against other writers of a store; the kernel frees it at our death.

    Raises
    ------
    ValueError
        If another process, or another thread of this one, holds it.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            lock(handle)
        except BlockingIOError:
            words = "is being written by another process or thread: wait for it to end"
            raise ValueError(f"{store} {words}") from None
        yield
    finally:
        os.close(handle)


@contextmanager
def appearing(path: Path, *, durable: bool) -> Iterator[Path]:
    """Give an empty folder that becomes `path` at the end of the block, or nothing at all.

    What a dead process left in its place goes.

    Parameters
    ----------
    path : Path
    durable : bool
        Flush all of it to the disk first.

    Raises
    ------
    ValueError
        If another process is making it, or has made it meanwhile; if it is a broken link.
    """
    if path.is_symlink() and not path.exists():
        raise ValueError(f"{path} is a link to a place that does not exist")
    path.parent.mkdir(parents=True, exist_ok=True)
    making = path.with_name(f".{path.name}.making")
    making.mkdir(exist_ok=True)
    with held(making, path):
        if path.exists() or not making.exists():
            raise ValueError(f"{path} has been made by another process")
        for left in making.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        try:
            yield making
            if durable:
                flush(making)
            making.rename(path)
            if durable:
                _flush(path.parent)
        finally:
            shutil.rmtree(making, ignore_errors=True)


@contextmanager
def new_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give the name of a file that becomes `path` at the end of the block, or nothing at all.

    Raises
    ------
    ValueError
        If `path` exists or its folder does not.
    """
    target = Path(path).absolute()
    if target.exists():
        raise ValueError(f"{target} exists already")
    if not target.parent.is_dir():
        raise ValueError(f"{target}: there is no folder {target.parent}")
    with replacing(target) as making:
        yield making


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give the name of a file that takes the place of `path` at the end of the block.

    An error of the system names `path`, which the user knows.
    """
    making = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield making
        making.replace(path)
    except OSError as error:
        if error.filename in (None, os.fspath(making)):
            error.filename = os.fspath(path)
        raise
    finally:
        making.unlink(missing_ok=True)


def flush(folder: Path) -> None:
    """Have the disk hold a folder, all that is in it, and where it is."""
    for each in (*folder.rglob("*"), folder, folder.parent):
        _flush(each)


def _flush(path: Path) -> None:
    """Have the disk hold a file, or the entries of a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

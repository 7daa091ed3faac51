"""Checkpoints: one file that holds what all chains of a run have done so far.

A run of several runs, such as a ramp, keeps them all in one file, part after part, in the
order in which they begin (`.archive` has the layout).  The file is written beside its place,
flushed to the disk and renamed, so that whatever kills the process leaves either the old file
or the new one, whole.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np

from hebbian import domain
from hebbian.locks import lock

from .archive import Part, damaged, read, write
from .interruption import deferred
from .ledger import Index, Ledger
from .progress import Progress

__all__ = ["Checkpoint", "Place", "checkpointed"]


class Checkpoint:
    """The file of a run.

    Parameters
    ----------
    path : str or path-like
        Made when the first part begins if absent, continued if it belongs to this run.
    every : float
        Minutes between two writes.
    identity : dict
        What defines the run beyond the identity of its parts, in plain data.
    eager : bool
        Write the file as soon as the first part begins, so that what cannot be written is
        said at once, not after a night; else first when it is due.

    Raises
    ------
    ValueError
        If the file is damaged, belongs to another run or version, is being written by
        another process or cannot be written.  It is left as it was.
    """

    def __init__(
        self, path: Any, every: float, identity: dict[str, Any], *, eager: bool = True
    ) -> None:
        self.seconds = 60 * domain.real("checkpoint_every", every, "(0, 525600]")
        if not isinstance(path, (str, os.PathLike)) or not str(path):
            raise ValueError(f"checkpoint = {path!r} is not the path of a file")
        self.path = Path(path).absolute()
        self.stop, self.changed = Event(), Event()
        self._identity = _plain(identity)
        self._parts: list[Part] = []
        self._ledgers: list[Ledger] = []
        self._handle = -1
        self._writable = not eager
        with self._complaining():
            if self.path.exists():
                self._handle = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)
                self._lock(self._handle, self.path)
                there, self._parts = read(self.path)
                self._compare(there, self._identity)
        self._written = time.monotonic()

    def ledger(
        self,
        identity: dict[str, Any],
        grid: Index,
        fits: Callable[[list[Progress]], bool] = lambda _: True,
    ) -> Ledger:
        """Return the ledger of the next part.

        Parameters
        ----------
        identity : dict
            What defines this part, in plain data.
        grid : tuple of int
            Of its entries.
        fits : callable, optional
            Whether this may be the progress of some of them.

        Raises
        ------
        ValueError
            If the file has another run in this place, holds what no such run leaves behind,
            or cannot be written.
        """
        place, here = len(self._ledgers), _plain(identity)
        with self._complaining():
            if place == len(self._parts):
                self._parts.append(Part(here, {}))
            self._compare(self._parts[place].identity, here)
            done = self._parts[place].chains
            if max(done, default=0) >= math.prod(grid) or not fits([*done.values()]):
                raise damaged(self.path)
            ledger = Ledger(
                grid,
                done,
                every=self.seconds / 2,
                stop=self.stop,
                changed=self.changed,
            )
            self._ledgers.append(ledger)
            if not (ledger.complete or self._writable):
                self._write()
                self._writable = True
        return ledger

    @property
    def due(self) -> float:
        """Seconds until the file should be written again."""
        return max(0.0, self._written + self.seconds - time.monotonic())

    def save(self) -> None:
        """Write the file; a full disk costs a warning, not the run."""
        try:
            self._write()
        except OSError as error:
            self.changed.set()
            warnings.warn(
                f"checkpoint {self.path} was not written: {_reason(error)}",
                RuntimeWarning,
                stacklevel=2,
            )
        self._written = time.monotonic()

    def close(self) -> None:
        """Write what is new, and let other processes use the file."""
        try:
            if self.changed.is_set():
                self.save()
        finally:
            self._release()

    def _release(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    @contextmanager
    def _complaining(self) -> Iterator[None]:
        """Let the file go and name it where it cannot be used."""
        try:
            yield
        except OSError as error:
            self._release()
            raise ValueError(f"checkpoint = {str(self.path)!r}: {_reason(error)}") from None
        except BaseException:
            self._release()
            raise

    def _lock(self, handle: int, path: Path) -> None:
        """Lock an open file; another process may have put its own in this place meanwhile."""
        try:
            lock(handle)
            ours = os.path.samestat(os.fstat(handle), path.stat())
        except (BlockingIOError, FileNotFoundError):
            ours = False
        if not ours:
            raise self._in_use()

    def _in_use(self) -> ValueError:
        return ValueError(f"checkpoint = {str(self.path)!r} is in use by another run")

    def _write(self) -> None:
        self.changed.clear()
        parts = [
            part._replace(chains=_numbered(ledger))
            for part, ledger in zip(self._parts, self._ledgers, strict=False)
        ]
        beside = self.path.with_name(f".{self.path.name}.tmp")
        handle = os.open(beside, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            try:
                self._lock(handle, beside)
            except OSError:  # where there are no locks nobody else writes it
                beside.unlink(missing_ok=True)
                raise
            try:
                if self._handle < 0 and self.path.exists():
                    raise self._in_use()  # it was not there when this run began
                os.ftruncate(handle, 0)
                with os.fdopen(os.dup(handle), "w+b") as file:
                    write(file, self._identity, parts + self._parts[len(parts) :])
                os.fsync(handle)
                beside.replace(self.path)
            except BaseException:
                beside.unlink(missing_ok=True)
                raise
        except BaseException:
            os.close(handle)
            raise
        # The lock goes with the file: the new one is held before the old one is let go.
        self._release()
        self._handle = handle
        directory = os.open(self.path.parent, os.O_RDONLY)
        with contextlib.suppress(OSError):  # some file systems cannot flush directories
            os.fsync(directory)
        os.close(directory)

    def _compare(self, there: dict[str, Any], here: dict[str, Any]) -> None:
        first = ("run", "model")  # what others follow from
        for name in (*first, *sorted({*there, *here} - {*first})):
            if there.get(name) != here.get(name):
                raise ValueError(
                    f"checkpoint = {str(self.path)!r} belongs to another run: {name} = "
                    f"{_brief(there.get(name))} there, {_brief(here.get(name))} here"
                )


#: Where a run is kept: in a file of its own, in that of a run it is a part of, or nowhere.
Place = str | os.PathLike[str] | Checkpoint | None


@contextmanager
def checkpointed(
    checkpoint: Place, every: float, identity: dict[str, Any]
) -> Iterator[Checkpoint | None]:
    """Keep a run in a file while the block runs.

    SIGINT and SIGTERM stop the run; they take their usual effect at the end of the block,
    once the file is written.

    Parameters
    ----------
    checkpoint : path, Checkpoint or None
        The file; or that of a run which this one is a part of, lent by its owner.
    every : float
        Minutes between two writes.
    identity : dict
        What kind of run this is, and what defines it beyond the identity of its parts.

    Yields
    ------
    Checkpoint or None
        None where none is asked for.

    Raises
    ------
    ValueError
        As `Checkpoint`.
    """
    if checkpoint is None or isinstance(checkpoint, Checkpoint):
        yield checkpoint
        return
    file = Checkpoint(checkpoint, every, identity)
    with deferred(file.stop):
        try:
            yield file
        finally:
            file.close()


def _numbered(ledger: Ledger) -> dict[int, Any]:
    """Return the progress of the entries of a ledger by their number in the grid."""
    # A copy is made in one step, whatever other threads are doing.
    chains = sorted(ledger.progress.copy().items())
    return {int(np.ravel_multi_index(index, ledger.grid)): own for index, own in chains}


def _plain(identity: dict[str, Any]) -> dict[str, Any]:
    """Return plain data as it is read back from a file.

    Raises
    ------
    ValueError
        If a number in it is not finite, which no JSON holds.
    """
    plain: dict[str, Any] = json.loads(json.dumps(identity, allow_nan=False))
    return plain


def _reason(error: OSError) -> str:
    return error.strerror or str(error)


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."

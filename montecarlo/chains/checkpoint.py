"""Checkpoints: one file that holds what all chains of a run have done so far.

The file is a plain ``.npz`` archive (`numpy.load` with ``allow_pickle=False`` reads it): a
JSON header with the identity of the run, the series of all chains end to end, and the state
of the chains under way.  It is written beside its place, flushed to the disk and renamed, so
that whatever kills the process leaves either the old file or the new one, whole.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import struct
import time
import warnings
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hebbian import domain

from .progress import Progress

__all__ = ["Checkpoint"]

Index = tuple[int, ...]  # of a chain in the grid

FORMAT = "hebbian-toolkit checkpoint 1"
#: What reading a damaged archive may raise.
DAMAGE = (ValueError, TypeError, KeyError, IndexError, OSError, EOFError, RuntimeError,
          zipfile.BadZipFile, zlib.error, struct.error)  # fmt: skip


class Checkpoint:
    """The progress of the chains of one run, in memory and in its file.

    Parameters
    ----------
    path : str or path-like
        The file; made if absent, continued if it belongs to this run.
    identity : dict
        What defines the run, in plain data.
    every : float
        Minutes between two writes.
    shape : tuple of int
        The grid of chains.

    Raises
    ------
    ValueError
        If the file is damaged, belongs to another run or version, is being written by
        another process or cannot be written.  It is left as it was.
    """

    def __init__(
        self, path: Any, identity: dict[str, Any], every: float, shape: tuple[int, ...]
    ) -> None:
        self.seconds = 60 * domain.real("checkpoint_every", every, "(0, 525600]")
        if not isinstance(path, (str, os.PathLike)) or not str(path):
            raise ValueError(f"checkpoint = {path!r} is not the path of a file")
        self.path = Path(path).absolute()
        self._identity = json.loads(json.dumps(identity))
        self._shape = shape
        self.progress: dict[Index, Progress] = {}
        self._handle = -1
        try:
            if self.path.exists():
                self._handle = os.open(self.path, os.O_RDONLY)
                self._lock(self._handle)
                self._read()
            self._write()
        except OSError as error:
            self.close()
            raise ValueError(f"checkpoint = {str(self.path)!r}: {_reason(error)}") from None
        except ValueError:
            self.close()
            raise
        self._written = time.monotonic()

    def sweep(self, index: Index) -> int:
        """Return the sweeps that a chain has done."""
        return self.progress[index].sweep if index in self.progress else 0

    def ended(self, index: Index) -> bool:
        """Whether a chain has ended."""
        return index in self.progress and self.progress[index].last is not None

    @property
    def sweeps(self) -> int:
        """Sweeps done by all chains."""
        return sum(progress.sweep for progress in self.progress.values())

    def together(self, unit: Sequence[Index], batched: bool) -> Progress | None:
        """Return the progress of chains that have done equally many sweeps, None if none."""
        if self.sweep(unit[0]) == 0:
            return None
        chains = [self.progress[index] for index in unit]
        return Progress.join(chains) if batched else chains[0]

    def keep(self, unit: Sequence[Index], batched: bool, progress: Progress) -> None:
        """Take note of the progress of chains; any thread may call."""
        chains = progress.split() if batched else [progress]
        self.progress.update(zip(unit, chains, strict=True))

    @property
    def due(self) -> float:
        """Seconds until the file should be written again."""
        return max(0.0, self._written + self.seconds - time.monotonic())

    def save(self) -> None:
        """Write the file; a full disk costs a warning, not the run."""
        try:
            self._write()
        except OSError as error:
            warnings.warn(
                f"checkpoint {self.path} was not written: {_reason(error)}",
                RuntimeWarning,
                stacklevel=2,
            )
        self._written = time.monotonic()

    def close(self) -> None:
        """Let other processes use the file."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _lock(self, handle: int) -> None:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ValueError(f"checkpoint = {str(self.path)!r} is in use by another run") from None

    def _write(self) -> None:
        # A copy is made in one step, whatever other threads are doing.
        names, arrays = _flatten(dict(sorted(self.progress.copy().items())), self._shape)
        header = {"format": FORMAT, "identity": self._identity, "series": names}
        arrays["header"] = np.frombuffer(json.dumps(header).encode(), np.uint8)
        beside = self.path.with_name(f".{self.path.name}.tmp")
        handle = os.open(beside, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            self._lock(handle)
            try:
                os.ftruncate(handle, 0)
                with os.fdopen(os.dup(handle), "wb") as file:
                    np.savez(file, **arrays)
                os.fsync(handle)
                beside.replace(self.path)
            except BaseException:
                beside.unlink(missing_ok=True)
                raise
        except BaseException:
            os.close(handle)
            raise
        # The lock goes with the file: the new one is held before the old one is let go.
        self.close()
        self._handle = handle
        directory = os.open(self.path.parent, os.O_RDONLY)
        with contextlib.suppress(OSError):  # some file systems cannot flush directories
            os.fsync(directory)
        os.close(directory)

    def _read(self) -> None:
        try:
            with zipfile.ZipFile(self.path) as archive:
                if archive.testzip() is not None:
                    raise ValueError
            with np.load(self.path, allow_pickle=False) as arrays:
                header = json.loads(arrays["header"].tobytes())
                if header["format"] == FORMAT and header["identity"] == self._identity:
                    self.progress = _unflatten(arrays, header["series"], self._shape)
        except DAMAGE:
            raise ValueError(
                f"checkpoint = {str(self.path)!r} is damaged or not a checkpoint: move it away to "
                "start anew"
            ) from None
        if header["format"] != FORMAT:
            raise ValueError(
                f"checkpoint = {str(self.path)!r} has the format {header['format']!r}, "
                f"not {FORMAT!r}"
            )
        for name in sorted({*header["identity"], *self._identity}):
            there, here = header["identity"].get(name), self._identity.get(name)
            if there != here:
                raise ValueError(
                    f"checkpoint = {str(self.path)!r} belongs to another run: {name} = "
                    f"{_brief(there)} there, {_brief(here)} here"
                )


def _flatten(
    progress: dict[Index, Progress], shape: tuple[int, ...]
) -> tuple[list[str], dict[str, Any]]:
    """Put the series of all chains end to end: one array for each kind."""
    chains = list(progress.values())
    numbers = [int(np.ravel_multi_index(index, shape)) for index in progress]
    names = list(chains[0].series) if chains else []
    table = [
        (number, c.sweep, c.flips, len(c.series[names[0]]), c.period, c.last is not None)
        for number, c in zip(numbers, chains, strict=True)
    ]
    arrays: dict[str, Any] = {
        "chains": np.array(table, np.int64).reshape(-1, 6).T,
        "start_overlaps": np.array([chain.start_overlap for chain in chains], np.float64),
        "last": np.array([chain.last for chain in chains if chain.last is not None], np.int8),
    }
    for i, name in enumerate(names):
        arrays[f"series/{i}"] = np.concatenate([chain.series[name] for chain in chains])
    for number, chain in zip(numbers, chains, strict=True):
        for i, array in enumerate(chain.state):
            arrays[f"state/{number}/{i}"] = array
    return names, arrays


def _unflatten(arrays: Any, names: list[str], shape: tuple[int, ...]) -> dict[Index, Progress]:
    """Invert `_flatten`."""
    table, starts, last = arrays["chains"].T, arrays["start_overlaps"], iter(arrays["last"])
    ends = np.cumsum(table[:, 3])
    series = {name: np.split(arrays[f"series/{i}"], ends[:-1]) for i, name in enumerate(names)}
    states: dict[int, dict[int, np.ndarray]] = {}
    for key in arrays.files:
        if key.startswith("state/"):
            _, number, i = key.split("/")
            states.setdefault(int(number), {})[int(i)] = arrays[key]
    progress = {}
    for c, (number, sweep, flips, _, period, ended) in enumerate(table.tolist()):
        index = tuple(int(i) for i in np.unravel_index(number, shape))
        progress[index] = Progress(
            sweep=sweep,
            flips=np.int64(flips),
            start_overlap=starts[c],
            series={name: pieces[c] for name, pieces in series.items()},
            state=tuple(array for _, array in sorted(states.get(number, {}).items())),
            last=next(last) if ended else None,
            period=np.int64(period),
        )
    return progress


def _reason(error: OSError) -> str:
    return error.strerror or str(error)


def _brief(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."

"""The progress of a long point, kept beside the rows: a killed sweep resumes inside it.

A point is long once it has been computed for as long as lies between two writes: before, it
leaves no file.  An interrupt writes what there is.  The file is of no use to anybody but this
point, and goes when its row is stored.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import montecarlo
from montecarlo.engine.checkpoint import Checkpoint
from montecarlo.engine.interruption import deferred
from phase_diagrams.points import Cell
from phase_diagrams.settings import Settings

from . import cells

__all__ = ["EVERY", "Checkpoints"]

#: Minutes of work between two writes.
EVERY = 10.0


class Checkpoints(NamedTuple):
    """Where the long points of a study are kept; workers that do not see it go without.

    Parameters
    ----------
    folder : str
    every : float
        Minutes between two writes.
    """

    folder: str
    every: float

    @contextmanager
    def open(self) -> Iterator[Callable[[Cell], None]]:
        """Have a folder while points are computed; it goes when all of them are stored.

        Yields
        ------
        callable
            Removes the file of a point that is stored.
        """
        folder = Path(self.folder)
        folder.mkdir(exist_ok=True)
        # Where no file was left, none is there before the first is due.
        due = 0.0 if any(folder.iterdir()) else time.monotonic() + 60 * self.every

        def discard(cell: Cell) -> None:
            if time.monotonic() >= due:
                self.path(cell).unlink(missing_ok=True)

        yield discard
        shutil.rmtree(self.folder)

    def path(self, cell: Cell) -> Path:
        """Return the file of the row that begins with a point."""
        name = blake2b(cell.key().encode(), digest_size=16).hexdigest()
        return Path(self.folder) / f"{name}.npz"

    def simulate_row(
        self, row: Sequence[Cell], settings: Settings, **changes: Any
    ) -> list[montecarlo.Run]:
        """Run a row as `cells.simulate_row`, from where its checkpoint ends.

        A checkpoint that is damaged, in use, or of another row or backend is no reason to
        fail: the row is begun anew.
        """
        file = self.path(row[0])
        if file.parent.is_dir():
            try:
                return self._resumed(file, row, settings, changes)
            except ValueError:
                if not file.exists():
                    raise
                shutil.rmtree(file) if file.is_dir() else file.unlink(missing_ok=True)
        return cells.simulate_row(row, settings, **changes)

    def _resumed(
        self, file: Path, row: Sequence[Cell], settings: Settings, changes: dict[str, Any]
    ) -> list[montecarlo.Run]:
        kept = Checkpoint(file, self.every, {"run": "point"}, eager=False)
        with deferred(kept.stop):
            try:
                runs = cells.simulate_row(row, settings, checkpoint=kept, **changes)
                kept.changed.clear()  # the row is stored in a moment: no need of the file
                return runs
            finally:
                kept.close()

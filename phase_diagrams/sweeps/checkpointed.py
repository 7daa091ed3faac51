"""One network at one or more temperatures, too long for one go: progress kept in a file."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import xarray as xr

from phase_diagrams.results import DONE, pack
from phase_diagrams.stores.opening import tree_of
from phase_diagrams.stores.store import Store
from phase_diagrams.study import Study

from . import cells
from .batches import rows

__all__ = ["run_with_checkpoint"]


def run_with_checkpoint(
    study: Study,
    checkpoint: str | os.PathLike[str],
    checkpoint_every: float,
    *,
    n_threads: int | None = None,
    progress: bool = False,
) -> xr.DataTree:
    """Simulate points that differ in their temperature alone, as one resumable run.

    Parameters
    ----------
    study : Study
    checkpoint, checkpoint_every
        As in `montecarlo.simulate`: the same study goes on from there.
    n_threads : int, optional
        Default: what the surroundings allow.
    progress : bool
        Show a progress bar, in a terminal or a notebook.

    Returns
    -------
    xarray.DataTree
        What a sweep of the study returns, bit for bit.

    Raises
    ------
    ValueError
        If the points need more than one network, or the file belongs to another run.
    """
    numbered = list(study.grid.numbered())
    batch = [cell for _, cell in numbered]
    if len(list(rows(batch))) > 1:
        raise ValueError(
            "checkpoint: one file keeps one network; of all parameters only T may be a list"
        )
    cells.rehearse(batch[0], study.settings)
    runs = cells.simulate_row(
        batch,
        study.settings,
        n_threads=n_threads,
        progress=progress,
        checkpoint=checkpoint,
        checkpoint_every=checkpoint_every,
    )
    with TemporaryDirectory() as folder:
        store = Store(Path(folder) / "study.zarr", durable=False)
        store.create(study)
        with store.lock(), store.journal as journal:
            for (number, _), run in zip(numbered, runs, strict=True):
                journal.write(number, DONE, pack(run, study.settings.results, study.slots()))
            store.note_backend(str(runs[0].settings["backend"]))
        return tree_of(store)

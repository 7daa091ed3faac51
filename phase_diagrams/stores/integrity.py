"""Whether a store is what was written.

Labelled arrays are verified by their lengths and a CRC-32C (`phase_diagrams.stores.labelled`),
rows by checksums of their own (`phase_diagrams.stores.journal`), headers by a digest
(`phase_diagrams.stores.headers`).
"""

from __future__ import annotations

import os

from hebbian.calling import checked

from .groups import damages
from .store import Store

__all__ = ["check"]


@checked
def check(path: str | os.PathLike[str]) -> list[str]:
    """Read a store through and name what is damaged.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    list of str
        One line for every damage, empty if the store is sound.  Resuming the sweep mends
        all of them.

    Raises
    ------
    ValueError
        If this is not the store of a study, or nothing in it says of which.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import phase_diagrams
    >>> from hebbian import Hopfield
    >>> grid = {"alpha": 0.02, "T": [0.1, 0.3]}
    >>> with TemporaryDirectory() as folder:
    ...     _ = phase_diagrams.sweep(Hopfield(), grid, simulate=False, out=f"{folder}/h.zarr")
    ...     check(f"{folder}/h.zarr")
    []
    """
    return damages(Store(path))

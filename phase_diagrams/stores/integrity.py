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
    """
    return damages(Store(path))

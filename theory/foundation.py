"""The room below this one is the toolkit's own, and no file of the user's with its name."""

from __future__ import annotations

import hebbian

if not hasattr(hebbian, "Hopfield"):
    place = getattr(hebbian, "__file__", "a folder")
    raise ImportError(f"{place} is imported in place of the toolkit's hebbian: rename or remove it")

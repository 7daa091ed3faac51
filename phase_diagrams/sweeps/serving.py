"""Imported by the server that workers are forked from, and by nobody else.

It imports what they need, so that a worker in the place of a dead one is there in a moment.
"""

from __future__ import annotations

import contextlib
import sys

from .workers import in_one_line

__all__: list[str] = []

sys.excepthook = in_one_line

# What cannot be imported here cannot be there, either: they say so, and the server lives.
with contextlib.suppress(Exception):
    from . import batches  # noqa: F401

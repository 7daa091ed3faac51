"""The four rooms of the toolkit: what each shows, and whether Python finds it.

Two of the names are words that others use, too.  A file ``theory.py`` beside a script, or
PyPI's ``montecarlo``, is imported in place of ours and cannot say so itself; whoever imports
a room that is ours is told in one line.
"""

from __future__ import annotations

import re
import sys
import warnings
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

__all__ = ["NAMES", "ForeignRoom", "foreign", "members", "submodule", "warn"]

NAMES = ("hebbian", "theory", "montecarlo", "phase_diagrams")

#: What the ``__init__`` of every room holds, and no other file of these names.
MARK = "rooms.members(__name__)"

_HOME = Path(__file__).resolve().parents[1]


class ForeignRoom(UserWarning):
    """Another file or package has the name of a room."""


def members(room: str) -> list[str]:
    """Return what ``dir`` shows of a room: public names, and the modules of its table.

    Examples
    --------
    >>> "Hopfield" in members("hebbian"), "streams" in members("hebbian")
    (True, True)
    """
    module = sys.modules[room]
    special = [name for name in vars(module) if name.startswith("__") and name.endswith("__")]
    return sorted({*module.__all__, *_table(room), *special})


def _table(room: str) -> list[str]:
    text = sys.modules[room].__doc__ or ""
    return re.findall(rf"^`(?:{room}\.)?(\w+)` ", text, re.MULTILINE)


def submodule(room: str, name: str) -> ModuleType:
    """Return a module of the table of a room, imported on first use.

    Raises
    ------
    AttributeError
        If there is none of this name.
    """
    if name in _table(room):
        return import_module(f"{room}.{name}")
    raise AttributeError(f"module {room!r} has no attribute {name!r}")


def foreign() -> list[str]:
    """Return a line for every room that Python finds elsewhere, or overwritten."""
    lines = {name: _foreign(name) for name in NAMES if (_HOME / name).is_dir()}
    return [line for line in lines.values() if line]


def _foreign(name: str) -> str:
    own = _HOME / name / "__init__.py"
    if not own.exists():
        return f"{own} is missing: install hebbian-toolkit again"
    try:
        spec = find_spec(name)
    except ValueError:  # imported, and nobody says from where
        return ""
    path = Path(spec.origin).resolve() if spec and spec.has_location and spec.origin else own
    if path != own:
        return f"{path} is imported in place of the toolkit's {name}: rename or remove it"
    if MARK not in own.read_text(encoding="utf-8", errors="replace"):
        return f"{own} is of another package of this name: hebbian doctor says whose"
    return ""


def warn() -> None:
    """Warn of foreign rooms, in the line that imports `hebbian`; the command says it itself.

    Warns
    -----
    ForeignRoom
        One for each.
    """
    words = sys.orig_argv
    if "-m" in words[:-1] and words[words.index("-m") + 1] == "hebbian":
        return
    for line in foreign():
        warnings.warn(line, ForeignRoom, stacklevel=3)

"""Kinds of models and rules by name: who may take one, and where unknown models are found.

Another package offers a model by an entry point of the group ``"hebbian.models"``: its name is
that of the class in lower case, its value the class or a module.  It is loaded when the name
is asked for, and has to import all that the package registers: the model and its theory.
"""

from __future__ import annotations

import inspect
from typing import Any

__all__ = ["GROUP", "load", "offered", "register"]

GROUP = "hebbian.models"


def register(kind: type, root: type, kinds: dict[str, Any]) -> None:
    """Enter a class that is not abstract under its name in lower case.

    A class takes the place of one of the same module and qualified name: a cell of a notebook
    that is run again.

    Parameters
    ----------
    kind : type
        A class derived from `root`, which may be under construction.
    root : type
        `hebbian.Model` or `hebbian.Rule`.
    kinds : dict
        Its kinds by name.

    Raises
    ------
    ValueError
        If the name is another one's, or a parent is a kind by itself.
    """
    for parent in kind.__bases__:
        if issubclass(parent, root) and parent is not root and not inspect.isabstract(parent):
            raise ValueError(
                f"{kind.__name__} derives from {parent.__name__} and would be given its theory "
                f"without a word: derive from {root.__name__}"
            )
    if inspect.isabstract(kind):
        return
    name = kind.__name__.lower()
    if _place(owner := kinds.get(name, kind)) != _place(kind):
        raise ValueError(
            f"the name {name!r} is taken by {_place(owner)}: {_place(kind)} needs another one"
        )
    kinds[name] = kind


def _place(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def offered() -> list[str]:
    """Return the names of the models that other packages offer, loaded or not."""
    return sorted({point.name.lower() for point in _entry_points()})


def load(name: str) -> bool:
    """Import what the packages register that offer a model, and say whether there is one.

    Raises
    ------
    ValueError
        If the import fails.
    """
    found = [point for point in _entry_points() if point.name.lower() == name]
    for point in found:
        try:
            point.load()
        except Exception as error:
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            package = point.dist.name if point.dist else "a package"
            raise ValueError(
                f"model = {name!r}: its entry point {point.value!r} in {package} "
                f"cannot be loaded: {reason}"
            ) from error
    return bool(found)


def _entry_points() -> Any:
    from importlib import metadata  # takes longer to import than the commands to start

    return metadata.entry_points(group=GROUP)

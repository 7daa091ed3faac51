"""Objects of a user's modules by name: ``"module:attribute"``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

__all__ = ["attribute", "lasting", "place"]


def attribute(name: str, text: str, load: Callable[[], Any] | None = None) -> Any:
    """Return what a text ``"module:attribute"`` names.

    Parameters
    ----------
    name : str
        Of the parameter that holds the text, for messages.
    text : str
    load : callable, optional
        What finds it in the place of an import of the module.

    Raises
    ------
    ValueError
        If it cannot be imported, whatever its module does.

    Examples
    --------
    >>> attribute("interaction", "numpy:tanh")
    <ufunc 'tanh'>
    """
    module, _, what = text.partition(":")
    try:
        return load() if load else getattr(_imported(module), what)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever that module does
        plain = isinstance(error, (ImportError, AttributeError, SyntaxError))
        words = f"{error}" if plain else f"{type(error).__name__}: {error}"
        words = " ".join(words.split())
        raise ValueError(f"{name}: {text!r} cannot be imported: {words}") from None


def _imported(module: str) -> ModuleType:
    """Import a module, as a last resort from the current folder, which commands do not search."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:
            raise
    here = str(Path.cwd())
    sys.path.append(here)
    try:
        return import_module(module)
    finally:
        sys.path.remove(here)


def place(value: object, first: ModuleType | None = None) -> str | None:
    """Return a text by which another process finds an object; None if no module has it on top.

    Parameters
    ----------
    value : object
    first : module, optional
        Where to look before all others; ``__main__`` is the last.

    Examples
    --------
    >>> place(attribute)
    'hebbian.references:attribute'
    """
    main = sys.modules["__main__"]
    others = [module for module in sys.modules.values() if module is not main]
    for home in (first, *others, main):
        if not isinstance(home, ModuleType):
            continue
        for name, found in [*vars(home).items()]:
            if found is value:
                return f"{home.__name__}:{name}"
    return None


def lasting(value: object, text: str) -> bool:
    """Return whether other processes find an object by a text: what a notebook defines is gone.

    Examples
    --------
    >>> lasting(place, "hebbian.references:place"), lasting(place, "hebbian.references:attribute")
    (True, False)
    """
    module, _, name = text.partition(":")
    home = sys.modules.get(module)
    gone = module == "__main__" and not hasattr(home, "__file__")
    return not gone and getattr(home, name, None) is value

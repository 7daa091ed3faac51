"""What the reference lists: names, the classes among them, and the functions that return those."""

from __future__ import annotations

import importlib
import inspect
import re
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import Any

ROOMS = ("hebbian", "theory", "montecarlo", "phase_diagrams")
REFERENCE = Path(__file__).parent / "reference.md"


@cache
def short_names() -> dict[str, str]:
    """Return the public names that one room alone has, and where they are."""
    rooms = {room: importlib.import_module(room).__all__ for room in ROOMS}
    counts = Counter(name for names in rooms.values() for name in names)
    return {
        name: f"{room}.{name}"
        for room, names in rooms.items()
        for name in names
        if counts[name] == 1 and not inspect.ismodule(getattr(importlib.import_module(room), name))
    }


@cache
def listed() -> list[str]:
    """Return the names that the tables of the reference list."""
    return re.findall(
        r"^   ([a-z_]+(?:\.\w+)*)$", REFERENCE.read_text(encoding="utf-8"), re.MULTILINE
    )


def file_names() -> dict[str, str]:
    """Return names of files for classes whose name differs from a function's by case alone."""
    counts = Counter(name.lower() for name in listed())
    return {
        name: f"{name}-class"
        for name in listed()
        if counts[name.lower()] > 1 and name.rpartition(".")[2][0].isupper()
    }


def forget_old_pages(folder: Path) -> None:
    """Remove what was generated for names that the reference does not list any more."""
    kept = {file_names().get(name, name) for name in listed()}
    for page in folder.glob("*.rst"):
        if page.stem not in kept:
            page.unlink()


def found(name: str) -> Any:
    """Return the object of a dotted name: a function hides the module of its name."""
    room, *parts = name.split(".")
    thing: Any = importlib.import_module(room)
    path = room
    for part in parts:
        path += f".{part}"
        if not hasattr(thing, part):
            importlib.import_module(path)
        thing = getattr(thing, part)
    return thing


@cache
def listed_classes() -> dict[type, str]:
    """Return the classes of the reference and their names there."""
    return {found(name): name for name in listed() if inspect.isclass(found(name))}


@cache
def makers() -> dict[str, list[str]]:
    """Return the functions that return a class, by the name of the class."""
    classes = listed_classes()
    made = defaultdict(list)
    for name in listed():
        thing = found(name)
        if not inspect.isfunction(inspect.unwrap(thing)):
            continue
        returned = str(inspect.unwrap(thing).__annotations__.get("return", ""))
        words = set(re.findall(r"\w+", returned))
        scope = inspect.unwrap(thing).__globals__
        for word in words:
            if isinstance(scope.get(word), type) and scope[word] in classes:
                made[classes[scope[word]]].append(name)
    return made

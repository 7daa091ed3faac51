"""Names in code letters lead to their pages in the reference.

``theory.solve``, ``montecarlo.Run.series`` or ``Dense(order=4)`` in a page or a docstring becomes a
link where the reference has the name, or what it belongs to; else it stays what it was.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import Any, cast

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.domains.python import PythonDomain
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.util.nodes import make_refnode

ROOMS = ("hebbian", "theory", "montecarlo", "phase_diagrams")
REFERENCE = Path(__file__).parent / "reference.md"

#: A name, perhaps called.
_NAMED = re.compile(r"~?([A-Za-z_]\w*(?:\.\w+)*)(\(.*\))?", re.DOTALL)


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


def say_where_it_belongs(
    app: Sphinx, what: str, name: str, obj: Any, options: object, lines: list[str]
) -> None:
    """Name the functions that return a class, and the listed class whose methods it has."""
    if what != "class":
        return
    for parent in obj.__mro__[1:]:
        if parent in listed_classes():
            lines += ["", f"A :py:obj:`{listed_classes()[parent]}`, and has its methods.", ""]
            break
    if makers().get(name):
        links = ", ".join(f":py:obj:`{maker}`" for maker in makers()[name])
        lines += ["", f"Returned by {links}.", ""]


class LinkedNames(SphinxTransform):
    """Turn literal names of the rooms into references that may fail in silence."""

    default_priority = 400

    def apply(self, **kwargs: Any) -> None:
        for literal in list(self.document.findall(nodes.literal)):
            name = dotted(literal.astext())
            if name is None or isinstance(
                literal.parent, pending_xref | nodes.reference | nodes.title
            ):
                continue
            target = pending_xref(
                "",
                refdomain="py",
                reftype="obj",
                reftarget=name,
                refwarn=False,
                refdoc=self.env.docname,
            )
            literal.replace_self(target)
            target += literal


def dotted(text: str) -> str | None:
    """Return the full name of what a piece of code names, if that is one thing of the rooms."""
    match = _NAMED.fullmatch(text)
    if match is None:
        return None
    name, called = match.groups()
    if name.split(".")[0] in ROOMS and "." in name:
        return name
    if name[0].isupper() or called:
        return short_names().get(name)
    return None


def nearest(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, contents: nodes.Element
) -> nodes.reference | None:
    """Resolve what has no page of its own: a public short name, an attribute of a class."""
    if node.get("refdomain") != "py":
        return None
    objects = cast(PythonDomain, env.domains["py"]).objects
    name = short_names().get(node["reftarget"], node["reftarget"])
    while "." in name:
        if name in objects:
            entry = objects[name]
            return make_refnode(
                app.builder, node["refdoc"], entry.docname, entry.node_id, contents, name
            )
        name = name.rpartition(".")[0]
    return None


def setup(app: Sphinx) -> None:
    app.add_transform(LinkedNames)
    app.connect("missing-reference", nearest)
    app.connect("autodoc-process-docstring", say_where_it_belongs, priority=900)

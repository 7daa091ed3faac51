"""Names in code letters lead to their pages in the reference.

``theory.solve``, ``montecarlo.Run.series`` or ``Dense(order=4)`` in a page or a docstring becomes a
link where the reference has the name, or what it belongs to; else it stays what it was.
"""

from __future__ import annotations

import re
from typing import Any, cast

from docutils import nodes
from listed_names import ROOMS, listed_classes, makers, short_names
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.domains.python import PythonDomain
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.util.nodes import make_refnode

#: A name, perhaps called.
_NAMED = re.compile(r"~?([A-Za-z_]\w*(?:\.\w+)*)(\(.*\))?", re.DOTALL)


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

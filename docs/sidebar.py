"""The sidebar lists the pages of the index; names and claims stand in their tables and grids.

Three hundred more entries on every page would hide them, and be most of the time of a build: what
Sphinx resolves for every page is here read once.
"""

from __future__ import annotations

from html import escape
from typing import Any

from sphinx.addnodes import toctree
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment


def sections(env: BuildEnvironment) -> list[tuple[str, list[str]]]:
    """Return the captions of the index and the pages below them."""
    trees = env.tocs[env.config.root_doc].findall(toctree)
    return [(tree["caption"], tree["includefiles"]) for tree in trees]


def ancestors(env: BuildEnvironment, page: str) -> set[str]:
    """Return a page and the pages in whose trees it stands."""
    parents = {
        parent for parent, pages in env.toctree_includes.items() if page in pages and parent != page
    }
    return {page}.union(*(ancestors(env, parent) for parent in parents))


def navigation(app: Sphinx, page: str) -> str:
    """Return the sidebar of a page, in the form that Sphinx gives to themes."""
    current, lines = ancestors(app.env, page), []
    for caption, pages in sections(app.env):
        lines.append(f'<p class="caption"><span class="caption-text">{escape(caption)}</span></p>')
        lines.append("<ul>")
        for name in pages:
            mark = " current" if name in current else ""
            link = app.builder.get_relative_uri(page, name)
            title = escape(app.env.titles[name].astext())
            lines.append(
                f'<li class="toctree-l1{mark}"><a class="reference internal{mark}" href="{link}">'
                f"{title}</a></li>"
            )
        lines.append("</ul>")
    return "\n".join(lines)


def shorten(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Answer the theme before it asks Sphinx for the tree of all pages."""
    context["toctree"] = lambda **options: navigation(app, page)


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", shorten, priority=100)

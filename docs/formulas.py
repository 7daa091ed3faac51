"""Formulas: TeX in the pages, drawn in the browser by the KaTeX in ``_static/katex``."""

from __future__ import annotations

from typing import Any, cast

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.domains.math import MathDomain

#: In this order: the second uses the first.
SCRIPTS = ("katex/katex.min.js", "formulas.js")


def inline_formula(self: Any, node: nodes.math) -> None:
    self.body.append(f'<span class="math">{self.encode(node.astext())}</span>')
    raise nodes.SkipNode


def displayed_formula(self: Any, node: nodes.math_block) -> None:
    self.body.append(f'<div class="math">{self.encode(node.astext())}</div>\n')
    raise nodes.SkipNode


def load_where_needed(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Let pages with formulas alone load what draws them."""
    if cast(MathDomain, app.env.domains["math"]).has_equations(page):
        app.add_css_file("katex/katex.min.css")
        for script in SCRIPTS:
            app.add_js_file(script, loading_method="defer")


def setup(app: Sphinx) -> None:
    app.add_html_math_renderer("katex", (inline_formula, None), (displayed_formula, None))
    app.connect("html-page-context", load_where_needed)

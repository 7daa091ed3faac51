"""Sphinx configuration: pages are MyST notebooks, executed at build, offline."""

import re
import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.utils.math import latex2mathml
from sphinx.application import Sphinx

import hebbian

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

project = "hebbian-toolkit"
author = "The hebbian-toolkit developers"
copyright = "2026, The hebbian-toolkit developers"
release = hebbian.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "numpydoc"]
myst_enable_extensions = ["amsmath", "dollarmath"]
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
numpydoc_show_class_members = False
html_theme = "furo"
html_math_renderer = "mathml"
html_title = project
exclude_patterns = ["_build", "examples", "gallery"]


def generate(app: Sphinx) -> None:
    """Write the pages that are made from what the package knows."""
    from gallery_page import write_gallery

    write_gallery(HERE / "gallery.md")
    validation = HERE / "validation.md"
    if not validation.exists():
        text = "# Validation\n\nNot computed yet: `bash scripts/validation.sh` writes this page.\n"
        validation.write_text(text, encoding="utf-8")


def mathml(tex: str, *, block: bool) -> str:
    """Return a formula as MathML: pages show it without anything from a network."""
    tex = re.sub(r"\\[bB]igg?[lr]?(?![a-zA-Z])", "", tex)
    tex = re.sub(r"\{\\rm\s+(\w+)\}", r"\\mathrm{\1}", tex)
    return latex2mathml.tex2mathml(tex, as_block=block)


def inline_formula(self: Any, node: nodes.math) -> None:
    self.body.append(mathml(node.astext(), block=False))
    raise nodes.SkipNode


def displayed_formula(self: Any, node: nodes.math_block) -> None:
    self.body.append(f"<p>{mathml(node.astext(), block=True)}</p>")
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    app.add_html_math_renderer("mathml", (inline_formula, None), (displayed_formula, None))
    app.connect("builder-inited", generate)

"""Sphinx configuration: pages are MyST notebooks, executed at build, offline."""

import sys
from pathlib import Path

from sphinx.application import Sphinx

import hebbian

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

project = "hebbian-toolkit"
author = "The hebbian-toolkit developers"
copyright = "2026, The hebbian-toolkit developers"
release = hebbian.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.mathjax", "numpydoc"]
myst_enable_extensions = ["amsmath", "dollarmath"]
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
numpydoc_show_class_members = False
html_theme = "furo"
html_title = project
exclude_patterns = ["_build", "examples"]


def generate(app: Sphinx) -> None:
    """Write the pages that are made from what the package knows."""
    from gallery_page import write_gallery

    write_gallery(HERE / "gallery.md", HERE / "_build" / "gallery")
    validation = HERE / "validation.md"
    if not validation.exists():
        text = "# Validation\n\nNot computed yet: `bash scripts/validation.sh` writes this page.\n"
        validation.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> None:
    app.connect("builder-inited", generate)

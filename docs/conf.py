"""Sphinx configuration: pages are MyST notebooks, executed at build, offline."""

import os
import sys
from pathlib import Path

from numpydoc.xref import DEFAULT_LINKS
from sphinx.application import Sphinx

import hebbian

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import listed_names  # noqa: E402 - found beside this file

project = "hebbian-toolkit"
author = "The hebbian-toolkit developers"
copyright = "2026, The hebbian-toolkit developers"
release = hebbian.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "formulas",
    "linked_names",
    "notebooks",
    "sidebar",
]
exclude_patterns = ["_build", "_static", "_templates", "examples"]
templates_path = ["_templates"]
# Cells have no language where they are not executed.
suppress_warnings = ["myst-nb.lexer"]

myst_enable_extensions = ["amsmath", "colon_fence", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_mime_priority_overrides = [("html", "image/svg+xml", 0)]

default_role = "py:obj"  # single backticks of docstrings
autodoc_typehints = "none"  # numpydoc has them, in words
autodoc_member_order = "bysource"
autosummary_filename_map = listed_names.file_names()
numpydoc_show_class_members = False
numpydoc_xref_param_type = True
numpydoc_xref_aliases = listed_names.short_names()
numpydoc_xref_ignore = "all"
python_maximum_signature_line_length = 90

# The sites of others are asked for what they document only where that is wanted.
if os.environ.get("HEBBIAN_DOCS_ONLINE"):
    extensions.append("sphinx.ext.intersphinx")
    others = ("numpy.ndarray", "xarray.DataTree", "xarray.Dataset", "matplotlib.axes.Axes")
    numpydoc_xref_aliases |= {name: name for name in others}
    intersphinx_timeout = 10
    intersphinx_mapping = {
        "python": ("https://docs.python.org/3", None),
        "numpy": ("https://numpy.org/doc/stable", None),
        "scipy": ("https://docs.scipy.org/doc/scipy", None),
        "xarray": ("https://docs.xarray.dev/en/stable", None),
        "matplotlib": ("https://matplotlib.org/stable", None),
    }
else:  # numpydoc's words for types lead to labels of these sites
    numpydoc_xref_aliases |= {word: word for word in DEFAULT_LINKS}

html_theme = "furo"
html_math_renderer = "katex"
html_title = project
html_static_path = ["_static"]
html_css_files = ["site.css"]


def generate(app: Sphinx) -> None:
    """Write the pages that are made from what the package knows."""
    from citation_page import write_citation
    from gallery_page import write_gallery
    from quantities_page import write_quantities

    write_gallery(HERE)
    write_citation(HERE.parent / "CITATION.cff", HERE / "citation.md")
    write_quantities(HERE / "quantities.md")
    listed_names.forget_old_pages(HERE / "api")
    validation = HERE / "validation.md"
    if not validation.exists():
        text = "# Validation\n\nNot computed yet: `bash scripts/validation.sh` writes this page.\n"
        validation.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> None:
    app.connect("builder-inited", generate, priority=100)  # before autosummary looks for pages

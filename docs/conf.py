"""Sphinx configuration: pages are MyST notebooks, executed at build, offline."""

import hebbian

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
exclude_patterns = ["_build"]

"""Every page of cells offers itself as the notebook that was executed."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from jupyter_cache import get_cache
from sphinx.addnodes import download_reference
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

_CELLS = "---\nfile_format: mystnb\n"
#: Figures of cells are lines, sharp on every screen.
_SETTINGS = "c.InlineBackend.figure_formats = {'svg'}\n"


class Download(SphinxTransform):
    """Put the link below the title; myst-nb has written the file while it read the page."""

    default_priority = 800

    def apply(self, **kwargs: Any) -> None:
        page = self.env.docname
        title = next(self.document.findall(nodes.title), None)
        source = self.env.doc2path(page)
        if title is None or not source.read_text(encoding="utf-8").startswith(_CELLS):
            return
        config = self.env.mystnb_config
        executed = Path(config.output_folder) / f"{page}.ipynb"
        if config.execution_mode == "cache":
            fill(executed, Path(config.execution_cache_path))
        link = download_reference("", reftarget="/" + os.path.relpath(executed, self.env.srcdir))
        link += nodes.literal("", executed.name, classes=["download"])
        words = nodes.paragraph("", "This page is a notebook: ", link, classes=["notebook"])
        title.parent.insert(title.parent.index(title) + 1, words)


def fill(notebook: Path, cache: Path) -> None:
    """Give a notebook its outputs, which myst-nb leaves out where they were in the cache."""
    _, full = get_cache(cache).merge_match_into_notebook(nbformat.read(notebook, 4))
    nbformat.write(full, notebook)


def set_up_kernels() -> None:
    """Give the kernels of the cells settings of their own, not those of the user."""
    folder = Path(tempfile.mkdtemp(prefix="hebbian-docs-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    profile = folder / "profile_default"
    profile.mkdir()
    (profile / "ipython_kernel_config.py").write_text(_SETTINGS, encoding="utf-8")
    os.environ["IPYTHONDIR"] = str(folder)


def setup(app: Sphinx) -> None:
    set_up_kernels()
    app.add_transform(Download)

"""Progress bars of everything that is long: in a terminal, in a notebook, silent elsewhere.

A bar also says when numba is compiling, which the first run of a form may do for some seconds.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from numba.core import event
from tqdm import tqdm

__all__ = ["NOTE", "compilation", "progress_bar"]

#: What a bar is called as long as machine code is made that no cache holds.
NOTE = "compiling kernels"


@contextmanager
def progress_bar(progress: bool, **options: Any) -> Iterator[tqdm[Any]]:
    """Open a bar on stderr: in a terminal or a notebook, if it is asked for.

    In a notebook it is a widget, or text where there is no ipywidgets.

    Parameters
    ----------
    progress : bool
    **options
        Of `tqdm`: total, initial, unit, ...
    """
    kind, disable = _kind(progress)
    with kind(disable=disable, **options) as bar:
        if bar.disable:
            yield bar
        else:
            with event.install_listener("numba:compile", _Note(bar)):
                yield bar


def compilation(progress: bool) -> AbstractContextManager[tqdm[Any]]:
    """Open a line that says when kernels are being compiled, and goes again."""
    return progress_bar(progress, bar_format="{desc}", leave=False)


def _kind(progress: bool) -> tuple[type[tqdm[Any]], bool | None]:
    """Return the class of a bar, and its ``disable``: None is unless stderr is a terminal."""
    if not progress:
        return tqdm, True
    if not _in_notebook():
        return tqdm, None
    from tqdm import notebook

    return (tqdm if notebook.IProgress is None else notebook.tqdm), False


def _in_notebook() -> bool:
    """Whether this process is the kernel of a notebook; IPython in a terminal is none."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None


class _Note(event.Listener):
    """Names a bar as long as numba compiles a function, with those that it calls."""

    def __init__(self, bar: tqdm[Any]) -> None:
        self._bar, self._depth = bar, 0

    def on_start(self, event: Any) -> None:
        if self._depth == 0:
            self._bar.set_description_str(NOTE)
        self._depth += 1

    def on_end(self, event: Any) -> None:
        self._depth = max(self._depth - 1, 0)  # it may have begun before this bar
        if self._depth == 0:
            self._bar.set_description_str("")

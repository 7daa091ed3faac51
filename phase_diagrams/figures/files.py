"""Figures on disk: a PDF with embedded fonts and a PNG, both or neither."""

from __future__ import annotations

import io
import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phase_diagrams.stores.files import replacing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["checked_name", "paths", "save"]


def paths(stem: str | os.PathLike[str]) -> tuple[Path, Path]:
    """Return the PDF and the PNG of a figure named `stem`, a trailing suffix ignored.

    Raises
    ------
    ValueError
        If the name is empty, its folder is missing or a folder is in the way.
    """
    name = checked_name(stem)
    targets = Path(f"{name}.pdf"), Path(f"{name}.png")
    if not targets[0].parent.is_dir():
        raise ValueError(f"out = {os.fspath(stem)!r}: there is no folder {targets[0].parent}")
    for target in targets:
        if target.is_dir():
            raise ValueError(f"out = {os.fspath(stem)!r}: {target} is a folder")
    return targets


def checked_name(stem: str | os.PathLike[str]) -> str:
    """Return `stem` without the suffix of a figure.

    Raises
    ------
    ValueError
        If it names no file.
    """
    name = os.fspath(stem)
    if Path(name).suffix.lower() in (".pdf", ".png"):
        name = name[:-4]
    if not Path(name).name or name.endswith(os.sep):
        raise ValueError(f"out = {os.fspath(stem)!r} is not the name of a figure")
    return name


def save(fig: Figure, stem: str | os.PathLike[str], style: dict[Any, Any]) -> tuple[Path, Path]:
    """Write a figure as PDF and PNG: both or neither, never a half-written one.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
    stem : path-like
        As for `paths`.
    style : dict
        matplotlib's rcParams in force while the figure is rendered.

    Returns
    -------
    tuple of pathlib.Path

    Raises
    ------
    ValueError
        As `paths`.
    OSError
        If the files cannot be written.
    """
    from matplotlib import rc_context

    targets = paths(stem)
    with ExitStack() as stack:
        for target in targets:
            kind = target.suffix[1:]
            content = io.BytesIO()
            with rc_context(style):  # mathematical text is set when it is rendered
                # No date: the same figure has the same bytes.
                metadata = {"CreationDate": None} if kind == "pdf" else None
                fig.savefig(content, format=kind, metadata=metadata)
            stack.enter_context(replacing(target)).write_bytes(content.getvalue())
    return targets

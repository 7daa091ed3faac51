"""Figures into files, as users save them: `save` for any figure, ours in our style."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from matplotlib.figure import FigureBase

from hebbian.calling import checked

from . import files
from .frames import STYLE
from .styling import OwnFigure

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

__all__ = ["save"]


@checked
def save(figure: Figure | SubFigure, name: str | Path, **savefig: Any) -> tuple[Path, ...]:
    """Write a figure in the format of the suffix, without one as PDF and PNG.

    Fonts are embedded.  Figures that were made here are rendered in `STYLE`; any other is left
    as it is, with its layout and the rcParams in force.

    Parameters
    ----------
    figure : matplotlib.figure.Figure or SubFigure
        Of a part, the whole is written.
    name : path-like
        ``map.svg`` alone, or ``map`` for ``map.pdf`` and ``map.png``
        (`phase_diagrams.figures.files.FORMATS`); its folder is made if it is missing.
    **savefig
        For ``Figure.savefig``: ``dpi``, ``transparent``, ``bbox_inches``, ``metadata``, ...

    Returns
    -------
    tuple of pathlib.Path

    Raises
    ------
    TypeError
        If this is no figure, or matplotlib has no such option.
    ValueError
        If the name is none, or its suffix that of no figure; if a value of an option is none.
    """
    if not isinstance(figure, FigureBase):
        given = " ".join(repr(figure).split())[:60]
        raise TypeError(f"figure = {given} is no matplotlib Figure: that of an Axes is ax.figure")
    whole = figure.get_figure(root=True)
    assert whole is not None
    if "format" in savefig:
        raise TypeError(f"format = {savefig['format']!r}: the suffix of the name says the format")
    for target in files.names(name):
        target.parent.mkdir(parents=True, exist_ok=True)
    style = STYLE if isinstance(whole, OwnFigure) else {}
    return files.save(whole, name, style, **savefig)

"""Figures on disk, in the formats of their names: whole or not at all."""

from __future__ import annotations

import io
import os
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from phase_diagrams.stores.files import replacing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FORMATS", "chosen", "names", "paths", "save"]

#: Formats of figures, by their suffixes.
FORMATS = ("pdf", "png", "svg", "eps", "ps", "jpg", "jpeg", "tif", "tiff", "webp")

#: Suffixes of other files; any other end of a name is a part of it, as in ``map.v1``.
_OTHERS = frozenset({
    "avif", "bmp", "csv", "dat", "djvu", "doc", "docx", "dvi", "dxf", "emf", "fig", "gif",
    "h5", "hdf5", "heic", "htm", "html", "ico", "ipynb", "json", "key", "mat", "md", "mov",
    "mp4", "nc", "npy", "npz", "odg", "odp", "ods", "odt", "pgf", "pgm", "pickle", "pkl",
    "ppm", "ppt", "pptx", "psd", "py", "raw", "rgba", "rst", "rtf", "svgz", "tex", "toml",
    "tsv", "txt", "wmf", "xcf", "xls", "xlsx", "xml", "yaml", "yml", "zarr", "zip",
})  # fmt: skip

#: Fonts are embedded as outlines with their characters, and the same figure has the same bytes.
_RENDERING: dict[Any, Any] = {"pdf.fonttype": 42, "ps.fonttype": 42, "svg.hashsalt": "hebbian"}
_NO_DATE: dict[str, dict[str, Any]] = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}


def chosen(name: str, formats: Sequence[str], others: Collection[str] = _OTHERS) -> str:
    """Return the format that the suffix of a name asks for, empty for none.

    Raises
    ------
    ValueError
        If it is the suffix of other files.

    Examples
    --------
    >>> chosen("map.SVG", FORMATS), chosen("map.v1", FORMATS)
    ('svg', '')
    """
    suffix = Path(name).suffix[1:].lower()
    if suffix in formats:
        return suffix
    if suffix in others:
        known = ", ".join(f".{known}" for known in formats)
        raise ValueError(f"out = {name!r}: .{suffix} is not one of the formats {known}")
    return ""


def names(name: str | os.PathLike[str]) -> tuple[Path, ...]:
    """Return the files of a figure: one of the format of the suffix, else a PDF and a PNG.

    Raises
    ------
    ValueError
        If the name is empty, or has the suffix of other files.
    """
    text = os.fspath(name)
    if not Path(text).name or text.endswith(os.sep):
        raise ValueError(f"out = {text!r} is not the name of a figure")
    return (Path(text),) if chosen(text, FORMATS) else (Path(f"{text}.pdf"), Path(f"{text}.png"))


def paths(name: str | os.PathLike[str]) -> tuple[Path, ...]:
    """Return the files of a figure, of which none is in the way of being written.

    Raises
    ------
    ValueError
        As `names`, and if its folder is missing or a folder is in the way.
    """
    targets = names(name)
    if not targets[0].parent.is_dir():
        raise ValueError(f"out = {os.fspath(name)!r}: there is no folder {targets[0].parent}")
    for target in targets:
        if target.is_dir():
            raise ValueError(f"out = {os.fspath(name)!r}: {target} is a folder")
    return targets


def save(
    fig: Figure, name: str | os.PathLike[str], style: dict[Any, Any], **savefig: Any
) -> tuple[Path, ...]:
    """Write the files of a figure: all or none, never a half-written one.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
    name : path-like
        As for `names`.
    style : dict
        matplotlib's rcParams in force while the figure is rendered.
    **savefig
        For ``Figure.savefig``.

    Returns
    -------
    tuple of pathlib.Path

    Raises
    ------
    ValueError
        As `paths`, and if an option has no such value.
    TypeError
        If matplotlib has no such option.
    OSError
        If the files cannot be written.
    """
    from matplotlib import rc_context, rcParams

    targets = paths(name)
    with ExitStack() as stack:
        for target in targets:
            kind = target.suffix[1:].lower()
            content = io.BytesIO()
            with rc_context({**_RENDERING, **style}):  # ticks are made when they are rendered
                if rcParams["savefig.dpi"] == "figure":
                    rcParams["savefig.dpi"] = 300
                undated = _NO_DATE.get(kind, {}) | dict(savefig.get("metadata") or {})
                try:
                    fig.savefig(content, format=kind, **(savefig | {"metadata": undated or None}))
                except (AttributeError, TypeError, ValueError) as error:
                    if not savefig:
                        raise
                    wrong = ValueError if isinstance(error, ValueError) else TypeError
                    reason = " ".join(str(error).split())
                    raise wrong(f"savefig of {', '.join(savefig)}: {reason}") from None
            stack.enter_context(replacing(target)).write_bytes(content.getvalue())
    return targets

"""Colours that are seen on the ground they are drawn on, whatever the style of the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["LEAST", "contrast", "face", "ink", "next_colour", "readable"]

#: Least contrast of what has to be seen with what is behind it (WCAG 2.2, criterion 1.4.11).
LEAST = 3.0


def contrast(first: Any, second: Any) -> float:
    """Return the contrast ratio of two colours, from 1 to 21 (WCAG 2.2, relative luminance).

    Examples
    --------
    >>> contrast("black", "white"), contrast("0.5", "0.5")
    (21.0, 1.0)
    """
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Any) -> float:
    from matplotlib.colors import to_rgb

    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return round(float(linear @ (0.2126, 0.7152, 0.0722)), 12)


def face(ax: Axes, *, outside: bool = False) -> tuple[float, float, float]:
    """Return the colour behind what is drawn on an Axes, or beside it (`outside`), opaque."""
    from matplotlib.colors import to_rgba

    part: Any = ax.figure
    patches = [part.patch]
    while part is not (part := part.figure):  # of a subfigure the whole lies behind it
        patches.append(part.patch)
    patches.reverse()
    if not outside:  # the ground of a twin is that of its partner
        own = ax.bbox.bounds
        patches += [
            each.patch
            for each in ax.figure.axes
            if each is ax or (not ax.patch.get_visible() and each.bbox.bounds == own)
        ]
    rgb = np.ones(3)
    for patch in patches:
        if patch.get_visible():
            *above, opaque = to_rgba(patch.get_facecolor())
            rgb = opaque * np.array(above) + (1 - opaque) * rgb
    red, green, blue = rgb.tolist()
    return red, green, blue


def ink(ax: Axes) -> str:
    """Return black, or white on a dark ground."""
    return _ink(face(ax))


def _ink(ground: Any) -> str:
    return max("black", "white", key=lambda colour: contrast(colour, ground))


def readable(colour: Any, ground: Any) -> Any:
    """Return a colour as it is, or nearer to black or white as far as its ground asks for it.

    Examples
    --------
    >>> readable("#0072b2", "white"), readable("yellow", "white"), readable("0.2", "black")
    ('#0072b2', '#999900', '#5a5a5a')
    """
    from matplotlib.colors import to_hex, to_rgb

    if contrast(colour, ground) >= LEAST:
        return colour
    start, end = np.array(to_rgb(colour)), np.array(to_rgb(_ink(ground)))
    mixed = [to_hex(start + part * (end - start)) for part in np.linspace(0, 1, 101)]
    return next((each for each in mixed if contrast(each, ground) >= LEAST), mixed[-1])


def next_colour(ax: Axes) -> Any:
    """Return the next colour of the cycle of an Axes, readable on it."""
    (scout,) = ax.plot([], [])
    scout.remove()
    return readable(scout.get_color(), face(ax))

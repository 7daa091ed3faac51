"""Pictures of any form as an array of grey levels."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from hebbian import domain

__all__ = ["grey"]


def grey(images: Any, shape: tuple[int, int] | None = None) -> np.ndarray:
    """Return grey images as an array of numbers, one picture of rows and columns each.

    Parameters
    ----------
    images : array-like
        Shape (n_images, rows, columns), with an axis of one channel before or after them, or
        a row of pixels each, (n_images, n_pixels).  Levels of any scale; booleans are 0 and 1.
    shape : tuple of int, optional
        (rows, columns) of rows of pixels; default: they are squares.

    Returns
    -------
    numpy.ndarray
        Shape (n_images, rows, columns).

    Raises
    ------
    ValueError
        If they are none, in colour, not numbers, not finite or of another shape.

    Examples
    --------
    >>> grey(np.zeros((3, 784))).shape, grey(np.zeros((3, 20)), shape=(5, 4)).shape
    ((3, 28, 28), (3, 5, 4))
    """
    found = _numbers(images)
    given = found.shape
    if shape is not None:
        shape = _sides(shape)
    if found.ndim == 4 and 1 in (given[1], given[3]):
        found = found[..., 0] if given[3] == 1 else found[:, 0]
    elif found.ndim == 2 and found.size:
        side = math.isqrt(given[1])
        rows, columns = (side, side) if shape is None else shape
        if rows * columns != given[1]:
            how = f"{rows} x {columns}" if shape else "squares: give shape=(rows, columns)"
            raise ValueError(f"images of shape {given}: rows of {given[1]} pixels are not {how}")
        found = found.reshape(-1, rows, columns)
    if found.ndim != 3:
        raise ValueError(f"images of shape {given} are not grey pictures: {_instead(given)}")
    if not found.size:
        raise ValueError(f"images of shape {given}: there are none")
    if shape is not None and found.shape[1:] != shape:
        raise ValueError(f"images of shape {given}: they are not {shape[0]} x {shape[1]}")
    if found.dtype.kind == "f" and not np.isfinite(found).all():
        place = tuple(np.argwhere(~np.isfinite(found))[0].tolist())
        raise ValueError(
            f"images[{place[0]}] has a pixel that is {found[place]}: levels are finite"
        )
    return found


def _numbers(images: Any) -> np.ndarray:
    """Return images as an array of numbers, of any shape."""
    if np.ma.isMaskedArray(images) and np.ma.getmaskarray(images).any():
        raise ValueError("images have masked pixels: fill them, images.filled(0)")
    try:
        found = np.asarray(images)
    except (ValueError, OverflowError):
        raise ValueError("images have different shapes: give one array of them") from None
    if found.dtype.kind in "US" and found.ndim == 0:
        name = domain.shown(str(images))
        raise ValueError(f"images = {name} is a name: phase_diagrams.retrieval.load reads files")
    if found.dtype.kind not in "biuf":
        raise ValueError(f"images of {found.dtype} are not grey levels: give an array of numbers")
    return found.astype(np.uint8) if found.dtype.kind == "b" else found


def _sides(shape: Any) -> tuple[int, int]:
    try:
        rows, columns = shape
    except (TypeError, ValueError):
        given = domain.shown(shape)
        raise ValueError(f"shape = {given} is not (rows, columns) of a picture") from None
    low = "[1, inf)"
    return domain.integer("shape", rows, low), domain.integer("shape", columns, low)


def _instead(shape: tuple[int, ...]) -> str:
    """Say what to give in place of images of this shape."""
    if len(shape) == 4 and shape[3] in (3, 4):
        return "in colour: give images[..., :3].mean(axis=3)"
    if len(shape) == 4 and shape[1] in (3, 4):
        return "in colour: give images[:, :3].mean(axis=1)"
    if len(shape) == 4:
        return "of three dimensions: give a slice of each, images[:, k]"
    return "give (n_images, rows, columns)"

"""The image files of a user, or the digits of scikit-learn where there are none."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from phase_diagrams.retrieval import idx

__all__ = ["N_CLASSES", "TITLES", "Images", "load", "of_sets", "source"]

_PUBLISHED = ("train", "t10k")
#: 90 images of each class of Fashion-MNIST, cut from the published sprite sheet.
_EXCERPT = "fashion900"
_IMAGES, _LABELS = "images-idx3-ubyte", "labels-idx1-ubyte"

TITLES = {"mnist": "MNIST", "fashion": "Fashion-MNIST", "digits": "digits of scikit-learn"}
N_CLASSES = 10
#: arXiv:1708.07747, table 2.
_FASHION = ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag",
            "boot")  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class Images:
    """A labelled set of images.

    Parameters
    ----------
    name : {"mnist", "fashion", "digits"}
    pixels : numpy.ndarray
        Shape (n_images, rows, columns), uint8.
    labels : numpy.ndarray
        Shape (n_images,), integer.
    """

    name: str
    pixels: np.ndarray
    labels: np.ndarray

    @property
    def title(self) -> str:
        """Name in print."""
        return TITLES[self.name]

    @property
    def smallest(self) -> int:
        """Number of images of the smallest class."""
        return int(np.unique(self.labels, return_counts=True)[1].min())

    def class_name(self, label: int | str) -> str:
        """Return what a class shows."""
        return _FASHION[int(label)] if self.name == "fashion" else str(label)


def load(data_dir: str | Path | None) -> list[Images]:
    """Read the data sets of a folder.

    Parameters
    ----------
    data_dir : path-like or None
        Folder with subfolders ``mnist`` or ``fashion``, or with the files of one of them:
        ``train-images-idx3-ubyte``, ``train-labels-idx1-ubyte`` and ``t10k-...``, all that
        there are, or else ``fashion900-...``; raw or with ``.gz``.  A folder that calls
        itself fashion holds Fashion-MNIST.

    Returns
    -------
    list of Images
        In the order MNIST, Fashion-MNIST; scikit-learn's 1797 digits of 8 x 8 pixels alone
        where `data_dir` is None.

    Raises
    ------
    ValueError
        If `data_dir` is not a folder or holds no such subfolder or file, or if of a pair of
        files one is missing or damaged.

    Examples
    --------
    >>> [digits] = load(None)
    >>> digits.title, digits.pixels.shape
    ('digits of scikit-learn', (1797, 8, 8))
    """
    if data_dir is None:
        return [_digits()]
    folder = Path(data_dir)
    sought = f"sought mnist/ and fashion/, or here, {_wanted('train')} and {_wanted('t10k')}"
    if not folder.is_dir():
        raise ValueError(f"data_dir = {str(folder)!r} is not a folder: {sought}")
    found = [
        _read(folder / name, name) for name in ("mnist", "fashion") if (folder / name).is_dir()
    ]
    if not found and any(_present(folder, stem) for stem in (*_PUBLISHED, _EXCERPT)):
        fashion = "fashion" in folder.resolve().name.lower() or _present(folder, _EXCERPT)
        found = [_read(folder, "fashion" if fashion else "mnist")]
    if not found:
        raise ValueError(f"data_dir = {str(folder)!r} holds no images: {sought}")
    return found


def of_sets(tree: xr.DataTree) -> Iterator[tuple[str, xr.Dataset]]:
    """Yield the title of every data set and what was computed of it."""
    for name, title in TITLES.items():
        if name in tree.children:
            yield title, tree[name].to_dataset()


def source(sets: Collection[str]) -> str:
    """Say in a caption which images are used.

    Examples
    --------
    >>> source(["mnist", "fashion"])
    'MNIST and Fashion-MNIST'
    """
    if "digits" in sets:
        return "scikit-learn's 8 x 8 digits (no files of MNIST or Fashion-MNIST at hand)"
    return " and ".join(title for name, title in TITLES.items() if name in sets)


def _digits() -> Images:
    from sklearn.datasets import load_digits  # type: ignore[import-untyped]

    digits = load_digits()
    # Levels 0 to 16 as bytes.
    pixels = (digits.images * (255 / 16)).astype(np.uint8)
    return Images(name="digits", pixels=pixels, labels=digits.target)


def _wanted(stem: str) -> str:
    return f"{stem}-{_IMAGES}[.gz], {stem}-{_LABELS}[.gz]"


def _file(folder: Path, name: str) -> Path | None:
    paths = (folder / name, folder / f"{name}.gz")
    return next((path for path in paths if path.exists()), None)


def _present(folder: Path, stem: str) -> bool:
    return any(_file(folder, f"{stem}-{kind}") is not None for kind in (_IMAGES, _LABELS))


def _read(folder: Path, name: str) -> Images:
    """Read all published pairs of a folder, or the excerpt if there is none."""
    sought = (*_PUBLISHED, _EXCERPT) if name == "fashion" else _PUBLISHED
    stems = [stem for stem in sought if _file(folder, f"{stem}-{_IMAGES}") is not None]
    if not stems:
        wanted = "; or ".join(map(_wanted, sought))
        raise ValueError(f"{folder} holds no images of {TITLES[name]}: sought {wanted}")
    parts = []
    for stem in [stem for stem in stems if stem != _EXCERPT] or stems:
        images, labels = (_file(folder, f"{stem}-{kind}") for kind in (_IMAGES, _LABELS))
        if images is None or labels is None:
            raise ValueError(f"{folder} has images without labels: sought {stem}-{_LABELS}[.gz]")
        parts.append(idx.load(images, labels, N_CLASSES))
        if parts[-1][0].shape[1:] != parts[0][0].shape[1:]:
            raise ValueError(f"{images}: images of another size than those of {stems[0]}")
    pixels, names = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return Images(name=name, pixels=pixels, labels=names)

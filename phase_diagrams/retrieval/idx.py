"""Files of MNIST and its relatives, as they are published.

==================  ========================================================================
MNIST, Fashion      ``train-images-idx3-ubyte.gz``, ``train-labels-idx1-ubyte.gz``
EMNIST              ``emnist-letters-train-images-idx3-ubyte.gz``: classes 1 to 26, 47 or 62 in
                    the other sets; pictures stored transposed [1]_
QMNIST              ``qmnist-test-labels-idx2-int.gz``, ``xnist-images-idx3-ubyte.xz``: labels
                    of eight columns, of which the class is read [2]_
KMNIST, Kuzushiji   ``kmnist-train-imgs.npz``, ``k49-train-labels.npz``: one array each [3]_
MNIST of Keras      ``mnist.npz:x_train``, ``mnist.npz:y_train`` [4]_
MedMNIST            ``bloodmnist.npz:train_images``, ``:train_labels``, of shape (n, 1) [5]_
notMNIST            ``t10k-images-idx3-ubyte.gz``, once its folders of pictures are converted
tables, text        labels alone: one a line, or a column, ``kmnist_classmap.csv:char``
==================  ========================================================================

IDX files (`phase_diagrams.retrieval.idx_format`), npy and npz, raw or compressed with gzip, xz
or bzip2, are known by what they contain, not by their names.  After a colon stands the array of
an archive or the column of a table, and may be left out where only one can be meant.

Whatever its bytes, a file is read or refused with a `ValueError` of one line that names it and
says what it is.

References
----------
.. [1] G. Cohen, S. Afshar, J. Tapson, A. van Schaik, *EMNIST*, arXiv:1702.05373; its
   ``EMNIST_Readme.txt`` and https://github.com/tensorflow/datasets/issues/812 on the pictures.
.. [2] C. Yadav, L. Bottou, *Cold Case: The Lost MNIST Digits*, arXiv:1905.10498;
   https://github.com/facebookresearch/qmnist, sections 2.2 and 2.3.
.. [3] T. Clanuwat et al., arXiv:1812.01718; https://github.com/rois-codh/kmnist.
.. [4] https://keras.io/api/datasets/mnist
.. [5] J. Yang et al., *MedMNIST v2*, arXiv:2110.14795; https://github.com/MedMNIST/MedMNIST,
   ``medmnist/dataset.py``.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np

from hebbian import domain
from hebbian.calling import checked

from . import idx_format, label_files, numpy_files
from .labels import named
from .packed import MAX_BYTES, opened
from .pictures import grey

__all__ = ["MAX_BYTES", "load", "read_images", "read_labels", "stored_transposed"]

_EMNIST = re.compile(
    r"emnist-(byclass|bymerge|balanced|letters|digits|mnist)-(train|test)-images-idx3-ubyte"
)

#: What to do with files of other kinds.
_ADVICE = {
    "a MATLAB file": "take the files of the set in binary format, idx3-ubyte and idx1-ubyte",
    "a tar archive": "unpack it first, and give the file",
    "an HTML page": "the download failed",
    "an XML document": "the download failed",
    "a Python pickle": "a pickle may run any code and is not opened",
    "a PNG image": "give one file of all images, as numpy.save writes them",
    "a JPEG image": "give one file of all images, as numpy.save writes them",
    "text (a table?)": "pixels in a table are read by pandas.read_csv, and saved by numpy.save",
}


@checked
def read_images(
    path: str | os.PathLike[str],
    *,
    transposed: bool | str = "auto",
    shape: tuple[int, int] | None = None,
) -> np.ndarray:
    """Read a file of images.

    Parameters
    ----------
    path : path-like
        IDX, npy or npz, raw or compressed; ``"mnist.npz:x_train"`` names one array of several.
    transposed : bool or "auto"
        Whether rows and columns of the stored pictures are interchanged.  ``"auto"``: in files
        with the names of EMNIST alone (`stored_transposed`); pixels are never asked.
    shape : tuple of int, optional
        (rows, columns) where the file has rows of pixels; default: they are squares.

    Returns
    -------
    numpy.ndarray
        Shape (n_images, rows, columns), of the type in the file; grey levels in [0, 255] if
        that is uint8.

    Raises
    ------
    ValueError
        If the content is not such a file; one line that names the file.
    OSError
        If the file cannot be opened or read.

    Examples
    --------
    >>> import struct, tempfile
    >>> file = tempfile.NamedTemporaryFile()
    >>> _ = file.write(struct.pack(">4I", 0x803, 2, 1, 3) + bytes([0, 9, 255, 1, 2, 3]))
    >>> file.flush()
    >>> read_images(file.name)[0].tolist()
    [[0, 9, 255]]
    >>> read_images(file.name, transposed=True).shape
    (2, 3, 1)
    """
    if transposed != "auto":
        transposed = domain.boolean("transposed (or 'auto')", transposed)
    found = _read(path, "images")
    try:
        pictures = grey(found, shape)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    turned = stored_transposed(path) if transposed == "auto" else transposed
    return pictures.swapaxes(1, 2) if turned else pictures


def stored_transposed(path: str | os.PathLike[str]) -> bool:
    """Say whether a file has a name under which EMNIST's transposed pictures are published.

    Examples
    --------
    >>> stored_transposed("data/emnist-letters-train-images-idx3-ubyte.gz")
    True
    >>> stored_transposed("train-images-idx3-ubyte.gz")
    False
    """
    return _EMNIST.match(Path(path).name.lower()) is not None


@checked
def read_labels(path: str | os.PathLike[str], n_classes: int | None = None) -> np.ndarray:
    """Read a file of labels.

    Parameters
    ----------
    path : path-like
        IDX, npy, npz or text, raw or compressed.  ``"mnist.npz:y_train"`` names one array of
        several, ``"labels.csv:digit"`` or ``"labels.csv:1"`` one column.
    n_classes : int, optional
        At least 1: labels are to be 0 to n_classes - 1.

    Returns
    -------
    numpy.ndarray
        Shape (n_labels,), int64 or text.

    Raises
    ------
    ValueError
        If the content is not such a file, or a label is missing or out of range.
    OSError
        If the file cannot be opened or read.

    Notes
    -----
    The labels of QMNIST have eight columns: `phase_diagrams.retrieval.idx_format.QMNIST`.
    """
    if n_classes is not None:
        n_classes = domain.integer("n_classes", n_classes, "[1, inf)")
    try:
        stored = _read(path, "labels")
        found = named(stored[:, 0] if stored.ndim == 2 and stored.shape[1] == 1 else stored)
    except ValueError as error:
        words = str(error)
        raise ValueError(f"{path}: {words}" if words.startswith("labels") else words) from None
    if n_classes is None:
        return found
    if found.dtype.kind == "U":
        raise ValueError(f"{path}: labels are words: n_classes = {n_classes} is of numbers")
    beyond = np.flatnonzero((found < 0) | (found >= n_classes))
    if beyond.size:
        first, largest = beyond[0], int(found.max())
        words = f"{path}: label {found[first]} of item {first} is outside [0, {n_classes - 1}]"
        if found.min() >= 0:
            words += f": give n_classes = {largest + 1} or more, or none"
        raise ValueError(words)
    return found


@checked
def load(
    images: str | os.PathLike[str],
    labels: str | os.PathLike[str],
    n_classes: int | None = None,
    *,
    transposed: bool | str = "auto",
    shape: tuple[int, int] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Read images and the labels that belong to them.

    Parameters
    ----------
    images, labels : path-like
    n_classes, transposed, shape
        See `read_labels` and `read_images`.

    Returns
    -------
    images : numpy.ndarray
        Shape (n_images, rows, columns).
    labels : numpy.ndarray
        Shape (n_images,).

    Raises
    ------
    ValueError
        As `read_images` and `read_labels`, and if the numbers of items differ.
    OSError
        If a file cannot be opened or read.
    """
    names = read_labels(labels, n_classes)
    pixels = read_images(images, transposed=transposed, shape=shape)
    if len(pixels) != len(names):
        raise ValueError(f"{labels}: {len(names)} labels for the {len(pixels)} images of {images}")
    return pixels, names


def _read(given: str | os.PathLike[str], kind: str) -> np.ndarray:
    """Read what a file holds, by what it is."""
    path, name = _place(given)
    with opened(path) as content:
        if content.head.startswith(b"PK\x03\x04"):
            return numpy_files.read_npz(content, name, kind)
        what = content.kind
        if kind == "labels" and what.startswith("text") and "JSON" not in what:
            return label_files.read(content, name)
        if name:
            raise ValueError(f"{path} has no part {name!r}: it is {what or 'no archive'}")
        if content.head.startswith(b"\x93NUMPY"):
            return numpy_files.read_npy(content, kind, path)
        advice = next((words for start, words in _ADVICE.items() if what.startswith(start)), "")
        if advice:
            raise ValueError(f"{path} is {what}, not a file of {kind}: {advice}")
        return idx_format.read(content, kind)


def _place(given: str | os.PathLike[str]) -> tuple[Path, str]:
    """Return a file, and what is named in it after a colon."""
    path = Path(given)
    stem, colon, name = os.fspath(given).rpartition(":")
    if colon and stem and not path.exists() and Path(stem).exists():
        return Path(stem), name
    return path, ""

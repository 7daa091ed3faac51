"""Arrays of NumPy's own files, npy and npz, without believing them.

The header is read by NumPy and judged before any entry: Python objects, which may run code, are
not read, and memory grows with what is there, not with what is announced.
"""

from __future__ import annotations

import errno
import lzma
import tokenize
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from .packed import Content, Readable, entries, misfit

__all__ = ["read_npy", "read_npz"]

#: What zipfile says of archives that are damaged, encrypted, or of another kind.
_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError,
           RuntimeError, OverflowError)  # fmt: skip
#: What NumPy says of damaged headers.
_UNREADABLE = (ValueError, SyntaxError, TypeError, tokenize.TokenError, RecursionError,
               MemoryError, EOFError)  # fmt: skip
_NAMES = 8  # of an archive, in a message


def read_npy(stream: Readable, kind: str, where: object) -> np.ndarray:
    """Read an array of a kind.

    Raises
    ------
    ValueError
        If it is damaged, holds objects or something else; one line that says where.
    """
    dtype, fortran, shape = _header(stream, where)
    if dtype.hasobject:
        raise ValueError(
            f"{where} holds Python objects, which may run code: save array.astype(str) or numbers"
        )
    if dtype.kind not in "biufUS":
        raise ValueError(f"{where} holds {dtype}, not {kind}")
    wrong = misfit(kind, shape, where)
    if wrong:
        raise ValueError(wrong)
    flat = entries(stream, dtype, shape, kind, where)
    return flat.reshape(shape, order="F" if fortran else "C")


def read_npz(content: Content, name: str, kind: str) -> np.ndarray:
    """Read the array of a name, or the only one that may be of a kind.

    Raises
    ------
    ValueError
        If there is none, or several; the line lists them.
    """
    path = content.path
    try:
        archive = zipfile.ZipFile(content.file())
    except (*_BROKEN, ValueError) as error:
        raise ValueError(f"{path} is a damaged zip archive, or cut short: {error}") from None
    with archive:
        names = [info.filename for info in archive.infolist()]
        arrays = [each.removesuffix(".npy") for each in names if each.endswith(".npy")]
        if not arrays:
            raise ValueError(
                f"{path} is a zip archive of {_listed(names) or 'nothing'}: unpack it first, and "
                "give the file"
            )
        if not name:
            name = arrays[0] if len(arrays) == 1 else _only(archive, path, arrays, kind)
        if name not in arrays:
            raise ValueError(f"{path} has no array {name!r}: it has {_listed(arrays)}")
        where = f"{path}:{name}" if len(arrays) > 1 else path
        with _member(archive, name, where) as stream:
            return read_npy(stream, kind, where)


def _only(archive: zipfile.ZipFile, path: Path, arrays: list[str], kind: str) -> str:
    """Return the name of the only array whose shape is of a kind."""
    shapes = {}
    for each in arrays:
        with _member(archive, each, f"{path}:{each}") as stream:
            shapes[each] = _header(stream, f"{path}:{each}")[2]
    fit = [each for each in arrays if not misfit(kind, shapes[each], path)]
    if len(fit) == 1:
        return fit[0]
    found = _listed([f"{each} {shapes[each]}" for each in fit or arrays])
    which = f"several arrays that may be {kind}" if fit else f"no array that may be {kind}"
    raise ValueError(f"{path} holds {which}, {found}: name one, as in {path.name}:{arrays[0]}")


@contextmanager
def _member(archive: zipfile.ZipFile, name: str, where: object) -> Iterator[Readable]:
    info = archive.getinfo(f"{name}.npy")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{where} is compressed as NumPy does not: save it with NumPy")
    try:
        stream = archive.open(info)
    except (*_BROKEN, ValueError, OSError) as error:
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise  # the disk's own; places before the beginning are the archive's
        raise ValueError(f"{where} is damaged in its zip archive: {error}") from None
    try:
        with stream:
            yield stream
    except _BROKEN as error:
        raise ValueError(f"{where} is damaged in its zip archive: {error}") from None


def _header(stream: Readable, where: object) -> tuple[np.dtype, bool, tuple[int, ...]]:
    """Return type, order and shape of an array."""
    readers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    try:
        version = np.lib.format.read_magic(stream)
        if version not in readers:
            raise ValueError(f"version {version[0]}.{version[1]} is for tables, which it may hold")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # headers that Python 2 wrote
            shape, fortran, dtype = readers[version](stream)
        if any(n < 0 for n in shape):
            raise ValueError(f"shape {shape}")
    except _UNREADABLE as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise ValueError(f"{where}: damaged header of a NumPy array: {reason}") from None
    return dtype, fortran, shape


def _listed(names: list[str]) -> str:
    more = len(names) - _NAMES
    return ", ".join(names[:_NAMES]) + (f" and {more} more" if more > 0 else "")

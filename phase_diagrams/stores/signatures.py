"""What a file is that is not what was asked for, by its first bytes."""

from __future__ import annotations

__all__ = ["HEAD", "kind_of"]

#: Bytes that `kind_of` looks at.
HEAD = 512

_STARTS = {
    b"PK\x03\x04": "a zip archive (npz and xlsx are such)",
    b"PK\x05\x06": "an empty zip archive",
    b"\x1f\x8b": "compressed with gzip",
    b"BZh": "compressed with bzip2",
    b"\xfd7zXZ": "compressed with xz",
    b"\x28\xb5\x2f\xfd": "compressed with zstd",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a rar archive",
    b"\x93NUMPY": "a NumPy array (npy)",
    b"\x89HDF": "an HDF5 file",
    **{b"CDF" + bytes([version]): "a netCDF 3 file" for version in (1, 2, 5)},
    b"MATLAB ": "a MATLAB file",
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow file",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"BM": "a BMP image",
    b"II*\0": "a TIFF image",
    b"MM\0*": "a TIFF image",
    b"%PDF": "a PDF document",
    b"SQLite format 3": "an SQLite database",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"version https://git-lfs": "a pointer of Git LFS: fetch the file with 'git lfs pull'",
    **{b"\x80" + bytes([version]): "a Python pickle" for version in range(2, 6)},
}


def kind_of(head: bytes) -> str:
    r"""Say what a file is whose first bytes these are; empty for what is not known.

    Examples
    --------
    >>> kind_of(b"<!DOCTYPE html><html>"), kind_of(b"label,pixel1\n5,0\n")
    ('an HTML page', 'text (a table?)')
    """
    for start, what in _STARTS.items():
        if head.startswith(start) and (start != b"BM" or head[6:10] == bytes(4)):
            return what  # letters alone make no BMP: its reserved bytes are zero
    if head[257:262] == b"ustar":
        return "a tar archive"
    try:
        text = head[:HEAD].decode("utf-8-sig", "ignore" if len(head) >= HEAD else "strict")
    except UnicodeDecodeError:
        return ""
    text = text.strip().lower()
    if not text or not text.replace("\n", " ").replace("\r", " ").replace("\t", " ").isprintable():
        return ""
    if text.startswith(("<!doctype html", "<html", "<head")):
        return "an HTML page"
    if text.startswith(("{", "[")):
        return "text (JSON?)"
    if text.startswith("<"):
        return "an XML document"
    return "text (a table?)" if "," in text else "text"

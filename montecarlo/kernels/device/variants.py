"""The CUDA sources and the constants they are compiled with; no device is needed here.

The types of levels, tabulated values and sums are chosen so that integer sums are exact,
and as narrow as that allows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = [
    "DRAW_ENTRIES",
    "OPTIONS",
    "THREADS",
    "TILE_ROWS",
    "TRADED_BYTES",
    "Variant",
    "binary",
    "binary_bytes",
    "draw_source",
    "mean_field",
    "polynomial",
    "quadratic",
    "tiles",
]

THREADS = 256  # of a block, at most
TILE_ROWS = 256  # rows +-1 are padded to tiles: TILE of binary.cuh
TRADED_BYTES = 400  # of a warp and plane in shared memory: PLANE_STRIDE of products.cuh
#: No contraction to fused multiply-adds: the CPU kernel rounds every operation.
OPTIONS = ("-std=c++17", "-fmad=false", "-DWARP=32")
#: Mean-field sums agree with the CPU up to rounding, and may fuse.
FUSED = ("-std=c++17", "-DWARP=32")
#: Types of integer rows made on the device.
DRAW_ENTRIES = ("signed char", "int")

_FOLDER = Path(__file__).parent
_INT32, _INT64 = 2**31, 2**62
_SHARED = 44 << 10  # bytes of shared memory for what a network stages: 48 KiB are for all
_SIZES = {"unsigned char": 1, "unsigned short": 2, "signed char": 1, "int": 4, "i64": 8}


@dataclass(frozen=True)
class Variant:
    """One compiled form of the kernels.

    Parameters
    ----------
    form : {"binary", "quadratic", "polynomial", "plefka"}
    constants : tuple of (str, str)
        Macros of the sources.
    """

    form: str
    constants: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        macros = (f"{name}={text.replace(' ', '_')}" for name, text in self.constants)
        return "-".join([self.form, *macros])

    def __getitem__(self, name: str) -> str:
        """Return the text of a macro."""
        return dict(self.constants)[name]

    def size(self, name: str) -> int:
        """Return the bytes of the type that a macro names."""
        return _SIZES.get(self[name], 8)

    @property
    def products(self) -> bool:
        """Whether fields are products of matrices of bytes."""
        return "PLANES" in dict(self.constants)

    @property
    def options(self) -> tuple[str, ...]:
        """Options of the compiler."""
        macros = (("THREADS", str(THREADS)), *self.constants)
        options = FUSED if self.form == "plefka" else OPTIONS
        return (*options, *(f"-D{name}={text}" for name, text in macros))

    @property
    def source(self) -> str:
        """The kernels `prepare` and `sweep`, or those of mean-field sums, as one text."""
        if self.form == "plefka":
            return _text("philox.cuh", "plefka.cu")
        rows = [f"{self.form}.cuh"]
        if self.form == "binary":
            rows.append("products.cuh" if self.products else "masked.cuh")
        return _text("philox.cuh", "types.cuh", "team.cuh", *rows, "sweep.cu")


@cache
def _text(*names: str) -> str:
    return "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in names)


def draw_source() -> str:
    """Return the kernels that make rows, for an ``ENTRY`` of `DRAW_ENTRIES`."""
    return _text("philox.cuh", "draw.cu")


def _level(n_spins: int) -> str:
    return "unsigned char" if n_spins < 256 else "unsigned short" if n_spins < 65536 else "int"


def tiles(n_rows: int) -> int:
    """Return the tiles that rows +-1 fill, the last one not always."""
    return -(-n_rows // TILE_ROWS)


def binary_bytes(n_spins: int, n_rows: int) -> tuple[int, int]:
    """Return the bytes of a sample's rows +-1 on the device, and of their levels in a chain.

    Examples
    --------
    >>> binary_bytes(n_spins=100, n_rows=1_000_000)
    (12502400, 1000192)
    """
    padded = TILE_ROWS * tiles(n_rows)
    return n_spins * padded // 8, padded * _SIZES[_level(n_spins)]


def binary(
    n_spins: int,
    n_rows: int,
    largest: int,
    *,
    span: int | None = None,
    linear: bool = False,
) -> Variant:
    """Choose the types for rows +-1 and tables with entries up to `largest`.

    Parameters
    ----------
    n_spins, n_rows : int
    largest : int
        Absolute value of the largest entry of A and B.
    span : int, optional
        Largest entry of A less its least, on a device that multiplies matrices of bytes.
    linear : bool
        Whether A is linear in the level, and B constant.

    Examples
    --------
    >>> variant = binary(n_spins=200, n_rows=2_000_000, largest=2_600_000, span=5_200_000)
    >>> [variant[name] for name in ("LEVEL", "VALUE", "SUM", "PLANES")]
    ['unsigned char', 'int', 'i64', '3']
    """
    level = _level(n_spins)
    value = total = "double"
    if largest * n_rows < _INT64:
        value = "int" if largest < 2**27 else "i64"
        total = "int" if 2 * largest * n_rows < _INT32 else "i64"
    constants = {"LEVEL": level, "VALUE": value, "SUM": total}
    if span is not None and value != "double" and level != "int" and n_rows < _INT32:
        bytes_of_a_value = -(-span.bit_length() // 8)
        constants["SUM"] = "i64"
        constants["PLANES"] = str(_SIZES[level] if linear else max(1, bytes_of_a_value))
        if linear:
            constants["LINEAR"] = "1"
    room = _SHARED - THREADS // 32 * TRADED_BYTES * int(constants.get("PLANES", 0))
    if "LINEAR" not in constants and 2 * (n_spins + 1) * _SIZES.get(value, 8) <= room:
        constants["TABLES_IN_SHARED_MEMORY"] = "1"
    return Variant("binary", tuple(constants.items()))


def quadratic(entry: str, n_spins: int, n_rows: int, largest: int, distinct: bool) -> Variant:
    """Choose the types for rows of type `entry` up to `largest` and a two-body interaction."""
    total = "int" if 2 * largest**2 * n_rows * n_spins < _INT32 else "i64"
    constants = {
        "ENTRY": entry,
        "HALF": "0.5" if distinct else "1.0",
        "SUM": total,
        "ROWS": "4",
    }
    return Variant("quadratic", tuple(constants.items()))


def polynomial(entry: str, order: int, distinct: bool) -> Variant:
    """Integer rows of type `entry` with `order` >= 3 bodies."""
    constants = {
        "ENTRY": entry,
        "ORDER": str(order),
        "DISTINCT": str(int(distinct)),
        "SUM": "double",
        "ROWS": "4",
    }
    return Variant("polynomial", tuple(constants.items()))


def mean_field(order: int, entry: str) -> Variant:
    """Sums of the mean-field equations, over bits (``entry`` "u32") or integer rows.

    The values of a tile of rows, B_n for each power of an entry, take 32 KiB at most.
    """
    constants = {"ORDER": str(order), "ENTRY": entry}
    binary = entry == "u32"
    constants["TILE"] = "1024" if binary else "512"
    if binary:
        constants["BINARY"] = "1"
    return Variant("plefka", tuple(constants.items()))

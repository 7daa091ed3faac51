"""Documents that are read back: JSON and TOML within bounds, of the form that was expected.

Nothing in a file is believed.  Size is bounded before a text is read, depth before it is
built, form before it is used; whatever is wrong is one `ValueError` in one short line.
Nothing here recurses along a document, so that none is deep enough to break the reader.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Any, TypeVar

import msgspec

__all__ = ["DEEPEST", "LONGEST", "contents", "convert", "decode", "decode_toml"]

T = TypeVar("T")

#: Bytes of a document, unless its reader knows better.
LONGEST = 1 << 26
#: Tables and lists within each other.
DEEPEST = 64

#: Of JSON: strings, even one that does not end, and brackets; none of them backtracks.
_TOKENS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{]+|[\]}]+', re.DOTALL)
_KEY_PART = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+"""
#: Of TOML: a key of more parts than any table is deep; tomllib takes quadratic time for them.
_DEEP_KEY = re.compile(rf"{_KEY_PART}(?:\.[ \t]*+{_KEY_PART}){{{DEEPEST}}}")


def decode(
    content: bytes | str,
    kind: type[T],
    name: str,
    *,
    longest: int = LONGEST,
    deepest: int = DEEPEST,
) -> T:
    """Read JSON of an expected form.

    Parameters
    ----------
    content : bytes or str
    kind : type
        The form: a `msgspec.Struct`, ``dict[str, int]``, or whatever msgspec knows.
    name : str
        What the document is, for the message.
    longest, deepest : int
        Bytes it may have, and lists and tables within each other.

    Raises
    ------
    ValueError
        If it is longer, deeper, no JSON, or of another form.

    Examples
    --------
    >>> decode('{"T": [0.1, 0.2]}', dict[str, list[float]], "grid")
    {'T': [0.1, 0.2]}
    >>> decode('{"T": null}', dict[str, list[float]], "grid")
    Traceback (most recent call last):
        ...
    ValueError: grid: Expected `array`, got `null` - at `$[...]`
    """
    raw = content.encode(errors="surrogatepass") if isinstance(content, str) else content
    if len(raw) > longest:
        raise ValueError(f"{name} is longer than {longest} bytes")
    if raw.count(b"[") + raw.count(b"{") > deepest and _depth(raw) > deepest:
        raise ValueError(f"{name} is nested deeper than {deepest} levels")
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _wrong(name, error) from None


def decode_toml(content: bytes, name: str, *, longest: int = LONGEST) -> dict[str, Any]:
    r"""Read TOML in UTF-8, with or without a byte order mark.

    Raises
    ------
    ValueError
        As `decode`.

    Examples
    --------
    >>> decode_toml(b"[grid]\nT = 0.1", "study.toml")
    {'grid': {'T': 0.1}}
    """
    if len(content) > longest:
        raise ValueError(f"{name} is longer than {longest} bytes")
    try:
        text = content.decode("utf-8-sig")
        if _DEEP_KEY.search(text):
            raise RecursionError
        found = tomllib.loads(text)
    except RecursionError:
        raise ValueError(f"{name} is nested deeper than {DEEPEST} levels") from None
    except ValueError as error:
        raise _wrong(name, error) from None
    _check_depth(found, name, DEEPEST)
    return found


def convert(value: Any, kind: type[T], name: str, *, deepest: int = DEEPEST) -> T:
    """Return plain data in an expected form; see `decode`.

    Examples
    --------
    >>> convert({"seed": 1}, dict[str, int], "settings")
    {'seed': 1}
    """
    _check_depth(value, name, deepest)
    try:
        return msgspec.convert(value, kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _wrong(name, error) from None


def contents(path: str | os.PathLike[str], *, longest: int = LONGEST) -> bytes:
    """Read a file or the end of a pipe, as far as a document may reach.

    Raises
    ------
    ValueError
        If it is longer, a folder or a device.
    OSError
        If it cannot be read.
    """
    # Without waiting: a pipe that nobody writes to is empty.
    try:
        with open(path, "rb", opener=lambda p, how: os.open(p, how | os.O_NONBLOCK)) as file:
            mode = os.fstat(file.fileno()).st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode)):
                raise ValueError(f"{Path(path)} is a device, not a file")
            os.set_blocking(file.fileno(), True)
            found = file.read(longest + 1)
    except IsADirectoryError:
        raise ValueError(f"{Path(path)} is a folder, not a file") from None
    if len(found) > longest:
        raise ValueError(f"{Path(path)} is longer than {longest} bytes")
    return found


def _depth(content: bytes) -> int:
    """Return how far JSON is nested, strings left out."""
    depth = deepest = 0
    for token in _TOKENS.finditer(content):
        text = token[0]
        if text[0] in b"[{":
            depth += len(text)
            deepest = max(deepest, depth)
        elif text[0] in b"]}":
            depth -= len(text)
    return deepest


def _check_depth(value: Any, name: str, deepest: int) -> None:
    """Refuse plain data that is nested deeper; one level after the other."""
    level = [value]
    for _ in range(deepest + 1):
        inside = [entry for entry in level if isinstance(entry, (dict, list, tuple))]
        if not inside:
            return
        level = [e for one in inside for e in (one.values() if isinstance(one, dict) else one)]
    raise ValueError(f"{name} is nested deeper than {deepest} levels")


def _wrong(name: str, error: Exception) -> ValueError:
    """Return the reason as one short line: it may quote the document."""
    text = "".join(c if c.isprintable() else " " for c in str(error))
    text = " ".join(text.split())
    return ValueError(f"{name}: {text if len(text) <= 200 else text[:197] + '...'}")

"""Standard streams that are closed, full or broken stop nothing and lose nothing.

Nothing is imported here but what Python has imported to start.
"""

from __future__ import annotations

import io
import os
import sys

__all__ = ["finish", "open_streams"]


class _Results(io.TextIOWrapper):
    """Standard output: remembers why what was printed did not arrive."""

    lost: OSError | None = None

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError as error:
            self.lost = error
            raise

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            # The interpreter would try again at its end.
            _to_nowhere(1)
            self.lost = error
            raise


class _Talk(io.TextIOWrapper):
    """Standard error: what nobody can read is no error."""

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except (OSError, ValueError):
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except (OSError, ValueError):
            _to_nowhere(2)


def open_streams() -> None:
    """Prepare the streams of a command.

    A closed one leads nowhere: else the first file of the store would get its number, and
    be written into by whoever writes to the stream.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
    for name, kind in (("stdout", _Results), ("stderr", _Talk)):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            encoding, lines = stream.encoding, stream.line_buffering
            again = kind(stream.detach(), encoding, "backslashreplace", line_buffering=lines)
            setattr(sys, name, again)
            setattr(sys, f"__{name}__", again)


def tolerate_letters() -> None:
    """Escape letters that the streams have not: the name of a file may be in any."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def finish() -> OSError | None:
    """Flush standard output; return why what was printed has not arrived, if it has not."""
    try:
        sys.stdout.flush()
    except OSError as error:
        return error
    lost: OSError | None = getattr(sys.stdout, "lost", None)
    return lost


def _to_nowhere(number: int) -> None:
    os.dup2(os.open(os.devnull, os.O_RDWR), number)

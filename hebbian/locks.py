"""Locks of files and folders that are written by one process, or one thread, at a time."""

from __future__ import annotations

import errno
from typing import IO, Any

__all__ = ["lock"]


def lock(opened: int | IO[Any]) -> None:
    """Lock an open file or folder until it is closed, at once or not at all.

    The lock is that of ``flock``: it belongs to what was opened, not to the process, holds
    against other threads and other openings, too, and the kernel frees it at our death.

    Parameters
    ----------
    opened : int or file
        Descriptor, or an object that has one.

    Raises
    ------
    BlockingIOError
        If another opening of it is locked.
    OSError
        If its file system or this operating system has no such locks (Windows).

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile() as ours, open(ours.name) as theirs:
    ...     lock(ours)
    ...     lock(theirs)
    Traceback (most recent call last):
    BlockingIOError: [Errno 11] Resource temporarily unavailable
    """
    try:
        import fcntl
    except ImportError:
        raise OSError(errno.ENOTSUP, "this system has no locks of files") from None
    fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)

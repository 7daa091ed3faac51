"""Files of the user's that Python takes for modules of this toolkit, of its own or others'.

``theory.py``, ``random.py`` or ``numpy.py`` beside a script, in the folder of
``python -m`` or on ``PYTHONPATH`` come before the real ones.  Nothing is imported here but
what Python has imported to start.
"""

from __future__ import annotations

import os
import sys

__all__ = ["ROOMS", "culprits", "foreign_room", "is_command", "others_of", "reinstalled"]

#: The import names of this project: two of them are words that others use, too, PyPI's
#: ``montecarlo`` for one.  `hebbian.rooms` knows them, but numpy is imported with it.
ROOMS = ("hebbian", "theory", "montecarlo", "phase_diagrams")

#: What their ``__init__`` holds, and no other file of these names.
MARK = "rooms.members(__name__)"

_OTHERS = (
    "numpy", "scipy", "numba", "llvmlite", "xarray", "pandas", "zarr", "numcodecs", "h5netcdf",
    "h5py", "msgspec", "tqdm", "matplotlib", "arviz_stats", "distributed", "dask", "cupy",
)  # fmt: skip

_HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_STANDARD = os.path.dirname(os.path.abspath(os.__file__))


def foreign_room() -> str:
    """Return one line about a name of the toolkit that Python finds elsewhere, or nothing."""
    for name in ROOMS:
        path = _file_of(name) or _first(name)
        own = os.path.join(_HOME, name, "__init__.py")
        if not os.path.exists(own):
            return f"{own} is missing: {reinstalled(others_of(name))}"
        if path and not _same(path, own):
            others = others_of(name) if _describes_packages(_folder(path)) else []
            cure = f"pip uninstall {' '.join(others)}" if others else "rename or remove it"
            return f"{path} is imported in place of the toolkit's {name}: {cure}"
        if path and _same(path, own) and MARK not in _text(own):
            return f"{own} is of another package of this name: {reinstalled(others_of(name))}"
    return ""


def others_of(name: str) -> list[str]:
    """Return the distributions that install files of this name, and are not this project."""
    try:
        from importlib.metadata import packages_distributions

        found = packages_distributions().get(name, [])
    except Exception:  # noqa: BLE001 - modules of Python's own may not be what they should be
        return []
    return sorted({*found} - {"hebbian-toolkit"})


def reinstalled(others: list[str]) -> str:
    """Return how a room is got back whose files others overwrote, or will remove with theirs."""
    remove = f"pip uninstall {' '.join(others)}, then " if others else ""
    return f"{remove}install hebbian-toolkit again, with pip install --force-reinstall --no-deps"


def culprits(*, loaded: bool = False) -> list[str]:
    """Return a line for every file that stands in the place of a module of Python's or others'.

    Parameters
    ----------
    loaded : bool
        Only those that this process has imported.
    """
    found = [foreign_room()]
    for name in (*sys.stdlib_module_names, *_OTHERS):
        path = _file_of(name) if loaded else _first(name)
        if path and _is_users(path, name):
            found.append(f"{path} is imported in place of {name}: rename it")
    return [line for line in found if line]


def is_command() -> bool:
    """Whether this process is the command: it says by itself what is wrong."""
    words = sys.orig_argv
    module = words[words.index("-m") + 1] if "-m" in words[:-1] else ""
    script = os.path.basename((getattr(sys, "argv", None) or [""])[0])
    return script == "hebbian" or module in ("hebbian", "phase_diagrams")


def _is_users(path: str, name: str) -> bool:
    folder = _folder(path)
    if name in sys.stdlib_module_names:
        return not folder.startswith(_STANDARD) and folder in _leading()
    # Others are installed beside a description of theirs.
    return not _describes_packages(folder)


def _folder(path: str) -> str:
    """Return where the name of the module or package of a file is looked up."""
    folder = os.path.dirname(path)
    return os.path.dirname(folder) if path.endswith("__init__.py") else folder


def _leading() -> list[str]:
    """Return the folders that are searched before the library of Python."""
    folders = [os.path.abspath(entry or ".") for entry in sys.path]
    return folders[: folders.index(_STANDARD)] if _STANDARD in folders else folders


def _first(name: str) -> str:
    """Return the file that the name stands for, empty if there is none."""
    if name in sys.builtin_module_names:
        return ""
    for entry in sys.path:
        folder = os.path.abspath(entry or ".")
        for path in (os.path.join(folder, name, "__init__.py"), os.path.join(folder, f"{name}.py")):
            if os.path.isfile(path):
                return path
    return ""


def _file_of(name: str) -> str:
    """Return the file that the name was imported from, empty if it was not."""
    path = getattr(sys.modules.get(name), "__file__", None)
    return os.path.abspath(path) if isinstance(path, str) else ""


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, ValueError):  # whatever is wrong is said by whoever reads it next
        return MARK


def _same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _describes_packages(folder: str) -> bool:
    try:
        return any(entry.endswith((".dist-info", ".egg-info")) for entry in os.listdir(folder))
    except OSError:
        return True

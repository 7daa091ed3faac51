"""The house keeps its rules: light imports, one owner per name, honest public lists."""

import importlib
import inspect
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOMS = ("hebbian", "theory", "montecarlo", "phase_diagrams")

BLOCKED = """
import sys

class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked!r}:
            raise ImportError(name + " is blocked")

sys.meta_path.insert(0, Block())
import {rooms}
"""


@pytest.mark.parametrize(
    ("rooms", "blocked"),
    [
        ("hebbian", {"scipy", "numba", "cupy", "matplotlib", "xarray", "zarr", "tqdm"}),
        ("hebbian, theory", {"cupy", "matplotlib", "xarray", "zarr", "tqdm"}),
        ("hebbian, montecarlo", {"cupy", "matplotlib", "xarray", "zarr"}),
        ("phase_diagrams", {"cupy", "matplotlib"}),
    ],
)
def test_rooms_import_without(rooms, blocked):
    code = BLOCKED.format(rooms=rooms, blocked=blocked)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_command_of_the_theory_imports_no_labels():
    """They would be a third of the time of a command in a loop of the shell."""
    words = ["theory", "--model", "hopfield", "--alpha", "0.05", "--T", "0.1"]
    code = "import sys; from phase_diagrams.cli import main\n"
    code += f"assert main({words}) == 0 and 'xarray' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_one_owner(room):
    """No other distribution installs the name, and ours is the one that is imported."""
    assert set(packages_distributions().get(room, ())) <= {"hebbian-toolkit"}
    here = Path(__file__).parents[1]
    assert Path(importlib.import_module(room).__file__) == here / room / "__init__.py"


@pytest.mark.parametrize("room", ROOMS)
def test_public_names_exist_and_are_documented(room):
    module = importlib.import_module(room)
    assert module.__doc__
    for name in module.__all__:
        thing = getattr(module, name)
        if callable(thing):
            assert thing.__doc__, name
        if inspect.isfunction(thing):
            assert "Examples\n" in thing.__doc__, name


@pytest.mark.parametrize("room", ROOMS)
def test_the_reference_has_every_public_name(room):
    reference = (Path(__file__).parents[1] / "docs" / "reference.md").read_text()
    named = set(re.findall(r"[\w.]+", reference))
    public = {f"{room}.{name}" for name in importlib.import_module(room).__all__}
    modules = {f"{room}.figures", f"{room}.integrity"}  # their functions are named
    assert public - modules <= named

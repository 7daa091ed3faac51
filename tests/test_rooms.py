"""The four rooms: what `dir` shows of them, and whose files have their names."""

import os
import re
import shutil
import subprocess
import sys
import types
from importlib import import_module
from pathlib import Path

import pytest

from hebbian import rooms
from phase_diagrams import shadowing
from phase_diagrams.commands import doctor

HERE = Path(__file__).parents[1]
THEORY = ["theory", "--model", "hopfield", "--alpha", "0.1", "--T", "0.3"]
INSTEAD = "is imported in place of the toolkit's"


def python(words, cwd, *path, home=HERE):
    """Run Python in a folder, with others before the toolkit on its path."""
    where = os.pathsep.join(str(each) for each in (*path, home))
    return subprocess.run(
        [sys.executable, *words], cwd=cwd, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": where},
    )  # fmt: skip


def write(path, text="x = 1\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize("room", rooms.NAMES)
def test_dir_shows_what_is_documented(room):
    module = import_module(room)
    shown = [name for name in dir(module) if not name.startswith("__")]
    reference = set(re.findall(r"[\w.]+", (HERE / "docs/reference.md").read_text()))
    table = module.__doc__.split("=\n")[1]
    assert set(module.__all__) <= set(shown)
    for name in shown:
        thing = getattr(module, name)
        if name in module.__all__:
            submodule = isinstance(thing, types.ModuleType)
            assert submodule or f"{room}.{name}" in reference, name
        else:
            assert isinstance(thing, types.ModuleType), name
            assert thing.__name__ == f"{room}.{name}"
            assert re.search(rf"^`({room}\.)?{name}` ", table, re.MULTILINE), name
    assert not [name for name in shown if name.startswith("_") or name == "annotations"]
    assert "__doc__" in dir(module)


@pytest.mark.parametrize("room", rooms.NAMES)
def test_modules_of_the_tables_are_there_without_another_import(room, tmp_path):
    words = f"import {room}; [getattr({room}, name) for name in dir({room})]"
    ran = python(["-c", words], tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_completion_honours_dir():
    completer = pytest.importorskip("rlcompleter").Completer({"theory": import_module("theory")})
    found = completer.attr_matches("theory.s")
    assert "theory.solve(" in found
    assert not {name for name in completer.attr_matches("theory._of") if "_of" in name}


def test_modules_that_are_not_there_are_no_attributes():
    for name in ("nothing", "_of_sleep", "setUpModule"):
        assert not hasattr(import_module("phase_diagrams"), name)


@pytest.mark.parametrize("file", ["theory.py", "montecarlo/__init__.py", "phase_diagrams.py"])
def test_hebbian_warns_of_foreign_rooms_and_works(file, tmp_path):
    """Beside a script, in the folder of a notebook, on PYTHONPATH."""
    path, name = write(tmp_path / file), file.partition("/")[0].removesuffix(".py")
    script = write(tmp_path / "script.py", "import hebbian\nprint(hebbian.Hopfield())\n")
    for words, cwd, more in (
        (["script.py"], tmp_path, ()),
        (["-c", script.read_text()], tmp_path, ()),  # as a notebook: '' is first
        (["-c", script.read_text()], "/", (tmp_path,)),
    ):
        ran = python(words, cwd, *more)
        assert (ran.returncode, ran.stdout) == (0, "Hopfield(rule=Storing())\n")
        lines = [line for line in ran.stderr.splitlines() if "ForeignRoom" in line]
        assert len(lines) == 1
        assert lines[0].endswith(f"ForeignRoom: {path} {INSTEAD} {name}: rename or remove it")
        assert lines[0].startswith(("<string>:1: ", f"{tmp_path}/script.py:1: "))


def test_a_foreign_room_that_was_imported_first_is_named(tmp_path):
    path = write(tmp_path / "theory.py")
    ran = python(["-c", "import theory; import montecarlo"], tmp_path)
    assert ran.returncode == 0
    assert f"ForeignRoom: {path} {INSTEAD} theory" in ran.stderr
    quiet = "import warnings; warnings.simplefilter('ignore'); import hebbian"
    assert python(["-c", quiet], tmp_path).stderr == ""


def test_folders_without_init_are_harmless(tmp_path):
    """Python takes a regular package wherever it is on the path before folders of this name."""
    for name in rooms.NAMES:
        write(tmp_path / name / "notes.txt")
    words = "import hebbian, theory, montecarlo, phase_diagrams; phase_diagrams.sweep, theory.solve"
    ran = python(["-c", words], tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert python(["-m", "phase_diagrams", *THEORY], tmp_path).returncode == 0


def test_the_meeting_place_refuses_wherever_it_is_imported(tmp_path):
    """Also under ``python -m`` of another package, whose argument is ``__main__.py``, too."""
    path = write(tmp_path / "theory.py")
    write(tmp_path / "mine" / "__main__.py", "import phase_diagrams\n")
    for words in (["-c", "import phase_diagrams"], ["-m", "mine"]):
        ran = python(words, tmp_path)
        assert ran.returncode == 1
        last = ran.stderr.splitlines()[-1]
        assert last == f"ImportError: {path} {INSTEAD} theory: rename or remove it"


@pytest.mark.parametrize("words", [THEORY, ["doctor"], []])
def test_both_commands_say_it_in_one_line(words, tmp_path):
    path = write(tmp_path / "montecarlo.py")
    for room in ("hebbian", "phase_diagrams"):
        ran = python(["-m", room, *words], tmp_path)
        line = f"hebbian: error: {path} {INSTEAD} montecarlo: rename or remove it\n"
        assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", line)


def distribution(folder, name="montecarlo", files=("montecarlo/__init__.py",)):
    """Describe a distribution as pip does."""
    info = folder / f"{name}-0.1.17.dist-info"
    write(info / "METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1.17\n")
    write(info / "RECORD", "".join(f"{file},,\n" for file in files))


def test_a_package_of_others_is_named_with_its_cure(tmp_path):
    path = write(tmp_path / "montecarlo" / "__init__.py", "from montecarlo import montecarlo\n")
    distribution(tmp_path, "casino")
    ran = python(["-m", "phase_diagrams", *THEORY], "/", tmp_path)
    assert ran.returncode == 2
    assert ran.stderr.endswith(f"{path} {INSTEAD} montecarlo: pip uninstall casino\n")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Return a folder with a copy of the toolkit."""
    folder = tmp_path_factory.mktemp("site")
    for name in rooms.NAMES:
        shutil.copytree(HERE / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_an_overwritten_room_is_named_with_its_cure(site, tmp_path):
    """As pip leaves it, which lets the second of two packages overwrite the first."""
    own = site / "montecarlo" / "__init__.py"
    before = own.read_text()
    distribution(tmp_path)
    try:
        own.write_text("from montecarlo import montecarlo\n")
        ran = python(["-c", "import hebbian"], "/", tmp_path, home=site)
        assert f"{own} is of another package of this name: hebbian doctor says" in ran.stderr
        ran = python(["-m", "phase_diagrams", "doctor"], "/", tmp_path, home=site)
        cure = "pip uninstall montecarlo, then install hebbian-toolkit again"
        assert f"{own} is of another package of this name: {cure}" in ran.stderr
        own.unlink()  # as it is when the other package has been removed
        for words in (["-m", "phase_diagrams", "doctor"], ["-c", "import phase_diagrams"]):
            ran = python(words, "/", tmp_path, home=site)
            assert f"{own} is missing: pip uninstall montecarlo, then" in ran.stderr
        assert f"{own} is missing" in python(["-c", "import hebbian"], "/", home=site).stderr
    finally:
        own.write_text(before)
    assert python(["-c", "import phase_diagrams"], "/", home=site).stderr == ""


def test_the_doctor_sees_who_else_installs_files_of_a_name(tmp_path, monkeypatch):
    """Ours come first, but whoever removes the other package removes files of ours."""
    files = ["theory/__init__.py", "theory/dice.py"]
    for file in files:  # descriptions of files that are not there are not believed everywhere
        write(tmp_path / file, "")
    distribution(tmp_path, "casino", files)
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    assert shadowing.foreign_room() == ""
    said = doctor._owner("theory")
    assert said.startswith("wrong: casino installs files of this name: pip uninstall casino, then")
    assert "casino" not in doctor._owner("hebbian")


def test_both_marks_are_one():
    assert (shadowing.MARK, shadowing.ROOMS) == (rooms.MARK, rooms.NAMES)
    for name in rooms.NAMES:
        assert rooms.MARK in (HERE / name / "__init__.py").read_text()


VERSION = re.compile(r"hebbian-toolkit \d+\.\d+\.\d+\n")


def test_python_m_says_what_the_command_says(tmp_path):
    for words, code in (
        ([], 2), (["--help"], 0), (["--version"], 0), (["theory", "--model", "x", "--T", "1"], 2),
    ):  # fmt: skip
        ran = [python(["-m", room, *words], tmp_path) for room in ("hebbian", "phase_diagrams")]
        said = {(each.returncode, each.stdout, each.stderr) for each in ran}
        assert len(said) == 1
        assert ran[0].returncode == code
        if code:
            assert re.fullmatch(r"hebbian: error: .*\n", ran[0].stderr)
        elif "--help" in words:
            assert ran[0].stdout.startswith("usage: hebbian ")
        elif "--version" in words:
            assert VERSION.fullmatch(ran[0].stdout)

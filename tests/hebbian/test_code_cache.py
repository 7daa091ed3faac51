import os
import subprocess
import sys
from pathlib import Path

import pytest

INNER = "import numba\nfrom hebbian.code_cache import cached\n\n@cached\n@numba.njit\ndef f(x):\n"
INNER += "    return x + {}\n"
OUTER = "import numba\nfrom hebbian.code_cache import cached\nfrom inner import f\n\n@cached\n"
OUTER += "@numba.njit\ndef g(x):\n    return 10 * f(x)\n"
CALL = "import outer; print(outer.g(1), sum(outer.g.stats.cache_hits.values()))"


@pytest.fixture
def sources(tmp_path):
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "inner.py").write_text(INNER.format(1))
    (folder / "outer.py").write_text(OUTER)
    return folder


def call(sources, script=CALL, *, user=(), **variables):
    """Return what a new process prints, and how many lines of warnings."""
    folders = [str(sources), str(Path(__file__).parents[2])]
    path = os.pathsep.join([*folders, *(entry for entry in sys.path if "-packages" in entry)])
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", **variables}
    ran = subprocess.run(
        [*user, sys.executable, "-c", script], capture_output=True, text=True, check=False,
        env={name: value for name, value in environment.items() if value is not None},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip(), ran.stderr.splitlines()


def test_code_is_found_again(sources):
    assert call(sources) == ("20 0", [])
    assert call(sources) == ("20 1", [])


def test_code_of_a_function_that_was_inlined_is_not_kept_when_that_changes(sources):
    call(sources)
    (sources / "inner.py").write_text(INNER.format(2))
    assert call(sources) == ("30 0", [])
    assert call(sources) == ("30 1", [])


@pytest.mark.heavy
def test_a_default_of_nan_is_compiled_with_whoever_leaves_it_out(sources):
    """numba tells such signatures of two processes apart, and their words do not."""
    (sources / "inner.py").write_text(
        INNER.replace("f(x)", "f(x, y=math.nan)")
        .format(1)
        .replace("import numba", "import math, numba")
    )
    assert call(sources)[0] == "20 0"
    (sources / "outer.py").write_text(OUTER.replace("10", "100"))
    assert call(sources)[0] == "200 0"


@pytest.mark.heavy
@pytest.mark.parametrize("damage", ["cut", "zeros", "other"])
def test_damaged_files_are_compiled_again(sources, damage):
    call(sources)
    files = list(sources.rglob("*.nbc"))
    assert len(files) == 2
    for file, next_file in zip(files, files[1:] + files[:1], strict=True):
        content = file.read_bytes()
        file.with_suffix(".new").write_bytes(
            {
                "cut": content[:-100],
                "zeros": content[:500] + bytes(len(content) - 500),
                "other": next_file.read_bytes(),  # of two processes that write at once
            }[damage]
        )
    for file in files:
        file.with_suffix(".new").replace(file)
    assert call(sources) == ("20 0", [])
    assert call(sources) == ("20 1", [])


def test_a_full_disk_is_one_warning(sources):
    script = "import errno, pathlib\ndef full(self, data):\n"
    script += (
        f"    raise OSError(errno.ENOSPC, 'No space')\npathlib.Path.write_bytes = full\n{CALL}"
    )
    answer, (line,) = call(sources, script)
    assert answer == "20 0"
    assert "No space in" in line
    assert not list(sources.rglob("*.partial"))


def test_nowhere_is_a_place_by_choice(sources):
    assert call(sources, NUMBA_CACHE_DIR=os.devnull) == ("20 0", [])
    assert not list(sources.rglob("*.nbc"))


def test_without_compiling_functions_are_python(sources):
    answer, (line,) = call(sources, "import outer; print(outer.g(1))", NUMBA_DISABLE_JIT="1")
    assert answer == "20"
    assert "NUMBA_DISABLE_JIT" in line


as_nobody = pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


@pytest.mark.heavy
@as_nobody
@pytest.mark.parametrize(
    "variables",
    [
        {"HOME": "/nonexistent"},
        {"HOME": None},
        {"HOME": "/nonexistent", "NUMBA_CACHE_DIR": "/etc/passwd"},
    ],
)
def test_a_read_only_installation_is_one_warning_and_a_temporary_folder(variables, tmp_path):
    import tempfile

    with tempfile.TemporaryDirectory() as shared:
        Path(shared).chmod(0o755)
        for name, text in (("inner", INNER.format(1)), ("outer", OUTER)):
            Path(shared, f"{name}.py").write_text(text)
        temporary = Path(shared, "tmp")
        temporary.mkdir()
        temporary.chmod(0o777)
        given = {**variables, "TMPDIR": str(temporary), "XDG_CACHE_HOME": None}
        for hits in (0, 1):
            answer, (line,) = call(shared, user=NOBODY, **given)
            assert answer == f"20 {hits}"
            assert "compiled code is kept in" in line
        (folder,) = temporary.iterdir()
        assert folder.stat().st_mode & 0o777 == 0o700
        folder.chmod(0o777)  # others could have put their code there
        assert call(shared, user=NOBODY, **given)[0] == "20 0"


@as_nobody
def test_without_any_folder_everything_works(sources, tmp_path):
    script = "import tempfile\ndef none():\n    raise FileNotFoundError\n"
    script += f"tempfile.gettempdir = none\n{CALL}"
    for folder in (sources, *sources.parents):
        if folder.stat().st_uid == 0 and len(folder.parts) > 2:
            folder.chmod(0o755)
    answer, (line,) = call(sources, script, user=NOBODY, HOME="/nonexistent", XDG_CACHE_HOME=None)
    assert answer == "20 0"
    assert "nowhere can compiled code be kept" in line


def test_code_of_a_sweep_is_made_of_all_forms():
    """Their files are reached through overloads alone: without them old code would be loaded."""
    from hebbian.code_cache import _ingredients, _source
    from montecarlo.kernels.single import forms, visits

    made_from = set(_ingredients(visits.run.py_func, set()))
    for form in forms.FORMS.values():
        assert _source(form.__name__) in made_from

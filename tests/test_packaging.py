"""What is released: complete, typed, and saying the same thing everywhere it says it."""

import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from email.parser import Parser
from pathlib import Path, PurePath

import numpy as np
import pytest

import hebbian

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ROOMS = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
HOME = PROJECT["project"]["urls"]["Homepage"]
RECIPE = (ROOT / "conda" / "recipe" / "recipe.yaml").read_text(encoding="utf-8")

#: What conda calls otherwise.
CONDA = {"matplotlib": "matplotlib-base"}


def test_the_version_is_one():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.findall(r"^version: (.+)$", citation, re.MULTILINE) == [hebbian.__version__]
    assert re.findall(r'^  version: "(.+)"$', RECIPE, re.MULTILINE) == [hebbian.__version__]
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## \[(\d[^\]]*)\] - \d{4}-\d\d-\d\d$", changes, re.MULTILINE)
    assert released[0] == hebbian.__version__


def wanted(section):
    """Return the requirements of a section of the recipe, as pip writes them."""
    lines = re.search(rf"^  {section}:\n((?:    - .+\n)+)", RECIPE, re.MULTILINE)[1].splitlines()
    return {line.removeprefix("    - ").replace(" ", "") for line in lines}


def test_the_recipe_of_conda_wants_what_the_package_wants():
    python = f"python{PROJECT['project']['requires-python']}"
    names = [re.fullmatch(r"([\w-]+)(.*)", each) for each in PROJECT["project"]["dependencies"]]
    assert wanted("run") == {python} | {CONDA.get(each[1], each[1]) + each[2] for each in names}
    assert wanted("host") == {python, "pip", *PROJECT["build-system"]["requires"]}
    for name, target in PROJECT["project"]["scripts"].items():
        assert f"      - {name} = {target}\n" in RECIPE
    assert f'summary: "{PROJECT["project"]["description"]}"' in RECIPE


def test_versions_of_python_are_those_that_are_looked_for():
    versions = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["project"]["classifiers"]))
    for file in ("scripts/environment.sh", "scripts/matrix.sh"):
        assert re.findall(r"\b3\.\d\d\b", (ROOT / file).read_text(encoding="utf-8"))
        named = set(re.findall(r"\b3\.\d\d\b", (ROOT / file).read_text(encoding="utf-8")))
        assert named == set(versions), file
    assert PROJECT["project"]["requires-python"] == f">={versions[0]}"


def test_the_project_has_one_home():
    """Whoever replaces the placeholder has replaced it everywhere or is told where not."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    elsewhere = [url for url in re.findall(r"https://[^'\"\s]+", text) if not url.startswith(HOME)]
    assert elsewhere == []


def published(text):
    """Return the text of the README as the package index shows it."""
    hook = PROJECT["tool"]["hatch"]["metadata"]["hooks"]["fancy-pypi-readme"]
    assert hook["fragments"] == [{"path": "README.md"}]
    for each in hook["substitutions"]:
        text = re.sub(each["pattern"], each["replacement"], text)
    return text.replace("$HFPR_VERSION", hebbian.__version__)


def test_no_link_of_the_published_readme_is_relative():
    before = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = [
        re.findall(r"\]\(([^)\s]+)\)", text.split("```bash")[0] + text.split("```")[-1])
        for text in (before, published(before))
    ]
    assert len(targets[0]) == len(targets[1]) > 10
    for relative, absolute in zip(*targets, strict=True):
        if relative.startswith("https://"):
            assert absolute == relative
        elif relative.startswith("#"):
            assert absolute == f"{HOME}/blob/v{hebbian.__version__}/README.md{relative}"
        else:
            assert (ROOT / relative).is_file(), relative
            kind = "raw" if relative.endswith(".png") else "blob"
            assert absolute == f"{HOME}/{kind}/v{hebbian.__version__}/{relative}"


@pytest.mark.parametrize("room", ROOMS)
def test_types_are_for_users(room):
    assert (ROOT / room / "py.typed").read_bytes() == b""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Return the folder with the sdist, unpacked, and the wheel that was made of it."""
    for module in ("build", "hatchling", "hatch_fancy_pypi_readme"):
        pytest.importorskip(module)
    folder = tmp_path_factory.mktemp("built")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (sdist,) = folder.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    return folder


def files_below(folder):
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not {"__pycache__", "_build", "_generated"} & {*path.parts}
    }


@pytest.mark.heavy
def test_the_wheel_has_the_rooms_and_says_what_it_is(built):
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = (name for name in names if name.endswith("/METADATA"))
        said = Parser().parsestr(archive.read(metadata).decode())
    for room in ROOMS:
        own = {name.removeprefix(f"{room}/") for name in names if name.startswith(f"{room}/")}
        assert own == files_below(ROOT / room)
    assert {name.split("/")[0] for name in names} == {*ROOMS, metadata.split("/")[0]}
    assert said["Version"] == hebbian.__version__
    assert said["Author"] == "The hebbian-toolkit developers"
    assert said["Author-email"] is None
    assert said["License-Expression"] == "MIT"
    assert said["Description-Content-Type"] == "text/markdown"
    assert (
        said.get_payload().strip()
        == published((ROOT / "README.md").read_text(encoding="utf-8")).strip()
    )
    addresses = dict(each.split(", ") for each in said.get_all("Project-URL"))
    assert addresses == PROJECT["project"]["urls"]


#: Pages of the documentation that its build writes, from `.gitignore`.
AT_BUILD = [
    line.removeprefix("docs/").replace("api/", "api/*")
    for line in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    if line.startswith("docs/") and line not in ("docs/_build/", "docs/_generated/")
]


@pytest.mark.heavy
def test_the_sdist_is_the_project(built):
    (folder,) = (path for path in built.iterdir() if path.is_dir())
    for name in (*ROOMS, "tests", "scripts", "benchmarks", "conda"):
        assert files_below(folder / name) == files_below(ROOT / name), name
    assert files_below(folder / "docs") == {
        name for name in files_below(ROOT / "docs") if not any(map(PurePath(name).match, AT_BUILD))
    }
    alone = "pyproject.toml constraints.txt README.md LICENSE CHANGELOG.md CITATION.cff"
    for name in (*alone.split(), "CONTRIBUTING.md"):
        assert (folder / name).read_bytes() == (ROOT / name).read_bytes()


@pytest.mark.heavy
def test_tests_and_scripts_of_the_sdist_run_without_a_checkout(built, tmp_path):
    (folder,) = (path for path in built.iterdir() if path.is_dir())
    variables = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(folder), "HOME": str(tmp_path)}
    variables |= {"HEBBIAN_PYTHON": sys.executable, "NUMBA_CACHE_DIR": str(tmp_path / "numba")}
    for command in (
        [sys.executable, "-m", "pytest", "--collect-only", "-qq", "-m", "", "tests"],
        [sys.executable, "-m", "pytest", "tests/test_references.py", "tests/test_packaging.py"],
        ["bash", "scripts/hopfield_load.sh", "--quick", tmp_path / "study"],
    ):
        ran = subprocess.run(
            command, cwd=folder, env=variables, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
    assert (tmp_path / "study" / "N50.pdf").stat().st_size > 1000


@pytest.mark.heavy
def test_mypy_of_users_sees_the_types(built, tmp_path):
    """In an environment that has the wheel, and the packages of this one behind it."""
    venv.create(tmp_path / "env", symlinks=True)
    place = Path(sysconfig.get_path("purelib", "venv", {"base": str(tmp_path / "env")}))
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    (place / "behind.pth").write_text(str(Path(np.__file__).parents[1]))
    calls = tmp_path / "calls_of_users.py"
    calls.write_bytes((ROOT / "tests" / calls.name).read_bytes())
    python = tmp_path / "env" / "bin" / "python"
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--python-executable", python, calls.name],
        cwd=tmp_path, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.stdout == "Success: no issues found in 1 source file\n", ran.stdout
    (place / "theory" / "py.typed").unlink()
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--python-executable", python, calls.name],
        cwd=tmp_path, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "calls_of_users.py" in ran.stdout

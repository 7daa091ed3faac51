"""Names of models and rules: taken once, found in other packages."""

import subprocess
import sys
from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path

import pytest

import theory
from hebbian import Dense, Hopfield, Model, Rule, Storing, Supervised, registry
from hebbian.dense import PBody

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def kinds_as_they_were(monkeypatch):
    monkeypatch.setattr(Model, "kinds", dict(Model.kinds))
    monkeypatch.setattr(Rule, "kinds", dict(Rule.kinds))


def define(name="Toy", module="__main__", qualname=None, base=Model, **body):
    """A class as a cell of a notebook makes it."""
    methods = {} if base is not Model else {
        key: getattr(Hopfield, key)
        for key in ("order", "indices", "count", "draw", "lower", "example_overlap_scale")
    }  # fmt: skip
    made = {"__module__": module, "__qualname__": qualname or name, **methods, **body}
    return dataclass(frozen=True, kw_only=True)(type(name, (base,), made))


def test_a_taken_name_is_refused():
    with pytest.raises(ValueError, match=r"'dense' is taken by hebbian.dense.Dense: __main__"):
        define("Dense")
    with pytest.raises(ValueError, match=r"'supervised' is taken by hebbian.rules.Supervised"):
        type("Supervised", (Rule,), dict.fromkeys(Rule.__abstractmethods__, Storing.learn))
    assert Model.build({"model": "dense", "order": 3}) == Dense(order=3)


def test_a_cell_may_be_run_again():
    first, second = define(), define()
    assert first is not second
    assert type(Model.build({"model": "toy"})) is second
    for other in ({"module": "elsewhere"}, {"qualname": "test.<locals>.Toy"}):
        with pytest.raises(ValueError, match=r"'toy' is taken by __main__.Toy"):
            define(**other)
    assert Model.kinds["toy"] is second


def test_concrete_models_and_rules_have_no_children():
    with pytest.raises(ValueError, match=r"Toy derives from Hopfield .* theory .* from Model"):
        define(base=Hopfield)
    with pytest.raises(ValueError, match=r"Toy derives from Storing .* derive from Rule"):
        define(base=Storing)
    assert "toy" not in Model.kinds | Rule.kinds


def test_abstract_parents_are_no_models():
    parent = define("Parent", extra=abstractmethod(lambda self: None))
    assert "parent" not in Model.kinds
    child = define("Child", base=parent, extra=lambda self: 1)
    assert Model.build({"model": "child"}) == child()


def test_the_family_of_dense_hands_down_no_theory():
    child = define("Child", base=PBody, order=3, indices="distinct")
    assert Model.build({"model": "child"}).count(0.1, 100) == Dense(order=3).count(0.1, 100)
    assert "pbody" not in Model.kinds
    with pytest.raises(ValueError, match="no theory for models of type Child"):
        theory.critical_load(child())


def test_entries_are_of_a_known_kind():
    with pytest.raises(ValueError, match=r"Toy.entries = 'bits' is not one of signs, ternary"):
        define(entries="bits")


@pytest.fixture
def offer(tmp_path, monkeypatch):
    """Install a distribution that offers models."""

    def install(**values):
        folder = tmp_path / "plugged-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: plugged\nVersion: 1.0\n")
        lines = [f"{name} = {value}" for name, value in values.items()]
        (folder / "entry_points.txt").write_text("\n".join([f"[{registry.GROUP}]", *lines]))

    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.syspath_prepend(str(ROOT / "docs" / "examples"))
    yield install
    for name in ("diluted_network", "diluted_theory", "broken", "hollow"):
        sys.modules.pop(name, None)


def test_a_model_of_another_package_is_found_by_its_name(offer):
    with pytest.raises(ValueError, match="'diluted' is not one of"):
        Model.build({"model": "diluted"})
    offer(diluted="diluted_theory:Diluted")
    with pytest.raises(ValueError, match=r"'dilute' is not one of .*, diluted") as refused:
        Model.build({"model": "dilute"})
    assert "diluted" in refused.value.known
    assert "diluted_network" not in sys.modules
    model = Model.build({"model": "diluted", "dilution": 0.2})
    assert repr(model) == "Diluted(rule=Storing(), order=3, dilution=0.2)"
    assert theory.critical_load(model, T=0.0) > 0


def test_the_theory_of_another_package_is_found_by_the_model(offer):
    offer(diluted="diluted_theory")
    from diluted_network import Diluted

    assert "diluted_theory" not in sys.modules
    assert theory.solve(Diluted(), alpha=0.05, T=0.1).m > 0.9


def test_a_broken_package_is_one_line(offer, tmp_path):
    (tmp_path / "broken.py").write_text("raise RuntimeError('two\\nlines')\n")
    (tmp_path / "hollow.py").write_text("")
    offer(lost="nowhere:Lost", broken="broken", hollow="hollow")
    for name, reason in (
        ("lost", r"'nowhere:Lost' in plugged cannot be loaded: ModuleNotFoundError: No module"),
        ("broken", r"cannot be loaded: RuntimeError: two lines$"),
        ("hollow", r"model = 'hollow': its entry point defines no model of that name"),
    ):
        with pytest.raises(ValueError, match=reason) as refused:
            Model.build({"model": name})
        assert "\n" not in str(refused.value)


def hebbian(tmp_path, *arguments):
    """Run the command in a fresh process with the distribution on its path."""
    path = f"{tmp_path}:{ROOT / 'docs' / 'examples'}:{ROOT}"
    return subprocess.run(
        [sys.executable, "-m", "phase_diagrams", *arguments],
        env={"PYTHONPATH": path, "PATH": "", "HOME": str(tmp_path)},
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip


@pytest.mark.heavy
def test_commands_and_stores_know_a_model_of_another_package(offer, tmp_path):
    offer(diluted="diluted_theory", lost="nowhere")
    point = ["--model", "diluted", "--dilution", "0.2", "--alpha", "0.05", "--T", "0.1"]
    done = hebbian(tmp_path, "theory", *point, "--json")
    assert done.returncode == 0, done.stderr
    assert '"model": "diluted"' in done.stdout
    size = ["--n-spins", "20", "--sweeps", "4", "--stride", "2"]
    done = hebbian(tmp_path, "sweep", *point, *size, "--out", "s.zarr", "--executor", "process:1")
    assert done.returncode == 0, done.stderr
    done = hebbian(tmp_path, "compare", "s.zarr")
    assert done.returncode == 0, done.stderr
    done = hebbian(tmp_path, "theory", "--model", "lost", "--T", "0.1")
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "cannot be loaded: ModuleNotFoundError" in done.stderr
    assert hebbian(tmp_path, "--help").returncode == 0


def test_rules_are_made_again_from_plain_data():
    plain = Supervised(quality=0.5, n_examples=3).parameters()
    assert Rule.build(dict(plain)) == Supervised(quality=0.5, n_examples=3)
    assert Storing().parameters() == {"rule": "storing"}
    with pytest.raises(ValueError, match="rule Unsupervised needs n_examples"):
        Rule.build({"rule": "unsupervised", "quality": 0.5})

"""An interaction of one's own: its values, its name in other processes, and what is refused."""

import functools
import importlib
import json
import math
import pickle
import sys

import numpy as np
import pytest

import montecarlo
import phase_diagrams
from hebbian import Exponential, Model, Supervised, Tabulated, draw, references
from hebbian.testing import check_model
from montecarlo import Schedule
from montecarlo.testing import all_configurations
from phase_diagrams.cli import main

SHORT = {"schedule": Schedule(warmup=2, sweeps=10, stride=2), "backend": "reference"}
GIVEN = {"alpha": 0.1, "T": 0.4, "n_spins": 12, "n_samples": 2, **SHORT}

OWN = """
import numpy as np

def cubic(M):
    return M[-1] / 2 * np.maximum(M / M[-1], 0) ** 3

near = lambda M: np.maximum(M - 0.5 * M[-1], 0.0)
TEXT = "no function"
"""


def cubic(M):
    """Rectified: (N/2) max(m, 0)^3."""
    return M[-1] / 2 * np.maximum(M / M[-1], 0) ** 3


def near(M):
    """A patch of finite range: patterns beyond a quarter of the sites do not enter."""
    return np.maximum(M - 0.5 * M[-1], 0.0)


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A module of the user's in the current folder, which workers can import."""
    (tmp_path / "own_energies.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    importlib.invalidate_caches()
    import own_energies

    yield own_energies
    sys.modules.pop("own_energies", None)


def test_log_sum_exp_is_the_exponential_memory_to_the_last_bit():
    """Same patterns, same arrays, hence the same chains under the same noise."""
    sharpness = 0.7
    own = Tabulated(
        interaction=lambda M: sharpness * M, outer="log", weight=1 / sharpness,
        scaling="exponential",
    )  # fmt: skip
    known = Exponential(sharpness=sharpness)
    for n_spins in (9, 40):
        ours, theirs = (draw(model, n_spins=n_spins, alpha=0.15, seed=3) for model in (own, known))
        assert (ours.archetypes == theirs.archetypes).all()
        assert ours.memory.table.tobytes() == theirs.memory.table.tobytes()
        assert (ours.memory.outer, ours.memory.weight) == ("log", theirs.memory.weight)
    assert not own.reversible
    assert own.load(own.count(0.3, 30), 30) == known.load(known.count(0.3, 30), 30)


def test_a_tabulated_square_is_the_hopfield_network():
    from hebbian import Hopfield

    own, known = Tabulated(interaction=lambda M: (M**2 - M[-1]) / (2 * M[-1])), Hopfield()
    ours, theirs = (draw(model, n_spins=9, alpha=0.5, seed=1) for model in (own, known))
    assert own.reversible
    for s in all_configurations(9)[::7]:
        assert ours.memory.energy(s) == pytest.approx(theirs.memory.energy(s), abs=1e-12)


def written(function, outer):
    """H of `Tabulated` with these, from the overlaps one by one."""

    def energy(data, spins):
        N, w = data.n_spins, data.model.weight
        values = function(np.arange(-N, N + 1, 2))
        terms = [float(values[(int(xi @ spins) + N) // 2]) for xi in data.archetypes.astype(int)]
        return -w * (sum(terms) if outer == "identity" else math.log(sum(map(math.exp, terms))))

    return energy


@pytest.mark.parametrize(
    ("function", "outer", "scaling"),
    [
        (cubic, "identity", 3),
        pytest.param(near, "identity", 2, marks=pytest.mark.heavy),
        (lambda M: 0.5 * M, "log", "exponential"),
    ],
    ids=["cubic", "near", "log-sum-exp"],
)
def test_it_keeps_what_every_model_promises(function, outer, scaling):
    model = Tabulated(interaction=function, outer=outer, scaling=scaling, weight=0.7)
    check_model(model, energy=written(function, outer))


def test_a_wrong_factor_is_seen():
    with pytest.raises(AssertionError, match="as written"):
        check_model(
            Tabulated(interaction=cubic, weight=0.5),
            energy=lambda data, spins: 2 * written(cubic, "identity")(data, spins),
        )


def test_it_is_frozen_plain_data():
    model = Tabulated(interaction=cubic, scaling=3, outer="log", weight=2)
    assert model == Tabulated(interaction=cubic, scaling=3, outer="log", weight=2.0)
    assert model != Tabulated(interaction=near, scaling=3, outer="log", weight=2)
    assert Model.build(json.loads(json.dumps(model.describe()))) == model
    assert pickle.loads(pickle.dumps(model)) == model
    assert model.interaction == f"{__name__}:cubic"
    assert model.replace(weight=3).digest == model.digest
    assert model.replace(interaction=near) == Tabulated(
        interaction=near, scaling=3, outer="log", weight=2
    )
    same = Tabulated(interaction=lambda M: cubic(M), scaling=3, outer="log", weight=2)
    assert same.digest == model.digest
    assert same.stream_key() == model.stream_key()  # the noise is that of the values
    assert same != model


def test_functions_of_this_process_alone_serve_it(tmp_path):
    """Lambdas and closures: simulate, temper, ramp, checkpoints, sweeps in memory."""
    power = 3
    model = Tabulated(interaction=lambda M: M[-1] / 2 * np.maximum(M / M[-1], 0) ** power)
    named = Tabulated(interaction=cubic)
    run = montecarlo.simulate(model, **GIVEN, checkpoint=tmp_path / "a.ckpt")
    np.testing.assert_array_equal(run.series["m"], montecarlo.simulate(named, **GIVEN).series["m"])
    again = montecarlo.simulate(model, **GIVEN, checkpoint=tmp_path / "a.ckpt")
    np.testing.assert_array_equal(run.series["energy"], again.series["energy"])
    power = 4
    other = Tabulated(interaction=lambda M: M[-1] / 2 * np.maximum(M / M[-1], 0) ** power)
    with pytest.raises(ValueError, match="is another function than it was"):
        montecarlo.simulate(model, **GIVEN)
    with pytest.raises(ValueError, match="belongs to another run: model = "):
        montecarlo.simulate(other, **GIVEN, checkpoint=tmp_path / "a.ckpt")
    grid = {"alpha": 0.1, "T": [0.2, 0.4], "weight": [0.5, 1.0]}
    study = {"n_spins": 12, "n_samples": 2, **SHORT, "theory": False}
    tree = phase_diagrams.sweep(other, grid, **study)
    assert np.isfinite(tree["simulation/m"]).all()
    for asked in ({"out": tmp_path / "x.zarr"}, {"executor": "process:2"}):
        with pytest.raises(ValueError, match="not defined at the top level of a module"):
            phase_diagrams.sweep(other, grid, **study, **asked)
    assert [path.name for path in tmp_path.iterdir()] == ["a.ckpt"]


def test_what_a_notebook_defines_is_gone_with_it(monkeypatch):
    main_module = sys.modules["__main__"]
    monkeypatch.setattr(main_module, "own_F", near, raising=False)
    monkeypatch.setattr(main_module, "__file__", "script.py", raising=False)
    assert references.lasting(near, "__main__:own_F")
    monkeypatch.delattr(main_module, "__file__")
    assert not references.lasting(near, "__main__:own_F")


def test_workers_and_stores_find_a_function_by_its_name(own, tmp_path, monkeypatch):
    model = Tabulated(interaction=own.near, scaling=2)
    assert model.interaction == "own_energies:near"
    grid, study = {"alpha": 0.2, "T": [0.2, 0.4]}, {"n_spins": 12, "n_samples": 2, **SHORT}
    study["theory"] = False
    serial = phase_diagrams.sweep(model, grid, **study)
    path = tmp_path / "x.zarr"
    spread = phase_diagrams.sweep(model, grid, **study, out=path, executor="process:2")
    np.testing.assert_array_equal(serial["simulation/m"], spread["simulation/m"])

    text = OWN.replace("M - 0.5", "M - 0.25")
    (tmp_path / "own_energies.py").write_text(text + "# another length, another time\n")
    importlib.reload(own)
    changed = Tabulated(interaction="own_energies:near", scaling=2)
    with pytest.raises(ValueError, match=r"another study.*digest"):
        phase_diagrams.sweep(changed, grid, **study, out=path, resume=True)
    there = Model.build(model.describe())
    from hebbian import tabulated

    monkeypatch.setattr(tabulated, "_FUNCTIONS", {})  # as in a new process
    assert phase_diagrams.open(path)["simulation/m"].equals(spread["simulation/m"])
    with pytest.raises(ValueError, match="another function than it was"):
        draw(there, n_spins=12, alpha=0.1)


BAD = {
    "nan": (lambda M: M / 0.0, "the overlap -10 of 10 spins, not a finite number"),
    "one number": (lambda M: 1.0, "returned shape () and type float64, not 11 real numbers"),
    "too few": (lambda M: M[1:], "returned shape (10,)"),
    "complex": (lambda M: M * 1j, "type complex128"),
    "words": (lambda M: ["x"] * len(M), "not 11 real numbers"),
    "ragged": (lambda M: [[1], [1, 2]], "fails on the overlaps of 10 spins: ValueError"),
    "raises": (lambda M: {}["x\ny"], "fails on the overlaps of 10 spins: KeyError"),
    "no argument": (lambda: 1, "fails on the overlaps of 10 spins: TypeError"),
    "random": (lambda M: np.random.default_rng().normal(size=len(M)), "two calls differ"),
    "a class": (dict, "fails on the overlaps"),
    "a number": (3.0, "is not a function of the overlaps, nor the text module:name of one"),
    "no module": ("cubic", "nor the text module:name of one"),
    "missing": ("no_such_module:F", "'no_such_module:F' cannot be imported"),
    "no function": ("math:pi", "'math:pi' is 3.14159"),
    "nothing": ("", "interaction = '' is not a function"),
}


@pytest.mark.parametrize(("function", "words"), BAD.values(), ids=BAD)
def test_what_is_no_function_of_the_overlaps_is_one_line(function, words):
    with pytest.raises(ValueError) as raised:  # noqa: PT011 -- below
        Tabulated(interaction=function)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_function_may_have_values_at_some_sizes_alone():
    def long(M):
        if len(M) < 50:
            raise ValueError("too small")
        return np.exp(0.9 * M)  # overflows at N = 1000

    model = Tabulated(interaction=long)
    assert draw(model, n_spins=60, alpha=0.1).memory.table.shape == (61,)
    for n_spins, words in ((20, "too small"), (2000, "inf at the overlap")):
        with pytest.raises(ValueError, match=words):
            draw(model, n_spins=n_spins, alpha=0.01)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"outer": "sqrt"}, "outer = 'sqrt' is not one of identity, log"),
        ({"scaling": 9}, r"scaling = 9 is outside the allowed range \[2, 8\]"),
        ({"scaling": "x"}, "scaling = 'x' is not one of exponential"),
        ({"weight": 0}, r"weight = 0.0 is outside the allowed range \(0, inf\)"),
        ({"rule": Supervised(quality=0.5, n_examples=3)}, r"of stored patterns \+-1"),
        ({"interaction": "math:pi", "digest": "no digest"}, "digest = 'no digest' is not one"),
    ],
)
def test_parameters_are_judged(parameters, words):
    with pytest.raises(ValueError, match=words):
        Tabulated(**{"interaction": cubic, **parameters})


def test_partial_functions_and_ufuncs_are_functions():
    def power(n, M):
        return np.maximum(M, 0.0) ** n

    assert Tabulated(interaction=functools.partial(power, 2)).digest
    assert Tabulated(interaction=np.tanh).interaction == "numpy:tanh"


SMALL = ["--n-spins", "12", "--warmup", "2", "--sweeps", "10", "--stride", "2", "--n-samples", "2"]
TABLE = ["--model", "tabulated", "--alpha", "0.1", "--T", "0.3", "--backend", "reference", *SMALL]


def test_commands_and_study_files_name_it(own, tmp_path, capsys):
    asked = ["--parameter", "interaction=own_energies:cubic", "--parameter", "scaling=3"]
    assert main(["simulate", *TABLE, *asked, "--json"]) == 0
    (point,) = json.loads(capsys.readouterr().out)["points"]
    model = Tabulated(interaction=own.cubic, scaling=3)
    run = montecarlo.simulate(model, **{**GIVEN, "T": 0.3})
    assert point["m"] == run.m.mean
    (tmp_path / "s.toml").write_text(
        '[model]\nmodel = "tabulated"\ninteraction = "own_energies:cubic"\nscaling = 3\n'
        '[grid]\nalpha = 0.1\nT = 0.3\nn_spins = 12\n[settings]\ntheory = false\nn_samples = 2\n'
        'warmup = 2\nsweeps = 10\nstride = 2\nbackend = "reference"\n'
    )  # fmt: skip
    assert main(["sweep", "s.toml", "--out", "s.zarr"]) == 0
    assert float(phase_diagrams.open("s.zarr")["simulation/m"]) == run.m.mean


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["simulate", *TABLE], "interaction = '' is not a function of the overlaps"),
        (
            ["simulate", *TABLE, "--parameter", "interaction=own_energies:quartic"],
            "'own_energies:quartic' cannot be imported",
        ),
        (
            ["theory", *TABLE[:6], "--parameter", "interaction=own_energies:cubic"],
            "there is no theory for models of type Tabulated",
        ),
        (
            ["sweep", *TABLE, "--parameter", "interaction=own_energies:TEXT", "--out", "x.zarr"],
            "is 'no function', not a function",
        ),
    ],
)
def test_bad_commands_are_one_line_and_write_nothing(arguments, words, own, tmp_path, capsys):
    before = sorted(path.name for path in tmp_path.iterdir())
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("hebbian: error: ")
    assert words in error
    assert error.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_sizes_tell_functions_apart():
    """A change anywhere within a thousand spins is another digest; rounding is none."""
    digests = {Tabulated(interaction=f).digest for f in (cubic, near)}
    for change in (1e-6, -1.0):
        digests.add(Tabulated(interaction=lambda M, x=change: cubic(M) * (1 + x * (M == 0))).digest)
    for where in (-4, 4, 998):
        digests.add(Tabulated(interaction=lambda M, w=where: near(M) + (w == M)).digest)
    assert len(digests) == 2 + 3  # cubic(0) is 0
    rounded = Tabulated(interaction=lambda M: cubic(M) * (1 + 1e-15))
    assert rounded.digest == Tabulated(interaction=cubic).digest

"""Softmax weights of patterns: by their definition, at extreme sharpness, in blocks, refused."""

import math

import numpy as np
import pytest
import scipy.special

import montecarlo
import phase_diagrams
from hebbian import (
    Dense,
    Exponential,
    Hopfield,
    Multitasking,
    SparseDistributed,
    Tabulated,
    draw,
    from_examples,
)
from montecarlo import Schedule, destinations
from montecarlo.softmax import softmax
from phase_diagrams.cli import main

NAMES = ["softmax_weight", "participation", "largest_overlap"]


def weights(data, spins):
    """Softmax of the logarithms of F, written out: (n_configurations, K)."""
    overlaps = spins.astype(int) @ data.archetypes.T.astype(int)
    return scipy.special.softmax(data.memory.table[(overlaps + data.n_spins) // 2], axis=1)


def random_spins(n, n_spins, seed=0):
    return np.random.default_rng(seed).choice(np.array([-1, 1], np.int8), (n, n_spins))


MODELS = {
    "l = 0.3": Exponential(sharpness=0.3),
    "l = 1e-6": Exponential(sharpness=1e-6),
    "l = 1000": Exponential(sharpness=1000.0),
    "tabulated": Tabulated(
        interaction=lambda M: np.log1p(np.maximum(M, 0) ** 3), outer="log", scaling="exponential"
    ),
}


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize(("n_spins", "alpha"), [(11, 0.0), (14, 0.3), (70, 0.08)])
def test_sums_are_those_of_the_definition(model, n_spins, alpha, monkeypatch):
    data = draw(model, n_spins=n_spins, alpha=alpha, seed=3)
    spins = np.concatenate([random_spins(6, n_spins), data.archetypes[:1]])
    p = weights(data, spins)
    for block in (destinations.BLOCK, 100):
        monkeypatch.setattr(destinations, "BLOCK", block)
        found = softmax(data, spins)
        chosen = [0, data.n_patterns - 1]
        np.testing.assert_allclose(found.weights(data, spins, chosen), p[:, chosen], rtol=1e-12)
        np.testing.assert_allclose(found.participation, 1 / (p**2).sum(axis=1), rtol=1e-12)


def test_they_are_series_and_estimates_of_runs():
    data = draw(Exponential(sharpness=0.4), n_spins=16, alpha=0.2, seed=1)
    options = {
        "data": data, "T": [0.5, 2.5], "n_replicas": 2, "observables": NAMES, "keep_spins": True,
        "schedule": Schedule(warmup=2, sweeps=20, stride=5),
    }  # fmt: skip
    run = montecarlo.simulate(data.model, **options)
    several = montecarlo.simulate(data.model, **options, patterns=range(data.n_patterns))
    for at in np.ndindex(2, 1, 2, 4):
        p = weights(data, run.spins[at][None])[0]
        assert run.series["softmax_weight"][at] == pytest.approx(p[0], rel=1e-12)
        assert run.series["participation"][at] == pytest.approx(1 / (p @ p), rel=1e-12)
        np.testing.assert_allclose(several.series["softmax_weight"][at], p, rtol=1e-12)
        largest = (run.spins[at].astype(int) @ data.archetypes.T.astype(int)).max() / 16
        assert run.series["largest_overlap"][at] == largest
    assert run.estimate("softmax_weight").mean.shape == (2,)
    assert several.estimate("softmax_weight").mean.shape == (2, data.n_patterns)
    np.testing.assert_allclose(several.estimate("softmax_weight").mean.sum(axis=-1), 1)


def test_the_largest_overlap_keeps_its_sign():
    """A pattern and its reversal are two states: the reversal of all is far from all."""
    pattern = np.ones((1, 12), np.int8)
    data = from_examples(Exponential(), pattern, pattern[:, None])
    run = montecarlo.simulate(
        data.model, data=data, T=1e3, start=-pattern[0], n_replicas=1, observables=NAMES,
        schedule=Schedule(warmup=0, sweeps=1, stride=1),
    )  # fmt: skip
    assert run.series["largest_overlap"].item() == run.series["m"].item() < 1
    assert run.series["participation"].item() == run.series["softmax_weight"].item() == 1


@pytest.mark.parametrize(
    ("alpha", "expected", "n_samples"), [(0.38, 0.499, 30), (0.45, 0.157, 12), (0.5, 0.053, 6)]
)
def test_the_weight_of_a_pattern_in_its_own_field(alpha, expected, n_samples):
    r"""At :math:`s = \xi^1` about 1/(1 + K e^{N (ln cosh l - l)}); N = 24, l = 1/2."""
    model, n_spins = Exponential(sharpness=0.5), 24
    K = model.count(alpha, n_spins)
    formula = 1 / (1 + K * math.exp(n_spins * (math.log(math.cosh(0.5)) - 0.5)))
    assert formula == pytest.approx(expected, abs=5e-4)
    found = []
    for sample in range(n_samples):
        data = draw(model, n_spins=n_spins, alpha=alpha, sample=sample)
        start = data.observed([0])[0]
        found.append(softmax(data, start).weights(data, start, [0]).item())
    # The sum over the others fluctuates, and the inverse of a mean is below the mean inverse.
    error = np.std(found) / n_samples**0.5
    assert abs(np.mean(found) - formula) < 4 * error + 0.03 * formula


OTHERS = {
    "hopfield": Hopfield(),
    "dense": Dense(order=4),
    "multitasking": Multitasking(),
    "sdm": SparseDistributed(),
    "tabulated": Tabulated(interaction=lambda M: M / 2),
}


@pytest.mark.parametrize("model", OTHERS.values(), ids=OTHERS)
@pytest.mark.parametrize("name", ["softmax_weight", "participation"])
def test_patterns_without_softmax_weights_are_refused_before_anything_runs(
    model, name, monkeypatch
):
    monkeypatch.setattr(montecarlo.engine.plan.Plan, "of", None)  # nothing is begun
    asked = {"T": 0.1, "n_spins": 20, "observables": [name]}
    words = f"observables: '{name}': patterns of .* have no softmax weights"
    for run in (montecarlo.simulate, montecarlo.temper):
        with pytest.raises(ValueError, match=words):
            run(model, **asked)


def test_a_table_of_energies_is_not_one_of_logarithms():
    data = draw(OTHERS["tabulated"], n_spins=20, alpha=0.1)
    with pytest.raises(ValueError, match="have no softmax weights"):
        softmax(data, data.archetypes[:1])


SMALL = ["--alpha", "0.2", "--T", "0.3,2", "--n-spins", "16", "--warmup", "2", "--sweeps", "20"]


def test_they_reach_stores_figures_and_commands(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    asked = ["--observables", ",".join(NAMES)]
    command = ["sweep", "--model", "exponential", "--sharpness", "0.5,1", *SMALL, *asked]
    assert main([*command, "--set", "settings.theory=false", "--out", "x.zarr"]) == 0
    found = phase_diagrams.open("x.zarr")["simulation"]
    run = montecarlo.simulate(
        Exponential(sharpness=0.5), alpha=0.2, T=2.0, n_spins=16, observables=NAMES,
        schedule=Schedule(warmup=2, sweeps=20),
    )  # fmt: skip
    for name in NAMES:
        assert found[name].dims == ("sharpness", "T")
        assert found[name].values[0, 1] == run.estimate(name).mean.item()
    assert found["softmax_weight"].attrs["symbol"] == r"p_\mu"
    assert found["sharpness"].attrs["symbol"] == r"\lambda"
    assert main(["figure", "x.zarr", "--variable", "participation", "--out", "p"]) == 0
    assert main(["export", "x.zarr", "x.csv"]) == 0
    assert "softmax_weight" in (tmp_path / "x.csv").read_text()
    capsys.readouterr()
    before = sorted(path.name for path in tmp_path.iterdir())
    for other in (["hopfield"], ["sparsedistributed", "--dynamics", "parallel"]):
        command = ["sweep", "--model", *other, *SMALL, *asked, "--out", "y.zarr"]
        assert main([*command, "--set", "settings.theory=false"]) == 2
        error = capsys.readouterr().err
        assert "have no softmax weights" in error
        assert error.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == before

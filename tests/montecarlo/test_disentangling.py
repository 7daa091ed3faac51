"""Starts by layer, recall from a cue, disentangling: against the flow of the mean field."""

import itertools

import numpy as np
import pytest

import montecarlo
from hebbian import BAM, TAM, Assembly, Hopfield, Multitasking, draw
from montecarlo import Schedule
from montecarlo.layers import word_overlaps
from montecarlo.state import initial_spins, resolve_start

STILL = Schedule(warmup=0, sweeps=0)
SHORT = Schedule(warmup=40, sweeps=20, stride=2)


def first(model, start, n_spins=90, alpha=0.2, **how):
    data = draw(model, n_spins=n_spins, alpha=alpha, seed=3)
    shape = (1, 1, n_spins)
    known = resolve_start(model, start, shape, data.n_patterns)
    return data, known, initial_spins(data, known, 3, 0, 0)


def inhibited(strength):
    """Layers with patterns of their own that repel each other's."""
    return Assembly(couplings=((1 + strength) * np.eye(3) - strength).tolist())


def test_a_mixture_of_patterns_in_every_layer():
    data, known, spins = first(TAM(), "mixture")
    assert known == "mixture:3"
    expected = np.sign(data.archetypes[:3].sum(axis=0, dtype=int))
    np.testing.assert_array_equal(spins, expected)
    data, _, spins = first(Hopfield(), "mixture:4")
    total = data.archetypes[:4].sum(axis=0, dtype=int)
    np.testing.assert_array_equal(spins[total != 0], np.sign(total[total != 0]))
    tossed = spins[total == 0]
    assert 0 < (tossed > 0).sum() < len(tossed)


def test_a_mixture_of_words_is_alike_in_every_layer():
    data, known, spins = first(TAM(), "words")
    words = data.archetypes[0].reshape(3, 30).astype(int)
    assert known == "words"
    np.testing.assert_array_equal(spins.reshape(3, 30), np.tile(np.sign(words.sum(0)), (3, 1)))
    run = montecarlo.simulate(
        TAM(), alpha=0.2, T=1.0, n_spins=90, n_samples=1, n_replicas=1, seed=3, start="words",
        schedule=STILL, observables={"words": word_overlaps},
    )  # fmt: skip
    expected = words @ spins.reshape(3, 30).T / 30
    np.testing.assert_allclose(run.first["words"].reshape(3, 3), expected, atol=1e-12)
    np.testing.assert_allclose(run.first["m"].ravel(), np.diagonal(expected), atol=1e-12)


def test_a_cue_on_one_layer():
    data, known, spins = first(TAM((1, 2, 1)), "cue:1:0.6", n_spins=200)
    assert known == "cue:1:0.6"
    own = data.archetypes[0] * spins
    assert own[50:150].sum() == 60
    assert first(TAM(), "cue")[1] == "cue:0:1"
    # The others have read it: the signs of their fields, all spins but those of the cue absent.
    J = data.archetypes.T.astype(int) @ data.archetypes
    fields = J[:, 50:150] @ spins[50:150]
    for sites in (slice(0, 50), slice(150, 200)):
        free = fields[sites] != 0
        np.testing.assert_array_equal(spins[sites][free], np.sign(fields[sites][free]))
    data, _, spins = first(
        Assembly(couplings=((0, -1, 0), (-1, 0, 1), (0, 1, 0))), "cue", n_spins=300
    )
    m = (data.archetypes[0] * spins).reshape(3, 100).mean(axis=1)
    assert m[0] == 1
    assert m[1] < -0.5  # it is coupled with the other sign
    assert abs(m[2]) < 0.4  # and this one not at all


@pytest.mark.parametrize(
    ("model", "start", "message"),
    [
        (TAM((1, 2, 1)), "words", "of one size; here they have"),
        (Hopfield(), "words", "is of two layers"),
        (BAM(), "cue:2", r"start = 'cue:2': number 1 = 2.* is outside .*\[0, 1\]"),
        (BAM(), "cue:0:1.5", r"number 2 = 1.5 is outside the allowed range \[0, 1\]"),
        (BAM(), "cue:0:1:2", "has more numbers than 'cue' takes"),
        (BAM(), "cue:first", "'first' is not a number"),
        (BAM(), "mixture:0", "number 1 = 0.* is outside"),
        (BAM(), "mixture:500", "number 1 = 500.* is outside"),
        (BAM(), "mixture:2.5", "number 1 = 2.5"),
        (BAM(), "mixed", "start = 'mixed' is not one of"),
    ],
)
def test_starts_that_make_no_sense_are_refused(model, start, message):
    with pytest.raises(ValueError, match=message):
        montecarlo.simulate(model, alpha=0.2, T=0.5, n_spins=90, start=start, schedule=STILL)


def test_the_worst_layer():
    run = montecarlo.simulate(
        TAM((1, 2, 1)), alpha=0.1, T=1.0, n_spins=200, n_samples=2, patterns=[1, 0], seed=2,
        schedule=SHORT, observables=["worst_layer"], start=0.8,
    )  # fmt: skip
    m = run.series["m"].reshape(2, 2, 10, 2, 3)
    np.testing.assert_array_equal(run.series["worst_layer"], m.min(axis=-1))
    assert run.estimate("worst_layer").mean.shape == (2,)
    for model in (Hopfield(), Multitasking(n_patterns=2, dilution=0.2)):
        load = None if model.retrieves_several else 0.1
        with pytest.raises(ValueError, match=r"'worst_layer': .* has one layer"):
            montecarlo.simulate(model, alpha=load, T=1.0, n_spins=20, observables=["worst_layer"])


def test_recall_from_a_cue_on_either_layer():
    for layer, dynamics in ((0, "layers"), (1, "layers"), (0, "glauber")):
        found = montecarlo.recall(
            BAM(), cue=0.7, layer=layer, alpha=0.05, T=[0.2, 3.0], n_spins=400, n_samples=4,
            dynamics=dynamics, schedule=SHORT, seed=1,
        )  # fmt: skip
        np.testing.assert_array_equal(found.success.mean, [1, 0])
        np.testing.assert_array_equal(found.worst, found.overlaps.min(axis=-1))
        assert found.final.shape == found.error.shape == (2, 2)
        assert found.run.first["m"][0, 0, 0, layer] == pytest.approx(0.7)
    assert "m of layer 1" in repr(found)


def test_success_is_judged_by_the_worst_layer():
    """At the end of the retrieval phase, a threshold between the layers of two sizes."""
    found = montecarlo.recall(
        BAM((1, 4)), layer=0, alpha=0.02, T=0.6, n_spins=2000, n_samples=4, schedule=SHORT, seed=1
    )
    low, high = np.sort(found.final)
    assert high - low > 0.05
    again = montecarlo.recall(
        BAM((1, 4)), layer=0, alpha=0.02, T=0.6, n_spins=2000, n_samples=4, schedule=SHORT, seed=1,
        threshold=float((low + high) / 2),
    )  # fmt: skip
    threshold = again.threshold
    assert again.success.mean == (found.worst >= threshold).mean()
    assert again.success.mean < (found.overlaps.max(axis=-1) >= threshold).mean()


def test_words_are_disentangled_at_any_temperature_of_retrieval():
    found = montecarlo.disentangle(
        TAM(), mixed="words", alpha=0.02, T=[0.0, 1.0], n_spins=600, n_samples=4, dynamics="layers",
        schedule=SHORT, seed=1, observables=["worst_layer"],
    )  # fmt: skip
    np.testing.assert_array_equal(found.success.mean, 1)
    assert (found.recalled == np.arange(3)).all()
    assert found.overlaps.shape == (2, 4, 2, 3, 3)
    assert "worst_layer" in found.run.series


def test_layers_coupled_to_each_other_alone_do_not_take_patterns_apart():
    """Cold, the mixture stays; warm, all layers agree on one of its patterns."""
    found = montecarlo.disentangle(
        TAM(), alpha=0.02, T=[0.0, 1.0], n_spins=600, n_samples=4, dynamics="layers", seed=1,
        schedule=Schedule(warmup=100, sweeps=20, stride=2),
    )  # fmt: skip
    np.testing.assert_array_equal(found.success.mean, 0)
    assert found.unsettled.mean[0] == 1
    np.testing.assert_allclose(found.overlaps[0].mean(axis=(0, 1)), 0.5, atol=0.12)
    assert found.together.mean[1] > 0.8
    assert "all layers alike at T[1]" in repr(found)


def flow(G, T, m, n_steps=500, dt=0.5):
    """dm/dt = -m + E xi tanh(h / T) of layers of one size, three patterns and no load."""
    signs = np.array(list(itertools.product((-1, 1), repeat=3)))
    for _ in range(n_steps):
        h = np.einsum("ab,...bm,km->...ak", G, m, signs)
        m = m + dt * (np.einsum("...ak,km->...am", np.tanh(h / T), signs) / 8 - m)
    return m


def test_the_flow_of_the_mean_field_has_the_window_of_inhibition():
    m0 = 0.5 + 0.06 * np.random.default_rng(0).normal(size=(40, 3, 3))
    share = {}
    for strength, T in ((0.1, 0.1), (0.1, 0.3), (0.2, 0.2), (0.3, 0.4)):
        m = flow(inhibited(strength).matrix, T, m0)
        best = np.sort(np.abs(m).argmax(-1), axis=-1)
        share[strength, T] = (
            (np.abs(m).max(-1) > 0.7).all(-1) & (best == [0, 1, 2]).all(-1)
        ).mean()
    assert share[0.1, 0.3] > 0.85
    assert share[0.2, 0.2] > 0.85
    assert share[0.1, 0.1] == 0  # the mixture is at rest
    assert share[0.3, 0.4] < 0.2  # two layers on one pattern, one of them reversed


@pytest.mark.parametrize(("T", "low", "high"), [(0.3, 0.75, 1.0), (0.1, 0.0, 0.3)])
def test_inhibition_takes_patterns_apart_in_its_window(T, low, high):
    found = montecarlo.disentangle(
        inhibited(0.1), alpha=0.006, T=T, n_spins=1500, n_samples=6, n_replicas=4, seed=1,
        schedule=Schedule(warmup=200, sweeps=20, stride=4),
    )  # fmt: skip
    assert low <= found.success.mean <= high
    assert found.together.mean == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: montecarlo.recall(Hopfield(), T=0.1, alpha=0.1, n_spins=20), "has one layer"),
        (lambda: montecarlo.recall(BAM(), layer=2, T=0.1), r"layer = 2 is outside .* \[0, 1\]"),
        (lambda: montecarlo.recall(BAM(), cue=2.0, T=0.1), "cue = 2.0 is outside"),
        (lambda: montecarlo.recall(BAM(), start="random", T=0.1), "the cue is the start"),
        (lambda: montecarlo.disentangle(TAM(), mixed="notes", T=0.1), "mixed = 'notes' is not one"),
        (lambda: montecarlo.disentangle(TAM(), n_mixed=2, T=0.1), r"n_mixed = 2 is outside .*\[3"),
        (lambda: montecarlo.disentangle(TAM(), patterns=[0], T=0.1), "the mixture is the start"),
        (lambda: montecarlo.disentangle(Hopfield(), T=0.1), "has one layer"),
    ],
)
def test_what_makes_no_sense_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_no_measurement_is_no_success():
    found = montecarlo.recall(BAM(), alpha=0.1, T=0.3, n_spins=40, schedule=STILL)
    assert np.isnan(found.success.mean)
    assert np.isnan(found.worst).all()
    apart = montecarlo.disentangle(BAM(), alpha=0.2, T=0.3, n_spins=40, schedule=STILL)
    assert np.isnan([apart.success.mean, apart.together.mean, apart.unsettled.mean]).all()
    assert (apart.recalled == -1).all()

"""The exponential memory at T = 1/sharpness: exact at every size, for any patterns and dynamics."""

import math

import numpy as np
import pytest
import scipy.special
import scipy.stats

import hebbian
import montecarlo
from hebbian import Dense, Exponential, draw, from_examples
from montecarlo import Cooling, Schedule
from montecarlo.dynamics import SITE_ORDERS
from montecarlo.engine.ledger import Ledger
from montecarlo.testing import all_configurations, boltzmann, chi_square_p, state_numbers

N = 8
CHAINS = {"numba": 1500, "reference": 300}


def given(patterns, sharpness):
    patterns = np.array(patterns, np.int8)
    return from_examples(Exponential(sharpness=sharpness), patterns, patterns[:, None])


def correlated():
    """Two near copies, one pattern twice, one reversed."""
    rng = np.random.default_rng(5)
    first = rng.choice([-1, 1], N)
    near, other = first.copy(), rng.choice([-1, 1], N)
    near[:2] *= -1
    return np.array([first, near, first, -near, other])


DATA = {
    "random": draw(Exponential(sharpness=0.7), n_spins=N, alpha=math.log(12) / N, seed=2),
    "given": given(correlated(), 0.4),
    "one pattern": given(correlated()[:1], 0.6),
    "sharp": given(correlated(), 1.5),
}


@pytest.fixture(params=DATA)
def data(request):
    return DATA[request.param]


def p_of_law(spins, data, T=None):
    """p-value of configurations (..., N) under Boltzmann's law, enumerated."""
    law = boltzmann(data.memory, T or 1 / data.model.sharpness)
    counts = np.bincount(state_numbers(spins.reshape(-1, N)), minlength=len(law))
    return chi_square_p(counts, law)


def check_means(spins, data):
    """Overlaps of independent configurations (n, N) against the exact means, in errors."""
    m = spins.astype(float) @ data.archetypes.T.astype(float) / data.n_spins
    z = (m.mean(axis=0) - montecarlo.nishimori_overlaps(data)) / (m.std(axis=0) / len(m) ** 0.5)
    assert np.abs(z).max() < 4.5


def starts(data, backend="numba", seed=0):
    return montecarlo.nishimori_sample(data, CHAINS[backend], seed=seed)[None]


def end(data, *, T=None, start, sweeps=6, **options):
    """Return the last configurations of independent chains: (n_chains, N)."""
    run = montecarlo.simulate(
        data.model, data=data, T=T or 1 / data.model.sharpness, start=start,
        n_replicas=start.shape[1], seed=3,
        **{"schedule": Schedule(warmup=0, sweeps=sweeps, stride=sweeps), **options},
    )  # fmt: skip
    return run.last[0]


def test_the_sampler_has_boltzmanns_law(data):
    spins = montecarlo.nishimori_sample(data, 100_000, seed=1)
    assert p_of_law(spins, data) > 1e-3
    check_means(spins, data)


def test_means_and_partition_function_are_those_of_enumeration(data):
    spins, law = all_configurations(N), boltzmann(data.memory, 1 / data.model.sharpness)
    m = law @ (spins.astype(float) @ data.archetypes.T.astype(float)) / N
    np.testing.assert_allclose(montecarlo.nishimori_overlaps(data), m, rtol=0, atol=1e-13)
    minus_H = np.array([-data.memory.energy(s) for s in spins])
    exact = float(scipy.special.logsumexp(minus_H * data.model.sharpness))
    assert montecarlo.nishimori_log_partition(data) == pytest.approx(exact, abs=1e-12)


@pytest.mark.parametrize("sharpness", [1e-6, 0.3, 2.0, 40.0, 1000.0])
def test_the_partition_function_at_any_sharpness(sharpness):
    """Z = K (2 cosh l)^N, to twelve digits, N = 12."""
    data = draw(Exponential(sharpness=sharpness), n_spins=12, alpha=0.3, seed=1)
    minus_H = np.array([-data.memory.energy(s) for s in all_configurations(12)])
    exact = float(scipy.special.logsumexp(minus_H * sharpness))
    assert montecarlo.nishimori_log_partition(data) == pytest.approx(exact, rel=1e-13, abs=1e-12)


ORDERS = [(d, order) for d in ("glauber", "metropolis") for order in SITE_ORDERS]


@pytest.mark.parametrize(
    ("name", "dynamics", "site_order"),
    [
        *(("given", *case) for case in ORDERS),
        *((name, *ORDERS[0]) for name in DATA if name != "given"),
    ],
)
def test_chains_that_start_in_the_law_stay_in_it(name, dynamics, site_order):
    """No equilibration is asked for: any number of sweeps leaves the law as it is."""
    data = DATA[name]
    spins = end(data, start=starts(data), dynamics=dynamics, site_order=site_order)
    assert p_of_law(spins, data) > 1e-4
    check_means(spins, data)


@pytest.mark.parametrize("name", ["random", pytest.param("given", marks=pytest.mark.heavy)])
@pytest.mark.parametrize("dynamics", ["glauber", "metropolis"])
def test_the_reference_kernel_keeps_the_law(dynamics, name):
    data = DATA[name]
    spins = end(data, start=starts(data, "reference"), backend="reference", dynamics=dynamics)
    assert p_of_law(spins, data) > 1e-4
    check_means(spins, data)


def test_the_test_sees_a_wrong_temperature_or_energy():
    """Chains at a temperature of 20 % more, or of a fifth of the sharpness, leave the law."""
    data = DATA["sharp"]
    T = 1 / data.model.sharpness
    assert p_of_law(end(data, start=starts(data), T=1.2 * T, sweeps=20), data) < 1e-6
    softer = given(data.archetypes, data.model.sharpness / 5)
    assert p_of_law(end(softer, start=starts(data), T=T, sweeps=20), data) < 1e-6


def test_every_measured_moment_is_of_the_law(data):
    """Mean and square of the energy, and every overlap, of one chain's whole series."""
    run = montecarlo.simulate(
        data.model, data=data, T=1 / data.model.sharpness, start=starts(data), n_replicas=1500,
        patterns=range(data.n_patterns), schedule=Schedule(warmup=0, sweeps=6, stride=2),
    )  # fmt: skip
    law = boltzmann(data.memory, 1 / data.model.sharpness)
    e = np.array([data.memory.energy(s) for s in all_configurations(N)]) / N
    exact = montecarlo.nishimori_overlaps(data)
    for series, mean in (
        (run.series["energy"][0], law @ e),
        (run.series["energy"][0] ** 2, law @ e**2),
        *((run.series["m"][0, ..., mu], exact[mu]) for mu in range(data.n_patterns)),
    ):
        for at in np.moveaxis(series, 1, 0):  # at one time the chains are independent
            assert abs(at.mean() - mean) < 4.5 * at.std() / len(at) ** 0.5 + 1e-12


@pytest.mark.heavy
@pytest.mark.parametrize(("name", "dynamics"), [("random", "metropolis"), ("sharp", "glauber")])
def test_replica_exchange_samples_it_on_its_rung(name, dynamics):
    data = DATA[name]
    T = 1 / data.model.sharpness
    run = montecarlo.temper(
        data.model, data=data, T=[0.6 * T, T, 1.7 * T], n_replicas=600, dynamics=dynamics,
        site_order="random", schedule=Schedule(warmup=40, sweeps=1, stride=1), seed=4,
        keep_spins=True,
    )  # fmt: skip
    spins = run.spins[1, 0, :, -1]
    assert p_of_law(spins, data) > 1e-4
    check_means(spins, data)


@pytest.mark.heavy
def test_annealing_and_ramps_end_in_it():
    """From random spins at high temperatures to T = 1/l, where they stay for a while."""
    model, alpha = DATA["random"].model, math.log(12) / N
    data, T = draw(model, n_spins=N, alpha=alpha, seed=9), 1 / model.sharpness
    cooled = montecarlo.simulate(
        model, data=data, T=T, start="random", n_replicas=500, seed=9,
        schedule=Schedule(warmup=60, sweeps=30, stride=30, cooling=Cooling(T=4 * T)),
    )  # fmt: skip
    ramped = montecarlo.ramp(
        model, T=[4 * T, 2 * T, T], alpha=alpha, n_spins=N, n_samples=1, n_replicas=500, seed=9,
        start="random", schedule=Schedule(warmup=30, sweeps=10, stride=10),
    )  # fmt: skip
    loaded = montecarlo.ramp(
        model, T=T, alpha=[0.0, alpha / 2, alpha], n_spins=N, n_samples=1, n_replicas=500, seed=9,
        start="random", schedule=Schedule(warmup=30, sweeps=10, stride=10),
    )  # fmt: skip
    for spins in (cooled.last[0], ramped.last[0], loaded.last[0]):
        assert p_of_law(spins, data) > 1e-4
        check_means(spins, data)


@pytest.mark.heavy
def test_chains_from_a_checkpoint_stay_in_it(tmp_path, monkeypatch):
    data = DATA["given"]
    asked = {
        "start": starts(data),
        "schedule": Schedule(warmup=2, sweeps=30, stride=10),
        "checkpoint": tmp_path / "run.ckpt",
    }
    look, left = Ledger.look, iter(range(5))

    def interrupted(self, *arguments):
        if next(left, None) is None:
            raise KeyboardInterrupt
        return look(self, *arguments)

    monkeypatch.setattr(Ledger, "look", interrupted)
    with pytest.raises(KeyboardInterrupt):
        end(data, **asked)
    monkeypatch.undo()
    spins = end(data, **asked)
    np.testing.assert_array_equal(spins, end(data, **{**asked, "checkpoint": None}))
    assert p_of_law(spins, data) > 1e-4


@pytest.mark.heavy
@pytest.mark.parametrize(("sharpness", "alpha"), [(0.5, 0.2), (1.0, 0.25), (0.3, 0.1)])
def test_a_network_that_no_one_enumerates(sharpness, alpha):
    """N = 40, thousands of patterns: energies of chains have the law of those of the sampler."""
    data = draw(Exponential(sharpness=sharpness), n_spins=40, alpha=alpha, seed=6)
    run = montecarlo.simulate(
        data.model, data=data, T=1 / sharpness, n_replicas=200,
        start=montecarlo.nishimori_sample(data, 200)[None],
        schedule=Schedule(warmup=0, sweeps=6, stride=6),
    )  # fmt: skip
    # After six sweeps chains remember little of their starts, whose energies are another sample.
    fresh = [data.memory.energy(s) / 40 for s in montecarlo.nishimori_sample(data, 400, seed=1)]
    assert scipy.stats.ks_2samp(run.series["energy"].ravel(), fresh).pvalue > 1e-3
    exact = montecarlo.nishimori_overlaps(data)[:50]
    for spins in (run.last[0], montecarlo.nishimori_sample(data, 4000, seed=2)):
        m = spins.astype(float) @ data.archetypes[:50].T / 40
        assert (np.abs(m.mean(axis=0) - exact) < 4.5 * m.std(axis=0) / len(m) ** 0.5).all()


def test_more_samples_keep_the_fewer_and_seeds_differ():
    data = DATA["given"]
    few, more = (montecarlo.nishimori_sample(data, n, seed=1) for n in (5, 50))
    np.testing.assert_array_equal(few, more[:5])
    assert (montecarlo.nishimori_sample(data, 50, seed=2) != more).any()
    assert few.dtype == np.int8


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: montecarlo.nishimori_sample(DATA["given"], 0), r"n_samples = 0 is outside"),
        (lambda: montecarlo.nishimori_sample(DATA["given"], 1, seed=-1), "seed = -1"),
        (
            lambda: montecarlo.nishimori_sample(draw(Dense(order=3), n_spins=9, alpha=0.1), 1),
            "T = 1/sharpness is of exponential memories",
        ),
        (lambda: montecarlo.nishimori_overlaps(np.ones((2, 3))), "is not a Dataset"),
        (
            lambda: montecarlo.nishimori_log_partition(
                draw(hebbian.SparseDistributed(), n_spins=9, alpha=0.1)
            ),
            "T = 1/sharpness is of exponential memories",
        ),
    ],
)
def test_what_has_no_such_line_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()

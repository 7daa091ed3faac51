"""Orders of the sites, descents, tie rules, cooling and what every run states about itself."""

import math

import numpy as np
import pytest
import scipy.stats
from conformance import CASES, IDS

import montecarlo
from hebbian import BAM, Dense, Hopfield, Multitasking, draw, streams
from montecarlo import Cooling, Schedule
from montecarlo.backend import resolve
from montecarlo.dynamics import DYNAMICS, PERMUTATION, RANDOM, SEQUENTIAL, SITE_ORDERS
from montecarlo.kernels.parallel import heat_bath
from montecarlo.kernels.shared import philox, reference
from montecarlo.kernels.single import visits
from montecarlo.overlaps import overlaps

KEY = np.array([123, 456], np.uint32)
SHORT = Schedule(warmup=5, sweeps=12, stride=4)
OF_SPINS = [name for name, kind in DYNAMICS.items() if not kind.expansion]
PAIRS = Dense(
    order=2, indices="all"
)  # with a diagonal, so that they have every dynamics but layers
SMALL = {"alpha": 0.1, "T": 0.5, "n_spins": 40, "n_samples": 2, "schedule": SHORT}


def sites(key, sweep, order, n_spins):
    out = np.empty(n_spins, np.int32)
    philox.fill_sites(key, sweep, order, n_spins, np.empty((4, 256), np.uint64), out)
    return out


@pytest.mark.parametrize("n_spins", [1, 6, 1025, 3000])
@pytest.mark.parametrize("order", [RANDOM, PERMUTATION])
@pytest.mark.parametrize("sweep", [0, 2**32 + 1])
def test_sites_are_those_of_the_reference(n_spins, order, sweep):
    drawn = sites(KEY, sweep, order, n_spins)
    np.testing.assert_array_equal(drawn, reference._sites(KEY, sweep, n_spins, order))
    if order == PERMUTATION:
        np.testing.assert_array_equal(np.sort(drawn), np.arange(n_spins))


def test_permutations_and_random_sites_are_uniform():
    n = 6000
    orders = [sites(KEY, sweep, PERMUTATION, 4) for sweep in range(n)]
    _, counts = np.unique(orders, axis=0, return_counts=True)
    assert len(counts) == math.factorial(4)
    assert scipy.stats.chisquare(counts).pvalue > 1e-4
    drawn = np.concatenate([sites(KEY, sweep, RANDOM, 7) for sweep in range(n)])
    assert scipy.stats.chisquare(np.bincount(drawn)).pvalue > 1e-4


@pytest.mark.parametrize(("model", "alpha"), CASES, ids=IDS)
@pytest.mark.parametrize("rule", ["glauber", "metropolis", "zero-temperature"])
@pytest.mark.parametrize("site_order", SITE_ORDERS)
def test_kernels_agree_bit_for_bit_in_every_order(model, alpha, rule, site_order):
    memory = draw(model, n_spins=8, alpha=alpha, seed=4).memory
    outcome = []
    for name in ("numba", "reference"):
        kernel = resolve(name)
        network = kernel.lower(memory)
        state = kernel.prepare(network, np.ones(8, np.int8))
        snapshots, energies = np.empty((2, 8), np.int8), np.empty(2)
        flips = kernel.run(
            network, state, KEY, 1.3, DYNAMICS[rule].move, 2**32 - 2, 2, 3, snapshots, energies,
            SITE_ORDERS[site_order],
        )  # fmt: skip
        outcome.append((flips, snapshots, energies))
    assert outcome[0][0] == outcome[1][0]
    np.testing.assert_array_equal(outcome[0][1], outcome[1][1])
    np.testing.assert_allclose(outcome[0][2], outcome[1][2], rtol=1e-12)


@pytest.mark.parametrize("dynamics", OF_SPINS)
@pytest.mark.parametrize("site_order", SITE_ORDERS)
def test_a_run_goes_on_as_if_it_had_never_stopped(dynamics, site_order):
    how = {**SMALL, "dynamics": dynamics, "site_order": site_order, "start": 0.3}
    model = {"parallel-diagonal": PAIRS, "layers": BAM()}.get(dynamics, Dense(order=3))
    whole = montecarlo.simulate(model, **how)
    how["schedule"] = Schedule(warmup=5, sweeps=4, stride=4)
    first = montecarlo.simulate(model, **how)
    how |= {"schedule": Schedule(warmup=0, sweeps=8, stride=4), "start": first.last}
    rest = montecarlo.simulate(model, **how, first_sweep=9)
    np.testing.assert_array_equal(whole.last, rest.last)
    np.testing.assert_array_equal(whole.series["energy"][..., 1:], rest.series["energy"])
    np.testing.assert_array_equal(whole.period, rest.period)


@pytest.mark.parametrize("site_order", SITE_ORDERS)
def test_a_descent_stops_at_its_fixed_point(site_order):
    """A billion sweeps end at once, in the configuration of a short descent."""
    how = {**SMALL, "dynamics": "zero-temperature", "site_order": site_order, "start": "random"}
    how["schedule"] = Schedule(warmup=200, sweeps=3, stride=1)
    short = montecarlo.simulate(Dense(order=4), **how)
    how["schedule"] = Schedule(warmup=10**9, sweeps=3, stride=1)
    long = montecarlo.simulate(Dense(order=4), **how)
    assert short.fixed_point.all()
    assert long.fixed_point.shape == (2, 2)
    np.testing.assert_array_equal(short.last, long.last)
    np.testing.assert_array_equal(short.series["energy"], long.series["energy"])
    how["schedule"] = Schedule(warmup=0, sweeps=0)
    assert not montecarlo.simulate(Dense(order=4), **how).fixed_point.any()


@pytest.mark.parametrize("dynamics", OF_SPINS)
@pytest.mark.parametrize("backend", ["numba", "reference"])
def test_zero_sweeps_return_the_start(dynamics, backend):
    model = BAM() if dynamics == "layers" else PAIRS
    run = montecarlo.simulate(
        model, **{**SMALL, "schedule": Schedule(warmup=0, sweeps=0)},
        dynamics=dynamics, backend=backend, start=0.5,
    )  # fmt: skip
    assert np.isnan(run.m.mean).all()
    assert np.isnan(run.acceptance.mean)
    data = draw(model, n_spins=40, alpha=0.1, sample=1)
    np.testing.assert_array_equal(run.last[1, 0] @ data.archetypes[0], 20)


def test_rule_of_a_spin_without_field():
    """Heat bath tosses it, Metropolis flips it at every visit, a descent leaves it alone."""
    model = Multitasking(n_patterns=1, dilution=0.5)
    blank = draw(model, n_spins=600).archetypes[0] == 0
    for dynamics in OF_SPINS:
        if dynamics == "layers":
            continue  # no layers have blanks
        run = montecarlo.simulate(
            model, T=0.0, n_spins=600, n_samples=1, n_replicas=1, keep_spins=True,
            schedule=Schedule(warmup=0, sweeps=40, stride=1), dynamics=dynamics,
        )  # fmt: skip
        free = run.spins[0, 0][:, blank]
        flipped = (free[1:] != free[:-1]).mean()
        expected = {"metropolis": 1.0, "zero-temperature": 0.0}.get(dynamics, 0.5)
        assert flipped == pytest.approx(expected, abs=0.03 if expected == 0.5 else 0.0)
        assert abs(run.m.mean[0] - (~blank).mean()) < 1e-12


def test_energy_is_per_spin_and_negative_for_a_retrieved_pattern():
    """H/N = -m^P/2, less the self-interaction -1/2N of P = 2."""
    still = Schedule(warmup=0, sweeps=1, stride=1)
    for model, expected in (
        (Hopfield(), -0.5 * (1 - 1 / 300)),
        (Dense(order=4, indices="all"), -0.5),
        (Dense(order=3, indices="all"), -0.5),
    ):
        run = montecarlo.simulate(
            model, alpha=0.0, T=0.0, n_spins=300, n_samples=1, schedule=still, start="pattern"
        )
        assert run.energy.mean == pytest.approx(expected, rel=1e-12)
        assert run.m.mean == 1.0


def test_overlaps_beyond_the_range_of_a_byte():
    spins = np.ones((2, 70000), np.int8)
    assert (overlaps(spins, spins[:1]) == 1.0).all()


def test_kernels_release_the_interpreter():
    for function in (visits.run, visits.period, philox.fill_logarithms, heat_bath.draw_spins):
        assert function.targetoptions["nogil"]


def test_cooling_paths():
    sweeps = np.arange(4)
    linear = Cooling(T=2.0).temperatures(sweeps, 4, 1.0)
    np.testing.assert_allclose(linear, [2.0, 1.75, 1.5, 1.25])
    geometric = Cooling(T=8.0, path="geometric").temperatures(sweeps, 3, 1.0)
    np.testing.assert_allclose(geometric, [8.0, 4.0, 2.0, 1.0])
    np.testing.assert_array_equal(Cooling(T=[3, 2, 1, 0]).temperatures(sweeps, 4, 1), [3, 2, 1, 0])


@pytest.mark.parametrize("dynamics", ["glauber", "parallel"])
@pytest.mark.parametrize("backend", ["numba", "reference"])
def test_a_cooled_warmup_uses_the_temperature_of_every_sweep(dynamics, backend):
    """The kernel with one temperature a sweep repeats calls at one temperature each."""
    memory = draw(Hopfield(), n_spins=30, alpha=0.2, seed=1).memory
    kernel = resolve(backend, dynamics)
    network, rule, path = kernel.lower(memory), DYNAMICS[dynamics].move, np.linspace(2.0, 0.1, 9)
    lead = (1,) if kernel.batched else ()
    key = KEY.reshape(*lead, 2)

    def advance(state, first, T, n):
        snapshots, energies = np.empty((*lead, 1, 30), np.int8), np.empty((*lead, 1))
        kernel.run(network, state, key, T, rule, first, 1, n, snapshots, energies, SEQUENTIAL)
        return snapshots.ravel(), energies.ravel()

    cooled = kernel.prepare(network, np.ones((*lead, 30), np.int8))
    together = advance(cooled, 0, path.reshape(*lead, 9), 9)
    single = kernel.prepare(network, np.ones((*lead, 30), np.int8))
    for k, T in enumerate(path):
        alone = advance(single, k, np.full(lead, T) if lead else float(T), 1)
    np.testing.assert_array_equal(together[0], alone[0])
    assert together[1] == alone[1]


def test_a_constant_path_changes_nothing():
    plain = montecarlo.simulate(Hopfield(), **SMALL)
    how = {**SMALL, "schedule": Schedule(warmup=5, sweeps=12, stride=4, cooling=Cooling(T=0.5))}
    cooled = montecarlo.simulate(Hopfield(), **how)
    np.testing.assert_array_equal(plain.series["energy"], cooled.series["energy"])


def test_slow_cooling_reaches_lower_energies_than_a_quench():
    how = {"alpha": 0.1, "T": 0.05, "n_spins": 300, "n_samples": 8, "start": "random"}
    cooling = Cooling(T=1.5, path="geometric")
    energy = [
        montecarlo.simulate(
            Hopfield(), schedule=Schedule(warmup=200, sweeps=5, cooling=cooling), **how
        ).series["energy"].mean(axis=(-1, -2))
        for cooling in (cooling, None)
    ]  # fmt: skip
    gain = energy[1] - energy[0]
    assert gain.mean() > 3 * gain.std(ddof=1) / np.sqrt(8)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Cooling(T=-1.0), "cooling T = -1.0 is outside"),
        (lambda: Cooling(T=1.0, path="log"), "path = 'log' is not one of linear, geometric"),
        (lambda: Cooling(T=[]), "cooling T: expected"),
        (lambda: Cooling(T=0.0, path="geometric"), "no geometric path"),
        (lambda: Schedule(warmup=3, cooling=Cooling(T=[1.0, 0.5])), "2 temperatures for a warm-up"),
        (lambda: Schedule(cooling=2.0), "cooling = 2.0 is not a Cooling"),
    ],
)
def test_bad_cooling(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"site_order": "typewriter"}, "site_order = 'typewriter' is not one of sequential"),
        ({"first_sweep": -1}, "first_sweep = -1 is outside"),
        (
            {"T": 0.0, "schedule": Schedule(cooling=Cooling(T=1.0, path="geometric"))},
            "T = 0.0 has no geometric cooling",
        ),
        (
            {"dynamics": "zero-temperature", "schedule": Schedule(cooling=Cooling(T=1.0))},
            "cooling has no effect",
        ),
    ],
)
def test_bad_input_is_one_clear_line(changes, message):
    with pytest.raises(ValueError, match=message) as caught:
        montecarlo.simulate(Hopfield(), **{**SMALL, **changes})
    assert "\n" not in str(caught.value)


def test_orders_have_their_own_noise_and_one_stationary_law():
    """The same m from every order, within errors, and different configurations."""
    how = {
        "alpha": 0.02, "T": 0.6, "n_spins": 200, "n_samples": 6, "n_replicas": 4,
        "schedule": Schedule(warmup=50, sweeps=400, stride=2), "seed": 3,
    }  # fmt: skip
    runs = [montecarlo.simulate(Hopfield(), **how, site_order=order) for order in SITE_ORDERS]
    for other in runs[1:]:
        assert (other.last != runs[0].last).any()
        gap = (other.series["m"] - runs[0].series["m"]).mean(axis=(-1, -2))
        assert abs(gap.mean()) < 4 * gap.std(ddof=1) / np.sqrt(6)


def test_keys_of_chains_differ():
    first, second = (streams.key(1, "dynamics", replica=r) for r in (0, 1))
    assert (sites(first, 0, PERMUTATION, 50) != sites(second, 0, PERMUTATION, 50)).any()

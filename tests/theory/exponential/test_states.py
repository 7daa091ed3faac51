"""States of the exponential memory against sums over all configurations of finite networks."""

import numpy as np
import pytest

import theory
from hebbian import Exponential, Hopfield
from theory.exponential import binary
from theory.solution import Solution

MODEL = Exponential(sharpness=1.0)


def floors(n_spins, n_patterns, sharpness, rng):
    """ln sum_mu exp(l M_mu(s)) of all configurations s: a product of transforms of single sites."""
    counts = np.bincount(rng.integers(0, 2**n_spins, n_patterns), minlength=2**n_spins)
    total, other = counts.astype(float), np.exp(-2 * sharpness)
    for site in range(n_spins):
        up, down = np.moveaxis(total.reshape(-1, 2, 2**site), 1, 0)
        total = np.stack([up + other * down, other * up + down], axis=1).ravel()
    return np.log(total) + n_spins * sharpness


def log_partition(logs, weight):
    """(1/N) ln sum_s exp(weight * logs)."""
    exponents = weight * logs
    largest = exponents.max()
    return (largest + np.log(np.exp(exponents - largest).sum())) / np.log2(len(logs))


def pressure(model, alpha, beta):
    """ln Z/N of the better of the two states, retrieval with the entropy of its patterns."""
    states = {
        start: theory.solve(model, alpha=alpha, T=1 / beta, start=start)
        for start in ("retrieval", "paramagnet")
    }
    free = [
        -beta * float(s.free_energy) + a for s, a in zip(states.values(), (alpha, 0), strict=True)
    ]
    return np.nanmax(free)


def test_the_partition_functions_of_the_notes():
    expected = {0.5: 1.1100, 1: 1.5269, 2: 2.4181, 6: 6.4000}
    for beta, value in expected.items():
        assert pressure(MODEL, 0.4, beta) == pytest.approx(value, abs=5e-5)
        assert -beta * binary.free_energy(0.4, 1.0, 1 / beta) == pytest.approx(value, abs=5e-5)


@pytest.mark.parametrize(
    ("sharpness", "alpha"),
    [(1.0, 0.4), (1.0, 0.2), (2.0, 0.5), (0.5, 0.3), (1.0, 0.55), (3.0, 0.6)],
)
def test_enumerated_networks_approach_the_theory(sharpness, alpha):
    """In all phases, with either floor, with corrections that fall at least like ln N / N."""
    rng, sizes = np.random.default_rng(1), (8, 12, 17)
    model = Exponential(sharpness=sharpness)
    betas = sharpness * np.array([0.25, 0.5, 1.0, 2.0, 5.0])
    off = np.zeros((len(sizes), len(betas)))
    for i, n_spins in enumerate(sizes):
        K = model.count(alpha, n_spins)
        logs = [floors(n_spins, K, sharpness, rng) for _ in range(6)]
        load = model.load(K, n_spins)
        for j, beta in enumerate(betas):
            exact = np.mean([log_partition(x, beta / sharpness) for x in logs])
            off[i, j] = exact - pressure(model, load, beta)
    assert (np.abs(off[2]) < 0.5 * betas.clip(1) * np.log(sizes[2]) / sizes[2]).all()
    shrinks = np.abs(off[2]) < 0.85 * np.abs(off[0])
    assert (shrinks | (np.abs(off[2]) < 1e-3)).all()


@pytest.mark.parametrize("n_spins", [6, 11])
def test_at_one_temperature_the_partition_function_is_exact(n_spins):
    rng = np.random.default_rng(2)
    for sharpness, n_patterns in ((0.3, 1), (1.0, 7), (2.0, 500)):
        logs = floors(n_spins, n_patterns, sharpness, rng)
        exact = np.log(n_patterns) / n_spins + np.log(2 * np.cosh(sharpness))
        assert log_partition(logs, 1.0) == pytest.approx(exact, rel=1e-13)


@pytest.mark.parametrize(("sharpness", "alpha"), [(1.0, 0.5), (1.0, 0.15), (3.0, 0.4), (0.4, 0.3)])
def test_the_paramagnet_has_the_energy_of_a_typical_configuration(sharpness, alpha):
    rng, model = np.random.default_rng(3), Exponential(sharpness=sharpness)
    off = []
    for n_spins in (8, 17):
        K = model.count(alpha, n_spins)
        mean = np.mean([floors(n_spins, K, sharpness, rng).mean() for _ in range(6)])
        state = theory.solve(model, alpha=model.load(K, n_spins), T=1.0, start="paramagnet")
        off.append(-mean / (sharpness * n_spins) - float(state.energy))
    # The nearest of K patterns is at a distance that has corrections of order ln N / N.
    assert abs(off[1]) < np.log(17) / 17
    assert abs(off[1]) < 0.75 * abs(off[0]) or abs(off[1]) < 1e-3


def test_the_floor_is_the_sum_over_levels_that_are_occupied():
    """Level by level at N = 5000: the expected number of patterns, and none where it is below 1."""
    from scipy.special import gammaln, logsumexp

    n_spins = 5000
    k = np.arange(n_spins + 1)
    levels = gammaln(n_spins + 1) - gammaln(k + 1) - gammaln(n_spins - k + 1) - n_spins * np.log(2)
    m = (2 * k - n_spins) / n_spins
    for sharpness in (0.25, 1.0, 4.0):
        for alpha in (0.01, 0.1, 0.3, 0.6):
            number = alpha * n_spins + levels
            occupied = number >= 0
            found = logsumexp((number + sharpness * n_spins * m)[occupied]) / n_spins
            # The number of patterns of a level has a factor N^(-1/2), which moves the last one.
            shift = (
                np.log(np.pi * n_spins / 2)
                / (2 * n_spins)
                * binary.spinodal_temperature(alpha, 1e3)
            )
            assert binary.floor(alpha, sharpness) == pytest.approx(
                found, abs=1.1 * sharpness * shift + 1e-3
            )


STATES = [
    (start, sharpness, alpha, T)
    for start in ("retrieval", "paramagnet")
    for sharpness, alpha, T in ((1.0, 0.1, 0.4), (1.0, 0.5, 0.4), (0.3, 0.2, 0.2), (5.0, 0.05, 1.7))
]


@pytest.mark.parametrize(("start", "sharpness", "alpha", "T"), STATES)
def test_energies_are_derivatives_of_free_energies(start, sharpness, alpha, T):
    model, step = Exponential(sharpness=sharpness), 1e-4
    beta = 1 / T + np.array([-2, -1, 1, 2]) * step
    s = theory.solve(model, alpha=alpha, T=1 / beta, start=start)
    slope = np.dot(beta * s.free_energy, [1, -8, 8, -1]) / (12 * step)
    at = theory.solve(model, alpha=alpha, T=T, start=start)
    assert at.converged
    assert slope == pytest.approx(float(at.energy), abs=1e-10)
    low, high = theory.solve(model, alpha=alpha, T=[T - step, T + step], start=start).free_energy
    entropy = (float(at.energy) - float(at.free_energy)) / T
    assert -(high - low) / (2 * step) == pytest.approx(entropy, abs=1e-6)


def test_free_energies_meet_on_the_lines():
    for sharpness in (0.25, 1.0, 4.0):
        model = Exponential(sharpness=sharpness)
        for T in (0.0, 0.1, 1.0, 3.0 / sharpness):
            alone = theory.single_transition_load(model, T)
            f = [theory.solve(model, alpha=alone, T=T, start=s).free_energy for s in MODEL_STARTS]
            assert f[0] == pytest.approx(float(f[1]), abs=1e-12)
            together = theory.transition_load(model, T)
            f = [
                theory.solve(model, alpha=together, T=T, start=s).free_energy for s in MODEL_STARTS
            ]
            assert f[0] - T * together == pytest.approx(float(f[1]), abs=1e-12)


MODEL_STARTS = ("retrieval", "paramagnet")


def test_retrieval_is_independent_spins_and_ends_at_the_spinodal():
    T = np.array([0.0, 0.3, 1.0, 5.0])
    edge = theory.spinodal_load(MODEL, T)
    s = theory.solve(MODEL, alpha=edge * np.array([[0.0], [0.5], [1.0], [1 + 1e-9]]), T=T)
    assert s.converged.tolist() == [[True] * 4] * 3 + [[False] * 4]
    with np.errstate(divide="ignore"):
        m = np.tanh(1 / T)
    for row in range(3):
        np.testing.assert_array_equal(s.m[row], m)
        np.testing.assert_array_equal(s.q[row], m**2)
        np.testing.assert_array_equal(s.energy[row], -m)
        np.testing.assert_allclose(s.free_energy[row, 1:], -T[1:] * np.log(2 * np.cosh(1 / T[1:])))
        assert s.free_energy[row, 0] == -1
    assert all(np.isnan(getattr(s, name)[3]).all() for name in ("m", "q", "energy", "free_energy"))
    assert not s.broken.any()


def test_no_number_overflows_or_is_silently_wrong():
    T = np.r_[0, 1e-300, 1e-12, 1e-3, 1.0, 1e12, 1e300]
    for sharpness in (1e-6, 1.0, 1e3):
        for alpha in (0.0, 1e-12, 0.3, np.log(2)):
            for start in MODEL_STARTS:
                with np.errstate(all="raise", under="ignore"):
                    s = theory.solve(
                        Exponential(sharpness=sharpness), alpha=alpha, T=T, start=start
                    )
                assert isinstance(s, Solution)
                np.testing.assert_array_equal(np.isfinite(s.free_energy), s.converged)
                np.testing.assert_array_equal(np.isfinite(s.replicon), s.converged)
                assert (
                    s.converged.all() == (start == "paramagnet")
                    or not alpha
                    or start != "paramagnet"
                )


def test_the_paramagnet_of_one_pattern_does_not_exist_and_one_that_slides_is_unstable():
    assert not theory.solve(MODEL, alpha=0.0, T=1.0, start="paramagnet").converged
    below, above = (
        theory.solve(
            MODEL, alpha=0.2, T=part * theory.spinodal_temperature(MODEL, 0.2), start="paramagnet"
        )
        for part in (0.99, 1.01)
    )
    assert below.replicon < 0 < above.replicon
    # Beyond the condensation a barrier keeps it at every temperature.
    assert theory.solve(MODEL, alpha=0.4, T=0.01, start="paramagnet").replicon == 1


def test_one_pattern_and_a_large_sharpness():
    """K = 1: independent spins at every T.  l -> inf: the energy is that of the nearest pattern."""
    T = np.array([0.2, 1.0, 40.0])
    s = theory.solve(MODEL, alpha=0.0, T=T)
    np.testing.assert_array_equal(s.m, np.tanh(1 / T))
    sharp = theory.solve(Exponential(sharpness=1e3), alpha=0.3, T=1.0, start="paramagnet")
    assert -float(sharp.energy) == pytest.approx(float(binary.overlap(0.3)), rel=1e-12)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: theory.solve(MODEL, alpha=0.8, T=1.0), r"alpha = 0\.8 is outside .*\[0, ln 2\]"),
        (
            lambda: theory.solve(MODEL, alpha=[[0.1], [0.70]], T=[1.0, 2]),
            r"alpha = 0\.7 is outside",
        ),
        (lambda: theory.spinodal_temperature(MODEL, 0.8), r"alpha = 0\.8 is outside .*\[0, ln 2\]"),
        (lambda: theory.transition_temperature(MODEL, 0.8), r"alpha = 0\.8 is outside"),
        (lambda: theory.nucleation_barrier(MODEL, 0.8, 0.1), r"alpha = 0\.8 is outside"),
        (
            lambda: theory.solve(MODEL, alpha=0.1, T=1.0, start="glass"),
            "start = 'glass' is not one",
        ),
        (lambda: theory.solve(MODEL, alpha=0.1, T=1.0, start=[0.5, 0.5]), "closed forms, name one"),
        (lambda: theory.solve(MODEL, alpha=0.1, T=1.0, rsb=1), "no equations with broken"),
        (lambda: theory.solve(MODEL, T=1.0), "alpha = None: Exponential needs a load"),
        (lambda: theory.glass_temperature(MODEL, 0.1), "Exponential have no glass temperature"),
        (
            lambda: theory.replicon_temperature(MODEL, 0.1),
            "Exponential have no replicon temperature",
        ),
        (lambda: theory.signal_to_noise(MODEL, alpha=0.1), "have no signal-to-noise analysis"),
        (lambda: theory.examples_needed(MODEL, alpha=0.1), "have no learning threshold"),
        (lambda: theory.noise_ratio(MODEL), "have no crosstalk of a load"),
        (lambda: theory.transition_load(MODEL, 0.5, n_spins=20), "n_spins = 20: .* infinite size"),
        (lambda: theory.transition_temperature(MODEL, 0.1, n_spins=20), "n_spins = 20: "),
        (lambda: theory.phase_lines(MODEL, n_spins=20), "n_spins = 20: "),
        (lambda: theory.single_flip_load(Hopfield()), "Hopfield have no single flip load"),
        (lambda: theory.condensation_load(Hopfield()), "Hopfield have no condensation load"),
    ],
)
def test_what_there_is_not_is_refused_in_one_line(call, words):
    with pytest.raises(ValueError, match=words) as error:
        call()
    assert "\n" not in str(error.value)

"""Numbers of examples against published values, limits and exhaustive search."""

import numpy as np
import pytest
from scipy.special import erf

import theory
from hebbian import Dense, Hopfield, Multitasking, Storing, Supervised, Unsupervised

ONE_STEP = {
    # (order, alpha): (supervised, unsupervised) at r = 0.2, 0.3, 0.4, 0.6
    (2, 0.05): [(28.8, 58.1), (12.2, 17.1), (6.3, 7.5), (2.1, 2.2)],
    (4, 0.0): [(24.0, 24.0), (10.1, 10.1), (5.2, 5.2), (1.8, 1.8)],
    (4, 0.05): [(31.6, 10040.6), (13.3, 401.2), (6.9, 44.5), (2.3, 3.3)],
    (4, 0.2): [(48.3, 43429), (20.3, 1704.6), (10.6, 175.3), (3.6, 8.5)],
    (6, 0.2): [(55.8, 1.74e7), (23.5, 134416), (12.2, 4263), (4.1, 34.6)],
}


def network(order, rule, quality, indices="distinct"):
    return Dense(order=order, indices=indices, rule=rule(quality=quality, n_examples=1))


@pytest.mark.parametrize(("order", "alpha"), ONE_STEP, ids=str)
def test_one_step_values(order, alpha):
    for quality, values in zip((0.2, 0.3, 0.4, 0.6), ONE_STEP[order, alpha], strict=True):
        for rule, value in zip((Supervised, Unsupervised), values, strict=True):
            number = theory.examples_needed(network(order, rule, quality), alpha=alpha)
            digit = 5e4 if value > 1e7 else 0.5 if value == round(value) > 1000 else 0.05
            assert number == pytest.approx(value, abs=1.01 * digit)


@pytest.mark.parametrize(
    ("rule", "value"), [(Supervised, 15.820913047168267), (Unsupervised, 812.7790131478677)]
)
def test_one_step_reference(rule, value):
    number = theory.examples_needed(network(4, rule, 0.3), alpha=0.1)
    assert number == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("order", [2, 3, 4, 6])
@pytest.mark.parametrize("threshold", [0.4, 1.0])
def test_closed_form_without_a_teacher(order, threshold):
    r, alpha = 0.35, 0.08
    g = 2 * alpha / order
    numerator = (1 - r**2) / r**2 + g * (1 - r ** (2 * order)) / r ** (2 * order)
    number = theory.examples_needed(
        network(order, Unsupervised, r), alpha=alpha, threshold=threshold
    )
    assert number == pytest.approx(numerator / (1 / (2 * threshold**2) - g), rel=1e-12)


@pytest.mark.parametrize("order", [2, 4, 5])
def test_scaling_with_the_quality(order):
    """r^-2 with a teacher at any load and without one at low load; r^-2P at saturation."""
    r = np.array([1e-3, 1e-4])

    def exponent(rule, alpha):
        number = [theory.examples_needed(network(order, rule, x), alpha=alpha) for x in r]
        return np.diff(np.log(number))[0] / np.diff(np.log(r))[0]

    assert exponent(Supervised, 0.3) == pytest.approx(-2, abs=1e-5)
    assert exponent(Supervised, 0.0) == pytest.approx(-2, abs=1e-5)
    assert exponent(Unsupervised, 0.0) == pytest.approx(-2, abs=1e-5)
    assert exponent(Unsupervised, 0.3) == pytest.approx(-2 * order, abs=1e-5)


@pytest.mark.parametrize("T", [0.0, 1e-6, 0.3, 0.8])
@pytest.mark.parametrize("indices", ["distinct", "all"])
@pytest.mark.parametrize("rule", [Supervised, Unsupervised])
def test_one_step_inverts_the_signal_to_noise_analysis(rule, indices, T):
    threshold, alpha, quality = 0.6, 0.005, 0.3
    M = theory.examples_needed(
        network(4, rule, quality, indices), alpha=alpha, T=T, threshold=threshold
    )
    around = [
        theory.signal_to_noise(
            Dense(order=4, indices=indices, rule=rule(quality=quality, n_examples=int(n))),
            alpha=alpha,
            T=T,
            law="gaussian",
        ).m
        for n in (np.floor(M), np.ceil(M))
    ]
    assert around[0] < erf(threshold) <= around[1]


def test_no_number_is_enough():
    """g = 2 alpha/P >= X, and T at which even perfect data fail."""
    for rule in (Supervised, Unsupervised):
        model = network(4, rule, 0.3)
        numbers = theory.examples_needed(model, alpha=[1.99, 2.0, 2.01])
        assert np.isfinite(numbers).tolist() == [True, False, False]
        assert np.isnan(theory.examples_needed(model, alpha=0.0, T=10.0))
        assert np.isnan(theory.examples_needed(model, alpha=0.5, criterion="self-consistent"))


@pytest.mark.parametrize("law", ["binomial", "gaussian"])
@pytest.mark.parametrize(
    ("order", "rule", "quality", "alpha", "T"),
    [
        (2, Supervised, 0.5, 0.04, 0.2),
        (2, Unsupervised, 0.6, 0.03, 0.0),
        (4, Supervised, 0.6, 0.25, 0.0),
        (4, Unsupervised, 0.6, 0.1, 0.3),
        (3, Supervised, 0.7, 0.3, 0.4),
    ],
)
def test_exhaustive_search(order, rule, quality, alpha, T, law):
    good = {"existence": [], "self-consistent": []}
    for M in range(1, 120):
        model = Dense(order=order, rule=rule(quality=quality, n_examples=M))
        state = theory.solve(model, alpha=alpha, T=T, law=law)
        good["existence"].append(bool(state.converged))
        good["self-consistent"].append(bool(state.m >= erf(np.sqrt(0.5))))
    for criterion, verdicts in good.items():
        last = max((M for M, ok in enumerate(verdicts, start=1) if not ok), default=0)
        assert last < 100
        number = theory.examples_needed(
            network(order, rule, quality), alpha=alpha, T=T, law=law, criterion=criterion
        )
        assert number == last + 1


def test_the_number_of_examples_of_the_model_is_ignored():
    for criterion in ("one-step", "self-consistent"):
        one, many = (
            theory.examples_needed(
                Hopfield(rule=Supervised(quality=0.5, n_examples=M)),
                alpha=[[0.02], [0.05]],
                T=[0.0, 0.1, 0.2],
                criterion=criterion,
            )
            for M in (1, 1000)
        )
        assert one.shape == (2, 3)
        np.testing.assert_array_equal(one, many)


@pytest.mark.parametrize(
    ("quality", "K", "d", "criterion", "value"),
    [
        (0.2, 2, 0.3, "one-step", 27.22732123799358),
        (0.2, 2, 0.3, "example-noise", 25.512),
        (0.2, 2, 0.3, "self-consistent", 67.12851557473198),
        (0.2, 2, 0.3, "hierarchy", 24 / 0.3684529510355554),
        (0.4, 3, 0.5, "one-step", 7.194444444444441),
        (0.4, 3, 0.5, "self-consistent", 34.61388416654768),
    ],
)
def test_multitasking(quality, K, d, criterion, value):
    rule = Supervised(quality=quality, n_examples=7)
    model = Multitasking(n_patterns=K, dilution=d, rule=rule)
    number = theory.examples_needed(model, criterion=criterion)
    assert number == pytest.approx(value, abs=1e-4)


@pytest.mark.parametrize("order", [3, 4, 6])
@pytest.mark.parametrize("law", ["binomial", "gaussian"])
@pytest.mark.parametrize("T", [0.0, 0.3])
def test_unsupervised_is_supervised_at_another_load(order, law, T):
    data = {"quality": 0.85, "n_examples": 7}
    without = Dense(order=order, rule=Unsupervised(**data))
    teacher = Dense(order=order, rule=Supervised(**data))
    kappa = theory.noise_ratio(without)
    rho, rho_P = without.rule.dataset_entropy, (0.85 ** (-2 * order) - 1) / 7
    assert kappa == pytest.approx((1 + rho_P) / (1 + rho) ** order, rel=1e-13)
    a = theory.solve(without, alpha=0.05, T=T, law=law)
    b = theory.solve(teacher, alpha=0.05 * kappa, T=T, law=law)
    for name in ("m", "n", "q", "free_energy", "energy", "replicon"):
        assert getattr(a, name) == pytest.approx(getattr(b, name), abs=1e-13), name
    for line in (theory.spinodal_temperature, theory.transition_temperature):
        assert line(without, 0.05) == pytest.approx(line(teacher, 0.05 * kappa), rel=1e-9)
    limits = [theory.critical_load(model, T, law=law) for model in (without, teacher)]
    assert limits[0] * kappa == pytest.approx(limits[1], rel=1e-9)


def test_noise_ratio_of_one():
    for model in (Hopfield(), Dense(order=4, rule=Supervised(quality=0.2, n_examples=3))):
        assert theory.noise_ratio(model) == 1
    for rule in (Unsupervised(quality=0.4, n_examples=1), Unsupervised(quality=1, n_examples=9)):
        assert theory.noise_ratio(Dense(order=5, rule=rule)) == pytest.approx(1, abs=1e-14)


@pytest.mark.parametrize(
    ("bad", "name"),
    [
        ({"alpha": None}, "alpha"),
        ({"alpha": -1.0}, "alpha"),
        ({"T": -1.0}, "T"),
        ({"criterion": "hierarchy"}, "criterion"),
        ({"threshold": 0.0}, "threshold"),
        ({"law": "poisson"}, "law"),
        ({"alpha": [0.1, 0.2], "T": [0.1, 0.2, 0.3]}, "alpha"),
        ({"model": Dense(order=4, rule=Storing())}, "quality"),
        ({"model": Multitasking(n_patterns=2, dilution=0.2)}, "alpha"),
    ],
    ids=str,
)
def test_bad_input_is_one_clear_line(bad, name):
    arguments = {"model": network(4, Supervised, 0.5), "alpha": 0.1, **bad}
    with pytest.raises(ValueError, match=name) as error:
        theory.examples_needed(arguments.pop("model"), **arguments)
    assert "\n" not in str(error.value)


def test_multitasking_thresholds_are_at_zero_temperature():
    rule = Supervised(quality=0.4, n_examples=7)
    with pytest.raises(ValueError, match="T = 0"):
        theory.examples_needed(Multitasking(n_patterns=2, dilution=0.2, rule=rule), T=0.1)
    with pytest.raises(ValueError, match="load"):
        theory.noise_ratio(Multitasking(n_patterns=2, dilution=0.2, rule=rule))

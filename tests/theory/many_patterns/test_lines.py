"""Lines of multitasking networks: derived values, and the solver on both sides of each."""

import numpy as np
import pytest
import xarray as xr

import theory
from hebbian import Multitasking, Supervised
from theory.many_patterns.limits import finite_connectivity_load, poisson_parallel_temperature
from theory.many_patterns.lines import (
    cascade_temperature,
    critical_temperature,
    multicritical_dilution,
    pure_temperature,
)
from theory.many_patterns.parallel import odd_mixture_tip, parallel_temperature, parallel_tip
from theory.many_patterns.zero_temperature import (
    critical_dilution,
    ground_state_dilution,
    parallel_dataset_entropy,
)


def eigenvalue(K, d, T, start):
    return float(
        theory.solve(Multitasking(n_patterns=K, dilution=d), T=T, start=start).min_eigenvalue
    )


def test_critical_temperature():
    assert critical_temperature(0.3, 0.5) == pytest.approx(1.05)
    for law in ("binomial", "gaussian"):
        rule = Supervised(quality=0.4, n_examples=9)
        model = Multitasking(n_patterns=3, dilution=0.3, rule=rule)
        T = critical_temperature(0.3, rule.dataset_entropy) * np.array([0.999, 1.001])
        labels = theory.solve(model, T=T, law=law).label
        assert labels[0] != "ergodic"
        assert labels[1] == "ergodic"


@pytest.mark.parametrize(
    ("d", "T"),
    [
        (0.1, 0.09000000667859102),
        (0.3, 0.2127631350176789),
        (0.5, 0.28720973599372585),
        (0.6, 0.3160300626115748),
    ],
)
def test_pure_temperature(d, T):
    """The first three agree to 5e-13 with an independent root finder of tolerance 1e-12."""
    assert pure_temperature(d) == pytest.approx(T, abs=1e-11)
    for shift in (-1e-6, 1e-6):
        state = theory.solve(
            Multitasking(n_patterns=4, dilution=d), T=T + shift, start=[1 - d, 0.0, 0.0, 0.0]
        )
        assert str(state.label) == "pure"
        assert (state.min_eigenvalue > 0) == (shift > 0)


def test_smallest_arguments():
    assert pure_temperature(1e-300) == pytest.approx(1e-300, rel=1e-12)
    assert cascade_temperature(1e-300, 2) == 0
    assert finite_connectivity_load(1e-300, 1.0) == np.inf


def test_labelled_arrays():
    d = xr.DataArray([[0.3], [0.7]], coords={"d": [0.3, 0.7]}, dims=("d", "sample"))
    functions = [
        critical_temperature,
        pure_temperature,
        lambda d: cascade_temperature(d, 2),
        lambda d: parallel_temperature(d, 3).low,
        lambda d: parallel_dataset_entropy(d, 2),
        poisson_parallel_temperature,
        lambda d: theory.ground_state(Multitasking(n_patterns=2, dilution=0.3), d).label,
    ]
    for function in functions:
        found = function(d)
        assert found.dims == d.dims
        np.testing.assert_array_equal(found, function(d.values))
    load = finite_connectivity_load(d, xr.DataArray([0.1, 1.0], dims="T"))
    assert load.dims == ("d", "sample", "T")


def test_pure_temperature_at_the_ends():
    assert pure_temperature(0.0) == 0
    assert pure_temperature(1e-6) == pytest.approx(1e-6 * (1 - 1e-6), rel=1e-12)
    assert pure_temperature(2 / 3 - 1e-9) == pytest.approx(1 / 3, abs=1e-8)
    assert np.isnan(pure_temperature([2 / 3, 0.9])).all()


@pytest.mark.parametrize(
    ("d", "k", "T"),
    [(0.3, 1, 0.2127631350176789), (0.3, 2, 0.06382909607303348), (0.5, 2, 0.15905595838673084)],
)
def test_cascade_temperature(d, k, T):
    assert cascade_temperature(d, k) == pytest.approx(T, abs=1e-11)


def test_cascade_is_where_the_next_pattern_appears():
    for d, k in ((0.3, 3), (0.5, 3), (0.45, 4)):
        T = cascade_temperature(d, k)
        labels = theory.solve(
            Multitasking(n_patterns=k + 1, dilution=d), T=[T * (1 - 1e-4), T * (1 + 1e-4)]
        ).label
        assert labels.tolist() == ["hierarchical", f"hierarchical-{k}"]
    # at weak dilution every level is the one before on the blank fraction d of the spins
    T = [cascade_temperature(0.1, k) for k in (2, 3, 12)]
    assert [T[1] / T[0], T[2] / T[1]] == pytest.approx([0.1, 1e-9], rel=1e-13)
    assert np.isnan(cascade_temperature(0.65, 2))
    assert cascade_temperature(0.0, 5) == 0


PARALLEL = [
    (2, 0.62, 0.17779644782305695, 0.3021464808903063),
    (2, 0.65, 0.13698149291385286, 0.3272519722569946),
    (2, 0.7, 0.09376436687439835, 0.3),
    (2, 0.8, 0.040080565688734325, 0.2),
    (2, 0.9, 0.010000002017014844, 0.1),
    (3, 0.65, 0.15031057866860295, 0.313180377798226),
    (3, 0.7, 0.1049795655576908, 0.3),
    (3, 0.8, 0.04864872481144057, 0.2),
    (3, 0.9, 0.013500493557916677, 0.1),
    (4, 0.65, 0.1555697929900105, 0.2972364279304071),
    (4, 0.7, 0.109297040049048, 0.3),
    (4, 0.8, 0.053790763489183026, 0.2),
    (4, 0.9, 0.016257266023693994, 0.1),
    (5, 0.65, 0.1573468865357447, 0.27930028178344024),
    (5, 0.7, 0.11004034365915959, 0.3),
    (5, 0.8, 0.05684513605694187, 0.2),
    (5, 0.9, 0.01842894461401761, 0.1),
    (3, 0.02, 0.02881200000001393, 0.4405450375846297),
    (3, 0.08, 0.10192430604147219, 0.37879868331433986),
    (3, 0.14, 0.1710178549556827, 0.3006667652700698),
]


@pytest.mark.parametrize(("K", "d", "low", "high"), PARALLEL)
def test_parallel_temperature(K, d, low, high):
    ends = parallel_temperature(d, K)
    np.testing.assert_allclose(ends, [low, high], atol=2e-11)
    inside = [ends.low * (1 + 1e-5), ends.high * (1 - 1e-5)]
    outside = [ends.low * (1 - 1e-5), ends.high * (1 + 1e-5)]
    assert all(eigenvalue(K, d, T, "symmetric") > 0 for T in inside)
    assert eigenvalue(K, d, outside[0], "symmetric") < 0
    assert d > 2 / 3 or eigenvalue(K, d, outside[1], "symmetric") < 0


def test_parallel_temperature_at_the_ends():
    low, high = parallel_temperature([0.0, 0.3, 0.6], 3)
    # d -> 0: the odd mixture of the Hopfield model melts at T = 1 - tanh^2(m/T), about 0.46
    assert low[0] == 0
    m = theory.solve(Multitasking(n_patterns=3, dilution=0), T=high[0], start="symmetric").m[0]
    assert high[0] == pytest.approx(1 - np.tanh(m / high[0]) ** 2, abs=1e-12)
    assert high[0] == pytest.approx(0.46, abs=0.001)
    assert np.isnan([low[1:], high[1:]]).all()
    assert np.isnan(parallel_temperature(0.0, 2)).all()
    # low T: T_par = E[(xi1 - xi2)^2/2; sum xi = 0], (1-d)^2 for K = 2
    assert parallel_temperature(0.9999, 2).low == pytest.approx(1e-8, rel=1e-12)


@pytest.mark.parametrize(
    ("K", "d", "T", "digits"),
    [
        (2, 0.6015923453703, 0.2438114967, 1e-9),
        (3, 0.6209045382, 0.2235415, 2e-8),
        (4, 0.631867, 0.210960, 1e-6),
        (5, 0.638569, 0.201595, 1e-6),
        (6, 0.642989, 0.193860, 1e-6),
    ],
)
def test_parallel_tip(K, d, T, digits):
    tip = parallel_tip(K)
    assert tip == pytest.approx((d, T), abs=digits)
    window = parallel_temperature(tip.dilution + 1e-9, K)
    assert window.low < tip.T < window.high
    assert np.isnan(parallel_temperature(tip.dilution - 1e-9, K)).all()


@pytest.mark.parametrize("K", [3, 5])
def test_odd_mixture_tip(K):
    tip = odd_mixture_tip(K)
    window = parallel_temperature(tip.dilution - 1e-9, K)
    assert window.low < tip.T < window.high
    assert np.isnan(parallel_temperature(tip.dilution + 1e-9, K)).all()


@pytest.mark.parametrize(
    ("K", "d"),
    [
        (1, 1.0),
        (2, 1.0),
        (3, (5**0.5 - 1) / 2),
        (4, 0.5436890126920764),
        (5, 0.5187900636758842),
        (6, 0.5086603916420042),
        (200, 0.5),
    ],
)
def test_critical_dilution(K, d):
    assert critical_dilution(K) == pytest.approx(d, abs=1e-14)


def test_hierarchy_of_zero_temperature_ends_at_the_critical_dilution():
    for K in (3, 4, 6):
        d = critical_dilution(K)
        for shift, kept in ((-1e-6, True), (1e-6, False)):
            m = theory.solve(Multitasking(n_patterns=K, dilution=d + shift), T=0).m
            ladder = (1 - d - shift) * (d + shift) ** np.arange(K)
            assert np.allclose(m, ladder, atol=1e-12) is kept


@pytest.mark.parametrize(
    ("K", "d", "digits"),
    [
        (3, (1 + 2 * 2**0.5) / 7, 1e-15),
        (4, 0.5186797246105004, 1e-12),
        (5, 0.5072024228887386, 1e-12),
        (6, 0.5027903598076331, 1e-12),
    ],
)
def test_ground_state_dilution(K, d, digits):
    assert ground_state_dilution(K) == pytest.approx(d, abs=digits)
    for shift, kept in ((-1e-3, True), (1e-3, False)):
        best = theory.stable_states(Multitasking(n_patterns=K, dilution=d + shift), 0)[0]
        ladder = (1 - d - shift) * (d + shift) ** np.arange(K)
        assert np.allclose(best.m, ladder, atol=1e-12) is kept


def test_two_patterns_have_one_ground_state():
    assert ground_state_dilution(1) == ground_state_dilution(2) == 1


@pytest.mark.parametrize(
    ("K", "d", "rho"),
    [
        (2, 0.3, 0.3684529510355554),
        (2, 0.5, 0.1413159275316921),
        (3, 0.3, 0.3957518009495113),
        (3, 0.5, 0.16031181341537687),
        (2, 0.1, 1.068358),
        (3, 0.9, 0.007066),
    ],
)
def test_parallel_dataset_entropy(K, d, rho):
    found = float(parallel_dataset_entropy(d, K))
    assert found == pytest.approx(rho, abs=1e-11 if len(str(rho)) > 9 else 5e-7)
    for factor, stable in ((0.999, False), (1.001, True)):
        r = 1 / np.sqrt(1 + found * factor * 1000)
        model = Multitasking(n_patterns=K, dilution=d, rule=Supervised(quality=r, n_examples=1000))
        symmetric = theory.solve(model, T=0, start="symmetric", law="gaussian")
        assert (symmetric.min_eigenvalue > 0) == stable


def test_poisson_limit():
    tau = poisson_parallel_temperature([0.25, 0.5, 1, 2, 3, 4, 5])
    table = [0.098113, 0.156516, 0.211477, 0.234078, 0.226934, 0.215424, 0.204564]
    np.testing.assert_allclose(tau, table, atol=6e-7)
    assert tau[2] == pytest.approx(0.21147700517281973, abs=1e-12)
    assert tau[4] == pytest.approx(0.22693375642668667, abs=1e-12)
    # K patterns at d = 1 - 1/K approach it as 1/K
    gaps = [parallel_temperature(1 - 1 / K, K).low * K - tau[2] for K in (40, 80, 160)]
    assert gaps[0] / gaps[1] == pytest.approx(2, abs=0.05)
    assert gaps[1] / gaps[2] == pytest.approx(2, abs=0.05)


@pytest.mark.parametrize(
    ("c", "T", "alpha"),
    [
        (2.0, 0.5, 0.25260191167677587),
        (2.0, 2.0, 0.42950346011019463),
        (4.0, 1.0, 0.06386618596299808),
        (3.0, 0.0, 1 / 9),
    ],
)
def test_finite_connectivity(c, T, alpha):
    assert finite_connectivity_load(c, T) == pytest.approx(alpha, abs=1e-13)


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (critical_temperature, (1.0,), "dilution = 1"),
        (critical_temperature, (0.3, -1), "dataset_entropy = -1"),
        (multicritical_dilution, (-0.1,), "dataset_entropy"),
        (pure_temperature, (-0.1,), "dilution"),
        (cascade_temperature, (0.3, 0), "n_condensed = 0"),
        (parallel_temperature, (0.3, 1), "n_patterns = 1"),
        (parallel_tip, (201,), "n_patterns = 201"),
        (odd_mixture_tip, (4,), "n_patterns = 4 is not odd"),
        (critical_dilution, (0,), "n_patterns = 0"),
        (ground_state_dilution, (31,), "n_patterns = 31"),
        (parallel_dataset_entropy, (0.0, 2), "dilution"),
        (poisson_parallel_temperature, (0,), "crowding"),
        (finite_connectivity_load, (0, 1), "connectivity"),
    ],
)
def test_bad_input(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(*arguments)

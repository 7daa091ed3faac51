"""Fields of sequences against sums written anew, and the exact law of the parallel chain."""

import itertools
import math

import numpy as np
import pytest
from conformance import OF_BITS

import montecarlo
from hebbian import Dense, ExponentialSequence, Memory, Sequence, draw, streams
from hebbian.packed import Packed, pack
from hebbian.testing import check_model
from montecarlo import Schedule
from montecarlo.backend import resolve
from montecarlo.dynamics import PARALLEL
from montecarlo.kernels.parallel import blocks, rows_as_bits, rows_by_level, steps
from montecarlo.kernels.shared import reference
from montecarlo.testing import (
    P_VALUE,
    all_configurations,
    chi_square_p,
    final_configurations,
    parallel_law,
    state_numbers,
)

ORDERS = pytest.mark.parametrize("order", range(2, 9))
INDICES = pytest.mark.parametrize("indices", ["distinct", "all"])
FORMS = pytest.mark.parametrize(
    "packed", [pytest.param(True, marks=OF_BITS), False], ids=["bits", "floats"]
)
EVERY = [Sequence(order=P, indices=i) for P in (2, 3, 4) for i in ("distinct", "all")]
EVERY.append(ExponentialSequence(sharpness=0.3))


def fields_of(model, patterns, spins):
    """h_i of all configurations (s, i), sites i1 < ... of a distinct power one by one."""
    spins, K = spins.astype(float), len(patterns)
    N = patterns.shape[1]
    found = np.zeros(spins.shape)
    for mu, pattern in enumerate(patterns.astype(float)):
        following = patterns[(mu + 1) % K].astype(float)
        overlap = spins @ pattern / N
        if isinstance(model, ExponentialSequence):
            found += following * np.exp(model.sharpness * N * (overlap - 1))[:, None]
        elif model.order == 2 or model.indices == "all":
            found += model.order / 2 * following * (overlap ** (model.order - 1))[:, None]
        else:
            d = model.order - 1
            for i in range(N):
                others = [j for j in range(N) if j != i]
                power = sum(
                    (pattern[list(sites)] * spins[:, list(sites)]).prod(axis=1)
                    for sites in itertools.combinations(others, d)
                )
                power = power * math.factorial(d) / N**d
                found[:, i] += model.order / 2 * following[i] * power
    return found


def compiled_fields(memory, spins):
    network = steps.lower(memory)
    return network.weight * steps.fields(network, spins.astype(np.float32))


def law(model, n_spins=7, n_patterns=5):
    alpha = model.load(n_patterns, n_spins)
    data = draw(model, n_spins=n_spins, alpha=alpha, seed=3)
    assert data.n_patterns == n_patterns
    fields = fields_of(model, data.archetypes, all_configurations(n_spins))
    return data.memory, fields, 0.8 * float(np.abs(fields).max())


@pytest.mark.parametrize("model", EVERY, ids=repr)
def test_fields_are_those_of_the_definition(model):
    memory, fields, _ = law(model)
    spins = all_configurations(7)
    np.testing.assert_allclose(compiled_fields(memory, spins), fields, atol=1e-13)
    for s, of_s in zip(spins[::17], fields[::17], strict=True):
        found = [reference.parallel_field(memory, s, i) for i in range(7)]
        np.testing.assert_allclose(found, of_s, atol=1e-13)


@ORDERS
@INDICES
@FORMS
def test_fields_of_every_order_are_exact(order, indices, packed, monkeypatch):
    """Whole numbers on both sides, of bits and of floats, with rows made anew, too."""
    monkeypatch.setattr(rows_as_bits, "available", lambda: packed)
    model = Sequence(order=order, indices=indices)
    data = draw(model, n_spins=70, alpha=model.load(37, 70), seed=order)
    starts = np.array([data.archetypes[0], *np.random.default_rng(1).choice([-1, 1], (2, 70))])
    exact = np.array([whole_fields(data.memory, s) for s in starts])
    fields = compiled_fields(data.memory, starts)
    expected = data.memory.weight * exact.astype(float)
    np.testing.assert_allclose(fields, expected, rtol=1e-14)
    np.testing.assert_array_equal(fields == 0, exact == 0)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 8 * 70)
    assert steps.lower(data.memory).rows.kept is None
    np.testing.assert_allclose(compiled_fields(data.memory, starts), fields, rtol=1e-14)


def whole_fields(memory, spins):
    """sum_r v_ri f_i(r, s) in Python's integers."""
    values = memory.values.unpack().astype(int).tolist()
    found = [0] * memory.n_spins
    for row, value in zip(memory.rows.astype(int).tolist(), values, strict=True):
        terms = [x * int(s) for x, s in zip(row, spins, strict=True)]
        for i, x in enumerate(terms):
            M, d = sum(terms), memory.order - 1
            if memory.order == 2 or memory.indices == "all":
                found[i] += value[i] * M**d
                continue
            n_up = (len(terms) - 1 + M - x) // 2
            n_down = len(terms) - 1 - n_up
            found[i] += value[i] * sum(
                math.comb(n_up, d - k) * math.comb(n_down, k) * (-1) ** k for k in range(d + 1)
            )
    return np.array(found, object)


def test_rows_that_are_made_anew_keep_their_answers(monkeypatch):
    """Of the exponential sequence, kept and in blocks."""
    model = ExponentialSequence(sharpness=0.2)
    data = draw(model, n_spins=70, alpha=model.load(150, 70), seed=1)
    spins = np.array([data.archetypes[149], *np.random.default_rng(1).choice([-1, 1], (2, 70))])
    expected = fields_of(model, data.archetypes, spins)
    np.testing.assert_allclose(compiled_fields(data.memory, spins), expected, rtol=1e-9)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 8 * 70)
    assert steps.lower(data.memory).rows.answers.kept is None
    np.testing.assert_allclose(compiled_fields(data.memory, spins), expected, rtol=1e-9)


@INDICES
@pytest.mark.parametrize("order", [2, 3, 5])
def test_rows_and_values_of_any_whole_numbers(order, indices):
    rng = np.random.default_rng(order)
    rows, values = rng.integers(-3, 4, (2, 6, 11)).astype(np.int32)
    memory = Memory(rows=rows, order=order, indices=indices, weight=0.3, values=values * 3000)
    spins = rng.choice(np.array([-1, 1], np.int8), (4, 11))
    expected = [[reference.parallel_field(memory, s, i) for i in range(11)] for s in spins]
    np.testing.assert_allclose(compiled_fields(memory, spins), expected, rtol=1e-12)


@pytest.mark.parametrize("model", EVERY, ids=repr)
def test_one_step_and_many_follow_the_exact_transition_matrix(model):
    """A chi-square of the configurations after one step, and of the stationary law."""
    memory, fields, T = law(model)
    everywhere = all_configurations(7)
    kernel, n = resolve("numba", "parallel"), 4000
    network, keys = kernel.lower(memory), [streams.key(6, "dynamics", chain=c) for c in range(n)]
    for number in (0, 45):
        start = np.tile(everywhere[number], (n, 1))
        spins, energies = np.empty((n, 1, 7), np.int8), np.empty((n, 1))
        state = kernel.prepare(network, start)
        kernel.run(
            network, state, np.array(keys), np.full(n, T), PARALLEL, 0, 1, 1, spins, energies
        )
        up = 1 / (1 + np.exp(-2 * fields[number] / T))
        row = np.where(everywhere > 0, up, 1 - up).prod(axis=1)
        counts = np.bincount(state_numbers(spins[:, 0]), minlength=128)
        assert chi_square_p(counts, row) > P_VALUE
        assert np.isnan(energies).all()
    final = final_configurations(
        kernel, memory, T, dynamics="parallel", site_order="sequential", n_chains=n, n_sweeps=30
    )
    counts = np.bincount(state_numbers(final), minlength=128)
    assert chi_square_p(counts, parallel_law(fields, T)) > P_VALUE


def test_the_law_is_not_that_of_patterns_that_answer_for_themselves():
    memory, _, T = law(Sequence(order=4))
    static = draw(Dense(order=4), n_spins=7, alpha=Dense(order=4).load(5, 7), seed=3).memory
    np.testing.assert_array_equal(static.rows, memory.rows)
    fields = compiled_fields(static, all_configurations(7))
    final = final_configurations(
        resolve("numba", "parallel"), memory, T,
        dynamics="parallel", site_order="sequential", n_chains=4000, n_sweeps=30,
    )  # fmt: skip
    counts = np.bincount(state_numbers(final), minlength=128)
    assert chi_square_p(counts, parallel_law(fields, T)) < P_VALUE


@pytest.mark.parametrize(
    "model",
    [Sequence(), Sequence(order=3), Sequence(order=4, indices="all"), EVERY[-1]],
    ids=repr,
)
def test_bits_depend_neither_on_threads_nor_on_batches(model):
    case = {
        "alpha": model.load(7, 14), "T": [0.0, 0.3], "n_spins": 14, "n_samples": 2,
        "n_replicas": 3, "schedule": Schedule(warmup=1, sweeps=4, stride=2), "start": "random",
        "dynamics": "parallel",
    }  # fmt: skip
    whole = montecarlo.simulate(model, **case, n_threads=1)
    for changes in ({"n_threads": 3}, {"backend": "reference"}):
        other = montecarlo.simulate(model, **{**case, **changes})
        np.testing.assert_array_equal(whole.last, other.last)
        np.testing.assert_array_equal(whole.series["m"], other.series["m"])
        np.testing.assert_array_equal(whole.period, other.period)
    few = montecarlo.simulate(model, **{**case, "n_replicas": 2, "T": 0.3})
    np.testing.assert_array_equal(few.last, whole.last[1, :, :2])
    assert np.isnan(whole.energy.mean).all()


@FORMS
def test_a_spin_without_a_field_takes_the_coin(packed, monkeypatch):
    """Two opposed answers of equal overlap: no field at any site, at T = 0 too."""
    monkeypatch.setattr(rows_as_bits, "available", lambda: packed)
    rows = np.ones((2, 64), np.int8)
    values = np.vstack([rows[:1], -rows[:1]])
    kept = Packed(pack(values), 2)
    exponential = {"slopes": np.linspace(0, 1, 65), "order": 0, "indices": ""}
    for given in ({"order": 3, "indices": "distinct"}, {"order": 2, "indices": "all"}, exponential):
        memory = Memory(rows=rows, weight=1.0, values=kept, **given)
        if given is exponential:
            assert isinstance(steps.lower(memory).rows, rows_by_level.Levels)
        final = final_configurations(
            resolve("numba", "parallel"), memory, 0.0,
            dynamics="parallel", site_order="sequential", n_chains=200, n_sweeps=1,
        )  # fmt: skip
        assert abs(final.mean()) < 5 / np.sqrt(final.size)


def test_periods_are_those_of_fixed_points_and_of_cycles_of_two():
    """A cycle of one pattern rests, one of two alternates, one of three does neither."""
    for n_patterns, period in ((1, 1), (2, 2), (3, 0)):
        model = Sequence(order=3)
        run = montecarlo.simulate(
            model, alpha=model.load(n_patterns, 101), T=0.0, n_spins=101, n_samples=2,
            dynamics="parallel", schedule=Schedule(warmup=0, sweeps=6, stride=1),
        )  # fmt: skip
        assert run.n_patterns == n_patterns
        np.testing.assert_array_equal(run.period, period)
        np.testing.assert_array_equal(run.series["m"], 1.0)


@pytest.mark.heavy
@pytest.mark.parametrize("model", EVERY, ids=repr)
def test_what_every_model_promises(model):
    report = check_model(model)
    assert report.found["compiled_kernels"].startswith("same spins")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"dynamics": "glauber"}, "dynamics = 'parallel'"),
        ({"dynamics": "parallel-diagonal"}, "dynamics = 'parallel'"),
        ({"dynamics": "plefka"}, "dynamics = 'parallel'"),
        ({"dynamics": "parallel", "backend": "cupy"}, "backend = 'numba'"),
    ],
)
@pytest.mark.parametrize("model", [Sequence(order=3), EVERY[-1]], ids=repr)
def test_other_dynamics_and_devices_are_refused_in_one_line(model, arguments, words):
    with pytest.raises(ValueError, match=words) as refused:
        montecarlo.simulate(model, alpha=0.1, T=0.2, n_spins=20, **arguments)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("model", [Sequence(), EVERY[-1]], ids=repr)
def test_no_energy_no_replica_exchange_and_no_mean_field(model):
    with pytest.raises(ValueError, match="no replica exchange"):
        montecarlo.temper(model, alpha=0.1, T=[0.2, 0.3], n_spins=20)
    with pytest.raises(ValueError, match="dynamics = 'parallel'"):
        montecarlo.plefka(model, alpha=0.1, T=0.2, n_spins=20)

"""Examples that a teacher draws, against enumeration of its law, and the student's energy."""

import itertools
import math
import re

import numpy as np
import pytest

import hebbian
from hebbian import Model, Storing, TeacherStudent, Unsupervised, draw, streams, teacher_student
from hebbian.packed import pack
from hebbian.teacher_student import agreement_law, largest_inverse_temperature
from hebbian.testing import check_model
from montecarlo.testing import all_configurations, chi_square_p, state_numbers

KEY = streams.key(3, "patterns", sample=0)


def power(overlaps, P):
    """N^P m^P without repeated sites: P! times the sum over P distinct ones."""
    terms = itertools.combinations(range(overlaps.shape[-1]), P)
    return math.factorial(P) * sum(overlaps[..., list(term)].prod(axis=-1) for term in terms)


def configuration_law(P, beta, N):
    """Probabilities of all examples of the teacher + + ... +, by enumeration."""
    spins = all_configurations(N).astype(float)
    weights = np.exp(0.5 * beta * N ** (1 - P) * power(spins, P))
    return weights / weights.sum()


CASES = [(2, 0.9, 7), (3, 1.3, 8), (4, 1.3, 6), (5, 1.3, 7)]


@pytest.mark.parametrize(("P", "beta", "N"), CASES)
def test_the_number_of_agreeing_spins_has_its_law(P, beta, N):
    agreeing = (all_configurations(N) > 0).sum(axis=1)
    exact = np.bincount(agreeing, weights=configuration_law(P, beta, N))
    np.testing.assert_allclose(agreement_law(P, beta, N), exact, rtol=0, atol=1e-15)


@pytest.mark.parametrize(("P", "beta", "N"), CASES)
def test_whole_examples_have_boltzmanns_law(P, beta, N):
    """Every configuration, also against its law at two thirds of the signal."""
    model = TeacherStudent(order=P, teacher_temperature=1 / beta)
    rows = model.draw(KEY, 60_001, N).unpack()
    counts = np.bincount(state_numbers(rows[1:] * rows[0]), minlength=2**N)
    assert chi_square_p(counts, configuration_law(P, beta, N)) > 1e-4
    assert chi_square_p(counts, configuration_law(P, beta / 1.5, N)) < 1e-6


@pytest.mark.parametrize("P", [2, 3])
def test_agreements_of_many_spins_have_their_law(P):
    """Blocks of words follow each other: 4000 examples more than two of them."""
    model, N = TeacherStudent(order=P, signal=0.8), 60
    n_rows = 2 * 64 * teacher_student._BLOCK_WORDS + 4000
    rows = model.draw(KEY, n_rows, N).unpack()
    for some in (slice(1, None), slice(1, 64), slice(-4000, None)):
        agreeing = (rows[some] == rows[0]).sum(axis=1)
        counts = np.bincount(agreeing, minlength=N + 1)
        assert chi_square_p(counts, agreement_law(P, model.teacher_beta, N)) > 1e-4
    # No site is better known than another.
    share = (rows[1:] == rows[0]).mean(axis=0)
    assert np.ptp(share) < 10 * math.sqrt(0.25 / n_rows)


def test_examples_are_independent_of_each_other():
    """In the gauge of the teacher, neighbours in a word, in a block and in two blocks."""
    model, N, block = TeacherStudent(signal=1.0), 30, 64 * teacher_student._BLOCK_WORDS
    rows = model.draw(KEY, 2 * block, N).unpack()
    agrees = (rows * rows[0])[1:].astype(float)
    mean = agrees.mean()
    for shift in (1, 4, 63, 64, 65, block):
        first, second = agrees[:-shift], agrees[shift:]
        found = ((first * second).sum(axis=1) - N * mean**2) / N**0.5
        assert abs(found.mean()) < 4.5 * found.std() / len(found) ** 0.5


@pytest.mark.parametrize("P", [2, 3])
def test_more_examples_keep_the_fewer(P, monkeypatch):
    model = TeacherStudent(order=P, signal=0.7)
    most = model.draw(KEY, 1000, 20).unpack()
    for n_rows in (1, 2, 63, 64, 65, 128, 999):
        few = model.draw(KEY, n_rows, 20)
        np.testing.assert_array_equal(few.unpack(), most[:n_rows])
        np.testing.assert_array_equal(few.bits, pack(most[:n_rows]))  # and nothing beyond
    monkeypatch.setattr(teacher_student, "_BLOCK_WORDS", 3)
    np.testing.assert_array_equal(model.draw(KEY, 1000, 20).unpack(), most)


@pytest.mark.parametrize("n_examples", [1, 62, 63, 64, 65, 127, 128, 130])
def test_the_teacher_is_observed_and_not_stored(n_examples):
    model, N = TeacherStudent(signal=2.0), 12
    data = draw(model, n_spins=N, alpha=n_examples / N, seed=5)
    assert data.n_patterns == n_examples + 1 == model.count(n_examples / N, N)
    assert model.load(data.n_patterns, N) == n_examples / N
    rows = data.memory.rows
    assert rows.shape == (n_examples, N)
    np.testing.assert_array_equal(np.asarray(rows), data.archetypes[1:])
    assert model.layout(data.n_patterns, N).n_rows == n_examples


@pytest.mark.parametrize("P", [2, 3, 4])
def test_the_energy_is_its_definition(P):
    """H(s) = -(N/2) sum over examples of the power of the overlap, sites of a term distinct."""
    data = draw(TeacherStudent(order=P, signal=0.5), n_spins=9, alpha=0.6, seed=2)
    for s in np.random.default_rng(1).choice([-1, 1], (5, 9)):
        known = -0.5 * 9 ** (1 - P) * power(data.archetypes[1:].astype(float) * s, P).sum()
        assert data.memory.energy(s) == pytest.approx(known, rel=1e-12)


def test_the_signal_is_the_quality_of_the_examples_at_two_bodies():
    """1 + r^2 N = 1/(1 - b) is N <m^2>; of N spins up to a correction of the order 1/N."""
    for signal in (0.3, 3.0):
        model = TeacherStudent(signal=signal)
        N = np.array([1000, 2000])
        second = [
            agreement_law(2, model.teacher_beta, n) @ np.linspace(-1, 1, n + 1) ** 2 for n in N
        ]
        first, last = N * second - (1 + signal)
        assert abs(last) < 0.02 * (1 + signal)
        assert last / first == pytest.approx(0.5, rel=0.05)


@pytest.mark.parametrize("P", range(2, 9))
def test_examples_become_copies_of_the_teacher_where_its_ferromagnet_does(P):
    """The largest inverse temperature: beyond, the law of N spins has most of it near m = 1."""
    largest, N = largest_inverse_temperature(P), 4000

    def magnetized(beta):
        law = agreement_law(P, beta, N)
        return law[np.abs(np.linspace(-1, 1, N + 1)) > 0.5].sum()

    if P == 2:  # a continuous transition
        assert largest == 1
    else:
        assert magnetized(1.01 * largest) > 0.95 > 0.05 > magnetized(0.99 * largest)


def test_signal_and_temperature_are_one_parameter():
    """b = w/(1 + w) at two bodies and w beyond."""
    for P, beta in ((2, 0.75), (3, 0.75), (6, 1.2)):
        signal = beta / (1 - beta) if P == 2 else beta
        warm = TeacherStudent(order=P, teacher_temperature=1 / beta)
        for model in (warm, TeacherStudent(order=P, signal=signal)):
            assert model.teacher_beta == pytest.approx(beta, rel=1e-14)
            assert model.effective_signal == pytest.approx(signal, rel=1e-14)
            assert model.nishimori_temperature == pytest.approx(1 / beta, rel=1e-14)
            assert Model.build(model.describe()) == model
            assert "None" not in repr(model)
        assert warm.replace(signal=0.3) == TeacherStudent(order=P, signal=0.3)
        assert warm.replace(order=4).teacher_temperature == 1 / beta
        back = warm.replace(signal=0.3).replace(teacher_temperature=1 / beta)
        assert back == warm
    assert not TeacherStudent(signal=1.0).drawable


def test_it_keeps_what_is_promised_of_all_models():
    check_model(TeacherStudent(order=3, teacher_temperature=1.0))


REFUSED = {
    "signal = 0.0 is outside": {"signal": 0},
    "signal = -1.0 is outside": {"signal": -1},
    "signal = inf": {"signal": math.inf},
    "signal = nan": {"signal": math.nan},
    "signal = 2.0 is outside the allowed range (0, 1.34417)": {"order": 3, "signal": 2},
    "teacher_temperature = 1.0 is outside the allowed range (1, inf)": {"teacher_temperature": 1},
    "teacher_temperature = 0.7 is outside the allowed range (0.743954, inf)": {
        "order": 3,
        "teacher_temperature": 0.7,
    },
    "order = 1 is outside the allowed range [2, 8]": {"order": 1, "signal": 1.0},
    "order = 9 is outside the allowed range [2, 8]": {"order": 9, "signal": 1.0},
    "signal = None and teacher_temperature = None": {},
    "signal = 1.0 and teacher_temperature = 2.0": {"signal": 1.0, "teacher_temperature": 2.0},
    "the examples of TeacherStudent are those of its teacher": {
        "signal": 1.0,
        "rule": Unsupervised(quality=0.5, n_examples=3),
    },
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_is_outside_is_one_line(words):
    with pytest.raises(ValueError, match=re.escape(words)) as raised:
        TeacherStudent(**REFUSED[words])
    assert "\n" not in str(raised.value)


def test_what_a_student_cannot_be_asked():
    model = TeacherStudent(signal=1.0)
    assert TeacherStudent(signal=1, rule=Storing()) == model
    with pytest.raises(ValueError, match="alpha is missing"):
        draw(model, n_spins=10)
    with pytest.raises(ValueError, match="alpha = -1"):
        draw(model, n_spins=10, alpha=-1)
    with pytest.raises(ValueError, match="weights is not a parameter"):
        model.replace(weights="zipf:1")
    assert model.count(0, 10) == 2
    assert hebbian.TeacherStudent is TeacherStudent

"""Couplings that have slept, against textbook linear algebra, and given couplings."""

import hashlib
import math
import os
import subprocess
import sys

import numpy as np
import pytest

from hebbian import (
    Couplings,
    Dreaming,
    Hopfield,
    Memory,
    Supervised,
    Unsupervised,
    draw,
    from_couplings,
    from_examples,
)
from hebbian.elimination import quadratic_form
from hebbian.testing import check_model

RULES = [Supervised(quality=0.8, n_examples=5), Unsupervised(quality=0.8, n_examples=5)]


def slept(J, t):
    """The function of a matrix, by its eigenvalues."""
    values, vectors = np.linalg.eigh(J)
    found = (values > 1e-9) if math.isinf(t) else (1 + t) * values / (1 + t * values)
    return (vectors * found) @ vectors.T


@pytest.mark.parametrize("t", [0.0, 1e-4, 0.5, 3.0, 1000.0, math.inf])
@pytest.mark.parametrize("alpha", [0.2, 0.95, 1.6])
def test_couplings_are_a_function_of_the_hebbian_ones(alpha, t):
    data = draw(Dreaming(sleep=t), n_spins=90, alpha=alpha, seed=1)
    xi = data.archetypes.astype(float)
    np.testing.assert_allclose(data.memory.couplings, slept(xi.T @ xi / 90, t), atol=2e-11)


@pytest.mark.parametrize("rule", RULES, ids=repr)
@pytest.mark.parametrize("t", [0.0, 2.0])
def test_examples_make_the_hebbian_couplings(rule, t):
    """In the units of `Hopfield`: R = r^2 + (1 - r^2)/M per class, and M terms of examples."""
    data = draw(Dreaming(sleep=t, rule=rule), n_spins=60, alpha=0.2, seed=3)
    twin = draw(Hopfield(rule=rule), n_spins=60, alpha=0.2, seed=3)
    rows = twin.memory.rows.astype(float)
    R = 0.8**2 + (1 - 0.8**2) / 5
    units = 25 if isinstance(rule, Supervised) else 5
    expected = slept(rows.T @ rows / (60 * units * R), t)
    np.testing.assert_allclose(data.memory.couplings, expected, atol=1e-12)
    if t == 0:
        s = np.random.default_rng(0).choice([-1, 1], 60)
        assert data.memory.energy(s) == pytest.approx(twin.memory.energy(s), rel=1e-12)


@pytest.mark.parametrize("n_patterns", [20, 60])
def test_the_projector_leaves_dependent_patterns_out(n_patterns):
    xi = np.random.default_rng(5).choice([-1, 1], (n_patterns, 40))
    xi[7], xi[9] = xi[3], -xi[4]
    xi[:, 31] = xi[:, 30]
    J = from_examples(Dreaming(sleep=math.inf), xi).memory.couplings
    np.testing.assert_allclose(J, np.linalg.pinv(xi) @ xi, atol=1e-10)


def test_quadratic_forms_of_sizes_around_the_blocks():
    rng = np.random.default_rng(0)
    for m, n in ((1, 1), (127, 3), (128, 520), (129, 127), (300, 600)):
        Y, A = rng.normal(size=(m, n)), rng.normal(size=(m, m))
        form, kept = quadratic_form(A @ A.T + np.eye(m), Y)
        expected = Y.T @ np.linalg.solve(A @ A.T + np.eye(m), Y)
        np.testing.assert_allclose(form, expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max())
        assert kept.all()
        assert np.array_equal(form, form.T)


def test_the_couplings_do_not_depend_on_threads():
    """Of which sizes that are no whole numbers of blocks make BLAS depend."""
    code = (
        "import hashlib; from hebbian import Dreaming, draw; "
        "J = draw(Dreaming(sleep=2.0), n_spins=401, alpha=0.7).memory.couplings; "
        "print(hashlib.sha256(J).hexdigest())"
    )
    here = draw(Dreaming(sleep=2.0), n_spins=401, alpha=0.7).memory.couplings
    found = {hashlib.sha256(here).hexdigest()}
    for n in ("1", "3"):
        threads = {"OPENBLAS_NUM_THREADS": n, "OMP_NUM_THREADS": n, "MKL_NUM_THREADS": n}
        run = subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | threads, capture_output=True, text=True, check=True,
        )  # fmt: skip
        found.add(run.stdout.strip())
    assert len(found) == 1


@pytest.mark.heavy
def test_energies_are_those_that_are_written():
    def energy(data, s):
        xi = data.archetypes.astype(float)
        J = slept(xi.T @ xi / data.n_spins, 0.7)
        return -0.5 * (s @ J @ s - np.trace(J))

    assert check_model(Dreaming(sleep=0.7), energy=energy)
    assert check_model(Dreaming(sleep="inf", rule=RULES[0]))


@pytest.mark.heavy
def test_given_and_drawn_couplings_keep_their_promises():
    J = np.random.default_rng(1).normal(size=(9, 9))
    J += J.T
    assert check_model(Couplings(J), energy=lambda data, s: -0.5 * (s @ J @ s - np.trace(J)))
    assert check_model(Couplings())
    with pytest.raises(ValueError, match="13 spins, more than the 12"):
        check_model(Couplings(np.ones((13, 13))))


def test_drawn_couplings_are_those_of_sherrington_and_kirkpatrick():
    first, second = (draw(Couplings(), n_spins=300, sample=k).memory.couplings for k in (0, 1))
    assert not np.array_equal(first, second)
    upper = first[np.triu_indices(300, 1)]
    assert np.array_equal(first, first.T)
    assert not first.diagonal().any()
    assert abs(upper.mean()) < 4 / 300 / np.sqrt(len(upper)) * np.sqrt(300)
    assert upper.var() * 300 == pytest.approx(1, abs=4 * np.sqrt(2 / len(upper)))


@pytest.mark.parametrize(
    ("couplings", "message"),
    [
        ([[0, 1], [2, 0]], r"J\[0, 1\] = 1 and J\[1, 0\] = 2: asymmetric"),
        (np.ones((2, 3)), r"shape \(2, 3\), but \(n_spins, n_spins\)"),
        ([[0, np.nan], [np.nan, 0]], "couplings = nan"),
        ([[0, np.inf], [np.inf, 0]], "couplings = inf"),
        ([["a", "b"], ["c", "d"]], "not a real number"),
        ("spin-glass", "not one of sherrington-kirkpatrick"),
        ("absent.npy", "cannot be read"),
        (3.0, "shape"),
        (None, "not a real number"),
    ],
)
def test_couplings_that_are_none_are_refused_in_one_line(couplings, message):
    with pytest.raises(ValueError, match=message) as caught:
        Couplings(couplings)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"no matrix", "asymmetric"])
def test_files_that_hold_no_couplings_are_refused(tmp_path, content):
    file = tmp_path / "J.npy"
    if content == "asymmetric":
        np.save(file, np.arange(9.0).reshape(3, 3))
    else:
        file.write_bytes(content)
    with pytest.raises(ValueError, match="couplings") as caught:
        Couplings(str(file))
    assert "\n" not in str(caught.value)


def test_a_file_stands_for_its_matrix(tmp_path):
    J = np.array([[0.5, 1, -2], [1, 0, 3], [-2, 3, 0]])
    np.save(tmp_path / "J.npy", J)
    model = Couplings(str(tmp_path / "J.npy"))
    data = from_couplings(model, np.array([[1, -1, 1], [1, 1, 1]]))
    assert np.array_equal(data.memory.couplings, J)
    assert data.n_patterns == 2
    np.save(tmp_path / "J.npy", 2 * J)
    with pytest.raises(ValueError, match="others than they were"):
        Couplings(**{**model.parameters(), "rule": model.rule})


def test_networks_that_do_not_fit_the_memory_are_refused():
    with pytest.raises(ValueError, match=r"the couplings .* reduce n_spins to \d+$") as caught:
        draw(Dreaming(), n_spins=5_000_000, alpha=1e-6)
    assert "\n" not in str(caught.value)


def test_whole_couplings_lose_nothing_that_counts():
    J = np.random.default_rng(2).normal(size=(1100, 1100))
    J += J.T
    memory = Memory(rows=np.ones((1, 1100), np.int8), couplings=J, weight=1.0)
    whole = memory.whole_couplings
    largest = np.abs(J).sum(axis=1).max()
    assert np.abs(whole.matrix * whole.unit - J).max() <= 2.0**-52 * np.abs(J).max()
    assert whole.unit <= 2.0**-59 * largest
    assert np.abs(whole.matrix).astype(float).sum(axis=1).max() <= 2.0**60 * (1 + 1e-12)

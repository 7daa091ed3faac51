"""What `check_model` promises to notice, injected into a model that passes."""

from dataclasses import dataclass

import numpy as np
import pytest
from conformance import CASES, IDS

from hebbian import Memory, Model, Multitasking, domain, patterns, testing
from hebbian.packed import take
from hebbian.promises import CHECKS, Subject
from hebbian.testing import check_model


@pytest.fixture(autouse=True)
def kinds_as_they_were(monkeypatch):
    monkeypatch.setattr(Model, "kinds", dict(Model.kinds))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize(("model", "alpha"), CASES, ids=IDS)
def test_built_in_models_keep_what_is_promised(model, alpha, check):
    for seed in range(5):
        check(Subject(model=model, seed=seed))


class Pairs:
    """H = -(N/2) sum_mu n_mu^2 of fair binary patterns; the methods of a model."""

    entries = "signs"
    strength: float = 1.0

    def __post_init__(self):
        Model.__post_init__(self)
        object.__setattr__(self, "strength", domain.real("strength", self.strength, "(0, 9]"))

    def count(self, alpha, n_spins):
        return max(1, round(domain.real("alpha", alpha, "[0, 1000]") * n_spins))

    def draw(self, key, n_patterns, n_spins):
        return patterns.rademacher(key, n_patterns, n_spins)

    def lower(self, rows):
        rule, n_spins = self.rule, rows.shape[1]
        weight = self.strength / 2 / n_spins / rule.rows_per_pattern / rule.largest**2
        return Memory(rows=rows, order=2, indices="all", weight=weight)

    def example_overlap_scale(self):
        return 1 / self.rule.n_examples


def toy(annotations=None, **faults):
    """A model made of `Pairs`, with faults."""
    body = {k: v for k, v in vars(Pairs).items() if k not in ("__dict__", "__weakref__", "__doc__")}
    body |= {"__module__": __name__, "__qualname__": "Toy"} | faults
    body["__annotations__"] = {"strength": float} | (annotations or {})
    return dataclass(frozen=True, kw_only=True)(type("Toy", (Model,), body))


def written(data, spins):
    m = data.archetypes @ spins.astype(float) / data.n_spins
    return -data.n_spins / 2 * (m @ m)


def test_a_right_model_passes_and_says_what_was_checked():
    report = check_model(toy()(), energy=written)
    assert set(report.found) >= {check.__name__ for check in CHECKS}
    assert {"compiled_kernels", "single_spin_dynamics", "parallel_dynamics"} <= set(report.found)
    assert not report.absent
    assert "H as written" in report.found["energies"]
    assert "p-value" in report.found["single_spin_dynamics"]
    assert str(report).startswith("Toy(rule=Storing(), strength=1.0) keeps what is promised")


def test_without_montecarlo_its_checks_are_said_to_be_absent(monkeypatch):
    monkeypatch.setattr(testing, "ROOMS", ("no_such_room.testing",))
    report = check_model(Multitasking(n_patterns=2))
    assert report.absent == ("no_such_room",)
    assert "no_such_room is not installed" in str(report)
    assert set(report.found) == {check.__name__ for check in CHECKS}


def test_a_class_is_no_model():
    with pytest.raises(TypeError, match=r"Multitasking is a class: write Multitasking\("):
        check_model(Multitasking)


HIDDEN = np.random.default_rng(0)


def by_call(self, key, n_patterns, n_spins):
    return HIDDEN.choice(np.array([-1, 1], np.int8), (n_patterns, n_spins))


def by_number(self, key, n_patterns, n_spins):
    return patterns.rademacher(key + np.uint32(n_patterns), n_patterns, n_spins)


def by_no_key(self, key, n_patterns, n_spins):
    return patterns.rademacher(np.zeros(2, np.uint32), n_patterns, n_spins)


def scaled(power, factor=1.0):
    def lower(self, rows):
        good = Pairs.lower(self, rows)
        weight = factor * good.weight * float(good.n_spins) ** power
        return Memory(rows=rows, order=2, indices="all", weight=weight)

    return lower


def without_examples(self, rows):
    return Memory(rows=rows, order=2, indices="all", weight=0.5 / rows.shape[1])


def of_content(self, rows):
    weight = 0.5 / rows.shape[1] * (1 + (take(rows, [0])[0, 0] > 0))
    return Memory(rows=rows, order=2, indices="all", weight=weight)


class Stronger(Memory):
    """An energy that the rows and their interaction do not make."""

    def energy(self, spins):
        return 1.3 * super().energy(spins)

    def flip_cost(self, spins, site):
        return 1.3 * super().flip_cost(spins, site)


class Uphill(Memory):
    """A cost of a flip that is not the difference of two energies."""

    def flip_cost(self, spins, site):
        return 0.1 + super().flip_cost(spins, site)


def lowered_to(kind):
    def lower(self, rows):
        weight = Pairs.lower(self, rows).weight
        return kind(rows=rows, order=2, indices="all", weight=weight)

    return lower


def twice_the_rows(self, rows):
    rows = rows if isinstance(rows, np.ndarray) else rows.unpack()
    doubled = np.repeat(rows, 2, axis=0)
    return Memory(rows=doubled, order=2, indices="all", weight=0.25 / rows.shape[1])


def of_distinct_sites(self, rows):
    weight = Pairs.lower(self, rows).weight
    return Memory(rows=rows, order=2, indices="distinct", weight=weight)


def forgets(self):
    return {"model": "toy", **self.rule.parameters()}


@pytest.mark.parametrize(
    ("faults", "sentence"),
    [
        ({"lower": scaled(0, 2.0)}, r"energies of Toy.*: H = -\S+ of the memory, -\S+ as written"),
        ({"lower": scaled(1)}, r"energies of Toy.*"),
        ({"lower": of_content}, r"lowering of Toy.*: lower in another gauge: H = "),
        (
            {"lower": of_distinct_sites, "self_coupled": True},
            "lowering of Toy.*: self_coupled says that pairs have a diagonal",
        ),
        ({"lower": twice_the_rows}, r"rows of Toy.*: layout declares \d+ rows, lower made \d+"),
        ({"lower": lowered_to(Uphill)}, r"energies of Toy.*: flip_cost = \S+, H changes by"),
        ({"lower": without_examples}, r"perfect_data of Toy.*: H = \S+ with Supervised"),
        ({"draw": by_call}, "draws of Toy.*: draw with one key returned two sets"),
        ({"draw": by_number}, "draws of Toy.*: of 4 archetypes 0 are kept when 12 are drawn"),
        ({"draw": by_no_key}, "draws of Toy.*: draw returned the same archetypes for two keys"),
        ({"draw": lambda self, *a: patterns.diluted(*a, 0.5)}, "rows of Toy.*entries are 'signs'"),
        (
            {"draw": lambda self, *a: 3 * patterns.rademacher(*a), "entries": "ternary"},
            r"rows of Toy.*: layout declares ternary for entries, found \[-3, 3\]",
        ),
        (
            {"draw": lambda self, *a: patterns.rademacher(*a).astype(int), "entries": "ternary"},
            "rows of Toy.*: .*draw returned an array of int64, its entries are 'ternary'",
        ),
        (
            {"draw": lambda self, *a: -patterns.rademacher(*a), "drawable": True},
            "draws of Toy.*: 80 entries differ from those that a device draws",
        ),
        ({"layout": lambda self, K, n: Multitasking().layout(K, n)}, "rows of Toy.*: layout decl"),
        ({"example_overlap_scale": lambda self: 2.0}, "perfect_data of Toy.*: n = 2 m for perfect"),
        ({"count": lambda self, alpha, n: alpha * n}, "numbers_of_patterns of Toy"),
        (
            {"count": lambda self, alpha, n: 7},
            r"numbers_of_patterns of Toy.*: count\(0.1, 20\) is accepted: 7",
        ),
        ({"describe": forgets, "strength": 3.0}, "description of Toy.*: Model.build"),
        (
            {"__post_init__": Model.__post_init__},
            r"refusals of Toy.*: Toy\(strength=nan\) is acc",
        ),
        ({"__post_init__": lambda self: None}, r"refusals of Toy.*: Toy\(rule='storing'\) is acc"),
    ],
    ids=lambda case: next(iter(case)) if isinstance(case, dict) else None,
)
def test_faults_are_noticed(faults, sentence, monkeypatch):
    monkeypatch.setattr(testing, "ROOMS", ())
    with pytest.raises(AssertionError, match=sentence):
        check_model(toy(**faults)(strength=1.0), energy=written)


def test_an_energy_that_kernels_do_not_sample_is_noticed():
    def as_lowered(data, spins):
        return data.memory.energy(spins)

    with pytest.raises(AssertionError, match=r"compiled_kernels of Toy.*: the energy of glauber"):
        check_model(toy(lower=lowered_to(Stronger))(), energy=as_lowered)


def test_a_wrong_power_of_the_size_is_noticed_without_a_written_energy(monkeypatch):
    monkeypatch.setattr(testing, "ROOMS", ())
    for power in (-1, 1):
        with pytest.raises(AssertionError, match=r"H/N of a retrieved pattern is -\S+ for 512"):
            check_model(toy(lower=scaled(power))())


def test_a_value_that_breaks_a_model_is_not_refused(monkeypatch):
    monkeypatch.setattr(testing, "ROOMS", ())

    def breaks(self):
        Model.__post_init__(self)
        if self.strength != 1:
            raise KeyError(self.strength)

    with pytest.raises(AssertionError, match=r"\(strength=nan\) raises KeyError, not ValueErr"):
        check_model(toy(__post_init__=breaks)())


def test_the_door_needs_no_import_of_its_own():
    """``hebbian.testing.check_model`` is what pages and people write."""
    import hebbian

    assert hebbian.testing.check_model is check_model

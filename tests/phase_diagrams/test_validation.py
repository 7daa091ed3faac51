"""The validation table: every number, every identity, and a few of the random points."""

import numpy as np
import pytest
import xarray as xr

from hebbian import Dense, Hopfield, Multitasking, Unsupervised
from phase_diagrams import compare
from phase_diagrams.validation import identities, located, published, report, sampling


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(entry, marks=pytest.mark.heavy) if k % 4 or "dynamics" in entry.what else entry
        for k, entry in enumerate([*published.entries(), *identities.entries()])
    ],
    ids=lambda entry: entry.what,
)
def test_entry(entry):
    checked = entry.check()
    assert checked.passed, f"{checked.value} for {entry.expected}"


def test_points_depend_on_the_seed_and_their_number_alone():
    few, many = list(sampling.draw(5, 1)), list(sampling.draw(8, 1))
    assert many[:5] == few
    assert list(sampling.draw(5, 2)) != few
    kinds = {(type(p.model).__name__, type(p.model.rule).__name__) for p in sampling.draw(18, 1)}
    assert len(kinds) == 9


def verdict(**changed):
    point = sampling.Point(number=0, model=Hopfield(), alpha=0.05, T=0.2, n_spins=800)
    known = {"point": point, "phase": "retrieval", "prediction": sampling.AGREEMENT}
    known |= {"m": 0.9, "error": 0.01, "theory": 0.9, "z": 0.0, "limit": 4.0}
    return sampling.Verdict(**known | changed)


def test_agreement_is_within_the_error_and_the_inverse_size():
    close, far = (verdict(m=0.9 - 0.04 - off) for off in (1 / 801, 1 / 799))
    assert (close.disagrees, far.disagrees, far.against) == (False, True, True)
    assert not verdict(m=0.1, prediction="glass").against


def test_predictions_do_not_look_at_what_was_simulated():
    """The same point with every measured number changed."""
    point = sampling.Point(number=0, model=Hopfield(), alpha=0.05, T=0.2, n_spins=100)
    tree, found = sampling._study(point)
    known = found["expected"]
    simulation = tree["simulation"].to_dataset()
    for name in simulation.data_vars:
        if simulation[name].dtype.kind == "f":
            tree[f"simulation/{name}"] = simulation[name] * 0.3
    assert (compare(tree, finite_size=True)["expected"] == known).all()


@pytest.mark.parametrize(
    ("model", "alpha", "T", "n_spins", "prediction"),
    [
        (Hopfield(), 0.03, 0.2, 800, "agreement"),
        (Hopfield(), 0.03, 1.6, 800, "agreement"),
        (Hopfield(), 0.03, 0.8, 800, "glass"),
        (Hopfield(), 0.13, 0.1, 100, "boundary"),
        (Dense(order=4, rule=Unsupervised(quality=0.8, n_examples=3)), 0.01, 0.1, 72,
         "single examples are attractors: overlap 0.80"),
        (Multitasking(n_patterns=3, dilution=0.3), None, 0.03, 3000, "agreement"),
        (Multitasking(n_patterns=3, dilution=0.3), None, 0.69, 3000, "soft"),
    ],
)  # fmt: skip
@pytest.mark.heavy
def test_predictions(monkeypatch, model, alpha, T, n_spins, prediction):
    """A point far from every line, close to one, in the glass, with attractive examples."""
    point = sampling.Point(number=0, model=model, alpha=alpha, T=T, n_spins=n_spins)
    monkeypatch.setattr(sampling, "N_SAMPLES", 2)
    assert sampling.compare(point).prediction == prediction


@pytest.mark.heavy
def test_random_points_agree_where_that_is_predicted():
    drawn = [sampling.compare(point) for point in sampling.draw(3, 11)]
    assert not any(v.against for v in drawn)
    wrong = verdict(m=0.2)
    entry = published.entries()[0]
    bad = entry._replace(expected=0.5).check()
    sections = ["## Coverage", ""]
    page = report.page([entry.check()], [bad], [*drawn, wrong, verdict()], sections)
    assert "published numbers: 1 of 1 pass" in page
    assert "identities: 0 of 1 pass" in page
    agreeing = 2 + sum(v.prediction == sampling.AGREEMENT for v in drawn)
    words = f"agreement is predicted at {agreeing} of them, and 1 of these disagree"
    assert words in page
    assert page.index("## Coverage") < page.index("## Theory against simulation")
    assert page.count("**against**") == 1


def test_how_many_may_disagree_by_chance():
    assert report.allowed(0) == 0
    counts = np.random.default_rng(3).binomial(100, report.RARE, 40_000)
    assert (counts > report.allowed(100)).mean() < 0.001 < (counts >= report.allowed(100)).mean()


def test_located_transitions(monkeypatch):
    """One line for each, from the data set alone."""
    search = located.Search(Dense(order=4), 0.1, [40, 56], 8)

    def locate(model, *, alpha, n_spins, n_samples, seed):
        sized = {"transition": [0.75, 0.74], "transition_err": [0.01, 0.02]}
        along = {"limit": 0.66, "limit_err": 0.01, "theory": 0.6746, "z": -1.46}
        return xr.Dataset(
            {name: (("alpha", "n_spins"), [values]) for name, values in sized.items()}
            | {name: ("alpha", [value]) for name, value in along.items()},
            coords={"alpha": [alpha], "n_spins": n_spins},
        )

    monkeypatch.setattr(located, "locate_transition", locate)
    *_, row, _ = located.section(located.measured([search]))
    assert "| 0.1 | 40, 56 | 0.7500(0.0100), 0.7400(0.0200) | 0.6600(0.0100) | 0.6746 |" in row
    assert row.endswith("| -1.5 | -2.2% |")

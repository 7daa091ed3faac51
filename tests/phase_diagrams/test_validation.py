"""The validation table: every number, every identity, and a few of the random points."""

import dataclasses

import pytest
import xarray as xr

from hebbian import Hopfield
from phase_diagrams import Phase
from phase_diagrams.validation import identities, published, report, sampling


@pytest.mark.parametrize(
    "entry", [*published.entries(), *identities.entries()], ids=lambda entry: entry.what
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


@pytest.mark.parametrize(
    ("half", "reason"),
    [(0.2, "finite size: the difference is 0.1000 here and 0.2000 at N/2"),
     (0.14, "finite size: the difference is 0.1000 here and 0.1400 at N/2"),
     (0.12, "not explained"), (0.1, "not explained"), (0.05, "not explained")],
)  # fmt: skip
def test_a_difference_that_does_not_shrink_with_the_size_is_not_finite_size(
    monkeypatch, half, reason
):
    """A point far from every line, of long chains that stay: m is 0.1 off at N."""
    point = sampling.Point(number=0, model=Hopfield(), alpha=0.05, T=0.2, n_spins=800)

    def study(asked):
        off = 0.1 if asked.n_spins == 800 else half
        simulation = xr.Dataset(
            {"m": 0.9 - off, "m_err": 0.001, "escaped": 0.0, "switched": 0.0, "tau": 1.0}
        )
        found = {"m_residual": -off, "m_z": -off / 0.001, "phase": int(Phase.RETRIEVAL)}
        compared = xr.Dataset({**found, "boundary_distance": 0.5}, attrs={"limit": 4.0})
        return xr.DataTree.from_dict({"/simulation": simulation}), compared

    monkeypatch.setattr(sampling, "_study", study)
    checked = sampling.compare(point)
    assert checked.disagrees
    assert checked.reason == reason


def test_random_points_agree_or_say_why():
    drawn = [sampling.compare(point) for point in sampling.draw(3, 11)]
    assert all(v.reason != "not explained" for v in drawn)
    assert any(not v.disagrees for v in drawn)
    wrong = dataclasses.replace(drawn[0], disagrees=True, reason="not explained")
    entry = published.entries()[0]
    page = report.page([entry.check()], [entry._replace(expected=0.5).check()], [*drawn, wrong])
    assert "published numbers: 1 of 1 pass" in page
    assert "identities: 0 of 1 pass" in page
    assert "1 are not explained" in page

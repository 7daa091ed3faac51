"""What somebody set up, shown in a notebook: every parameter, with its symbol and its value."""

import re

import pytest

import montecarlo
from hebbian import (
    BAM,
    QUANTITIES,
    Couplings,
    Dense,
    Exponential,
    Hopfield,
    Multitasking,
    Storing,
    Supervised,
    draw,
)
from phase_diagrams.grid import Grid
from phase_diagrams.settings import Settings
from phase_diagrams.study import Study

LEARNING = Supervised(quality=0.3, n_examples=10)


def lines(shown):
    """Return the rows of the body of the table, and the notes below it."""
    page = shown._repr_html_()
    rows = re.findall(r"<tr>(.*?)</tr>", page)[1:]
    return [re.findall(r"<td>(.*?)</td>", row) for row in rows], re.findall(r"<p>(.*?)</p>", page)


@pytest.mark.parametrize(
    "model",
    [
        Hopfield(weights="zipf:1.5"), Dense(order=4, rule=LEARNING), BAM(),
        Multitasking(n_patterns=3, dilution=0.3), Exponential(sharpness=1.5),
        Couplings([[0.0, 1.0], [1.0, 0.0]]),
    ],
)  # fmt: skip
def test_a_model_shows_all_its_parameters(model):
    found, notes = lines(model)
    assert [name for name, *_ in found] == list(model.parameters())
    for name, symbol, words, value in found:
        known = QUANTITIES.get(name)
        assert (symbol, words) == ((f"${known.symbol}$", known.long_name) if known else ("", ""))
        assert value.replace("&#x27;", "'") in repr(model.parameters()[name])
    assert notes[0].startswith("load alpha" if model.has_load else "without a load")


def test_the_load_of_an_example():
    """Gardner's: (P!/2) K / N^(P-1)."""
    assert lines(Dense(order=4))[1] == ["load alpha = 1.2e-07 for 10 patterns of 1000 spins"]
    assert lines(Hopfield())[1] == ["load alpha = 0.01 for 10 patterns of 1000 spins"]


def test_rules_and_schedules():
    rows, notes = lines(LEARNING)
    assert [[row[0], row[1], row[3]] for row in rows] == [
        ["quality", "$r$", "0.3"], ["n_examples", "$M$", "10"],
    ]  # fmt: skip
    assert notes == [f"dataset entropy {0.91 / 0.9:.4g}"]
    assert lines(Storing())[0] == []
    rows, notes = lines(montecarlo.Schedule(warmup=5, sweeps=20, stride=2))
    assert [row[3] for row in rows] == ["5", "20", "2", "None"]
    assert notes == ["10 measurements in 25 sweeps"]
    assert "geometric" in montecarlo.Cooling(T=2.0, path="geometric")._repr_html_()


def test_a_network_is_not_written_out():
    """Nor are its bits unpacked for it."""
    data = draw(Hopfield(), n_spins=1000, alpha=0.1)
    assert repr(data) == "Dataset(model=Hopfield(rule=Storing()), n_patterns=100, n_spins=1000)"
    assert [row[3] for row in lines(data)[0][1:]] == ["1000", "100", "0.1", "100"]


def test_a_study():
    grid = Grid(Hopfield(), {"alpha": [0.1, 0.2], "T": 0.5, "n_spins": 50})
    shown = {row[0]: row[3] for row in lines(Study(grid=grid, settings=Settings()))[0]}
    assert (shown["alpha"], shown["T"], shown["warmup"]) == ("[0.1, 0.2]", "0.5", "200")

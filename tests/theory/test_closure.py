"""Every verb of a closure serves the public function of its name, whoever wrote the closure."""

import importlib
import json
import sys

import numpy as np
import pytest

import phase_diagrams
import theory
from hebbian import Dense, Exponential, Hopfield, Model, Multitasking, Supervised, TeacherStudent
from phase_diagrams.cli import main
from theory.closure import Closure, closure
from theory.lines import LINES, Line, declare
from theory.one_pattern.closure import ReplicaSymmetric

PARAMAGNET = Line(
    "paramagnet_temperature", "T_0", "paramagnetic temperature", "no overlap above it",
    along="alpha", style="dotted",
)  # fmt: skip


class Bare(Closure):
    """Solves, and can do nothing else."""

    starts = ("retrieval",)
    has_load = False

    def solve(self, alpha, T, start):
        ones = np.ones(T.shape)
        return theory.Solution(
            m=ones, n=ones, q=ones, free_energy=T, energy=ones, replicon=ones,
            converged=ones.astype(bool), residual=ones, n_iter=ones,
        )  # fmt: skip


class Full(Bare):
    """Has an answer for everything."""

    has_load = True
    criteria = ("by-eye",)
    lines = (
        PARAMAGNET,
        *(LINES[name] for name in ("critical_load", "glass_temperature", "replicon_temperature")),
        *(LINES[name] for name in ("spinodal_temperature", "transition_temperature")),
    )

    def solve_broken(self, alpha, T, start):
        return self.solve(alpha, 2 * T, start)

    def stable_states(self, T, n_starts):
        return [T, n_starts]

    def ground_state(self, T, n_starts=None):
        return T * n_starts

    def signal_to_noise(self, alpha, T, start_overlap):
        return theory.SignalToNoise(m=start_overlap, field_mean=alpha, field_variance=T)

    def noise_power(self):
        return 3.0

    def examples_needed(self, alpha, T, criterion, threshold):
        return alpha + threshold

    def critical_load(self, T, rsb=0):
        return 1 - T + rsb

    def spinodal_temperature(self, alpha):
        return 1 - alpha

    def transition_temperature(self, alpha, rsb=1):
        return 0.5 - alpha + rsb

    def glass_temperature(self, alpha, kind="static"):
        return alpha + (kind == "dynamic")

    def replicon_temperature(self, alpha):
        return alpha / 2

    def paramagnet_temperature(self, alpha):
        return 1 + alpha


@pytest.fixture
def network(request, monkeypatch):
    """Yield a function that gives the model of the documentation one closure or another."""
    monkeypatch.syspath_prepend(str(request.config.rootpath / "docs" / "examples"))
    names = ("diluted_network", "diluted_theory")
    for name in names:
        monkeypatch.delitem(sys.modules, name, raising=False)
    kind = importlib.import_module(names[0]).Diluted
    importlib.import_module(names[1])
    own = closure.registry[kind]

    def known(equations):
        closure.register(kind, lambda model, law="binomial": equations)
        return kind(order=3, dilution=0.2)

    known.own = own
    yield known
    Model.kinds.pop("diluted")
    for name in names:
        del sys.modules[name]


CALLS = {
    "rsb = 1: models of type Diluted": lambda m: theory.solve(m, T=0.1, rsb=1),
    "have no list of stable states": lambda m: theory.stable_states(m, 0.1),
    "have no signal-to-noise analysis": theory.signal_to_noise,
    "have no crosstalk of a load": theory.noise_ratio,
    "have no learning threshold": theory.examples_needed,
    "have no critical load along the temperature": theory.critical_load,
    "have no spinodal temperature along the load": lambda m: theory.spinodal_temperature(m, 0.1),
    "have no transition temperature": lambda m: theory.transition_temperature(m, 0.1),
    "have no glass temperature": lambda m: theory.glass_temperature(m, 0.1),
    "have no replicon temperature": lambda m: theory.replicon_temperature(m, 0.1),
}


@pytest.mark.parametrize("message", CALLS)
def test_what_a_closure_lacks_is_one_sentence(network, message):
    with pytest.raises(ValueError, match=message) as error:
        CALLS[message](network(Bare()))
    assert "\n" not in str(error.value)
    assert "Diluted" in str(error.value)


def test_what_a_closure_has_is_served(network):
    model, alpha = network(Full()), np.array([0.1, 0.2])
    assert theory.solve(model, alpha=0.1, T=0.3).free_energy == 0.3
    assert theory.solve(model, alpha=0.1, T=0.3, rsb=1).free_energy == 0.6
    assert theory.stable_states(model, 0.1, n_starts=7) == [0.1, 7]
    assert theory.ground_state(model, 0.5, n_starts=4) == 2
    step = theory.signal_to_noise(model, alpha=alpha, T=0.3, start_overlap=0.5)
    np.testing.assert_array_equal(step.m, [0.5, 0.5])
    np.testing.assert_array_equal(step.field_mean, alpha)
    assert theory.noise_ratio(model) == 1
    with pytest.raises(ValueError, match="criterion = 'one-step' is not one of by-eye"):
        theory.examples_needed(model, alpha=0.1)
    with pytest.raises(ValueError, match="has no noisy examples"):
        theory.examples_needed(model, alpha=0.1, criterion="by-eye")
    assert theory.critical_load(model, 0.25) == 0.75
    assert theory.critical_load(model, 0.25, rsb=1) == 1.75
    np.testing.assert_array_equal(theory.spinodal_temperature(model, alpha), 1 - alpha)
    assert theory.transition_temperature(model, 0.1, rsb=0) == 0.4
    assert theory.transition_temperature(model, [[0.1]]).shape == (1, 1)
    assert theory.glass_temperature(model, 0.1, kind="dynamic") == 1.1
    assert theory.replicon_temperature(model, 0.1) == 0.05


def test_a_ground_state_without_a_search_is_the_best_of_the_named(network):
    assert theory.ground_state(network(Bare()), 0.3).free_energy == 0.3


def test_a_name_means_one_line():
    with pytest.raises(ValueError, match="line 'critical_load' is taken: the retrieval state"):
        declare(LINES["critical_load"]._replace(along="alpha"))
    with pytest.raises(ValueError, match="line 'm' is taken"):
        declare(PARAMAGNET._replace(name="m"))


def test_every_line_of_the_table_belongs_to_a_model():
    """And is the public function of its name, where there is one."""
    rule = Supervised(quality=0.5, n_examples=4)
    models = (
        Hopfield(rule=rule), Dense(order=3, rule=rule), Multitasking(n_patterns=2, rule=rule),
        Exponential(), TeacherStudent(signal=2.0),
    )  # fmt: skip
    served = set()
    for model in models:
        known = closure(model)
        known.model = model
        for line in known.lines:
            found = known.line(line.name, np.array([0.1, 0.2]))
            assert found.shape == (2,)
            public = getattr(theory, line.name, None)
            if public is not None:
                np.testing.assert_array_equal(found, public(model, [0.1, 0.2]))
            served.add(line.name)
    assert served == LINES.keys() - {PARAMAGNET.name}


def test_a_line_of_ones_own_is_predicted_stored_drawn_and_printed(network, capsys, tmp_path):
    class Lined(ReplicaSymmetric):
        lines = (*ReplicaSymmetric.lines, PARAMAGNET)

        def paramagnet_temperature(self, alpha):
            return 1 + alpha

    plain = network.own(network(Bare()))
    model = network(Lined(plain.field))
    alpha = [0.02, 0.05, 0.1]
    grid = {"alpha": alpha, "T": [0.1, 0.2, 0.6]}
    phase_diagrams.sweep(model, grid, simulate=False, out=tmp_path / "study.zarr")
    tree = phase_diagrams.open(tmp_path / "study.zarr")
    line = tree["theory/paramagnet_temperature"]
    np.testing.assert_allclose(line, 1 + np.array(alpha))
    assert (line.dims, line.attrs["symbol"]) == (("alpha",), "T_0")
    assert line.attrs["long_name"] == "paramagnetic temperature"
    ax = phase_diagrams.figures.draw(tree, variable="phase")
    dotted = [x for x in ax.lines if x.get_linestyle() == ":"]
    np.testing.assert_allclose(dotted[0].get_ydata(), line)
    command = ["theory", "--model", "diluted", "--order", "3", "--json", "--alpha", "0.5"]
    assert main([*command, "--quantity", "paramagnet-temperature"]) == 0
    (point,) = json.loads(capsys.readouterr().out)["points"]
    assert point == {"alpha": 0.5, "paramagnet_temperature": 1.5}

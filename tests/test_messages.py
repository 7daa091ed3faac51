"""What a user types who comes from other packages or papers, and the line that helps."""

import inspect
import pickle
import pydoc
import re

import numpy as np
import pytest

import hebbian
import montecarlo
import phase_diagrams
import theory
from hebbian import Dense, Hopfield, Multitasking, Supervised, domain
from hebbian.calling import checked
from phase_diagrams import figures

SMALL = {"alpha": 0.05, "T": 0.1, "n_spins": 50}

CALLS = {
    "value by position": (lambda: Dense(4), TypeError, "write Dense(order=4)"),
    "values by position": (lambda: Multitasking(3, 0.2), TypeError,
        "write Multitasking(n_patterns=3, dilution=0.2)"),
    "rule by position": (lambda: Supervised(0.3, 100), TypeError,
        "write Supervised(quality=0.3, n_examples=100)"),
    "schedule by position": (lambda: montecarlo.Schedule(100, 1000), TypeError,
        "write Schedule(warmup=100, sweeps=1000)"),
    "state by position": (lambda: theory.solve(Hopfield(), 0.1, 0.2), TypeError,
        "alpha=0.1, T=0.2)"),
    "size by position": (lambda: phase_diagrams.sweep(Hopfield(), {"T": 0.1}, 50), TypeError,
        "{'T': 0.1}, n_spins=50)"),
    "far too many": (lambda: montecarlo.Schedule(*range(9)), TypeError, "takes 4 arguments, not 9"),
    "class": (lambda: theory.solve(Hopfield, alpha=0.1, T=0.2), TypeError, "write Hopfield(...)"),
    "class in a simulation": (lambda: montecarlo.simulate(Dense, **SMALL), TypeError,
        "model = Dense is a class"),
    "class of a rule": (lambda: Hopfield(rule=Supervised), TypeError, "write Supervised(...)"),
    "class of a schedule": (
        lambda: montecarlo.simulate(Hopfield(), **SMALL, schedule=montecarlo.Schedule), TypeError,
        "write Schedule(...)"),
    "name of a model": (lambda: theory.critical_load("hopfield"), TypeError,
        "model = 'hopfield' is not a model: give hebbian.Hopfield()"),
    "beta": (lambda: theory.solve(Hopfield(), alpha=0.1, beta=5), TypeError,
        "theory.solve has no argument beta: give T = 1 / beta, here T = 0.2"),
    "beta too": (lambda: montecarlo.simulate(Hopfield(), **SMALL, beta=0), TypeError,
        "give T = 1 / beta"),
    "N": (lambda: montecarlo.simulate(Hopfield(), alpha=0.1, T=0.1, N=50), TypeError,
        "montecarlo.simulate has no argument N: give n_spins"),
    "N further down": (
        lambda: montecarlo.basin(Hopfield(), alpha=0.1, T=0.1, N=50, overlaps=[0.5]), TypeError,
        "give n_spins"),
    "K": (lambda: theory.solve(Hopfield(), K=5, T=0.1), TypeError, "no argument K: give alpha"),
    "P": (lambda: Dense(P=4), TypeError, "give order"),
    "r": (lambda: Supervised(r=0.3, M=5), TypeError, "give quality"),
    "M": (lambda: Supervised(quality=0.3, M=5), TypeError, "give n_examples"),
    "d": (lambda: Multitasking(d=0.3), TypeError, "give dilution"),
    "lambda": (lambda: hebbian.Exponential(lam=2.0), TypeError, "give sharpness"),
    "beta of an attention": (lambda: hebbian.Exponential(beta=2.0), TypeError,
        "Exponential has no argument beta: give sharpness"),
    "delta": (lambda: hebbian.SparseDistributed(delta=0.2), TypeError, "give radius"),
    "r of neurons": (lambda: hebbian.SparseDistributed(r=100), TypeError, "give n_neurons"),
    "sharpness by position": (lambda: hebbian.Exponential(2.0), TypeError,
        "write Exponential(sharpness=2.0)"),
    "no grid of sharpness": (lambda: phase_diagrams.sweep(hebbian.Exponential(), sharpness=[1.0]),
        TypeError, "give grid={'sharpness': ...}"),
    "temperature": (lambda: theory.critical_load(Hopfield(), temperature=0.1), TypeError, "give T"),
    "sweeps": (lambda: montecarlo.simulate(Hopfield(), **SMALL, sweeps=10), TypeError,
        "give schedule"),
    "misspelt": (lambda: montecarlo.simulate(Hopfield(), **SMALL, n_replica=2), TypeError,
        "did you mean n_replicas?"),
    "strange": (lambda: montecarlo.Schedule(xyz=2), TypeError, "it has warmup, sweeps, stride"),
    "no grid": (lambda: phase_diagrams.sweep(Hopfield(), alpha=[0.1], T=0.1), TypeError,
        "give grid={'alpha': ...}"),
    "missing": (lambda: theory.solve(Hopfield(), alpha=0.1), TypeError, "theory.solve needs T"),
    "all missing": (lambda: Supervised(), TypeError, "Supervised needs quality, n_examples"),
    "several loads": (lambda: montecarlo.simulate(Hopfield(), alpha=[0.1, 0.2], T=0.1, n_spins=50),
        ValueError, "alpha = [0.1, 0.2]: montecarlo.simulate takes one: phase_diagrams.sweep"),
    "several sizes": (lambda: montecarlo.simulate(
        Hopfield(), alpha=0.1, T=0.1, n_spins=np.array([50, 60])), ValueError, "takes several"),
    "sizes of a sweep": (lambda: phase_diagrams.sweep(Hopfield(), {"T": 0.1}, n_spins=[50, 60]),
        ValueError, "put several into its grid"),
    "several temperatures": (lambda: theory.stable_states(Multitasking(), [0.1, 0.2]), ValueError,
        "theory.stable_states takes one"),
    "no seed": (lambda: montecarlo.simulate(Hopfield(), **SMALL, seed=None), ValueError,
        "leave it out for 0"),
    "a path for a study": (lambda: phase_diagrams.compare("s.zarr"), TypeError,
        "give phase_diagrams.open('s.zarr')"),
    "a path to draw": (lambda: figures.phase_map("s.zarr"), TypeError, "open('s.zarr')"),
    "no path": (lambda: phase_diagrams.open(3), TypeError, "path = 3 is not the name of a file"),
    "near": (lambda: theory.solve(Hopfield(), alpha=0.1, T=0.1, start="retrival"), ValueError,
        "did you mean retrieval?"),
    "heat bath": (lambda: montecarlo.simulate(Hopfield(), **SMALL, dynamics="heat-bath"),
        ValueError, "did you mean glauber?"),
    "letters": (lambda: montecarlo.simulate(Hopfield(), **SMALL, dynamics="Metropolis"),
        ValueError, "did you mean metropolis?"),
    "device": (lambda: montecarlo.simulate(Hopfield(), **SMALL, backend="gpu"), ValueError,
        "did you mean cupy?"),
    "nothing near": (lambda: montecarlo.simulate(Hopfield(), **SMALL, dynamics="xyz"), ValueError,
        "plefka, mean-field"),
}  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "says"), CALLS.values(), ids=CALLS)
def test_calls_that_cannot_be_are_explained(call, kind, says):
    with pytest.raises(kind) as raised:
        call()
    words = str(raised.value)
    assert says in words
    assert "\n" not in words
    assert len(words) < 250
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


def doors():
    for room in (hebbian, theory, montecarlo, phase_diagrams):
        for name in room.__all__:
            door = getattr(room, name)
            if inspect.isfunction(door):
                yield pytest.param(room, name, door, id=f"{room.__name__}.{name}")


@pytest.mark.parametrize(("room", "name", "door"), list(doors()))
def test_every_door_that_has_names_explains_itself_and_stays_what_it_is(room, name, door):
    """Signature, help and pickles are of the function itself."""
    parameters = inspect.signature(door).parameters
    assert pickle.loads(pickle.dumps(door)) is door
    assert re.search(
        rf"{name}\((\*, )?{next(iter(parameters))}", pydoc.plain(pydoc.render_doc(door))
    )
    assert inspect.getsourcefile(inspect.unwrap(door)).endswith(
        door.__module__.rpartition(".")[2] + ".py"
    )
    assert hasattr(door, "__wrapped__")


def test_classes_keep_their_signatures():
    assert str(inspect.signature(Dense)).startswith("(*, rule")
    assert pickle.loads(pickle.dumps(Dense(order=3))) == Dense(order=3)
    assert Dense(order=3).replace(order=4) == Dense(order=4)


def test_errors_of_the_function_itself_pass():
    @checked
    def fails(alpha: "float" = 0.1, *others: "float", **rest: "object"):
        """Raise."""
        raise TypeError("its own")

    for call in (lambda: fails(), lambda: fails(1, 2, 3, other=4), lambda: fails(alpha=2)):
        with pytest.raises(TypeError, match=r"^its own$"):
            call()
    assert fails.__doc__ == "Raise."


def test_a_proposal_is_one_of_the_known_words():
    for known in (["glauber", "parallel"], ["retrieval", "glass"], ["storing"], []):
        for word in (*domain._SYNONYMS, "retrival", "", "x" * 10_000, None, 3, [1]):
            found = domain.did_you_mean(word, known)
            assert not found or found.removeprefix("; did you mean ").rstrip("?") in known

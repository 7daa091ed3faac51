"""Every public callable: how it is called, and what it says of calls that cannot be."""

import inspect
import itertools

import numpy as np
import pytest

import hebbian
import montecarlo
import phase_diagrams
import theory
from hebbian import Dense, Hopfield, Supervised
from hebbian.model import Model
from hebbian.rules import Rule
from phase_diagrams import figures, integrity

ROOMS = (hebbian, theory, montecarlo, phase_diagrams, figures, integrity, hebbian.testing)

#: Classes that users build; all others are what functions return, and Python's own line will do.
BUILT = (Model, Rule, hebbian.Dataset, hebbian.Memory, montecarlo.Schedule, montecarlo.Cooling,
         montecarlo.Observable)  # fmt: skip
ABSTRACT = {Model, Rule}


def public():
    """Yield the place, the name and the object of every public callable."""
    for room in ROOMS:
        for name in room.__all__:
            thing = getattr(room, name)
            if callable(thing):
                yield room.__name__, name, thing


FUNCTIONS = {
    f"{place}.{name}": thing for place, name, thing in public() if inspect.isfunction(thing)
}
CLASSES = {f"{place}.{name}": thing for place, name, thing in public() if isinstance(thing, type)}


def signature(thing):
    return [each for each in inspect.signature(thing).parameters.values() if each.name != "self"]


def line(call, *kinds):
    """Return the one line of the error that a call raises."""
    with pytest.raises(kinds) as raised:
        call()
    words = str(raised.value)
    assert words
    assert "\n" not in words
    return words


def shown(name, thing):
    """Return how messages name a callable: functions with their room."""
    return name.rpartition(".")[2] if isinstance(thing, type) else name.replace(
        "phase_diagrams.integrity.", "phase_diagrams.stores.integrity."
    )  # fmt: skip


#: Figures, whose other names are those of matplotlib.
OPEN = [f"phase_diagrams.figures.{name}" for name in (
    "basin", "draw", "overlap_curve", "phase_lines", "phase_map", "plot_result", "save",
    "trajectory",
)]  # fmt: skip
EVERY = [pytest.param(name, thing, id=name) for name, thing in {**FUNCTIONS, **CLASSES}.items()]


@pytest.mark.parametrize(("name", "thing"), EVERY)
def test_unknown_names_and_values_by_position_are_explained(name, thing):
    built = not isinstance(thing, type) or (issubclass(thing, BUILT) and thing not in ABSTRACT)
    own = name.rpartition(".")[2]
    if isinstance(thing, type) and hasattr(thing, "__members__"):  # phases are looked up
        assert "nothing" in line(lambda: thing("nothing"), ValueError)
        return
    words = line(lambda: thing(no_such_thing=1), TypeError)
    if name == "montecarlo.jackknife":  # of as many arrays as one likes
        assert words == f"{name} has no argument no_such_thing: it has function"
        assert line(lambda: thing(len), TypeError) == f"{name} needs samples"
        return
    assert own in words
    many = line(lambda: thing(*range(40)), TypeError)
    assert own in many
    if name == "theory.solve" or name in OPEN:  # a name may be the model's, or matplotlib's
        assert words.startswith(f"{name} needs ")
    elif built:
        assert words.startswith(f"{shown(name, thing)} has no argument no_such_thing"), words
        assert ": it has " in words or "did you mean" in words
    if built:
        assert many.startswith(f"{shown(name, thing)} takes ")
        assert many.endswith("arguments, not 40")


@pytest.mark.parametrize("name", [n for n in FUNCTIONS if n != "montecarlo.jackknife"])
def test_one_value_too_many_by_position_is_written_by_name(name):
    """What is meant is what comes next, which the line writes out."""
    function = FUNCTIONS[name]
    given = signature(function)
    placed = [each for each in given if each.kind == each.POSITIONAL_OR_KEYWORD]
    free = [each for each in given if each.kind == each.KEYWORD_ONLY]
    words = line(lambda: function(*range(len(placed) + 1)), TypeError)
    if free:
        assert words.startswith(f"{shown(name, function)} takes these by name: write ")
        assert words.endswith(f"{free[0].name}={len(placed)})")
    else:
        assert words == f"{shown(name, function)} takes {len(placed)} arguments, not 1".replace(
            "not 1", f"not {len(placed) + 1}"
        )


NEEDED = {
    "T": 0.1, "alpha": 0.05, "n_spins": 50, "n_steps": 3, "overlaps": [0.5], "grid": {"T": 0.1},
    "archetypes": np.ones((1, 8), int), "start_overlap": 0.9,
}  # fmt: skip
OF_MODELS = [name for name, f in FUNCTIONS.items() if signature(f)[0].name == "model"]


@pytest.mark.parametrize("name", OF_MODELS)
@pytest.mark.parametrize("wrong", [Hopfield, "hopfield", Supervised(quality=0.5, n_examples=3)])
def test_what_is_no_model_is_refused_by_whoever_takes_one(name, wrong):
    function = FUNCTIONS[name]
    needed = {
        each.name: NEEDED[each.name]
        for each in signature(function)[1:]
        if each.default is each.empty and each.kind != each.VAR_KEYWORD
    }
    words = line(lambda: function(wrong, **needed), TypeError)
    assert words.startswith(f"{name}: model = ")
    assert ("write Hopfield(...)" if isinstance(wrong, type) else "is not a model") in words


def test_nearly_all_functions_take_a_model():
    assert len(OF_MODELS) > 45
    assert set(OF_MODELS) == {n for n, f in FUNCTIONS.items() if "model" in dict(named(f))}


def named(function):
    return [(each.name, each) for each in signature(function)]


# --- one convention -------------------------------------------------------------------------
#
# What a function is about comes first and may be given by position: a model, or the network,
# study, series or file in its place.  Everything else is given by name.  Exceptions:

#: A curve is a function of the one control parameter that it runs along.
CURVES = {"T", "alpha", "start_overlap"}
#: Networks that are arrays, each of which has its place in the formulas.
ARRAYS = {
    "hebbian.from_couplings": ["couplings", "archetypes"],
    "hebbian.from_examples": ["model", "archetypes", "examples"],
    "hebbian.stabilities": ["data", "spins"],
    "theory.outer_product": ["p", "q", "classes", "d", "n_samples"],
    "theory.best_outer_weights": ["p", "classes", "d", "n_samples"],
    "montecarlo.outer_product": ["p", "q", "classes", "d", "n_samples"],
    "hebbian.zipf": ["n_tokens", "exponent"],
}
#: Questions of two or three numbers, in the order in which they are asked.
NUMBERS = {
    "hebbian.BAM": ["sizes"],
    "hebbian.TAM": ["sizes"],
    "theory.kernel_capacity": ["exponent", "start_overlap"],
    "theory.noisy_learning_overlap": ["alpha", "order"],
    "theory.nucleation_barrier": ["model", "alpha", "T"],
    "theory.ultra_detection": ["order", "storage_exponent"],
    "montecarlo.nishimori_sample": ["data", "n_samples"],
    "phase_diagrams.boundary": ["tree", "along", "pattern", "criterion"],
    "phase_diagrams.refine": ["path", "budget"],
    "phase_diagrams.figures.values": ["tree", "variable", "pattern"],
}
#: What is read and what is written, a name and its value.
PAIRS = {
    "phase_diagrams.export": ["tree", "path"],
    "phase_diagrams.merge": ["paths", "out"],
    "phase_diagrams.rerun": ["path", "out"],
    "phase_diagrams.figures.save": ["figure", "name"],
    "phase_diagrams.figures.select": ["tree", "name", "value"],
    "phase_diagrams.sweep": ["model", "grid"],
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_a_function_is_about_comes_first_and_the_rest_by_name(name):
    given = signature(FUNCTIONS[name])
    placed = [each.name for each in given if each.kind == each.POSITIONAL_OR_KEYWORD]
    if name in ARRAYS | PAIRS | NUMBERS:
        assert placed == (ARRAYS | PAIRS | NUMBERS)[name]
    elif name.startswith("phase_diagrams.figures") and "ax" in placed:  # as in matplotlib
        assert placed == [placed[0], "ax"]
    elif placed[0] == "model" and len(placed) > 1:
        assert len(placed) == 2
        assert placed[1] in CURVES
    else:
        assert len(placed) == 1
    if any(each.name == "model" for each in given):
        assert placed[0] == "model"


@pytest.mark.parametrize("name", [n for n, kind in CLASSES.items() if issubclass(kind, BUILT)])
def test_what_is_built_is_built_by_names(name):
    given = signature(CLASSES[name])
    placed = [each.name for each in given if each.kind == each.POSITIONAL_OR_KEYWORD]
    assert placed == (["couplings"] if name == "hebbian.Couplings" else [])  # the matrix itself


def test_parameters_of_one_name_have_one_order():
    """Wherever two stand together, they stand in the same order; `order` of two meanings apart."""
    orders = {}
    for name, function in FUNCTIONS.items():
        rest = [each.name for each in signature(function)[1:] if each.kind != each.VAR_KEYWORD]
        if name == "montecarlo.plefka":  # of an expansion, elsewhere of the interaction
            rest.remove("order")
        for pair in itertools.combinations(rest, 2):
            orders.setdefault(pair, set()).add(name)
    assert len(orders) > 300
    crossed = {pair: orders[pair] for pair in orders if pair[::-1] in orders}
    assert crossed == {}


def test_docstrings_have_the_order_of_the_signature():
    """Of what is described by itself; some parameters are described together."""
    wrong = []
    for name, function in FUNCTIONS.items():
        text = (inspect.getdoc(function) or "").partition("Parameters\n----------\n")[2]
        text = text.partition("\n\n" + "R")[0]
        heads = [row.partition(" :")[0] for row in text.splitlines() if row[:1].isalpha()]
        order = [each.name for each in signature(function)]
        found = [order.index(head) for head in heads if head in order]
        if found != sorted(found):
            wrong.append(name)
    assert wrong == []


# --- words and values ------------------------------------------------------------------------

POINT = {"alpha": 0.05, "T": 0.1, "n_spins": 50}

WORDS = {
    "dynamics": {
        "glauber": ["heat-bath", "heatbath", "Heat bath", "Glauber", "async", "gibbs"],
        "metropolis": ["MC", "mh", "metropolis-hastings", "Metropolis"],
        "parallel": ["sync", "synchronous", "little"],
        "zero-temperature": ["T=0", "greedy"],
    },
    "start": {
        "pattern": ["retrieved", "retrieval", "memory", "stored"],
        "random": ["paramagnet", "para"],
    },
    "site_order": {"permutation": ["shuffle", "shuffled"], "sequential": ["checkerboard"]},
    "backend": {"cupy": ["gpu", "cuda", "GPU"], "numba": ["cpu"], "reference": ["numpy"]},
}


@pytest.mark.parametrize("name", WORDS)
def test_words_of_the_literature_are_known(name):
    for meant, words in WORDS[name].items():
        for word in words:
            said = line(
                lambda word=word: montecarlo.simulate(Hopfield(), **POINT, **{name: word}),
                ValueError,
            )
            assert said.startswith(f"{name} = {word!r} is not one of ")
            assert said.endswith(f"; did you mean {meant}?")


@pytest.mark.parametrize("word", ["retrieved", "memory", "pattern", "FM"])
def test_states_of_the_theory_too(word):
    said = line(lambda: theory.solve(Hopfield(), alpha=0.1, T=0.1, start=word), ValueError)
    assert said.endswith("; did you mean retrieval?")


@pytest.mark.parametrize("word", ["magnetization", "overlap"])
def test_quantities_have_other_names_elsewhere(word):
    run = lambda given: montecarlo.simulate(Hopfield(), **POINT, observables=given)  # noqa: E731
    assert line(lambda: run([word]), ValueError).endswith("; did you mean m?")
    assert f"as [{word!r}] is" in line(lambda: run(word), ValueError)


SEVERAL = {
    "simulate": {}, "plefka": {}, "temper": {"T": [0.1, 0.2]}, "tune_ladder": {"T": [0.1, 0.2]},
    "basin": {"overlaps": [0.5]}, "equilibrated": {}, "recall": {}, "disentangle": {},
    "spurious": {}, "replay": {"n_steps": 3},
}  # fmt: skip


@pytest.mark.parametrize("name", SEVERAL)
def test_who_takes_several_loads_is_said_by_the_function_that_was_called(name):
    door = getattr(montecarlo, name)
    for several in ([0.05, 0.1], np.array([0.05, 0.1])):
        given = {**POINT, **SEVERAL[name], "alpha": several}
        words = line(lambda given=given: door(Hopfield(), **given), ValueError)
        assert words.startswith("alpha = ")
        assert words.endswith(f": montecarlo.{name} takes one: phase_diagrams.sweep takes several")


SAYS = {
    "temperatures": (lambda: theory.stable_states(hebbian.Multitasking(), T=[0.1, 0.2]),
        "theory.stable_states takes one: theory.solve takes several"),
    "sizes of a ramp": (lambda: montecarlo.ramp(Hopfield(), T=[0.1, 0.2], n_spins=[50, 60]),
        "montecarlo.ramp takes one: phase_diagrams.ramps takes several"),
    "a plane of ramps": (
        lambda: montecarlo.ramp(Hopfield(), T=[0.1, 0.2, 0.3], alpha=[0.1, 0.2], n_spins=50),
        "phase_diagrams.ramps takes every load through all temperatures"),
    "temperatures of a crossing": (
        lambda: phase_diagrams.locate_transition(Hopfield(), alpha=0.05, T=[0.1, 0.2]),
        "phase_diagrams.locate_transition takes one: call it for each"),
    "inverse temperatures": (lambda: theory.solve(Hopfield(), alpha=0.1, beta=[1, 2]),
        "give T = 1 / beta, here T = [1, 0.5]"),
    "an array of them": (lambda: theory.solve(Hopfield(), alpha=0.1, beta=np.array([4.0])),
        "give T = 1 / beta, here T = [0.25]"),
    "handed on": (lambda: montecarlo.basin(Hopfield(), **POINT, overlaps=[0.5], n_sample=3),
        "montecarlo.basin has no argument n_sample; did you mean n_samples?"),
    "handed on elsewhere": (lambda: theory.recovery(Hopfield(), n_steps=3, beta=2),
        "theory.recovery has no argument beta: give T = 1 / beta, here T = 0.5"),
    "a parameter of the model": (lambda: montecarlo.simulate(Hopfield(), **POINT, order=4),
        "montecarlo.simulate has no argument order: order is a parameter of the model"),
    "of its rule, by another name": (lambda: theory.critical_load(Hopfield(), r=0.3),
        "theory.critical_load has no argument r: quality is a parameter of the model"),
    "no parameter of the model": (lambda: Hopfield(N=100),
        "Hopfield has no argument N: give n_spins to theory.solve or montecarlo.simulate"),
    "beta of a model": (lambda: Dense(beta=2), "give T to theory.solve or montecarlo.simulate"),
    "a rule by position": (lambda: Hopfield(hebbian.Storing()), "write Hopfield(rule=Storing())"),
    "two parameters": (lambda: hebbian.Multitasking(K=3, d=0.2), "give n_patterns"),
    "a number as text": (lambda: Dense(order="4"), "order = '4' is not a whole number in [2, 8]"),
    "a schedule": (lambda: montecarlo.simulate(Hopfield(), **POINT, sweeps=100),
        "give schedule=montecarlo.Schedule(sweeps=100)"),
    "thermalization": (lambda: montecarlo.simulate(Hopfield(), **POINT, thermalization=9),
        "give schedule=montecarlo.Schedule(warmup=9)"),
    "no sweeps": (lambda: montecarlo.plefka(Hopfield(), **POINT, sweeps=9), "give max_iter"),
    "a parameter that is not": (lambda: theory.solve(Hopfield(), alpha=0.1, T=0.1, starts="glass"),
        "starts is not a parameter of Hopfield with rule Storing, nor an argument of theory.solve; "
        "did you mean start?"),
    "beta in a grid": (lambda: phase_diagrams.sweep(Hopfield(), {"beta": [1.0]}, n_spins=50),
        "did you mean T?"),
    "K in a grid": (lambda: phase_diagrams.sweep(Hopfield(), {"K": [5], "T": 0.1}, n_spins=50),
        "did you mean alpha?"),
    "a model for its network": (lambda: hebbian.coupling_spectrum(Hopfield()),
        "is not a Dataset: give hebbian.draw(model, ...)"),
    "a rule of a pair of layers": (lambda: hebbian.BAM((1, 2), hebbian.Storing()),
        "write hebbian.BAM((1, 2), rule=Storing())"),
}  # fmt: skip


@pytest.mark.parametrize(("call", "says"), SAYS.values(), ids=SAYS)
def test_what_is_meant_is_said(call, says):
    assert says in line(call, TypeError, ValueError)

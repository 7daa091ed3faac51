"""The models, rules and index conventions that every check is made for; imported by the tests."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hebbian import (
    Dense,
    Exponential,
    Hopfield,
    Multitasking,
    SparseDistributed,
    Storing,
    Supervised,
    Tabulated,
    TeacherStudent,
    Unsupervised,
)
from montecarlo.kernels.lanes import signs

#: What compiles the code of rows as bits: a minute where the processor would never run it.
OF_BITS = [] if signs.available() else [pytest.mark.heavy]


def of_bits(test):
    """Mark a test of rows as bits."""
    for mark in OF_BITS:
        test = mark(test)
    return test


RULES = (
    Storing(),
    Supervised(quality=0.7, n_examples=3),
    Unsupervised(quality=0.7, n_examples=3),
)


def rectified(M):
    """(N/2) max(m, 0)^3."""
    return M[-1] / 2 * np.maximum(M / M[-1], 0) ** 3


def bounded(M):
    """Logarithm of 1 + N m^2."""
    return np.log1p(M**2 / M[-1])


#: Every model with an energy x rule x index convention: triples (id, model, load).
NETWORKS = [
    *((f"hopfield-{rule!r}", Hopfield(rule=rule), 0.3) for rule in RULES),
    *(
        (f"dense{order}-{indices}-{rule!r}", Dense(order=order, indices=indices, rule=rule), 0.2)
        for order, indices, rule in itertools.product((3, 4, 5), ("distinct", "all"), RULES)
    ),
    *(
        (f"multitasking-{rule!r}", Multitasking(sampling="independent", rule=rule), None)
        for rule in RULES
    ),
    *(
        (f"exponential{sharpness}", Exponential(sharpness=sharpness), 0.25)
        for sharpness in (0.3, 4.0)
    ),
    ("sparse", SparseDistributed(radius=0.4, own_site="excluded"), 0.35),
    ("rectified", Tabulated(interaction=rectified, scaling=3, weight=0.5), 0.4),
    ("bounded", Tabulated(interaction=bounded, outer="log", weight=3.0), 0.6),
    *(
        (f"strengths{order}-{rule!r}", Dense(order=order, weights=weights, rule=rule), 0.4)
        for order, weights in ((2, "zipf:0.7"), (3, "palimpsest:2"))
        for rule in RULES[:2]
    ),
    *((f"student{order}", TeacherStudent(order=order, signal=0.6), 0.6) for order in (2, 3)),
]
IDS = [name for name, _, _ in NETWORKS]


def _is_repeated(model):
    """Whether kernels have nothing to do for it that they have not for another network."""
    order, stored = getattr(model, "order", 2), not model.rule.has_examples
    if isinstance(model, TeacherStudent) and order == 3:
        return True
    if order == 3 and model.indices == "all":
        return isinstance(model.rule, Supervised)
    return (order == 5 and (model.indices == "all" or not stored)) or (
        order == 4 and not (stored or (model.indices == "distinct" and model.rule.largest > 1))
    )


#: Models and loads; what repeats others is with the longer tests.
CASES = [
    pytest.param(model, alpha, marks=[pytest.mark.heavy] * _is_repeated(model))
    for _, model, alpha in NETWORKS
]

#: Those that devices and mean-field equations know.
POLYNOMIAL = [
    (name, model, alpha) for name, model, alpha in NETWORKS if model.polynomial and model.uniform
]
POLYNOMIAL_IDS = [name for name, _, _ in POLYNOMIAL]
POLYNOMIAL_CASES = [(model, alpha) for _, model, alpha in POLYNOMIAL]


def load_of(n_patterns, model, n_spins):
    """The load at which a model with one has this many patterns."""
    return None if model.retrieves_several else model.load(n_patterns, n_spins)

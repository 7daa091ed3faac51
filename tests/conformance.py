"""The models, rules and index conventions that every check is made for; imported by the tests."""

from __future__ import annotations

import itertools

from hebbian import Dense, Hopfield, Multitasking, Storing, Supervised, Unsupervised

RULES = (
    Storing(),
    Supervised(quality=0.7, n_examples=3),
    Unsupervised(quality=0.7, n_examples=3),
)

#: Every model x rule x index convention: pairs (id, model, load).
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
]
IDS = [name for name, _, _ in NETWORKS]
CASES = [(model, alpha) for _, model, alpha in NETWORKS]

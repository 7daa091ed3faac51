"""Whoever takes spins, patterns or examples refuses what is taken for them by mistake."""

from functools import partial

import numpy as np
import pytest

import hebbian
import montecarlo
from hebbian import Dense, Hopfield, Multitasking, Supervised, losses
from phase_diagrams.retrieval.images import corrupt

FEW = montecarlo.Schedule(warmup=0, sweeps=2, stride=1)


def test_every_door_refuses_bits_for_spins():
    """Patterns, examples, starts, configurations and images of 0 and 1 are no spins."""
    spins = np.random.default_rng(0).choice([-1, 1], (3, 30))
    bits = (spins + 1) // 2
    learnt = Supervised(quality=0.5, n_examples=2)
    examples = np.repeat(spins[:, None], 2, axis=1)
    data = hebbian.from_examples(Hopfield(), spins, spins[:, None])
    run = partial(montecarlo.simulate, Hopfield(), data=data, T=0.1, schedule=FEW)
    doors = [
        *(partial(hebbian.from_examples, model, bits, bits[:, None])
          for model in (Hopfield(), Dense(), Dense(order=3, indices="all"), Hopfield(rule=learnt))),
        partial(hebbian.from_examples, Hopfield(rule=learnt), spins, (examples + 1) // 2),
        partial(run, start=bits[0]),
        partial(montecarlo.plefka, Hopfield(), data=data, T=0.1, start=bits[0]),
        partial(montecarlo.temper, Hopfield(), data=data, T=[0.1, 0.2], start=bits[0]),
        partial(losses.archetype_losses, data, bits), partial(losses.learnt_losses, data, bits),
        partial(data.memory.energy, bits[0]), partial(data.memory.overlaps, bits[0]),
        partial(data.memory.interaction, bits[0]), partial(data.memory.flip_cost, bits[0], 0),
        partial(corrupt, bits[0], 0.1),
    ]  # fmt: skip
    for door in doors:
        with pytest.raises(ValueError, match=r"entries are 0 and 1, not -1 and \+1: 2 \* \w+ - 1"):
            door()
    blank = spins * (np.arange(30) % 3 > 0)
    assert hebbian.from_examples(Multitasking(n_patterns=3), blank, blank).n_patterns == 3
    with pytest.raises(ValueError, match="entry 2 is not one of -1, 0"):
        hebbian.from_examples(Multitasking(n_patterns=3), 2 * blank, blank)
    taken = hebbian.from_examples(Hopfield(rule=learnt), spins, examples)
    assert taken.memory.rows.max() == 2
    with pytest.raises(ValueError, match=r"rows of type float64 .* integers"):
        hebbian.Memory(rows=spins * 0.5, order=2, indices="distinct", weight=1.0)

"""A network of diluted patterns without a teacher in all its overlaps, by enumeration."""

import itertools

import numpy as np


def columns_of_examples(K, M, d, r):
    """All columns of K M example entries: entries, chance, E[xi | entries]."""
    one = [(np.zeros(M), d, 0.0)]
    for signs in itertools.product((-1, 1), repeat=M):
        up = [
            np.prod([(1 + r * s) / 2 for s in signs]),
            np.prod([(1 - r * s) / 2 for s in signs]),
        ]
        one.append((np.array(signs, float), (1 - d) * sum(up) / 2, (up[0] - up[1]) / sum(up)))
    for column in itertools.product(one, repeat=K):
        yield (
            np.concatenate([entry[0] for entry in column]),
            np.prod([entry[1] for entry in column]),
            np.array([entry[2] for entry in column]),
        )


class Examples:
    """The network without a teacher in all its K M overlaps, by enumeration."""

    def __init__(self, K, M, d, r):
        parts = list(columns_of_examples(K, M, d, r))
        self.eta, self.p, self.xi = (np.array([part[i] for part in parts]) for i in range(3))
        self.scale = r * r * M

    def free_energy(self, n, T):
        x = self.eta @ n / self.scale / T
        return n @ n / (2 * self.scale) - T * self.p @ np.logaddexp(x, -x)

    def image(self, n, T):
        return self.eta.T @ (self.p * np.tanh(self.eta @ n / self.scale / T))

    def stiffness(self, n, T):
        answer = self.p / np.cosh(self.eta @ n / self.scale / T) ** 2
        return np.eye(n.size) - (self.eta.T * answer) @ self.eta / self.scale / T

    def m(self, n, T):
        return self.xi.T @ (self.p * np.tanh(self.eta @ n / self.scale / T))

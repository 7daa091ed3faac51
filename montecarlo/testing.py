"""The sampled distribution against exact enumeration: the laws, the chains, and the checks.

The checks are those of `hebbian.testing.check_model` that need kernels.
"""

from __future__ import annotations

import functools
import itertools

import numpy as np
import scipy.stats

from hebbian import Memory, streams
from hebbian.promises import NO_ENERGY, Check, Subject, require

from .backend import Backend, resolve
from .dynamics import DYNAMICS, SEQUENTIAL, SITE_ORDERS
from .kernels.shared import reference

__all__ = [
    "CHECKS",
    "all_configurations",
    "boltzmann",
    "boltzmann_p",
    "chi_square_p",
    "final_configurations",
    "free_share",
    "moderate_temperature",
    "parallel_fields",
    "parallel_law",
    "parallel_p",
    "state_numbers",
]

#: Spins, chains and sweeps of a chi-square test with each kernel.
SIZES = {"numba": (8, 2000, 20), "reference": (4, 80, 4)}

#: Smallest p-value: one right kernel in a million is refused.
P_VALUE = 1e-6


def all_configurations(n_spins: int) -> np.ndarray:
    """Return every configuration: shape (2**n_spins, n_spins), spin 0 the slowest."""
    return np.array(list(itertools.product((-1, 1), repeat=n_spins)), np.int8)


def boltzmann(memory: Memory, T: float) -> np.ndarray:
    """Return the exact weights of all configurations, from the reference energy."""
    energies = np.array([memory.energy(s) for s in all_configurations(memory.n_spins)])
    weights = np.exp(-(energies - energies.min()) / T)
    return np.asarray(weights / weights.sum())


def parallel_fields(memory: Memory, dynamics: str = "parallel") -> np.ndarray:
    """Return the fields of a parallel step from all configurations: (2**n_spins, n_spins)."""
    sites, move = range(memory.n_spins), DYNAMICS[dynamics].move
    return np.array(
        [
            [reference.parallel_field(memory, s, i, move) for i in sites]
            for s in all_configurations(memory.n_spins)
        ]
    )


def parallel_law(fields: np.ndarray, T: float) -> np.ndarray:
    """Return the stationary law of the exact transition matrix of parallel heat bath."""
    towards = fields @ all_configurations(fields.shape[1]).T
    norm = np.log(2 * np.cosh(fields / T)).sum(axis=1, keepdims=True)
    transition = np.exp(towards / T - norm)
    balance = np.vstack([transition.T - np.eye(len(transition)), np.ones(len(transition))])
    return np.linalg.lstsq(balance, np.eye(len(balance))[-1])[0]


@functools.cache
def _chain_key(chain: int) -> np.ndarray:
    return streams.key(5, "dynamics", chain=chain)


def final_configurations(
    kernel: Backend,
    memory: Memory,
    T: float,
    *,
    dynamics: str,
    site_order: str,
    n_chains: int,
    n_sweeps: int,
) -> np.ndarray:
    """Return the last configurations of chains with random starts: (n_chains, n_spins)."""
    n_spins = memory.n_spins
    starts = np.random.default_rng(11).choice(np.array([-1, 1], np.int8), (n_chains, n_spins))
    keys = np.array([_chain_key(chain) for chain in range(n_chains)])
    network, move = kernel.lower(memory), DYNAMICS[dynamics].move
    final, energies = np.empty((n_chains, 1, n_spins), np.int8), np.empty((n_chains, 1))
    every = [...] if kernel.batched else range(n_chains)
    temperature = np.full(n_chains, T) if kernel.batched else T
    for c in every:
        state = kernel.prepare(network, starts[c])
        kernel.run(
            network, state, keys[c], temperature, move, 0, 1, n_sweeps, final[c], energies[c],
            SITE_ORDERS[site_order],
        )  # fmt: skip
    return final[:, 0]


def state_numbers(spins: np.ndarray) -> np.ndarray:
    """Return the index of each configuration in `all_configurations`."""
    bits = (spins > 0).astype(np.int64)
    return np.asarray(bits @ (1 << np.arange(spins.shape[-1])[::-1]))


def chi_square_p(counts: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the p-value of counts, states merged until each expects at least ten."""
    total = counts.sum()
    observed, expected = [], []
    seen = hoped = 0.0
    for state in np.argsort(probabilities):
        seen += counts[state]
        hoped += total * probabilities[state]
        if hoped >= 10:
            observed.append(seen)
            expected.append(hoped)
            seen = hoped = 0.0
    observed[-1] += seen
    expected[-1] += hoped
    require(len(observed) > 2, "the test has no power: too few states are occupied")
    return float(scipy.stats.chisquare(observed, expected).pvalue)


def moderate_temperature(memory: Memory) -> float:
    """Return a temperature at which chains of a few sweeps equilibrate."""
    states = [np.ones(memory.n_spins, np.int8)]
    if not memory.polynomial:  # a table may be flat but for the patterns
        states += list(np.where(memory.rows[:4] < 0, -1, 1).astype(np.int8))
    costs = [memory.flip_cost(s, i) for s in states for i in range(memory.n_spins)]
    return max(1.0, 0.5 * float(np.ptp(costs)))


def boltzmann_p(memory: Memory, dynamics: str, site_order: str, backend: str = "numba") -> float:
    """Return the p-value of one configuration of every chain under Boltzmann's law."""
    T = moderate_temperature(memory)
    return _p_value(backend, memory, T, boltzmann(memory, T), dynamics, site_order)


def parallel_p(memory: Memory, backend: str = "numba", dynamics: str = "parallel") -> float:
    """Return the p-value of parallel dynamics under its own stationary law."""
    fields = parallel_fields(memory, dynamics)
    T = max(1.0, 0.7 * float(np.abs(fields).max()))
    return _p_value(backend, memory, T, parallel_law(fields, T), dynamics)


def _p_value(
    backend: str,
    memory: Memory,
    T: float,
    law: np.ndarray,
    dynamics: str,
    site_order: str = "sequential",
) -> float:
    _, n_chains, n_sweeps = SIZES[backend]
    final = final_configurations(
        resolve(backend, dynamics), memory, T,
        dynamics=dynamics, site_order=site_order, n_chains=n_chains, n_sweeps=n_sweeps,
    )  # fmt: skip
    return chi_square_p(np.bincount(state_numbers(final), minlength=len(law)), law)


def _memory(subject: Subject, n_spins: int) -> Memory:
    return subject.draw(n_spins).memory


def _least(found: dict[str, float]) -> str:
    case = min(found, key=lambda case: found[case])
    require(found[case] > P_VALUE, f"chi-square has p = {found[case]:.1e} with {case}")
    return f"least p-value of {len(found)} is {found[case]:.2g} ({case})"


def single_spin_dynamics(subject: Subject) -> str:
    """Heat bath and Metropolis sample Boltzmann's law, in every order of the sites.

    So does heat bath of one layer after the other, where there are layers.

    Not so sequential Metropolis where most spins are free, which it flips at every visit
    (`montecarlo.dynamics`): an interaction of finite range.
    """
    memory = _memory(subject, SIZES["numba"][0])
    if not memory.energetic:
        return NO_ENERGY
    cases = [*itertools.product(("glauber", "metropolis"), SITE_ORDERS)]
    if free_share(memory) > 0.5:
        cases.remove(("metropolis", "sequential"))
    if subject.model.layered:
        cases.append(("layers", "sequential"))
    return _least({f"{d}, {order} order": boltzmann_p(memory, d, order) for d, order in cases})


def free_share(memory: Memory) -> float:
    """Return the share of spins, over all configurations, whose flip costs nothing."""
    energies = np.array([memory.energy(s) for s in all_configurations(memory.n_spins)])
    flipped = np.arange(len(energies))[:, None] ^ (1 << np.arange(memory.n_spins))
    return float((energies[flipped] == energies[:, None]).mean())


def parallel_dynamics(subject: Subject) -> str:
    """Parallel heat bath samples the stationary law of its transition matrix."""
    memory = _memory(subject, SIZES["numba"][0])
    return _least({d: parallel_p(memory, dynamics=d) for d in _at_once(subject)})


def _at_once(subject: Subject) -> tuple[str, ...]:
    """Return the dynamics of all spins at once that the model has."""
    return ("parallel", "parallel-diagonal") if subject.model.self_coupled else ("parallel",)


def compiled_kernels(subject: Subject) -> str:
    """Compiled and reference kernels give the same spins, and the energy of the definition."""
    memory, n_sweeps = _memory(subject, 9), 12
    start, key = subject.spins(memory.n_spins), streams.key(subject.seed, "dynamics")
    single = ("glauber", "metropolis", "zero-temperature") if memory.energetic else ()
    layers = ("layers",) if subject.model.layered else ()
    for dynamics in (*single, *layers, *_at_once(subject)):
        spins, energies = np.empty((2, 1, memory.n_spins), np.int8), np.empty((2, 1))
        for name, s, e in zip(("numba", "reference"), spins, energies, strict=True):
            kernel = resolve(name, dynamics)
            network, move = kernel.lower(memory), DYNAMICS[dynamics].move
            if kernel.batched:
                state, T = kernel.prepare(network, start[None]), np.ones(1)
                of_chains = key[None], T, move, 0, 1, n_sweeps, s[None], e[None]
                kernel.run(network, state, *of_chains, SEQUENTIAL)
            else:
                state = kernel.prepare(network, start)
                kernel.run(network, state, key, 1.0, move, 0, 1, n_sweeps, s, e, SEQUENTIAL)
        apart = int((spins[0] != spins[1]).sum())
        require(apart == 0, f"{apart} spins differ between kernels after {n_sweeps} sweeps")
        exact = memory.energy(spins[0, 0])
        wrong = np.abs(energies - exact).max() if memory.energetic else 0.0
        tolerance = 1e-12 * max(1.0, abs(exact))
        require(not wrong > tolerance, f"the energy of {dynamics} is {wrong:.1e} from {exact:.12g}")
    return f"same spins after {n_sweeps} sweeps, " + (
        "same energies" if memory.energetic else NO_ENERGY
    )


def fixed_points(subject: Subject) -> str:
    """Descent at T = 0 ends where no flip lowers the energy."""
    memory = _memory(subject, 11)
    if not memory.energetic:
        return NO_ENERGY
    for site_order in SITE_ORDERS:
        (last,) = final_configurations(
            resolve("numba"), memory, 0.0,
            dynamics="zero-temperature", site_order=site_order, n_chains=1, n_sweeps=200,
        )  # fmt: skip
        least = min(memory.flip_cost(last, i) for i in range(memory.n_spins))
        require(least >= -1e-12, f"descent in {site_order} order ends where a flip costs {least}")
    return f"no flip lowers H in {len(SITE_ORDERS)} orders"


CHECKS: tuple[Check, ...] = (
    compiled_kernels,
    single_spin_dynamics,
    parallel_dynamics,
    fixed_points,
)

r"""Dynamics and the order in which they visit the sites.

One spin at a time: heat bath sets :math:`P(s_i = +1) = 1/(1 + e^{-2 \beta h_i})` and
Metropolis flips with probability :math:`\min(1, e^{-2 \beta s_i h_i})`.  Each visit obeys
detailed balance with respect to :math:`e^{-\beta H}`, so that a sweep leaves that
distribution unchanged whatever the order of the visits:

* ``"sequential"``: 0, 1, ..., N - 1, the same in every sweep;
* ``"random"``: N sites drawn with replacement (random sequential updating);
* ``"permutation"``: every site once, in an order drawn anew for each sweep.

Sequential Metropolis is not ergodic where costs vanish: it flips a free spin at every
visit.  A random order is.

Zero temperature aligns a visited spin with its field and leaves it where the field
vanishes; the energy never rises and a descent ends in a configuration that no visit
changes, whatever the order.

All spins at once (``"parallel"``, the Little model): every spin is drawn by heat bath in
the field of the previous configuration.  Its stationary law is its own.  For P = 2 it is

.. math:: P(s) \propto \prod_i 2 \cosh(\beta h_i(s)),

the Boltzmann law of :math:`-T \sum_i \ln 2\cosh \beta h_i` (P. Peretto, Biol. Cybern. 50,
51 (1984), doi:10.1007/BF00317939), for symmetric couplings with or without a diagonal.
For P >= 3 there is no detailed balance and no closed form.  At T = 0 and P = 2 the
dynamics ends in a fixed point or in a cycle of two configurations (E. Goles, J. Olivos,
Discrete Appl. Math. 3, 93 (1981), doi:10.1016/0166-218X(81)90034-2).

The fields compare the energies of the two values of a spin,
:math:`h_i = (H(s_i = -1) - H(s_i = +1))/2`, all other spins as they are (D. Krotov, J. Hopfield,
arXiv:1606.01164), so that fixed points at T = 0 are those of single spins.  For
``indices="distinct"`` that is :math:`-\partial H/\partial s_i`.  The derivative of a literal power
would hold the spin itself, for an even P times :math:`\alpha N^{P/2 - 1} (P - 1)!!/(P - 1)!` on
average: 4 at P = 4, N = 100 and alpha = 0.08, against a pattern's 2 m^3, so that it froze spins
which one at a time retrieve.
Couplings of pairs may keep their diagonal, :math:`J_{ii} = K/N`, by name:
``"parallel-diagonal"``, of models that are `hebbian.Model.self_coupled`, has the fields
:math:`\sum_j J_{ij} s_j`, j = i included.  Such couplings are positive semi-definite, and descents
end in fixed points alone.

Layer after layer (``"layers"``, of a `hebbian.Assembly` none of whose layers is coupled to itself):
the spins of one layer do not meet each other, so that all of them are drawn at once in the fields
of the others; a sweep does so with every layer in turn.  That is heat bath of single spins in the
order of the sites, exact at every T, not Little dynamics.

For the exponential memory the fields are :math:`-\partial H/\partial s_i` of real spins, the
softmax average :math:`h_i = \sum_\mu p_\mu \xi_i^\mu`, :math:`p_\mu \propto e^{\lambda M_\mu}`: a
step is that of attention.  H is concave in real spins and lies below its tangent, so that no step
at T = 0 raises it.  Sparse distributed memory is read: a step is one reading, and
``Schedule(warmup=0, sweeps=1, stride=1)`` makes no other; more sweeps iterate.  Where the query
includes the site that is updated the fields are those of no energy, and parallel dynamics is the
only one.  A spin without a field stays as it is there at T = 0; elsewhere it takes a fair coin.
"""

from __future__ import annotations

from typing import NamedTuple

from hebbian import Model, domain

__all__ = [
    "ALL_AT_ONCE",
    "DYNAMICS",
    "GLAUBER",
    "LAYERS",
    "MANY_AT_ONCE",
    "METROPOLIS",
    "PARALLEL",
    "PARALLEL_DIAGONAL",
    "PERMUTATION",
    "RANDOM",
    "SEQUENTIAL",
    "SITE_ORDERS",
    "ZERO_TEMPERATURE",
    "Dynamics",
    "check_model",
    "checked_dynamics",
]

GLAUBER, METROPOLIS, ZERO_TEMPERATURE, PARALLEL, PARALLEL_DIAGONAL, LAYERS = 0, 1, 2, 3, 4, 5
SEQUENTIAL, RANDOM, PERMUTATION = 0, 1, 2

#: Moves of all spins at once.
ALL_AT_ONCE = (PARALLEL, PARALLEL_DIAGONAL)

#: Moves of the kernel that advances many chains together: those, and of a layer at once.
MANY_AT_ONCE = (*ALL_AT_ONCE, LAYERS)

#: Name of an order of visits -> its code in the kernels.
SITE_ORDERS = {"sequential": SEQUENTIAL, "random": RANDOM, "permutation": PERMUTATION}


class Dynamics(NamedTuple):
    """What the runners know of a dynamics.

    Parameters
    ----------
    move : int
        What the kernels call it; for a mean-field dynamics, the heat bath it approximates.
    balanced : bool
        Whether it leaves the Boltzmann law unchanged at any T, as replica exchange needs.
    expansion : int
        Order of the mean-field expansion that it follows; 0 where spins move.
    refused : tuple of str
        Arguments of `montecarlo.simulate` that it has no use for.
    """

    move: int
    balanced: bool = False
    expansion: int = 0
    refused: tuple[str, ...] = ()


_OF_SPINS = ("site_order", "form", "first_sweep", "observables", "keep_spins", "cooling")

#: All that tells one dynamics from another outside the kernels, by its name.
DYNAMICS = {
    "glauber": Dynamics(GLAUBER, balanced=True),
    "metropolis": Dynamics(METROPOLIS, balanced=True),
    "zero-temperature": Dynamics(ZERO_TEMPERATURE, refused=("cooling",)),
    "parallel": Dynamics(PARALLEL),
    "parallel-diagonal": Dynamics(PARALLEL_DIAGONAL),
    "layers": Dynamics(LAYERS, balanced=True),
    "plefka": Dynamics(GLAUBER, expansion=2, refused=_OF_SPINS),
    "mean-field": Dynamics(GLAUBER, expansion=1, refused=_OF_SPINS),
}


def checked_dynamics(dynamics: str, **asked: bool) -> Dynamics:
    """Return the dynamics of a name, once it has a use for what was asked for.

    Parameters
    ----------
    dynamics : str
    **asked : bool
        Whether the argument of this name was given.

    Raises
    ------
    ValueError
        If there is no such dynamics, or an argument has no effect on it.
    """
    found = DYNAMICS[domain.choice("dynamics", dynamics, DYNAMICS)]
    for name in found.refused:
        if asked[name]:
            raise ValueError(f"{name} has no effect on dynamics = {dynamics!r}")
    return found


def check_model(model: Model, dynamics: str, backend: str) -> None:
    """Refuse a model that a dynamics, or a backend, knows nothing of.

    Raises
    ------
    ValueError
        If the dynamics moves single spins and the model has no energy, keeps a diagonal that the
        model does not have, draws layers that the model does not have, or if mean-field
        equations or a device are asked for an interaction that is no polynomial.
    """
    if model.parallel_only and dynamics != "parallel":
        raise ValueError(
            f"dynamics = {dynamics!r}: {model!r} reads all sites at once and has no energy: "
            "dynamics = 'parallel', and no replica exchange"
        )
    if dynamics == "parallel-diagonal":
        model.check_diagonal()
    if dynamics == "layers" and not model.layered:
        raise ValueError(
            f"dynamics = 'layers': {model!r} is no assembly of layers none of which is coupled to "
            "itself: dynamics = 'glauber', or 'parallel'"
        )
    if model.polynomial and model.uniform:
        return
    if dynamics in DYNAMICS and DYNAMICS[dynamics].expansion:
        others = ", ".join(
            repr(name)
            for name, kind in DYNAMICS.items()
            if not kind.expansion
            and kind.move != PARALLEL_DIAGONAL
            and (kind.move != LAYERS or model.layered)
        )
        raise ValueError(
            f"dynamics = {dynamics!r}: mean-field equations are of polynomial interactions of "
            "patterns of one strength; "
            f"{model!r} runs with {others}"
        )
    if backend == "cupy":
        raise ValueError(
            "backend = 'cupy': devices know polynomial interactions of patterns of one "
            "strength alone; "
            f"{model!r} runs on backend = 'numba' or 'reference'"
        )

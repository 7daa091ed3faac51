"""Pictures of single results: which there are of each class, and how one is drawn.

`chains`, `histograms` and `ladders` draw runs, `protocols` and `shares` what is made of runs,
`solutions` theory; `families` are the curves of labelled numbers that most of them have.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from hebbian import domain
from hebbian.calling import checked
from hebbian.result import Result
from montecarlo.mean_field.plefka import Magnetizations
from montecarlo.protocols.basin import Basin
from montecarlo.protocols.disentangling import Disentanglement
from montecarlo.protocols.equilibration import Equilibration
from montecarlo.protocols.ramp import Ramp
from montecarlo.protocols.recall import Recall
from montecarlo.protocols.replay import Replay
from montecarlo.protocols.spurious import Spurious
from montecarlo.run import Run
from montecarlo.statistics.timescales import FirstPassage, Relaxation
from montecarlo.tempering.tempered import Tempered
from montecarlo.tempering.tuning import TunedLadder
from theory.basin import BasinBoundary
from theory.by_rank import RankSolution
from theory.course import Trajectory
from theory.many_patterns.example_states import ExampleState
from theory.outer_product.error import OuterProduct
from theory.outer_product.weights import BestWeights
from theory.recovery import Convergence, Recovery
from theory.solution import SignalToNoise, Solution, State
from theory.sparse_distributed.attention import FittedSharpness
from theory.sparse_distributed.first_step import OneStep

from . import chains, frames, histograms, ladders, protocols, shares, solutions, styling

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["PICTURES", "kinds", "plot_result"]


class Picture(NamedTuple):
    """A function that draws a result on an Axes, and what its style is of."""

    draw: Callable[..., None]
    of: str = "lines"


#: Pictures of every class; a class has those of its bases, too.  The first is the default.
#: Classes of rooms above this one have functions of their own, as an attribute ``pictures``.
PICTURES: Mapping[type, Mapping[str, Picture]] = {
    Run: {
        "estimates": Picture(chains.estimates),
        "trace": Picture(chains.traces),
        "rank": Picture(chains.ranks),
        "autocorrelation": Picture(chains.autocorrelations),
        "histogram": Picture(histograms.histogram),
        "relaxation": Picture(chains.relaxing),
    },
    Tempered: {
        "swap_rates": Picture(ladders.swap_rates),
        "walkers": Picture(ladders.walkers),
        "upward_fraction": Picture(ladders.upward_fraction),
        "energy_histograms": Picture(histograms.energies),
    },
    TunedLadder: {"rates": Picture(ladders.rates)},
    Ramp: {"ramp": Picture(protocols.ramp)},
    Basin: {"overlap": Picture(protocols.basin), "success": Picture(protocols.success)},
    Equilibration: {"z": Picture(protocols.deviates)},
    Replay: {
        "overlap": Picture(protocols.replay),
        "exact": Picture(protocols.exact),
        "survival": Picture(protocols.replay_length),
    },
    Recall: {"layers": Picture(shares.layers, "bars")},
    Spurious: {"shares": Picture(shares.spurious, "bars")},
    Disentanglement: {"shares": Picture(shares.disentangled, "bars")},
    Magnetizations: {
        "histogram": Picture(histograms.sites),
        "overlaps": Picture(protocols.overlaps),
    },
    Relaxation: {"times": Picture(protocols.correlation_times)},
    FirstPassage: {"survival": Picture(protocols.survival)},
    Solution: {"lines": Picture(solutions.lines), "map": Picture(solutions.mesh, "mesh")},
    RankSolution: {"rank": Picture(solutions.by_rank)},
    State: {"overlaps": Picture(shares.state, "bars")},
    ExampleState: {"overlaps": Picture(shares.examples, "bars")},
    SignalToNoise: {"lines": Picture(solutions.step), "map": Picture(solutions.mesh, "mesh")},
    Trajectory: {
        "trajectory": Picture(solutions.course),
        "correlations": Picture(solutions.correlations, "mesh"),
    },
    BasinBoundary: {"boundary": Picture(solutions.boundary)},
    Convergence: {"time": Picture(solutions.settling)},
    Recovery: {"recovery": Picture(solutions.recovered)},
    OuterProduct: {
        "error": Picture(solutions.error_of_tables),
        "recalled": Picture(solutions.recalled),
    },
    BestWeights: {"weights": Picture(solutions.weights)},
    OneStep: {"step": Picture(solutions.one_step)},
    FittedSharpness: {"error": Picture(solutions.fit_error)},
}

#: Where the default depends on the result.
FIRST: Mapping[type, Callable[[Any], str]] = {Run: chains.first, Solution: solutions.first}

_COLOURS = ("cmap", "norm", "vmin", "vmax", "colorbar")


def kinds(result: Result) -> list[str]:
    """Return the pictures that there are of a result, the default one first.

    Examples
    --------
    >>> import theory
    >>> from hebbian import Hopfield
    >>> kinds(theory.solve(Hopfield(), alpha=0.05, T=[0.1, 0.3]))
    ['lines', 'map']
    """
    found = dict.fromkeys(_pictures(result))
    for kind in type(result).__mro__:
        if own := _own(kind):
            chosen = FIRST[kind](result) if kind in FIRST else next(iter(own))
            return [chosen, *(each for each in found if each != chosen)]
    return []


def _pictures(result: Result) -> dict[str, Picture]:
    found: dict[str, Picture] = {}
    for kind in type(result).__mro__:
        found |= {k: v for k, v in _own(kind).items() if k not in found}
    return found


def _own(kind: type) -> Mapping[str, Picture]:
    """Return the pictures of a class without those of its bases."""
    functions = vars(kind).get("pictures", {})
    return PICTURES.get(kind) or {name: Picture(draw) for name, draw in functions.items()}


@checked
def plot_result(
    result: Result, ax: Axes | None = None, *, kind: str | None = None, **style: Any
) -> Axes:
    r"""Draw a result; `hebbian.Result.plot` calls it.

    Parameters
    ----------
    result : hebbian.Result
        Of `montecarlo` or `theory`.
    ax : matplotlib.axes.Axes, optional
        Default: a new figure of one column.
    kind : str, optional
        Which picture, one of `phase_diagrams.figures.results.kinds`; default: the first of them.
    **style
        Arguments of the picture (``variable``, ``x``, ``index``, ``component``, ``bins``, ...), the
        scales ``xscale`` and ``yscale``, ``legend``, the colours ``cmap``, ``norm``, ``vmin``,
        ``vmax`` and ``colorbar``; all else are properties of matplotlib.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If there is no such picture of it, or an argument is outside its range.
    TypeError
        If `ax` is something else, or matplotlib has no such property.

    Examples
    --------
    >>> import theory
    >>> from hebbian import Hopfield
    >>> ax = plot_result(theory.solve(Hopfield(), alpha=[0.02, 0.1], T=0.1), color="black")
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('load $\\alpha$', 'Mattis magnetization $m$')
    """
    known = kinds(result)
    name = type(result).__name__
    if not known:
        drawn = ", ".join(sorted(each.__name__ for each in PICTURES))
        raise ValueError(f"there is no picture of {name}, but of {drawn}")
    kind = known[0] if kind is None else domain.choice(f"kind of {name}", kind, known)
    picture = _pictures(result)[kind]
    parameters = inspect.signature(picture.draw).parameters
    options = {k: style.pop(k) for k in [*style] if k in list(parameters)[3:]}
    scales = {k: style.pop(k, None) for k in ("xscale", "yscale")}
    legend = style.pop("legend", True)
    chosen = _look(picture, style)
    with frames.axes(ax) as ax:
        picture.draw(result, ax, chosen, **options)
        styling.scales(ax, **scales)
        styling.legend(ax, legend)
    return ax


def _look(picture: Picture, style: dict[str, Any]) -> styling.Look:
    """Return the look that a style describes, of lines and points, of bars or of a mesh."""
    from matplotlib.cbook import normalize_kwargs
    from matplotlib.patches import Rectangle

    colours = {k: style.pop(k) for k in _COLOURS if k in style}
    if picture.of == "lines":
        return styling.look(picture.draw, style, **colours)
    chosen = styling.Look(**colours)
    if picture.of == "mesh":
        return styling.Look(styling.mesh_style(picture.draw, style, chosen), **colours)
    own = normalize_kwargs(style, Rectangle)
    styling.check_properties(picture.draw, "", own, Rectangle((0, 0), 1, 1))
    return styling.Look(own, **colours)

"""The model and the state whose theory a simulation needs: by its start, and its size.

A run starts at one archetype and observes it.  Where archetypes are of unequal strengths
(`hebbian.strengths`), which one matters; and what strengths there are is known of networks of a
size.  So the theory is that of the strengths of every network, the one that is retrieved first,
as soon as a study names its sizes; without them it is that of the law at infinite size, which
not every law has.  Of a student (`hebbian.TeacherStudent`) archetype 0 is the teacher, and the
others are examples.
"""

from __future__ import annotations

from hebbian import Model

__all__ = ["network", "state"]


def state(model: Model, start: str | float) -> str | float:
    """Return a start as closures know it (`theory.closure.Closure.branches`).

    Examples
    --------
    >>> from hebbian import Hopfield, TeacherStudent
    >>> state(Hopfield(), "pattern:7"), state(TeacherStudent(signal=3.0), "pattern:7")
    ('pattern', 'example')
    """
    if not (isinstance(start, str) and start.startswith("pattern")):
        return start
    return "example" if 0 < model.unstored <= _first(start) else "pattern"


def network(model: Model, alpha: float | None, n_spins: int | None, start: str | float) -> Model:
    """Return a model with the strengths that its network has, that of the start first.

    Raises
    ------
    ValueError
        If the start names an archetype by its number, and no size says how strong it is, or there
        is none of this number.

    Examples
    --------
    >>> from hebbian import Hopfield
    >>> network(Hopfield(weights="zipf:1"), 0.04, 50, "pattern:1").weights
    (0.5, 1.0)
    """
    if model.uniform:
        return model
    first = _first(start)
    if not n_spins:
        if first:
            raise ValueError(
                f"start = {start!r}: how strong pattern {first} is says a size: n_spins is missing"
            )
        return model
    sized = model.sized(alpha, n_spins)
    weights = list(sized.parameters()["weights"])
    if first >= len(weights):
        raise ValueError(
            f"start = {start!r}: at alpha = {alpha} and N = {n_spins} patterns are 0 to "
            f"{len(weights) - 1}"
        )
    return sized.replace(weights=[weights[first], *weights[:first], *weights[first + 1 :]])


def _first(start: str | float) -> int:
    if not (isinstance(start, str) and ":" in start):
        return 0
    from montecarlo.state import started_from

    return started_from(start)

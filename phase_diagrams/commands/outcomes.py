"""What 'hebbian trajectory' says of trajectories as a whole, in the place of their points."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from phase_diagrams.study import Study

__all__ = ["OUTCOMES", "check", "rows"]

#: Names of what there is: the function of the theory, and the flag that it has of its own.
OUTCOMES = {
    "basin": ("basin", "threshold"),
    "convergence-time": ("convergence_time", "tolerance"),
    "recovery": ("recovery", "threshold"),
}


def check(args: argparse.Namespace) -> None:
    """Refuse flags that are of something else.

    Raises
    ------
    ValueError
        Naming the flag.
    """
    from hebbian import domain

    domain.choice("quantity", args.quantity, ("trajectory", *OUTCOMES))
    strange = {"threshold", "tolerance"}
    if args.quantity in OUTCOMES:
        strange = {*strange, "n_spins", "figure"} - {OUTCOMES[args.quantity][1]}
    if args.quantity == "basin":
        strange.add("start")
    elif isinstance(args.n_steps, list):
        raise ValueError(f"n_steps = {args.n_steps}: several are of --quantity basin")
    for name in sorted(strange):
        if getattr(args, name) is not None:
            flag = name.replace("_", "-")
            raise ValueError(f"--quantity {args.quantity} does not take --{flag}")


def rows(study: Study, args: argparse.Namespace, course: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a row of numbers for every point of a study."""
    import dataclasses

    import numpy as np

    import theory
    from phase_diagrams.trajectory_prediction import start_of

    function, own = OUTCOMES[args.quantity]
    options = {"dynamics": args.dynamics, "n_steps": args.n_steps, **course}
    options |= {"law": study.settings.law, "seed": study.settings.seed}
    if getattr(args, own) is not None:
        options[own] = getattr(args, own)
    swept = ("alpha", "T") if args.quantity == "basin" else ("alpha", "T", "start")
    found = []
    for names, model in study.grid.models():
        controls = {name: study.grid.values(name) for name in swept if study.grid.values(name)}
        mesh = dict(zip(controls, np.meshgrid(*controls.values(), indexing="ij"), strict=True))
        state: dict[str, Any] = {"alpha": None, **mesh}
        if args.quantity != "basin":
            start = mesh.get("start", study.settings.start)
            state["start"] = start_of(model, start, study.settings.law)
        outcome = getattr(theory, function)(model, **state, **options)
        fields = {field.name: getattr(outcome, field.name) for field in dataclasses.fields(outcome)}
        fields.pop("threshold", None)
        for place in np.ndindex(mesh["T"].shape):
            where = {**names, **{name: float(values[place]) for name, values in mesh.items()}}
            if args.quantity != "basin":
                here = {name: values[place].tolist() for name, values in fields.items()}
                found.append({**where, **here})
                continue
            for i, t in enumerate(np.atleast_1d(outcome.t).tolist()):
                here = {n: np.atleast_1d(fields[n][place])[i].item() for n in ("overlap", "error")}
                found.append({**where, "t": t, **here})
    return found

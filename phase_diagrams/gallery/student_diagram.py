"""Load and temperature of students that store weak examples of one teacher, of two orders."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import montecarlo
import theory
from hebbian import Dense, TeacherStudent
from phase_diagrams.figures import drawing

from .running import Groups, Numbers, Session, Simulation, averaged
from .verdicts import Findings, equal, exact, measured, positive

#: Overlap of the theory from which on a student has learnt, and is compared with it.
LEARNT = 0.6
#: Overlap that no student reaches who does not know the teacher.
UNKNOWN = 0.5
#: Distance from the onset of learning in units of its load: closer, small networks blur it.
CLEAR = 0.25
#: Temperatures, in units of the teacher's, below which chains keep a part of where they start.
REMANENT = 0.5
#: Spins by which a finite network may know its teacher better than an infinite one.
SPINS = 5


class Network(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A student: its order, the signal, its size, and the points of its map."""

    order: int
    signal: float
    n_spins: int
    alpha: list[float]
    T: list[float]

    def model(self) -> TeacherStudent:
        """Return the student."""
        return TeacherStudent(order=self.order, signal=self.signal)


class Parameters(Simulation, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Networks, and points of the lines."""

    networks: list[Network]
    line: int


def compute(parameters: Parameters, session: Session) -> Groups:
    """Simulate every student from its teacher on a grid, and trace the lines of the theory."""
    p = parameters
    for one in p.networks:
        model, group, T = one.model(), f"/order_{one.order}", np.array(one.T)
        runs = [
            montecarlo.simulate(
                model, alpha=load, T=T, n_spins=one.n_spins, start="pattern", **p.settings()
            ).series["m"]
            for load in one.alpha
        ]  # fmt: skip
        # The reversal of the teacher is as good at even orders: (load, T, sample).
        m = np.abs(runs) if model.reversible else np.asarray(runs)
        samples = np.moveaxis(m.mean(axis=(3, 4)), 2, 0)
        axes = ("alpha", "T")
        known = theory.solve(model, alpha=np.array(one.alpha)[:, None], T=T).m
        data = averaged({"m": samples}, axes)
        data |= {"m_theory": (axes, np.nan_to_num(known)), "n_spins": one.n_spins}
        data |= {"onset": ("T", theory.learning_load(model, T))}
        places = {"alpha": one.alpha, "T": T}
        yield f"{group}/simulation", xr.Dataset(data, places, {"n_samples": p.n_samples})
        yield f"{group}/lines", _lines(model, max(one.alpha), max(one.T), p.line)


def _lines(model: TeacherStudent, most: float, hottest: float, points: int) -> xr.Dataset:
    """Return the onset of learning along T, and the other lines along the load."""
    loads, T = np.linspace(0, most, points), np.linspace(0, hottest, points)
    stored = Dense(order=model.order)
    found = {
        "learning": ("T", theory.learning_load(model, T)),
        "glass": ("alpha", theory.glass_temperature(stored, loads)),
        "example": ("alpha", theory.spinodal_temperature(stored, loads)),
    }
    T_teacher = model.nishimori_temperature
    known = {
        "nishimori": T_teacher,
        "signal": model.effective_signal,
        "load": float(theory.learning_load(model, T_teacher)),
    }
    return xr.Dataset(found, {"alpha": loads, "T": T}, known)


def _students(tree: xr.DataTree) -> Iterator[tuple[int, xr.Dataset, xr.Dataset]]:
    """Yield every order and its data sets."""
    for name, node in tree.children.items():
        simulation, lines = (node[part].to_dataset() for part in ("simulation", "lines"))
        yield int(name.removeprefix("order_")), simulation, lines


def draw(tree: xr.DataTree) -> Figure:
    """One panel for each order."""
    found = list(_students(tree))
    figure = Figure(figsize=(7.0, 2.7))
    panels = np.atleast_1d(figure.subplots(1, len(found)))
    for ax, (order, data, lines) in zip(panels, found, strict=True):
        mesh = drawing.heat_map(
            data["m"].transpose("T", "alpha"), ax, low=0, high=1, colourbar=False
        )
        drawing.line(ax, lines["learning"], lines["T"], "-")
        drawing.line(ax, lines["alpha"], lines["glass"], "-.")
        drawing.line(ax, lines["alpha"], lines["example"], ":")
        ax.axhline(lines.attrs["nishimori"], color="w", lw=0.9, ls="--")
        ax.set(xlabel=r"load $\alpha$ of examples", ylabel="temperature $T$")
        ax.set(xlim=(0, float(data["alpha"].max())), ylim=(0, float(data["T"].max())))
        ax.set_title(
            f"$P = {order}$, $w = {lines.attrs['signal']:.3g}$, $N = {int(data['n_spins'])}$"
        )
    figure.colorbar(mesh, ax=panels, label="overlap $|m|$ with the teacher")
    return figure


def numbers(tree: xr.DataTree) -> Numbers:
    """Return what the caption asks for."""
    words = []
    for order, data, lines in _students(tree):
        gap = abs(data["m"] - data["m_theory"]).where(data["m_theory"] > LEARNT)
        T, load = lines.attrs["nishimori"], lines.attrs["load"]
        words.append(
            f"P = {order}: at the teacher's temperature {T:.3g} learning begins at alpha = "
            f"{load:.3g}; where theory has m > {LEARNT:g} simulations are within "
            f"{float(gap.max()):.2f} of it"
        )
    return {"found": "; ".join(words)}


def holds(tree: xr.DataTree) -> Findings:
    """Judge the claim."""
    for order, data, lines in _students(tree):
        title, m, T = f"P = {order}", measured(data), data["T"]
        onset = data["onset"]
        known, warm = data["m_theory"], REMANENT * lines.attrs["nishimori"] <= T
        yield positive(
            f"{title}: the teacher is known from {1 + CLEAR:g} times the least load on, where "
            f"theory has m > {LEARNT:g}",
            (m - UNKNOWN).where((data["alpha"] > (1 + CLEAR) * onset) & (known > LEARNT)),
        )
        yield positive(
            f"{title}: not below {1 - CLEAR:g} times it",
            -(m - UNKNOWN).where((data["alpha"] < (1 - CLEAR) * onset) & warm),
        )
        yield equal(
            f"{title}: where theory has m > {LEARNT:g} the overlap is that of theory",
            (m - known).where(known > LEARNT),
            tolerance=SPINS / int(data["n_spins"]),
            resolution=0.2,
        )
        yield exact(
            f"{title}: a student as warm as the teacher needs the fewest examples",
            lines["learning"] >= lines.attrs["load"] * (1 - 1e-9),
        )
    continuous, jumps = (tree[f"order_{order}/lines"].to_dataset() for order in (2, 3))
    yield exact(
        "P = 2: a student of the teacher's temperature 1 + 1/w learns from alpha = 1/w^2 on, where "
        "paramagnet, glass and learning meet at T = 1 + sqrt(alpha)",
        abs(continuous.attrs["load"] * continuous.attrs["signal"] ** 2 - 1) < 1e-9,
    )
    between = {
        order: ((data["m_theory"] > 0) & (data["m_theory"] < LEARNT)).any()
        for order, data, _ in _students(tree)
    }
    yield exact(
        f"P = 2 learns continuously, P = 3 at once: only at P = 2 theory has 0 < m < {LEARNT:g}",
        bool(between[2]) and not bool(between[3]),
    )
    scaled = jumps.attrs["load"] * jumps.attrs["signal"] ** 2
    yield exact(
        f"P = 3: it learns from alpha = {scaled:.3f}/w^2 on, where random patterns get the states "
        "of a glass, T = 0.6816 sqrt(alpha)",
        abs(scaled * 0.6815980406**2 - 1) < 1e-6,
    )

"""The page that says what was checked and how it went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np
from scipy.special import stdtr
from scipy.stats import binom

import hebbian

from .entries import Checked
from .sampling import AGREEMENT, EXAMPLE, N_SAMPLES, SOFT, WIDE, Verdict

__all__ = ["allowed", "page"]

#: Probability beyond three standard deviations.
RARE = 0.0027

#: Prediction -> when it is made.
REASONS = {
    "glass": "in the glass, which chains of 300 sweeps do not equilibrate",
    "boundary": "a state that lasts no longer than a chain of t sweeps: the barrier N Delta f/T of "
    "the finite network (`theory.nucleation_barrier`) is below ln t; beyond the spinodal, within "
    "(ln t/N)^(2/3) of it, relative",
    "slow": "where the start decays so slowly that a thousandth of it is left after the warm-up",
    EXAMPLE: "where theory has states that are condensed on one example (`theory.single_example`), "
    "or a state of several patterns that is unstable to them",
    SOFT: f"where overlaps of several patterns fluctuate by more than {WIDE:g}, "
    "(T/(N lambda))^(1/2) with the smallest eigenvalue lambda of the Hessian of the free energy",
}


def page(
    published: Sequence[Checked],
    identities: Sequence[Checked],
    drawn: Sequence[Verdict],
    sections: Sequence[str] = (),
) -> str:
    """Return the validation page as Markdown, with further sections before the random points."""
    agreeing = [v for v in drawn if v.prediction == AGREEMENT]
    against = sum(v.against for v in drawn)
    lines = [
        "# Validation",
        "",
        f"Written by `bash scripts/validation.sh` on {date.today()} with version "
        f"{hebbian.__version__}; every number is computed anew when it runs.",
        "",
        f"* published numbers: {_passed(published)}",
        f"* identities: {_passed(identities)}",
        f"* theory against simulation at {len(drawn)} points drawn at random: agreement is "
        f"predicted at {len(agreeing)} of them, and {against} of these disagree, where chance "
        f"alone may leave {allowed(len(agreeing))}.",
        "",
        "## Published numbers",
        "",
        "The numbers of the source, with half a unit of their last digit; or its equations, whose "
        "numbers are those of a second solver, written apart from this package.",
        "",
        *_table(published),
        "",
        "## Identities",
        "",
        *_table(identities),
        "",
        *sections,
        "## Theory against simulation",
        "",
        "Models and rules in turn; order, load, temperature, dilution, quality and number of "
        "examples are drawn at random, up to 1.2 times the critical load. Chains start at a "
        "pattern, those of `Multitasking` at the hierarchy of theirs (12 disorder samples, 150 "
        "sweeps after 150). Where there is a load, the theory has the couplings of the finite "
        "network, alpha/Pi and T/Pi with Pi = prod_{k<P} (1 - k/N); *phase* is its phase at that "
        "point, *m theory* the overlap of the state in which such chains should be.",
        "",
        "Points were drawn without regard to what a short chain of a small network can show. "
        "What is *predicted* of each follows from the theory, N and the number of sweeps, without "
        "a look at what was simulated. Agreement means within the error, as rare as three "
        "standard deviations, and 1/N. None is predicted",
        "",
        *(f"* {name}: {words}" for name, words in REASONS.items()),
        "",
        *_spread(drawn),
        "",
        "| # | model | alpha | T | N | phase | predicted | m simulated | m theory | z | |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
        *map(_row, drawn),
        "",
    ]
    return "\n".join(lines)


def allowed(n_points: int) -> int:
    """Return how many of as many points may disagree by chance, but for one page in a thousand."""
    return int(binom.ppf(0.999, n_points, RARE))


def _spread(drawn: Sequence[Verdict]) -> list[str]:
    """Say of every prediction how often it came true, and what was the difference."""
    if not drawn:
        return []
    dof = N_SAMPLES - 1
    expected = [1 - 2 * float(stdtr(dof, -bound)) for bound in (1, 2)]
    lines = [
        f"z is the difference in standard errors of the {N_SAMPLES} samples, whose law without "
        f"bias is that of Student with {dof} degrees of freedom: beyond {drawn[0].limit:.2f} it is "
        "as rare as three standard deviations.",
        "",
        "| predicted | phase | points | disagree | abs(z) < 1 | abs(z) < 2 | mean z | difference |",
        "|---|---|---|---|---|---|---|---|",
        f"| *law of Student* | | | 0.3% | {expected[0]:.0%} | {expected[1]:.0%} | 0 | 0 |",
    ]
    kinds = Counter((_kind(v), v.phase) for v in drawn)
    for (kind, phase), number in sorted(kinds.items(), key=lambda one: (one[0][0], -one[1])):
        here = [v for v in drawn if (_kind(v), v.phase) == (kind, phase)]
        z = np.array([v.z for v in here])
        one, two = ((np.abs(z) < bound).mean() for bound in (1, 2))
        off = sum(v.disagrees for v in here) / number
        difference = np.mean([v.m - v.theory for v in here])
        lines.append(
            f"| {kind} | {phase} | {number} | {off:.0%} | {one:.0%} | {two:.0%} | "
            f"{np.nanmean(z):.1f} | {difference:+.3f} |"
        )
    return lines


def _kind(verdict: Verdict) -> str:
    return verdict.prediction.partition(":")[0]


def _passed(checked: Sequence[Checked]) -> str:
    return f"{sum(c.passed for c in checked)} of {len(checked)} pass"


def _table(checked: Iterable[Checked]) -> list[str]:
    rows = ["| what | source | expected | ours | deviation | |", "|---|---|---|---|---|---|"]
    for entry, value, deviation, passed in checked:
        mark = "pass" if passed else "**fail**"
        what = entry.what.replace("|", r"\|")  # not a border of the table
        rows.append(
            f"| {what} | {entry.source} | {entry.expected:.8g} | {value:.8g} | "
            f"{deviation:.1e} (allowed {entry.tolerance:.0e}) | {mark} |"
        )
    return rows


def _row(verdict: Verdict) -> str:
    point = verdict.point
    load = "" if point.alpha is None else f"{point.alpha:g}"
    mark = "**against**" if verdict.against else "disagrees" if verdict.disagrees else ""
    return (
        f"| {point.number} | `{point.model}` | {load} | {point.T:g} | {point.n_spins} | "
        f"{verdict.phase} | {verdict.prediction} | {verdict.m:.4f}({verdict.error:.4f}) | "
        f"{verdict.theory:.4f} | {verdict.z:.1f} | {mark} |"
    )

"""The page that says what was checked and how it went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from scipy.special import stdtr

import hebbian

from .entries import Checked
from .sampling import N_SAMPLES, Verdict

__all__ = ["page"]


def page(
    published: Sequence[Checked], identities: Sequence[Checked], drawn: Sequence[Verdict]
) -> str:
    """Return the validation page as Markdown."""
    disagreeing = [v for v in drawn if v.disagrees]
    unexplained = [v for v in disagreeing if v.reason == "not explained"]
    reasons = Counter(v.reason.partition(":")[0] for v in disagreeing)
    lines = [
        "# Validation",
        "",
        f"Written by `bash scripts/validation.sh` with version {hebbian.__version__}; every number "
        "is computed anew when it runs.",
        "",
        f"* published numbers: {_passed(published)}",
        f"* identities: {_passed(identities)}",
        f"* theory against simulation at {len(drawn)} points drawn at random: "
        f"{len(drawn) - len(disagreeing)} agree, {len(disagreeing)} do not; for "
        f"{len(disagreeing) - len(unexplained)} of these a known reason applies, "
        f"{len(unexplained)} are not explained.",
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
        "## Theory against simulation",
        "",
        "Models and rules in turn; order, load, temperature, dilution, quality and number of "
        "examples are drawn at random, up to 1.2 times the critical load. Chains start at a "
        "pattern, those of `Multitasking` at the hierarchy of theirs (12 disorder samples, 150 "
        "sweeps after 150). Where there is a load, the theory has the couplings of the finite "
        "network, alpha/Pi and T/Pi with Pi = prod_{k<P} (1 - k/N); *phase* is its phase at that "
        "point, *m theory* the overlap of the state in which such chains should be.",
        "",
        *_spread(drawn),
        "Points were drawn without regard to what a short chain of a small network can show. "
        "Where one disagrees, the last column names the first of these reasons that the program "
        "finds to apply (a test of the point, no proof): so few reversed spins that "
        "they are no Gaussian sample, single examples that are attractors of their own "
        "(`theory.single_example`), chains that left a metastable state, a boundary nearer than "
        "ten percent, the glass, chains too short for an error, and a difference that shrinks "
        "from N/2 to N.",
        "",
        *(f"* {reason}: {number}" for reason, number in reasons.most_common()),
        "",
        "| # | model | alpha | T | N | phase | m simulated | m theory | z | why not |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *map(_row, drawn),
        "",
    ]
    return "\n".join(lines)


def _spread(drawn: Sequence[Verdict]) -> list[str]:
    """Compare the distribution of z with that of Student, phase by phase."""
    if not drawn:
        return []
    dof = N_SAMPLES - 1
    expected = [1 - 2 * float(stdtr(dof, -bound)) for bound in (1, 2)]
    lines = [
        f"z is the difference in standard errors of the {N_SAMPLES} samples. Without bias its law "
        f"would be that of Student with {dof} degrees of freedom, which exceeds "
        f"{drawn[0].limit:.2f} as rarely as a Gaussian exceeds three: beyond it a point disagrees. "
        "A mean far from 0 is a bias that the error bar does not know: chains of 300 sweeps keep "
        "an overlap in the glass and close above a transition, and leave metastable states.",
        "",
        "| phase | points | disagree | abs(z) < 1 | abs(z) < 2 | mean z |",
        "|---|---|---|---|---|---|",
        f"| *law of Student* | | 0.3% | {expected[0]:.0%} | {expected[1]:.0%} | 0 |",
    ]
    for phase, _ in Counter(v.phase for v in drawn).most_common():
        here = [v for v in drawn if v.phase == phase]
        z = np.array([v.z for v in here])
        one, two = ((np.abs(z) < bound).mean() for bound in (1, 2))
        off = sum(v.disagrees for v in here) / len(here)
        lines.append(
            f"| {phase} | {len(here)} | {off:.0%} | {one:.0%} | {two:.0%} | {z.mean():.1f} |"
        )
    return [*lines, ""]


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
    return (
        f"| {point.number} | `{point.model}` | {load} | {point.T:g} | {point.n_spins} | "
        f"{verdict.phase} | {verdict.m:.4f}({verdict.error:.4f}) | {verdict.theory:.4f} | "
        f"{verdict.z:.1f} | {verdict.reason} |"
    )

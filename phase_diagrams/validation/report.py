"""The page that says what was checked and how it went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import hebbian

from .entries import Checked
from .sampling import Verdict

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
        f"{len(drawn) - len(disagreeing)} agree within three standard deviations, "
        f"{len(disagreeing)} do not, of which {len(unexplained)} are not explained.",
        "",
        "## Published numbers",
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
        "pattern (12 disorder samples, 150 sweeps after 150). The theory has the couplings of "
        "the finite network, alpha/Pi and T/Pi with Pi = prod_{k<P} (1 - k/N). z is the "
        "difference in standard errors of the 12 samples; a point disagrees beyond the z that "
        "Student's law passes as rarely as a Gaussian passes three.",
        "",
        "Where a point disagrees the reason is sought in this order: so few reversed spins that "
        "they are no Gaussian sample, single examples that are attractors of their own "
        "(`theory.single_example`), chains that left a metastable state, a boundary nearer than "
        "ten percent, the glass, chains too short for an error, and a difference that grows "
        "when N is halved.",
        "",
        *(f"* {reason}: {number}" for reason, number in reasons.most_common()),
        "",
        "| # | model | alpha | T | N | phase | m simulated | m theory | z | |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *map(_row, drawn),
        "",
    ]
    return "\n".join(lines)


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

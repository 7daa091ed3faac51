"""The gallery as a page: every claim, with the figure of its full or of its quick version."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

from phase_diagrams.gallery import claims, running

ROOT = Path(__file__).parents[1]

#: Claims whose quick version takes seconds: computed here where no figure is at hand.
FAST = (
    "ags_diagram",
    "basin",
    "capacity",
    "hierarchy",
    "learning_curves",
    "losses",
    "parallel_retrieval",
    "plefka",
    "ultra_detection",
    "ultra_storage",
)

HEAD = """\
# Gallery

Every claim is a study file and a figure function in `phase_diagrams/gallery`. Compute them again:

```sh
hebbian gallery --list
hebbian gallery --quick                 # small sizes, to see that everything runs
hebbian gallery capacity ags_diagram    # the full version of some
bash scripts/gallery.sh                 # the full version of all, on all cores
```

Minutes are those of the full version on two cores. Below the caption stands the verdict: what
the claim says, statement by statement, and whether the numbers bear it out. Error bars decide
(Student's law, as rare as three standard deviations), and at a size that cannot tell nothing is
decided. Figures marked *quick* are of sizes too small for most of it: they show what a claim draws.
"""


def write_gallery(page: Path, work: Path) -> None:
    """Write the page and the figures beside it, in ``gallery/``."""
    logging.getLogger("fontTools").setLevel(logging.WARNING)  # sphinx shows what is below
    images = page.parent / "_generated"
    images.mkdir(exist_ok=True)
    lines, section = [HEAD], ""
    for claim in map(claims.find, claims.names()):
        if claim.section != section:
            section = claim.section
            lines.append(f"## {claims.SECTIONS[section]}\n")
        lines.append(f"### {_escaped(claim.title)}\n\n{_escaped(claim.statement)}\n")
        command = f"`hebbian gallery {claim.name}`"
        lines.append(f"*Source:* {_escaped(claim.source)}. {command}: {claim.minutes:g} min.\n")
        found = _figure(claim, work)
        if found is not None:
            folder, quick = found
            shutil.copyfile(folder / "figure.png", images / f"{claim.name}.png")
            caption = (folder / "caption.txt").read_text(encoding="utf-8").strip()
            lines.append(f"![{claim.title}](_generated/{claim.name}.png)\n")
            lines.append(f"{'*Quick.* ' if quick else ''}{_escaped(caption)}\n")
            verdict, *findings = (folder / "verdict.txt").read_text(encoding="utf-8").splitlines()
            lines.append(f"**{verdict}**\n")
            lines.extend(f"* {_escaped(finding.removeprefix('* '))}" for finding in findings)
            lines.append("")
    page.write_text("\n".join(lines), encoding="utf-8")


def _figure(claim: claims.Claim, work: Path) -> tuple[Path, bool] | None:
    """Return the folder of a figure and whether it is of the quick version."""
    for results, quick in (("gallery", False), ("gallery_quick", True)):
        folder = ROOT / "results" / results / claim.name
        if (folder / "figure.png").exists():
            return folder, quick
    if claim.name not in FAST:
        return None
    try:
        running.run(claim, work, quick=True)
    except ValueError:  # of another version or other parameters
        shutil.rmtree(work / claim.name)
        running.run(claim, work, quick=True)
    return work / claim.name, True


def _escaped(text: str) -> str:
    return text.replace("_", r"\_").replace("*", r"\*").replace("$", r"\$")

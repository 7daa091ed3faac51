"""The gallery as a page: thumbnails of every claim, then its figure, numbers and verdict.

Figures are those that ``scripts/gallery.sh`` put into ``docs/gallery``: nothing is computed here.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

from PIL import Image

from phase_diagrams.gallery import claims

#: Figures of the full versions, committed.
PUBLISHED = Path(__file__).parent / "gallery"
#: Pixels of a thumbnail: three stand side by side.
THUMBNAIL = 230

HEAD = """\
# Gallery

Every claim is a study file and a figure function in `phase_diagrams/gallery`. The figures are those
of the full version; compute them again:

```sh
hebbian gallery --list
hebbian gallery --quick                 # small sizes, to see that everything runs
hebbian gallery capacity ags_diagram    # the full version of some
bash scripts/gallery.sh                 # the full version of all, on all cores, and this page
```

Minutes are those of the full version on two cores. Below the caption stands the verdict: what
the claim says, statement by statement, and whether the numbers bear it out. Error bars decide
(Student's law, as rare as three standard deviations), and at a size that cannot tell nothing is
decided; of many points at most one in twenty may contradict a statement. The numbers that a figure
draws stand beside it, rounded to five digits, lines thinned to a hundred points.
"""


def write_gallery(page: Path) -> None:
    """Write the page and the files beside it, in ``_generated/``."""
    generated = page.parent / "_generated"
    shutil.rmtree(generated, ignore_errors=True)
    generated.mkdir()
    chosen = [claims.find(name) for name in claims.names()]
    lines, section = [HEAD, _count(chosen), _grid(chosen, generated)], ""
    for claim in chosen:
        if claim.section != section:
            section = claim.section
            lines.append(f"## {claims.SECTIONS[section]}\n")
        lines += _entry(claim, generated)
    page.write_text("\n".join(lines), encoding="utf-8")


def _text(claim: claims.Claim, name: str) -> str:
    return (PUBLISHED / claim.name / name).read_text(encoding="utf-8").strip()


def _verdict(claim: claims.Claim) -> str:
    return _text(claim, "verdict.txt").splitlines()[0].removeprefix("Verdict: ")


def _count(chosen: list[claims.Claim]) -> str:
    """Say how many claims hold."""
    counts = Counter(map(_verdict, chosen))
    words = ", ".join(f"{number} *{verdict}*" for verdict, number in counts.most_common())
    return f"Of {len(chosen)} claims: {words}.\n"


def _grid(chosen: list[claims.Claim], generated: Path) -> str:
    """Return thumbnails that lead to the figures."""
    cells = []
    for claim in chosen:
        small = generated / f"{claim.name}_small.png"
        with Image.open(PUBLISHED / claim.name / "figure.png") as image:
            thumbnail = image.convert("RGB")
            thumbnail.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
            thumbnail.save(small, optimize=True)
        words = f"{claim.title}: {_verdict(claim)}"
        cells.append(f"[![{words}](_generated/{small.name})](#{_label(claim)})")
    return "\n".join(cells) + "\n"


def _label(claim: claims.Claim) -> str:
    return f"claim-{claim.name.replace('_', '-')}"


def _entry(claim: claims.Claim, generated: Path) -> list[str]:
    """Return what the page says of one claim."""
    for name in ("figure.png", "numbers.json"):
        copy = generated / f"{claim.name}{Path(name).suffix}"
        shutil.copyfile(PUBLISHED / claim.name / name, copy)
    made = json.loads(_text(claim, "numbers.json"))
    verdict, *findings = _text(claim, "verdict.txt").splitlines()
    return [
        f"({_label(claim)})=",
        f"### {_escaped(claim.title)}\n",
        f"{_escaped(claim.statement)}\n",
        f"*Source:* {_escaped(claim.source)}.\n",
        f"![{claim.title}](_generated/{claim.name}.png)\n",
        f"{_escaped(_text(claim, 'caption.txt'))}\n",
        f"**{verdict}**\n",
        *(f"* {_escaped(finding.removeprefix('* '))}" for finding in findings),
        "",
        f"`hebbian gallery {claim.name}`, {claim.minutes:g} min. Computed on "
        f"{made['computed'][:10]} with version {made['version']}: "
        f"{{download}}`numbers <_generated/{claim.name}.json>`.\n",
    ]


def _escaped(text: str) -> str:
    return text.replace("_", r"\_").replace("*", r"\*").replace("$", r"\$")

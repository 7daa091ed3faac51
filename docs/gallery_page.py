"""The gallery: a grid of thumbnails, and for every claim a page with figure, numbers and verdict.

Figures are those that ``scripts/gallery.sh`` put into ``docs/gallery``: nothing is computed here.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import generated
from PIL import Image

from phase_diagrams.gallery import claims

#: Figures of the full versions, committed.
PUBLISHED = Path(__file__).parent / "gallery"
#: Pixels of a thumbnail: twice its size on the page, for sharp screens.
THUMBNAIL = (560, 420)

_SYMBOL = re.compile(r"(?<![\w.])([A-Za-z]_\w)(?!\w)")

HEAD = """\
# Gallery

Every claim is a study file and a figure function in `phase_diagrams/gallery`. The figures are those
of the full version; compute them again:

```sh
hebbian gallery --list
hebbian gallery --quick                 # small sizes, to see that everything runs
hebbian gallery capacity ags_diagram    # the full version of some
bash scripts/gallery.sh                 # of all, on all cores, and these pages
```

Minutes are those of the full version on two cores. The verdict is what the claim says, statement by
statement, and whether the numbers bear it out. Error bars decide
(Student's law, as rare as three standard deviations), and at a size that cannot tell nothing is
decided; of many points at most one in twenty may contradict a statement. The numbers that a figure
draws stand beside it, rounded to five digits, lines thinned to a hundred points.
"""


def write_gallery(docs: Path) -> None:
    """Write the grid and the pages of the claims; those of claims that are no more go."""
    chosen = [claims.find(name) for name in claims.names()]
    for page in (docs / "gallery").glob("*.md"):
        if page.stem not in claims.names():
            page.unlink()
    lines, section = [HEAD, _count(chosen)], ""
    for claim in chosen:
        if claim.section != section:
            lines += [":::"] * bool(section)
            section = claim.section
            lines += ["", f"## {claims.SECTIONS[section]}", "", ":::{container} cards"]
        lines.append(_card(claim, _thumbnail(claim, docs / "_generated" / "thumbnails")))
        generated.write(docs / "gallery" / f"{claim.name}.md", _page(claim))
    entries = "\n".join(f"{claim.title} <gallery/{claim.name}>" for claim in chosen)
    lines += [":::", "", f"```{{toctree}}\n:hidden:\n\n{entries}\n```\n"]
    generated.write(docs / "gallery.md", "\n".join(lines))


def _text(claim: claims.Claim, name: str) -> str:
    return (PUBLISHED / claim.name / name).read_text(encoding="utf-8").strip()


def _verdict(claim: claims.Claim) -> str:
    return _text(claim, "verdict.txt").splitlines()[0].removeprefix("Verdict: ")


def _count(chosen: list[claims.Claim]) -> str:
    """Say how many claims hold."""
    counts = Counter(map(_verdict, chosen))
    words = ", ".join(f"{number} *{verdict}*" for verdict, number in counts.most_common())
    return f"Of {len(chosen)} claims: {words}."


def _thumbnail(claim: claims.Claim, folder: Path) -> str:
    """Draw the figure small, whole, on white: all thumbnails have one shape."""
    figure, small = PUBLISHED / claim.name / "figure.png", folder / f"{claim.name}.png"
    folder.mkdir(parents=True, exist_ok=True)
    if not small.exists() or small.stat().st_mtime < figure.stat().st_mtime:
        with Image.open(figure) as image:
            drawn = image.convert("RGB")
        drawn.thumbnail(THUMBNAIL, Image.Resampling.LANCZOS)
        card = Image.new("RGB", THUMBNAIL, "white")
        card.paste(drawn, ((card.width - drawn.width) // 2, (card.height - drawn.height) // 2))
        card.save(small, optimize=True)
    return f"_generated/thumbnails/{small.name}"


def _card(claim: claims.Claim, thumbnail: str) -> str:
    """Return one entry of the grid: the whole card is the link."""
    return (
        f"- ![]({thumbnail})\n\n"
        f"  [**{_escaped(claim.title)}**](gallery/{claim.name}.md)\n\n"
        f"  {_escaped(claim.statement)} *Verdict: {_verdict(claim)}.*\n"
    )


def _page(claim: claims.Claim) -> str:
    """Return the page of one claim."""
    made = json.loads(_text(claim, "numbers.json"))
    verdict, *findings = _text(claim, "verdict.txt").splitlines()
    return "\n".join(
        [
            f"# {_escaped(claim.title)}\n",
            f"{_escaped(claim.statement)}\n",
            f"*Source:* {_source(claim.source)}.\n",
            f"![{claim.title}]({claim.name}/figure.png)\n",
            f"{_escaped(_text(claim, 'caption.txt'))}\n",
            f"## {verdict}\n",
            *(f"* {_escaped(finding.removeprefix('* '))}" for finding in findings),
            "",
            "## Compute it again\n",
            f"```sh\nhebbian gallery {claim.name}\n```\n",
            f"The full version takes {claim.minutes:g} min on two cores. This one was computed on "
            f"{made['computed'][:10]} with version {made['version']}: "
            f"{{download}}`its numbers <{claim.name}/numbers.json>`. Parameters stand in "
            f"`phase_diagrams/gallery/studies/{claim.name}.toml`, figure and verdict are made by "
            f"`phase_diagrams/gallery/{claim.name}.py`.\n",
            "[All claims](../gallery.md)\n",
        ]
    )


def _source(text: str) -> str:
    """Return a citation with links for what it has of arXiv and DOI."""
    words = []
    for word in text.split(" "):
        bare = word.rstrip(",;.)").lstrip("(")
        kind, _, number = bare.partition(":")
        site = {"arXiv": "https://arxiv.org/abs/", "doi": "https://doi.org/"}.get(kind)
        plain = _escaped(word)
        words.append(
            plain.replace(_escaped(bare), f"[{_escaped(bare)}]({site}{number})") if site else plain
        )
    return " ".join(words)


def _escaped(text: str) -> str:
    """Return plain words as Markdown; symbols with an index, such as T_c, become formulas."""
    parts = _SYMBOL.split(text)
    parts[::2] = [re.sub(r"([_*$])", r"\\\1", words) for words in parts[::2]]
    parts[1::2] = [f"${symbol}$" for symbol in parts[1::2]]
    return "".join(parts)

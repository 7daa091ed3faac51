"""How to cite: the page is made of ``CITATION.cff``, as BibTeX."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import generated
import yaml

HEAD = """\
# Citation

If this software helps your work, please cite it and the papers whose theory it computes. Every
formula has its source beside it, in the pages and in the [reference](reference.md).

```bibtex
"""


def write_citation(source: Path, page: Path) -> None:
    """Write the page; `CITATION.cff` beside the code has the same in the form of GitHub."""
    cited = yaml.safe_load(source.read_text(encoding="utf-8"))
    software = _entry(
        "software",
        "hebbian-toolkit",
        author=_authors(cited),
        title=cited["title"],
        version=cited["version"],
        license=cited["license"],
    )
    papers = [_paper(paper) for paper in cited["references"]]
    generated.write(page, HEAD + "\n\n".join([software, *papers]) + "\n```\n")


def _authors(cited: dict[str, Any]) -> str:
    names = [name for author in cited["authors"] for name in author["name"].split(", ")]
    # Braces keep the words of a group together.
    return " and ".join(f"{{{name}}}" if name.startswith("The ") else name for name in names)


def _paper(cited: dict[str, Any]) -> str:
    number = cited["identifiers"][0]["value"].removeprefix("arXiv:")
    first = cited["authors"][0]["name"].split(", ")[0].split()[-1].lower()
    return _entry(
        "article",
        f"{first}-{number}",
        author=_authors(cited),
        title=cited["title"],
        eprint=number,
        archiveprefix="arXiv",
        url=f"https://arxiv.org/abs/{number}",
    )


def _entry(kind: str, key: str, **fields: str) -> str:
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"@{kind}{{{key},\n{lines}}}"

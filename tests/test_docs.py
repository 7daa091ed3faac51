"""The pages of the documentation: built, linked, with formulas that can be drawn, offline.

Cells are not executed here; ``scripts/docs.sh`` executes them.
"""

import importlib
import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from PIL import Image

from phase_diagrams.gallery import claims

pytest.importorskip("sphinx", reason="the extra docs is not installed")
pytestmark = pytest.mark.xdist_group("docs")

DOCS = Path(__file__).parents[1] / "docs"
ROOMS = ("hebbian", "theory", "montecarlo", "phase_diagrams")
CELLS = "---\nfile_format: mystnb\n"

#: Draw every formula of a list as the pages do, but refuse what KaTeX only forgives.
DRAW = """
const katex = require(process.argv[1]);
const bad = [];
for (const [page, tex, displayMode] of JSON.parse(require("fs").readFileSync(0))) {
  try { katex.renderToString(tex, { displayMode, throwOnError: true, strict: "error" }); }
  catch (error) { bad.push([page, tex, error.message]); }
}
console.log(JSON.stringify(bad));
"""


class Page(HTMLParser):
    """What a page links to, what can be linked to in it, and the text of its formulas."""

    def __init__(self, path):
        super().__init__()
        self.links, self.loaded, self.anchors, self.formulas = [], [], set(), []
        self._formula = None
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        known = dict(attributes)
        self.anchors |= {known[key] for key in ("id", "name") if known.get(key)}
        if tag == "a" and known.get("href"):
            self.links.append(known["href"])
        elif tag in ("img", "script") and known.get("src"):
            self.loaded.append(known["src"])
        elif tag == "link" and known.get("rel") in ("stylesheet", "icon", "preload"):
            self.loaded.append(known["href"])
        if known.get("class") == "math":
            self._formula = tag

    def handle_data(self, data):
        if self._formula:
            self.formulas.append((data, self._formula == "div"))

    def handle_endtag(self, tag):
        self._formula = None


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The pages, read, by their path; built with every warning an error."""
    folder = tmp_path_factory.mktemp("site") / "html"
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html"]
    done = subprocess.run(
        [*command, "-D", "nb_execution_mode=off", DOCS, folder],
        capture_output=True, text=True, check=False, cwd=DOCS.parent,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return {path: Page(path) for path in folder.rglob("*.html")}


@pytest.fixture(scope="module")
def folder(site):
    return next(path.parent for path in site if path.name == "reference.html")


def target(page, link):
    """Return file and anchor of a link into the site, None of one that leads elsewhere."""
    parts = urlsplit(link)
    if parts.scheme:
        return None
    path = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    return path, unquote(parts.fragment)


def test_links_lead_somewhere(site):
    broken = []
    for page, read in site.items():
        for link in [*read.links, *read.loaded]:
            found = target(page, link)
            if found is None:
                continue
            path, anchor = found
            if not path.exists() or (anchor and path in site and anchor not in site[path].anchors):
                broken.append(f"{page.name}: {link}")
    assert len(site) > 300
    assert broken == []


def test_nothing_is_loaded_from_a_network(site):
    assert [link for read in site.values() for link in read.loaded if urlsplit(link).scheme] == []
    for style in next(iter(site)).parent.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(https?:)?//", style.read_text(encoding="utf-8"))


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_has_a_page_of_its_own(site, folder, room):
    for name in importlib.import_module(room).__all__:
        full = f"{room}.{name}"
        if full in ("phase_diagrams.figures", "phase_diagrams.integrity"):
            continue  # their functions have pages
        if full in ("hebbian.QUANTITIES", "montecarlo.OBSERVABLES"):
            assert full in site[folder / "quantities.html"].anchors
            continue
        (page,) = (p for p in (folder / "api").glob(f"{full}*.html") if full in site[p].anchors)
        assert f"api/{page.name}#{full}" in site[folder / "reference.html"].links


def test_names_in_code_letters_are_links(site, folder):
    hopfield = site[folder / "hopfield.html"].links
    assert "api/hebbian.Dense.html#hebbian.Dense" in hopfield  # `Dense(order=2)`
    observable = site[folder / "adding_an_observable.html"].links
    assert "quantities.html#montecarlo.OBSERVABLES" in observable
    solve = site[folder / "api" / "theory.solve.html"].links
    assert "theory.Solution.html#theory.Solution" in solve
    assert "theory.glass_temperature.html#theory.glass_temperature" in solve
    results = site[folder / "api" / "theory.Recovery-class.html"].links
    assert "theory.recovery.html#theory.recovery" in results  # returned by it
    dense = site[folder / "api" / "hebbian.Dense.html"].links
    assert "hebbian.Model.html#hebbian.Model" in dense  # has its methods


def test_formulas_can_be_drawn(site):
    formulas = [
        (page.name, tex, display) for page, read in site.items() for tex, display in read.formulas
    ]
    assert len(formulas) > 1500
    if shutil.which("node") is None:
        pytest.skip("no node to run KaTeX with")
    done = subprocess.run(
        ["node", "-e", DRAW, str(DOCS / "_static" / "katex" / "katex.min.js")],
        input=json.dumps(formulas), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout) == []


def test_every_claim_has_a_card_and_a_page(site, folder):
    grid = site[folder / "gallery.html"]
    for name in claims.names():
        assert f"gallery/{name}.html" in grid.links
        assert any(link.endswith(f"/{name}.png") for link in grid.loaded)
        page = site[folder / "gallery" / f"{name}.html"]
        assert any("figure" in link for link in page.loaded)
        assert any(link.endswith(".json") for link in page.links)
        with Image.open(DOCS / "gallery" / name / "figure.png") as figure:
            assert figure.width >= 1000


def test_pages_of_cells_offer_themselves_as_notebooks(site, folder):
    pages = [p.stem for p in DOCS.glob("*.md") if p.read_text(encoding="utf-8").startswith(CELLS)]
    assert "tour" in pages
    for name in pages:
        page = folder / f"{name}.html"
        (link,) = (link for link in site[page].links if link.endswith(f"/{name}.ipynb"))
        notebook = json.loads((folder / link).read_text(encoding="utf-8"))
        source = (DOCS / f"{name}.md").read_text(encoding="utf-8")
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        assert len(cells) == source.count("```{code-cell}")

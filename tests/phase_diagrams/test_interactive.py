"""The page of a study: complete in itself, and alive in a browser."""

import html
import re
import shutil
import subprocess

import pytest

import montecarlo
import phase_diagrams
from hebbian import Hopfield, Multitasking
from phase_diagrams.cli import main

pytest.importorskip("bokeh", reason="bokeh is not installed (extra [html])")
from phase_diagrams.figures import interactive

BROWSER = next(
    (b for b in ("chromium", "chromium-browser", "google-chrome") if shutil.which(b)), None
)

# Puts the pointer in the middle of the plot and writes what the tooltip says into the page.
PROBE = """<script>
window.addEventListener("load", () => setTimeout(() => {
  const root = Bokeh.index.roots[0], canvas = root.canvas_view;
  const r = canvas.events_el.getBoundingClientRect();
  const at = {clientX: r.left + root.frame.bbox.x_center, clientY: r.top + root.frame.bbox.y_center,
              bubbles: true, composed: true, pointerId: 1, isPrimary: true, pointerType: "mouse"};
  for (const kind of ["pointerenter", "pointermove"])
    for (const el of [canvas.events_el, canvas.el])
      el.dispatchEvent(new PointerEvent(kind, at));
  setTimeout(() => {
    const texts = [];
    const walk = (n) => {
      if (n.shadowRoot) walk(n.shadowRoot);
      for (const c of n.children || []) walk(c);
      if (String(n.className).includes("bk-tooltip-row")) texts.push(n.textContent);
      else if (String(n.className).includes("tooltip")) texts.push((n.shadowRoot || n).textContent);
    };
    walk(document.body);
    const out = document.createElement("pre");
    out.id = "probe";
    out.textContent = texts.join(" | ");
    document.body.appendChild(out);
  }, 500);
}, 500));
</script></body>"""


@pytest.fixture(scope="module")
def tree():
    return phase_diagrams.sweep(
        Hopfield(),
        {"alpha": [0.02, 0.08, 0.14], "T": [0.1, 0.4, 0.7]},
        n_spins=60,
        schedule=montecarlo.Schedule(warmup=2, sweeps=10, stride=2),
    )


def test_nothing_is_loaded_from_outside(tree):
    page = interactive.page(tree)
    assert "default-src 'none'" in page
    assert not re.search(r"<(script|link|img|iframe)[^>]+(src|href)", page)
    assert page.count("<html") == 1


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")
def test_hovering_shows_theory_simulation_error_and_status(tree, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(interactive.page(tree).replace("</body>", PROBE), encoding="utf-8")
    shown = subprocess.run(
        [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/home",
         "--virtual-time-budget=8000", "--dump-dom", file.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    ).stdout  # fmt: skip
    found = re.search(r'id="probe">(.*?)</pre>', shown, re.DOTALL)
    assert found, "the page did not run"
    text = " ".join(html.unescape(found[1]).split())
    middle = tree["theory/m"].sel(alpha=0.08, T=0.4)
    simulated = tree["simulation"].to_dataset().sel(alpha=0.08, T=0.4)
    assert f"{float(middle):.4f}".rstrip("0") in text
    assert f"{float(simulated.m):.4f}".rstrip("0") in text
    assert f"{float(simulated.m_err):.4f}".rstrip("0") in text
    assert "done" in text
    assert "0.08" in text


def test_curves_and_refusals(tree):
    from phase_diagrams.figures import select

    assert "theory" in interactive.page(select(tree, "T", 0.4), variable="q")
    with pytest.raises(ValueError, match=r"variable = .nonsense. is not one of"):
        interactive.page(tree, variable="nonsense")
    with pytest.raises(ValueError, match="one or two axes"):
        interactive.page(select(select(tree, "T", 0.4), "alpha", 0.08))


def test_multitasking_patterns():
    tree = phase_diagrams.sweep(
        Multitasking(n_patterns=2, dilution=0.3),
        {"dilution": [0.2, 0.5], "T": [0.1, 0.5]},
        simulate=False,
    )
    assert interactive.page(tree, pattern=1) != interactive.page(tree, pattern=0)


def test_command(tree, tmp_path, capsys):
    store = tmp_path / "s.zarr"
    phase_diagrams.sweep(
        Hopfield(), {"alpha": [0.02, 0.1], "T": [0.1, 0.5]}, simulate=False, out=store
    )
    assert main(["figure", str(store), "--out", str(tmp_path / "f"), "--html"]) == 0
    assert capsys.readouterr().out.split()[-1] == str(tmp_path / "f.html")
    assert (tmp_path / "f.html").stat().st_size > 1e6


def test_phases_are_colours_of_a_map_and_names_of_a_curve(tree):
    legend = interactive.page(tree, variable="phase")
    assert "metastable retrieval" in legend
    assert "#f0e442" in legend
    curve = interactive.page(phase_diagrams.figures.select(tree, "alpha", 0.02), variable="phase")
    assert "FactorRange" in curve

"""Write the page on performance from the JSON files of pytest-benchmark.

python benchmarks/page.py docs/performance.md results/benchmarks/*.json
"""

import ast
import json
import sys
from collections import defaultdict
from pathlib import Path

HERE = Path(__file__).parent

HEAD = """\
# Performance

`bash scripts/performance.sh` runs `benchmarks/` and writes this page. Times are the best of the
rounds of one run, compiled code already loaded, one thread unless it is said otherwise. Read the
ratios: yardsticks ran in the same run on the same machine, which may have been busy.
"""
UNMEASURED = "**GPU: not yet measured on a device.**"


def main(out: str, *files: str) -> None:
    """Write the page."""
    lines = [
        HEAD,
        device_of(Path(out)),
        "",
        *linearity(Path(out).parent / "figures" / "roofline.json"),
    ]
    for file in map(Path, files):
        measured = json.loads(file.read_text(encoding="utf-8"))
        if measured["benchmarks"]:
            lines += section(measured)
    Path(out).write_text("\n".join(lines), encoding="utf-8")


def linearity(measured: Path) -> list[str]:
    """Return the section on the figure of `roofline.py`, if that was drawn."""
    if not measured.exists():
        return []
    found = json.loads(measured.read_text(encoding="utf-8"))
    lines = [
        "## Cost of a sweep against rows, spins and chains\n",
        "`python benchmarks/roofline.py docs/figures`: heat bath at T = 0.05, where nothing flips,",
        "one core, thread time. A slope of 1 is linear.\n",
        "| | from | to | slope |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {found[name][0]} | {found[name][-1]} | {found[f'exponent_{name}']:.2f} |"
        for name in ("rows", "spins", "chains")
    ]
    return [*lines, "", "![Linear cost and roofline](figures/roofline.png)", ""]


def device_of(out: Path) -> str:
    """Return what a page says of the device, up to its first heading."""
    if not out.exists():
        return UNMEASURED
    _, found, rest = out.read_text(encoding="utf-8").partition("\n**GPU")
    return "**GPU" + rest.partition("\n## ")[0].rstrip() if found else UNMEASURED


def put_device(out: str, said: str) -> None:
    """Put what `benchmarks/gpu.py` has measured into the page."""
    text = Path(out).read_text(encoding="utf-8")
    Path(out).write_text(text.replace(device_of(Path(out)), said), encoding="utf-8")


def section(measured: dict) -> list[str]:
    """Return the tables of one benchmark file under the words of its docstring."""
    source = HERE / measured["benchmarks"][0]["fullname"].partition("::")[0].rpartition("/")[2]
    words = ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or ""
    title, *paragraphs = words.split("\n\n")
    machine = measured["machine_info"]
    cpu = machine.get("cpu", {}).get("brand_raw", machine["machine"])
    lines = [
        f"## {' '.join(title.split()).rstrip('.')}\n",
        f"`pytest benchmarks/{source.name}`, {measured['datetime'][:10]}, {cpu}, "
        f"Python {machine['python_version']}.\n",
    ]
    lines += [f"{text}\n" for text in paragraphs if not text.startswith(("    ", "pytest "))]
    groups = defaultdict(list)
    for benchmark in measured["benchmarks"]:
        groups[benchmark["group"] or ""].append(benchmark)
    for name, members in groups.items():
        lines += [f"**{name}**\n"] if name else []
        lines += ["| | best time | |", "|---|---|---|", *map(row, members), ""]
    return lines


def row(benchmark: dict) -> str:
    """Return one line of a table."""
    name = benchmark["name"].removeprefix("test_")
    name, _, parameters = name.partition("[")
    what = name.replace("_", " ") + (f" `{parameters[:-1]}`" if parameters else "")
    extra = "; ".join(
        f"{key.replace('_', ' ')} {f'{value:.3g}' if isinstance(value, float) else value}"
        for key, value in benchmark["extra_info"].items()
    )
    return f"| {what} | {words(benchmark['stats']['min'])} | {extra} |"


def words(seconds: float) -> str:
    """Return a time in its natural unit."""
    for unit, factor in (("s", 1), ("ms", 1e3)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"


if __name__ == "__main__":
    main(*sys.argv[1:])

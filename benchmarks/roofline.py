"""Measure the cost of a visit against rows, spins and chains, and the roofline; plot both.

    python benchmarks/roofline.py FOLDER

Writes ``roofline.json`` and ``roofline.png``.  Times are of the thread, the best of several
rounds, one core.  The roof is the bandwidth of a reduction of an array of the same size,
measured in the same run, over the bytes that a row term streams: an eighth for its bit and
one for its level.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numba
import numpy as np

from hebbian import Dense, Hopfield, draw, streams
from montecarlo.backend import resolve
from montecarlo.dynamics import GLAUBER

ROUNDS = 4
BYTES_PER_TERM = 1 + 1 / 8


def best(call) -> float:
    """Smallest thread time of several calls, in seconds."""
    spent = []
    for _ in range(ROUNDS + 1):
        begin = time.thread_time()
        call()
        spent.append(time.thread_time() - begin)
    return min(spent[1:])


@numba.njit
def read(values, repeat):
    """Read an array several times."""
    total = np.int64(0)
    for k in range(repeat):
        part = np.int64(0)
        for i in range(values.shape[0]):
            part += values[i] ^ k
        total += part
    return total


def bandwidth(n_bytes: int) -> float:
    """Bytes read per second by sums over an array of this size."""
    values = np.ones(n_bytes // 8, np.int64)
    repeat = max(1, 2**28 // n_bytes)
    return n_bytes * repeat / best(lambda: read(values, repeat))


def sweep_time(model, n_spins: int, n_rows: int, n_chains: int = 1, T: float = 0.05) -> float:
    """Seconds of a sweep of all chains, one after the other, in heat bath without a flip."""
    order = model.order if isinstance(model, Dense) else 2
    factor = {2: 1.0, 4: 12.0}[order]
    alpha = factor * n_rows / float(n_spins) ** (order - 1)
    data = draw(model, n_spins=n_spins, alpha=alpha, seed=1)
    kernel = resolve("numba", form="overlaps" if order == 2 else "tables")
    network = kernel.lower(data.memory)
    start, key = data.observed([0])[0][0], streams.key(1, "dynamics")
    states = [kernel.prepare(network, start) for _ in range(n_chains)]
    spins, energies = np.empty((1, n_spins), np.int8), np.empty(1)
    n_sweeps = max(
        20 if n_chains > 1 else 1, int(2e6 / (n_spins * (n_rows * 0.05 + 10) * n_chains))
    )

    def run() -> None:
        for state in states:
            kernel.run(network, state, key, T, GLAUBER, 0, 1, n_sweeps, spins, energies)

    return best(run) / n_sweeps


def main(folder: Path) -> None:
    """Measure, write the numbers and draw them."""
    rows = [256 * 4**k for k in range(7)]
    spins = [128 * 4**k for k in range(6)]
    chains = [4**k for k in range(6)]
    dense = Dense(order=4)
    found = {
        "rows": rows,
        "seconds_per_sweep_rows": [sweep_time(dense, 100, k) for k in rows],
        "spins": spins,
        "seconds_per_sweep_spins": [sweep_time(Hopfield(), n, 128) for n in spins],
        "chains": chains,
        "seconds_per_sweep_chains": [sweep_time(Hopfield(), 256, 64, n) for n in chains],
        "bytes_per_second": [bandwidth(max(2**12, int(BYTES_PER_TERM * k))) for k in rows],
    }
    for name in ("rows", "spins", "chains"):
        seconds = np.array(found[f"seconds_per_sweep_{name}"])
        slope = np.polyfit(np.log(found[name]), np.log(seconds), 1)[0]
        found[f"exponent_{name}"] = round(float(slope), 3)
        decades = np.log10(found[name][-1] / found[name][0])
        print(f"{name}: time ~ size^{slope:.2f} over {decades:.1f} decades")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "roofline.json").write_text(json.dumps(found, indent=1) + "\n")
    draw_figure(found, folder / "roofline.png")


def draw_figure(found: dict, path: Path) -> None:
    """Draw linearity on the left and the roofline on the right."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 2.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    for name, marker in (("rows", "o"), ("spins", "s"), ("chains", "^")):
        x, seconds = found[name], found[f"seconds_per_sweep_{name}"]
        label = f"{name}, slope {found[f'exponent_{name}']:.2f}"
        left.loglog(x, seconds, marker=marker, ms=4, lw=1, label=label)
    slope = np.array([1e2, 1e5])
    left.loglog(slope, 3e-8 * slope, "k:", lw=1, label="linear")
    left.set(xlabel="rows, spins or chains", ylabel="seconds per sweep")
    left.set_ylim(top=20)  # room for the legend
    left.legend(frameon=False, loc="upper left", fontsize=8)
    rows = np.array(found["rows"])
    terms = rows * 100 / np.array(found["seconds_per_sweep_rows"])
    right.loglog(rows, terms, "o-", ms=4, lw=1, label="P = 4, N = 100")
    roof = np.array(found["bytes_per_second"]) / BYTES_PER_TERM
    right.loglog(rows, roof, "k--", lw=1, label="bandwidth of a sum")
    right.set(xlabel="rows", ylabel="row terms per second")
    right.legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

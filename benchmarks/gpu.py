"""Speed of the device kernels against the device's own ceilings and the CPU kernel.

    python benchmarks/gpu.py [--quick] [--minutes 8.5] [--page docs/performance.md]

Prints a table, a line as soon as it is measured, or one line where no device answers; a case
that fails says so and the others go on.  ``--page`` puts the table into the page.  Bytes are
the least that visits move where nothing flips: the bits of a site for each, the levels of the
rows once for a window of them.  The ceilings are measured: a large copy, and the products of a
pass, look-ups included, of rows that never leave the chip, whose tiles are full: a hundred
rows fill 39 percent of one.
"""

import argparse
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import page

from hebbian import Dense, Hopfield, Memory, Model, streams
from hebbian.packed import take
from montecarlo import device
from montecarlo.backend import resolve
from montecarlo.kernels.device import gpu, variants
from montecarlo.kernels.device import networks as device_networks
from montecarlo.kernels.device import rows as device_rows
from montecarlo.kernels.device import sums as device_sums
from montecarlo.mean_field.equations import Equations, Interaction

T = 0.5
COPIED = 1 << 31  # bytes of the copy that the bandwidth is measured with
ROUNDS = 4000  # tiles of a warp that the arithmetic is measured with
WINDOW = 16  # visits of a pass where nothing flips: types.cuh


class Case(NamedTuple):
    """A network, and how many chains or mean-field states share a launch."""

    model: Model
    n_spins: int
    n_rows: int
    n_chains: int
    mean_field: bool = False

    def __str__(self) -> str:
        name = "Hopfield" if isinstance(self.model, Hopfield) else f"P={self.model.order}"
        kind = " mean field" if self.mean_field else ""
        return f"{name} N={self.n_spins} K={self.n_rows:g}{kind}"


class Found(NamedTuple):
    """Updates of a spin a second; fractions of the ceilings and the ratio to the CPU."""

    updates: float
    terms: float
    moved: float
    of_copy: float
    of_products: float
    times_cpu: float


HEADER = ("network", "updates/s", "row terms/s", "bytes/s", "of copy", "of products", "x CPU")
CASES = (
    Case(Hopfield(), 2000, 100, 6336),
    *(
        Case(Dense(order=4), n_spins, n_rows, n_chains)
        for n_spins in (100, 200)
        for n_rows, n_chains in ((20_000, 1188), (200_000, 792), (2_000_000, 396))
    ),
    Case(Dense(order=4), 200, 200_000, 64, mean_field=True),
)

ON_CHIP = Path(__file__).with_name("on_chip.cu")


def seconds_of(cupy, call):
    """Time of a call on the device."""
    start, end = cupy.cuda.Event(), cupy.cuda.Event()
    start.record()
    call()
    end.record()
    end.synchronize()
    return cupy.cuda.get_elapsed_time(start, end) / 1e3


def copy_bandwidth(cupy):
    """Bytes read and written a second by a large copy, the best of ten."""
    source = cupy.zeros(COPIED // 8, np.float64)
    target = cupy.empty_like(source)
    best = min(seconds_of(cupy, lambda: cupy.copyto(target, source)) for _ in range(10))
    return 2 * source.nbytes / best


def product_rate(cupy, networks):
    """Row terms a second of rows that never leave the chip, the best of five."""
    variant = networks.variant
    if not variant.products:
        return np.nan
    kernel = device_rows.compiled(
        variant.source + ON_CHIP.read_text("utf-8"), variant.options, False
    ).get_function("on_chip")
    blocks = 12 * gpu.multiprocessors()
    out = cupy.empty((blocks * variants.THREADS,), np.uint64)
    tables = networks.first, networks.second, np.int32(networks.n_spins)
    shared = gpu.shared_bytes(variant, networks.n_spins, variants.THREADS)

    def call():
        kernel((blocks,), (variants.THREADS,), (*tables, np.int32(ROUNDS), out), shared_mem=shared)

    best = min(seconds_of(cupy, call) for _ in range(5))
    return WINDOW * variants.TILE_ROWS * float(ROUNDS) * blocks * (variants.THREADS // 32) / best


def few(case):
    """A network of one row with the interaction and weight of the model."""
    archetypes = case.model.draw(streams.key(1, "patterns", sample=0), 1, case.n_spins)
    return archetypes, case.model.lower(archetypes)


def rows_of(case):
    keys = streams.key(1, "patterns", sample=0)[None]
    return device_rows.Source(keys, keys, case.n_rows, 0, 1.0, None, False)


def rate(call, work, seconds):
    """Work a second of `call(repeats)`: once to compile, then long enough, median of three."""
    call(1)
    begin = time.perf_counter()
    call(1)
    once = max(time.perf_counter() - begin, 1e-6)
    repeats = max(1, min(1000, int(seconds / 3 / once)))
    times = []
    for _ in range(3):
        begin = time.perf_counter()
        call(repeats)
        times.append(time.perf_counter() - begin)
    return work * repeats / float(np.median(times))


def updates_on_device(cupy, case, seconds):
    """Updates of a spin a second, bytes of a row term, and row terms a second on the chip."""
    archetypes, memory = few(case)
    visits = case.n_chains * case.n_spins
    if case.mean_field:
        rows = device_rows.drawn_rows(rows_of(case), case.n_spins)
        sums = device_sums.RowSums(rows, case.n_rows, memory.order)
        states = np.random.default_rng(1).uniform(-1, 1, (case.n_chains, case.n_spins))
        cumulants, samples = Interaction(memory).cumulants(states), np.zeros(case.n_chains, int)

        def steps(n):
            for _ in range(n):
                sums(samples, cumulants)

        return rate(steps, visits, seconds), np.nan, np.nan
    rows = device_rows.drawn_rows(rows_of(case), case.n_spins)
    networks = device_networks.finish(rows, case.n_rows, memory, 0)
    chains = gpu.prepare(networks, np.repeat(take(archetypes, [0]), case.n_chains, axis=0))
    keys = np.array([streams.key(1, "dynamics", chain=c) for c in range(case.n_chains)])
    temperatures, done = np.full(case.n_chains, T), 0

    def sweeps(n):
        nonlocal done
        chains.run(keys, temperatures, 0, done, 1, n)
        done += n

    row_bytes = networks.variant.size("LEVEL") / WINDOW + 1 / 8
    return rate(sweeps, visits, seconds), row_bytes, product_rate(cupy, networks)


def updates_on_cpu(case, seconds):
    """Updates of a spin a second on all processors, a chain on each."""
    n_threads = len(os.sched_getaffinity(0))
    _, memory = few(case)
    rows = case.model.draw(streams.key(1, "patterns", sample=0), case.n_rows, case.n_spins)
    memory = Memory(rows=rows, order=memory.order, indices=memory.indices, weight=memory.weight)
    kernel = resolve("numba", T=T)
    network = Equations.on_host(memory) if case.mean_field else kernel.lower(memory)
    start = np.where(np.random.default_rng(1).random(case.n_spins) < 0.5, 1, -1).astype(np.int8)

    def chain(number):
        if case.mean_field:
            place, state = np.zeros(1, int), 0.5 * start[None]
            return rate(
                lambda n: [network.fields(place, state) for _ in range(n)], case.n_spins, seconds
            )
        state, done = kernel.prepare(network, start), 0
        spins, energy = np.empty((1, case.n_spins), np.int8), np.empty(1)
        key = streams.key(1, "dynamics", chain=number)

        def sweeps(n):
            nonlocal done
            kernel.run(network, state, key, T, 0, done, 1, n, spins, energy)
            done += n

        return rate(sweeps, case.n_spins, seconds)

    with ThreadPoolExecutor(n_threads) as pool:
        return sum(pool.map(chain, range(n_threads)))


def measure(cupy, case, bandwidth, seconds):
    updates, row_bytes, on_chip = updates_on_device(cupy, case, seconds)
    terms = updates * case.n_rows
    moved = terms * row_bytes
    return Found(
        updates=updates,
        terms=terms,
        moved=moved,
        of_copy=moved / bandwidth,
        of_products=terms / on_chip,
        times_cpu=updates / updates_on_cpu(case, seconds),
    )


def texts(found):
    """The numbers of a line; what does not apply is a dash."""
    numbers = [f"{x:.3g}" for x in found[:3]] + [f"{x:.2f}" for x in found[3:5]]
    numbers.append(f"{found.times_cpu:.1f}")
    return ["-" if text == "nan" else text for text in numbers]


def section(title, lines):
    """What the page says of the device."""
    rows = ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join([f"**GPU**: {title}.", "", rows[0], "|---" * len(HEADER) + "|", *rows[1:]])


def table(cases, minutes, seconds):
    """Measure and print the cases; return a title and the lines of the table."""
    import cupy

    begin, lines = time.monotonic(), [HEADER]
    bandwidth = copy_bandwidth(cupy)
    title = (
        f"{device.name()}, CUDA driver {cupy.cuda.runtime.driverGetVersion()}, "
        f"{time.strftime('%Y-%m-%d')}; copy {bandwidth:.3g} bytes/s, "
        f"CPU {len(os.sched_getaffinity(0))} threads"
    )
    form = "{:28}" + "{:>13}" * (len(HEADER) - 1)
    print(title, form.format(*HEADER), sep="\n", flush=True)
    for case in cases:
        if time.monotonic() - begin > 40 * minutes:
            print(f"{case!s:28} not measured: the time is over", flush=True)
            continue
        try:
            line = (str(case), *texts(measure(cupy, case, bandwidth, seconds)))
        except Exception as error:  # noqa: BLE001 - the other cases go on
            reason = " ".join(str(error).split())[:200]
            print(f"{case!s:28} failed: {type(error).__name__}: {reason}", flush=True)
            continue
        lines.append(line)
        print(form.format(*line), flush=True)
    return title, lines


def main(arguments=None, cases=CASES):
    parser = argparse.ArgumentParser(description="Speed of the device kernels.")
    parser.add_argument("--quick", action="store_true", help="half a second a measurement")
    parser.add_argument(
        "--minutes", type=float, default=8.5, help="after two thirds of them no case begins"
    )
    parser.add_argument("--page", help="page that takes the table")
    chosen = parser.parse_args(arguments)
    try:
        device.name()
    except ValueError as reason:
        print(f"no device: {reason}")
        return
    signal.alarm(int(60 * chosen.minutes))  # ends a kernel that hangs, too
    try:
        title, lines = table(cases, chosen.minutes, 0.5 if chosen.quick else 3.0)
    finally:
        signal.alarm(0)
    if chosen.page and len(lines) > 1:
        page.put_device(chosen.page, section(title, lines))


if __name__ == "__main__":
    main()

"""Speed of the device kernels against the device's own ceiling and the CPU kernel.

    python benchmarks/gpu.py

Prints a table, or one line where no device answers.  Bytes are those a pass has to move:
levels or tabulated values of every row and the bits of every site, each once a visit.
"""

import os
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from hebbian import Dense, Hopfield, Memory, streams
from montecarlo import device
from montecarlo.backend import resolve
from montecarlo.kernels import device_rows, gpu

CASES = (
    ("Hopfield N=2000 K=100", Hopfield(), 2000, 100, 4096, 20),
    *(
        (f"P=4 N={n_spins} K={k:g}", Dense(order=4), n_spins, k, chains, 2)
        for n_spins in (100, 200)
        for k, chains in ((20_000, 1024), (200_000, 512), (2_000_000, 256))
    ),
)
T = 0.5


def copy_bandwidth(cupy):
    """Bytes read and written a second by a large copy, the best of ten."""
    source = cupy.ones(1 << 28, np.float64)
    target = cupy.empty_like(source)
    best = np.inf
    for _ in range(10):
        start, end = cupy.cuda.Event(), cupy.cuda.Event()
        start.record()
        target[...] = source
        end.record()
        end.synchronize()
        best = min(best, cupy.cuda.get_elapsed_time(start, end) / 1e3)
    return 2 * source.nbytes / best


def source_of(n_patterns):
    keys = streams.key(1, "patterns", sample=0)[None]
    return device_rows.Source(keys, keys, n_patterns, 0, 1.0, None, False)


def few(model, n_spins):
    """A network of one row with the interaction and weight of the model."""
    archetypes = model.draw(streams.key(1, "patterns", sample=0), 1, n_spins)
    return archetypes, model.lower(archetypes, archetypes)


def updates_on_device(cupy, model, n_spins, n_patterns, n_chains, n_sweeps):
    archetypes, memory = few(model, n_spins)
    networks = device_rows.draw(source_of(n_patterns), memory, 0)
    chains = gpu.prepare(networks, np.repeat(archetypes, n_chains, axis=0))
    keys = np.array([streams.key(1, "dynamics", chain=c) for c in range(n_chains)])
    temperatures = np.full(n_chains, T)
    seconds = []
    for repeat in range(4):
        cupy.cuda.Device().synchronize()
        begin = time.perf_counter()
        chains.run(keys, temperatures, 0, repeat * n_sweeps, 1, n_sweeps)
        seconds.append(time.perf_counter() - begin)
    level = networks.variant.size("LEVEL")
    return n_chains * n_spins * n_sweeps / np.median(seconds[1:]), level


def updates_on_cpu(model, n_spins, n_patterns):
    n_threads = len(os.sched_getaffinity(0))
    _, memory = few(model, n_spins)
    rows = model.draw(streams.key(1, "patterns", sample=0), n_patterns, n_spins)
    kernel = resolve("numba")
    network = kernel.lower(
        Memory(rows=rows, order=memory.order, indices=memory.indices, weight=memory.weight)
    )
    n_sweeps = max(1, int(2e9 / (n_spins * n_patterns)))

    def chain(number):
        state = kernel.prepare(network, rows[0])
        spins, energy = np.empty((1, n_spins), np.int8), np.empty(1)
        key = streams.key(1, "dynamics", chain=number)
        kernel.run(network, state, key, T, 0, 0, 1, 1, spins, energy)
        begin = time.perf_counter()
        kernel.run(network, state, key, T, 0, 1, 1, n_sweeps, spins, energy)
        return n_spins * n_sweeps / (time.perf_counter() - begin)

    with ThreadPoolExecutor(n_threads) as pool:
        return sum(pool.map(chain, range(n_threads)))


def main():
    try:
        name = device.name()
    except ValueError as reason:
        print(f"no device: {reason}")
        return
    import cupy

    driver = cupy.cuda.runtime.driverGetVersion()
    bandwidth = copy_bandwidth(cupy)
    print(f"{name}, driver {driver}, {time.strftime('%Y-%m-%d')}, copy {bandwidth:.3g} bytes/s")
    print(
        f"{'network':28}{'updates/s':>11}{'terms/s':>11}{'bytes/s':>11}{'of copy':>9}{'x CPU':>8}"
    )
    for label, model, n_spins, n_patterns, n_chains, n_sweeps in CASES:
        rate, level = updates_on_device(cupy, model, n_spins, n_patterns, n_chains, n_sweeps)
        moved = rate * n_patterns * (level + 1 / 8)
        ratio = rate / updates_on_cpu(model, n_spins, n_patterns)
        print(
            f"{label:28}{rate:11.3g}{rate * n_patterns:11.3g}{moved:11.3g}"
            f"{moved / bandwidth:9.2f}{ratio:8.1f}"
        )


if __name__ == "__main__":
    main()

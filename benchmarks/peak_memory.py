"""Peak memory of a run beside that of its rows, each case in a process of its own.

    python benchmarks/peak_memory.py [ROWS]

A case counts from the draw to the result, less what a small run of the same kind takes: the
interpreter, compiled code and scratch.  Rows up to 1e7 (default 2e6; a tenth of them are sums
for the supervised rule, whose examples take long to draw).
"""

import resource
import subprocess
import sys

from hebbian import Dense, Storing, Supervised, Unsupervised
from montecarlo import Schedule, simulate

EXAMPLES = 20
RULES = {
    "storing": Storing(),
    "supervised": Supervised(quality=0.8, n_examples=EXAMPLES),
    "unsupervised": Unsupervised(quality=0.8, n_examples=EXAMPLES),
}


def peak():
    """Largest memory this process has had, in bytes; the unit is that of Linux."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def run(rule, n_spins, n_rows, n_threads):
    """One sweep of a chain on every thread."""
    n_patterns = n_rows // EXAMPLES if rule == "unsupervised" else n_rows
    simulate(
        Dense(order=4, rule=RULES[rule]),
        alpha=12 * n_patterns / n_spins**3,
        T=0.1,
        n_spins=n_spins,
        n_samples=1,
        n_replicas=n_threads,
        n_threads=n_threads,
        schedule=Schedule(warmup=0, sweeps=1, stride=1),
    )


def measure(rule, n_spins, n_rows, n_threads):
    """Print the ratio of peak memory and rows."""
    run(rule, n_spins, 2000, n_threads)
    before = peak()
    run(rule, n_spins, n_rows, n_threads)
    rows = n_rows * n_spins / (1 if rule == "supervised" else 8)
    ratio = (peak() - before) / rows
    print(
        f"{rule:12} N={n_spins} rows={n_rows:.0e} threads={n_threads}: {ratio:.2f} times the rows"
    )


if __name__ == "__main__":
    if len(sys.argv) > 2:
        measure(sys.argv[1], *map(int, sys.argv[2:]))
    else:
        most = int(float(sys.argv[1])) if len(sys.argv) > 1 else 2_000_000
        for rule in RULES:
            for n_spins in (100, 400):
                for n_threads in (1, 2):
                    n_rows = most // 10 if rule == "supervised" else most
                    case = [rule, *map(str, (n_spins, n_rows, n_threads))]
                    subprocess.run([sys.executable, __file__, *case], check=True)

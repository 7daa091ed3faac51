"""Two ways of doing the same work, run in turn: what a busy machine does to both cancels."""

import time

import numpy as np

__all__ = ["in_turn", "report"]


def in_turn(calls, rounds, clock=time.perf_counter):
    """Time every call once a round, in turn: seconds of shape (rounds, calls).

    `clock` may be `time.thread_time` where all the work is done by the calling thread.
    """
    seconds = np.empty((rounds, len(calls)))
    for k in range(rounds):
        # Every other round goes backwards, so that a drift favours none.
        for j in range(len(calls))[:: -1 if k % 2 else 1]:
            begin = clock()
            calls[j]()
            seconds[k, j] = clock() - begin
    return seconds


def report(benchmark, **numbers):
    """Put numbers beside the times of a benchmark and print them."""
    benchmark.extra_info.update(numbers)
    print(f"\n{benchmark.name}: {dict(benchmark.extra_info)}")

"""Run the kernels under the thread sanitizer, in threads of the machine.

The arguments are what to run, and a text of the sources to be replaced by another.  The
sanitizer has to be loaded before Python: `test_gpu_races` starts this as a process of its own.
"""

import sys

import device_emulator
import numpy as np

from hebbian import Dense, Hopfield, Supervised, draw
from montecarlo.kernels.device import gpu, variants
from montecarlo.kernels.device import networks as device_networks
from montecarlo.kernels.device import rows as device_rows
from montecarlo.kernels.device import sums as device_sums

BLOCK = 64  # two warps
FLAGS = "-fsanitize=thread", "-DTHREADS_OF_THE_MACHINE"
SWAP = """
extern "C" __global__ void swap(int* swapped) {
  int* own = (int*)block_memory;
  own[threadIdx.x] = threadIdx.x;
  __syncwarp();
  swapped[threadIdx.x] = own[threadIdx.x ^ 1];
}"""


def sweeps(model, alpha, *orders):
    memory = draw(model, n_spins=12, alpha=alpha).memory
    for order in orders:
        chains = gpu.prepare(device_networks.upload([memory], 0), np.ones((1, 12), np.int8))
        for n_sweeps in (0, 2):
            chains.run(np.array([[1, 2]]), np.array([0.9]), 0, 0, 2, n_sweeps, order)


def mean_field():
    memory = draw(Hopfield(), n_spins=5, alpha=250.0).memory
    rows = device_rows.uploaded_rows([memory])
    device_sums.RowSums(rows, memory.n_rows, 2)(np.zeros(2, int), np.full((3, 2, 5), 0.5))


def swap(cupy):
    module = cupy.RawModule(code=SWAP, options=(), enable_cooperative_groups=False)
    arguments = (np.zeros(BLOCK, np.int32),)
    module.get_function("swap")((1,), (BLOCK,), arguments, shared_mem=4 * BLOCK)


def main(what, old, new):
    compile_host = device_emulator.compile_host

    def sanitized(source, options):
        if any(f"{kernel}(" in source for kernel in ("row_sums", "sweep", "swap")):
            assert old in source, "the barrier to be taken out has moved"
            source = source.replace(old, new)
        return compile_host(source, options, *FLAGS)

    device_emulator.compile_host = sanitized
    cupy = sys.modules["cupy"] = device_emulator.Emulator()
    variants.THREADS = BLOCK
    gpu.geometry = lambda *sizes: (BLOCK, 2)
    if what in ("everything", "sweeps"):
        # Several tiles of 256 rows for every warp.
        sweeps(Hopfield(), 175.0, gpu.SEQUENTIAL, 1, 2, gpu.TOGETHER)
    if what == "everything":
        summed = Dense(order=3, rule=Supervised(quality=0.7, n_examples=3))
        sweeps(summed, 0.4, gpu.SEQUENTIAL, gpu.TOGETHER)
    if what in ("everything", "mean field"):
        mean_field()
    if what in ("everything", "swap"):
        swap(cupy)
    print("done")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A stand-in for CuPy that runs the CUDA sources as host code, for tests without a device.

Arrays are numpy's.  A kernel is compiled by g++ behind `device_emulator.h`; a block has as
many threads as the test asks for, whatever the caller's launch says: the kernels stride by
the size of their block.  What needs a device stays untested by this: warps, coalescing,
occupancy, the driver.
"""

from __future__ import annotations

import ctypes
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

import montecarlo
from montecarlo import Schedule

COMPILER = shutil.which("g++")
needed = pytest.mark.skipif(COMPILER is None, reason="no g++ on this machine")
HEADER = Path(__file__).with_name("device_emulator.h")
WARP_SUMS = 256 * 10 * 8  # bytes that warps of one thread need beyond those of 32
SHORT = {"n_samples": 2, "n_replicas": 2, "schedule": Schedule(warmup=4, sweeps=9, stride=3)}
FOLDER = tempfile.TemporaryDirectory(prefix="emulated-kernels-")


class OutOfMemoryError(MemoryError):
    """As `cupy.cuda.memory.OutOfMemoryError`."""


def compile_host(source: str, options: tuple[str, ...] = (), *flags: str) -> ctypes.CDLL:
    """Compile a CUDA source for the host and load it."""
    kernels = re.findall(
        r'extern "C" __global__ void\s*(?:__launch_bounds__\([^)]*\)\s*)?(\w+)', source
    )
    macros = [o for o in options if o.startswith("-D") and not o.startswith("-DWARP")]
    text = "\n".join([source, *(f"LAUNCHER({name})" for name in kernels)])
    name = hashlib.sha256(repr((text, macros, flags)).encode()).hexdigest()[:20]
    library = Path(FOLDER.name) / f"{name}.so"
    if not library.exists():
        path = library.with_suffix(".cpp")
        path.write_text(text)
        command = [
            COMPILER, "-std=c++20", "-O0", "-ffp-contract=off", "-shared", "-fPIC", "-pthread",
            "-w", "-include", str(HEADER), *macros, *flags, str(path), "-o", str(library),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return ctypes.CDLL(str(library))


class Event:
    """As `cupy.cuda.Event`."""

    def record(self):
        self.time = time.perf_counter()

    def synchronize(self):
        pass


class Emulator(ModuleType):
    """A module to be put in the place of ``cupy``.

    Parameters
    ----------
    threads : int
        Threads of every block.
    multiprocessors : int
        What the device claims to have; many make blocks share a chain.
    memory : int
        Bytes that may be allocated in one array before the device is out of memory.
    """

    def __init__(self, threads: int = 1, multiprocessors: int = 1, memory: int = 1 << 30):
        super().__init__("cupy")
        self.threads, self.memory, self.launches = threads, memory, []
        self.asarray = self.asnumpy = np.array
        self.copyto, self.ndarray = np.copyto, np.ndarray
        properties = {
            "name": b"emulated device",
            "multiProcessorCount": multiprocessors,
            "cooperativeLaunch": 1,
        }
        self.resident = 2  # blocks of a multiprocessor
        self.pooled = 0  # bytes that are free in the pool of this process alone
        self.cuda = SimpleNamespace(
            runtime=SimpleNamespace(
                getDeviceCount=lambda: 1,
                getDevice=lambda: 0,
                getDeviceProperties=lambda device: properties,
                driverGetVersion=lambda: 12080,
                memGetInfo=lambda: (self.memory, self.memory),
            ),
            Event=Event,
            get_elapsed_time=lambda start, end: 1e3 * max(end.time - start.time, 1e-9),
            driver=SimpleNamespace(
                occupancyMaxActiveBlocksPerMultiprocessor=lambda *kernel: self.resident
            ),
            memory=SimpleNamespace(OutOfMemoryError=OutOfMemoryError),
        )

    def get_default_memory_pool(self):
        return SimpleNamespace(free_bytes=lambda: self.pooled)

    def empty(self, shape, dtype):
        """Allocate, poisoned so that nothing relies on zeros."""
        array = self.zeros(shape, dtype)
        array.view(np.uint8)[...] = 0xA5
        return array

    def zeros(self, shape, dtype):
        if np.prod(shape, dtype=float) * np.dtype(dtype).itemsize > self.memory:
            raise OutOfMemoryError("emulated device")
        return np.zeros(shape, dtype)

    def empty_like(self, array):
        return self.empty(array.shape, array.dtype)

    def zeros_like(self, array):
        return self.zeros(array.shape, array.dtype)

    def RawModule(self, *, code, options, enable_cooperative_groups):
        library = compile_host(code, options)

        def get_function(name):
            launcher = getattr(library, f"launch_{name}")

            def launch(grid, block, arguments, shared_mem=0):
                self.launches.append((name, grid, block, shared_mem))
                together = enable_cooperative_groups
                return _call(launcher, grid[0], self.threads, shared_mem, together, arguments)

            launch.kernel = SimpleNamespace(ptr=0)
            return launch

        return SimpleNamespace(get_function=get_function)


def _call(launcher, grid, block, shared, together, arguments):
    """Pass arrays as pointers and numpy scalars by value."""
    cells, sizes = [], []
    for argument in arguments:
        if isinstance(argument, np.ndarray):
            assert argument.flags.c_contiguous
            cells.append(ctypes.c_void_p(argument.ctypes.data))
            sizes.append(8)
        else:
            assert isinstance(argument, np.generic), argument
            cells.append(ctypes.create_string_buffer(argument.tobytes(), 8))
            sizes.append(argument.itemsize)
    pointers = (ctypes.c_void_p * len(cells))(*(ctypes.addressof(cell) for cell in cells))
    lengths = (ctypes.c_int * len(sizes))(*sizes)
    code = launcher(
        grid, block, ctypes.c_long(shared + WARP_SUMS), int(together), pointers, lengths, len(cells)
    )
    assert code == 0, f"kernel argument of the wrong size: {sizes}"


def install(monkeypatch, **settings) -> Emulator:
    """Put the emulator in the place of cupy for one test."""
    from montecarlo import device
    from montecarlo.kernels import device_rows

    emulator = Emulator(**settings)
    monkeypatch.setitem(sys.modules, "cupy", emulator)
    device_rows.compiled.cache_clear()
    device.name.cache_clear()
    return emulator


def both(model, **arguments):
    """The same simulation on the emulated device and on the CPU."""
    runs = [
        montecarlo.simulate(model, **{**SHORT, **arguments}, backend=name, keep_spins=True)
        for name in ("cupy", "numba")
    ]
    np.testing.assert_array_equal(runs[0].spins, runs[1].spins)
    for name in ("m", "n", "q", "acceptance"):
        np.testing.assert_array_equal(runs[0].series[name], runs[1].series[name])
    np.testing.assert_allclose(runs[0].series["energy"], runs[1].series["energy"], rtol=1e-12)
    return runs[0]

"""A stand-in for CuPy that runs the CUDA sources as host code, for tests without a device.

Arrays are numpy's.  A kernel is compiled by g++ behind `emulator/cuda.h`, and run with the
blocks, threads, warps and shared memory of its launch; a launch that the device would refuse,
that never ends because threads wait for each other in vain, or that writes past its shared
memory or an array raises `LaunchError`.  What needs a device stays untested by this:
coalescing, occupancy, the driver.
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
HEADER = Path(__file__).parent / "emulator" / "cuda.h"
WARP, MOST_THREADS = 32, 1024  # lanes, and threads of a block
POISON, MARGIN = 0xA5, 4096  # what arrays hold at first; bytes of it behind them
SHORT = {"n_samples": 2, "n_replicas": 2, "schedule": Schedule(warmup=4, sweeps=9, stride=3)}
FOLDER = tempfile.TemporaryDirectory(prefix="emulated-kernels-")


class OutOfMemoryError(MemoryError):
    """As `cupy.cuda.memory.OutOfMemoryError`."""


class LaunchError(RuntimeError):
    """A launch that the device refuses or does not survive."""


class Allocation(np.ndarray):
    """Bytes of an array of the device, and a margin behind it that has to stay as it is."""

    @classmethod
    def of(cls, argument: np.ndarray) -> Allocation | None:
        """Return what an argument of a kernel is a part of."""
        while argument is not None and not isinstance(argument, cls):
            argument = argument.base
        return argument

    def intact(self) -> bool:
        return bool((self[-MARGIN:] == POISON).all())


def compile_host(source: str, options: tuple[str, ...] = (), *flags: str) -> ctypes.PyDLL:
    """Compile a CUDA source for the host and load it."""
    kernels = re.findall(
        r'extern "C" __global__ void\s*(?:__launch_bounds__\(([^)]*)\)\s*)?(\w+)', source
    )
    macros = [option for option in options if option.startswith("-D")]
    launchers = [f"LAUNCHER({name}, {bounds or MOST_THREADS})" for bounds, name in kernels]
    text = "\n".join([source, *launchers])
    name = hashlib.sha256(repr((text, macros, flags)).encode()).hexdigest()[:20]
    library = Path(FOLDER.name) / f"{name}.so"
    if not library.exists():
        path = library.with_suffix(".cpp")
        path.write_text(text)
        command = [
            COMPILER, "-std=c++20", "-O1", "-ffp-contract=off", "-shared", "-fPIC", "-pthread",
            "-w", "-U_FORTIFY_SOURCE",  # which forbids jumps between stacks
            "-fsanitize=alignment", "-fno-sanitize-recover",
            "-include", str(HEADER), *macros, *flags, str(path), "-o", str(library),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    host = ctypes.PyDLL(str(library))  # one launch at a time
    host.launch_message.restype = ctypes.c_char_p
    return host


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
    multiprocessors : int
        What the device claims to have; many make blocks share a chain.
    memory : int
        Bytes that may be allocated in one array before the device is out of memory.
    """

    def __init__(self, multiprocessors: int = 1, memory: int = 1 << 30):
        super().__init__("cupy")
        self.memory, self.launches = memory, []
        self.largest = 0  # bytes of the largest array so far
        self.asnumpy, self.copyto, self.ndarray = np.array, np.copyto, np.ndarray
        self.properties = {
            "name": b"emulated device",
            "major": 9,
            "minor": 0,
            "multiProcessorCount": multiprocessors,
            "maxThreadsPerMultiProcessor": 2048,
            "sharedMemPerBlock": 48 << 10,
            "cooperativeLaunch": 1,
        }
        self.resident = 2  # blocks of a multiprocessor
        self.pooled = 0  # bytes that are free in the pool of this process alone
        self.cuda = SimpleNamespace(
            runtime=SimpleNamespace(
                getDeviceCount=lambda: 1,
                getDevice=lambda: 0,
                getDeviceProperties=lambda device: self.properties,
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
        dtype, n_items = np.dtype(dtype), int(np.prod(shape, dtype=float))
        size = n_items * dtype.itemsize
        if size > self.memory:
            raise OutOfMemoryError("emulated device")
        self.largest = max(self.largest, size)
        whole = Allocation(size + MARGIN, np.uint8)
        whole[...] = POISON
        return whole.view(np.ndarray)[:size].view(dtype).reshape(shape)

    def zeros(self, shape, dtype):
        array = self.empty(shape, dtype)
        array[...] = 0
        return array

    def asarray(self, values):
        array = self.empty(np.shape(values), values.dtype)
        array[...] = values
        return array

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
                geometry = grid[0], block[0], shared_mem, enable_cooperative_groups
                self.check(name, *geometry)
                if _call(launcher, *geometry, arguments):
                    raise LaunchError(f"{name}: {library.launch_message().decode()}")
                for number, argument in enumerate(arguments):
                    whole = Allocation.of(argument)
                    if whole is not None and not whole.intact():
                        raise LaunchError(f"{name} wrote past the end of argument {number}")

            launch.kernel = SimpleNamespace(ptr=0)
            return launch

        return SimpleNamespace(get_function=get_function)

    def check(self, name, grid, block, shared, together):
        """Refuse what the driver would refuse, and blocks that leave a warp unfilled."""
        most_shared = self.properties["sharedMemPerBlock"]
        most_blocks = self.resident * self.properties["multiProcessorCount"]
        if grid < 1 or block < 1 or block > MOST_THREADS or block % WARP:
            raise LaunchError(f"{name}: {grid} blocks of {block} threads")
        if shared > most_shared:
            raise LaunchError(f"{name}: {shared} bytes of shared memory, {most_shared} at most")
        if together and (grid > most_blocks or not self.properties["cooperativeLaunch"]):
            raise LaunchError(f"{name}: {grid} blocks at once, {most_blocks} at most")


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
    shared = ctypes.c_long(shared)
    return launcher(grid, block, shared, int(together), pointers, lengths, len(cells))


def install(monkeypatch, **settings) -> Emulator:
    """Put the emulator in the place of cupy for one test."""
    from montecarlo import device
    from montecarlo.kernels.device import rows as device_rows

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

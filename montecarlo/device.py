"""Whether a CUDA device answers, and what it has."""

from __future__ import annotations

import logging
from functools import cache

import numpy as np

__all__ = ["description", "exhausted", "free_bytes", "name"]

log = logging.getLogger(__name__)

#: Compiled and loaded to see whether the device, its driver and the compiler go together.
PROBE = 'extern "C" __global__ void answers(int* found) { *found = 1; }'


@cache
def name() -> str:
    """Return the name of the device, once a kernel has been compiled and loaded there.

    The first call of a process logs that the backend is experimental.

    Raises
    ------
    ValueError
        If CuPy is not installed or no device answers, in one line.
    """
    try:
        import cupy
    except Exception as error:  # noqa: BLE001 - a folder it cannot write is an error of import
        if isinstance(error, ModuleNotFoundError) and error.name == "cupy":
            raise ValueError(
                "backend = 'cupy' needs CuPy, which is not installed: "
                "install hebbian-toolkit[gpu] or, for CUDA 13, hebbian-toolkit[gpu13]"
            ) from None
        raise ValueError(f"backend = 'cupy': CuPy does not start: {_reason(error)}") from None
    try:
        runtime = cupy.cuda.runtime
        found = runtime.getDeviceProperties(runtime.getDevice())["name"]
    except Exception as error:  # noqa: BLE001 - a missing driver or library has many exceptions
        raise ValueError(
            f"backend = 'cupy' needs a CUDA device, none answers: {_reason(error)}"
        ) from None
    found = found.decode() if isinstance(found, bytes) else str(found)
    try:
        probe = cupy.RawModule(code=PROBE, options=("-std=c++17",), enable_cooperative_groups=False)
        probe.get_function("answers").kernel  # noqa: B018 - what compiles and loads it
        cupy.zeros(1, np.int8).max()  # a kernel of CuPy's own, which needs the headers of CUDA
    except Exception as error:  # noqa: BLE001 - as above, and a compiler of another version
        raise ValueError(
            f"backend = 'cupy' cannot compile a kernel for {found}: {_reason(error)}"
        ) from None
    log.warning("backend = 'cupy' is experimental: it has been run on an emulated device alone")
    return found


def _reason(error: Exception) -> str:
    """Put an error in one line of moderate length."""
    text = " ".join(str(error).replace("====", "").split()) or type(error).__name__
    if isinstance(error, OSError):
        text += " (CUPY_CACHE_DIR names the folder where kernels are kept)"
    return text if len(text) <= 400 else f"{text[:400]} ..."


def description() -> str:
    """Return what answers: devices, driver and free memory, or why none does, in one line.

    Examples
    --------
    >>> len(description().splitlines())
    1
    """
    try:
        found = name()
    except ValueError as error:
        return str(error).removeprefix("backend = 'cupy'").lstrip(": ")
    import cupy

    runtime = cupy.cuda.runtime
    driver, free = runtime.driverGetVersion(), free_bytes() / 2**30
    version = f"{driver // 1000}.{driver % 1000 // 10}"
    count = runtime.getDeviceCount()
    return f"{count} x {found}, driver for CUDA {version}, {free:.1f} GiB free"


def exhausted(error: Exception) -> bool:
    """Whether an error says that the device or its driver is out of memory."""
    import cupy

    words = "cudaErrorMemoryAllocation", "CUDA_ERROR_OUT_OF_MEMORY"
    allocation = isinstance(error, cupy.cuda.memory.OutOfMemoryError)
    return allocation or any(word in str(error) for word in words)


def free_bytes() -> int:
    """Return the free memory of the device, with what CuPy's pool keeps for its next arrays."""
    import cupy

    pool = cupy.get_default_memory_pool()
    return int(cupy.cuda.runtime.memGetInfo()[0]) + int(pool.free_bytes())

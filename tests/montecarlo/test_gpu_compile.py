"""What CuPy itself can say without a device: kernels through NVRTC, and the names we use.

``pytest -s`` prints registers and spills of every kernel, ``-m heavy`` compiles all of them.
"""

import ast
import itertools
import re
from functools import reduce
from pathlib import Path

import pytest

from montecarlo.kernels.device import variants

cuda = pytest.importorskip("cupy.cuda", reason="cupy is not installed: extra [nvrtc]")
nvrtc = cuda.nvrtc

ARCHITECTURES = ("sm_80", "sm_90")


def covering(found):
    """Yield variants until every macro of a form has had each of its values, or none."""
    seen, names = set(), {}
    for variant in found:
        names.setdefault(variant.form, {})[variant] = dict(variant.constants)
    for form, constants in names.items():
        macros = sorted({name for own in constants.values() for name in own})
        for variant, own in constants.items():
            new = {(form, name, own.get(name)) for name in macros} - seen
            if new:
                seen |= new
                yield variant


def every_variant():
    """Return every combination of types and orders that a network can ask for."""
    # Values of one to eight bytes, in the smallest type that holds them, and floats.
    largest = (*(2**bits for bits in (6, 14, 22, 26, 30, 38, 46, 54, 61)), 2**62)
    found = [
        variants.binary(n_spins, n_rows, entry, span=span, linear=linear)
        for n_spins in (100, 2000, 5000, 70000)
        for n_rows in (1, 10**6)
        for entry in largest
        for span, linear in ((2 * entry, False), (2 * entry, True), (None, False))
    ]
    found += [
        variants.quadratic(entry, 100, 100, largest, distinct)
        for entry in variants.DRAW_ENTRIES
        for largest in (1, 1000)
        for distinct in (True, False)
    ]
    found += [
        variants.polynomial(entry, order, distinct)
        for entry in variants.DRAW_ENTRIES
        for order in range(3, 9)
        for distinct in (True, False)
    ]
    found += [
        variants.mean_field(order, entry)
        for order in range(2, 9)
        for entry in ("u32", *variants.DRAW_ENTRIES)
    ]
    return list(dict.fromkeys(found))


VARIANTS = every_variant()
ORDINARY = {(variant, ARCHITECTURES[0]) for variant in covering(VARIANTS)}
#: What `cupy.RawModule` adds to the options it is given.
ADDED = ("-ftz=true", "--device-as-default-execution-space")
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", autouse=True)
def library():
    try:
        nvrtc.getVersion()
    except Exception as error:  # noqa: BLE001 - a missing library has many exceptions
        pytest.skip(f"no NVRTC library, extra [nvrtc]: {error}".splitlines()[0])


def compiled(source, options, *more):
    program = nvrtc.createProgram(source, "kernels.cu", [], [])
    try:
        nvrtc.compileProgram(program, [*options, *ADDED, *more])
    except nvrtc.NVRTCError:
        pytest.fail(nvrtc.getProgramLog(program))
    return program


def resources(log):
    """Name, registers and spilled bytes of every kernel in the compiler's report."""
    name = r"Compiling entry function '(\w+)'"
    spills = r"(\d+) bytes spill stores, (\d+) bytes spill loads"
    found = re.findall(rf"{name}.*?{spills}.*?Used (\d+) registers", log, re.DOTALL)
    return [(kernel, int(used), int(a) + int(b)) for kernel, a, b, used in found]


@pytest.mark.parametrize(
    ("variant", "architecture"),
    [
        pytest.param(*case, marks=[] if case in ORDINARY else pytest.mark.heavy)
        for case in itertools.product(VARIANTS, ARCHITECTURES)
    ],
    ids=str,
)
def test_sweeps_compile_and_keep_to_registers(variant, architecture):
    more = f"-arch={architecture}", "--ptxas-options=-v"
    program = compiled(variant.source, variant.options, *more)
    assert nvrtc.getCUBIN(program)[:4] == b"\x7fELF"
    report = resources(nvrtc.getProgramLog(program))
    print(f"\n{architecture} {variant}: {report}")
    sums = variant.form == "plefka"
    kernels = {"row_sums", "add_slices"} if sums else {"prepare", "sweep"}
    assert {kernel for kernel, _, _ in report} == kernels
    # Two blocks of THREADS threads share the 65536 registers of a multiprocessor.
    assert all(used <= 65536 // (2 * variants.THREADS) for _, used, _ in report)
    # A few cold words at most: an array in local memory would be hundreds of bytes.
    assert all(spilled <= 32 for _, _, spilled in report)


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("entry", variants.DRAW_ENTRIES)
def test_rows_compile(entry, architecture):
    options = (*variants.OPTIONS, f"-DENTRY={entry}", f"-arch={architecture}")
    program = compiled(variants.draw_source(), options, "--ptxas-options=-v")
    report = resources(nvrtc.getProgramLog(program))
    print(f"\n{architecture} draw {entry}: {report}")
    assert {kernel for kernel, _, _ in report} == {
        "draw_bits", "draw_rows", "sum_powers", "sum_squares",
    }  # fmt: skip


def test_fields_of_bits_are_the_work_of_tensor_cores():
    variant = variants.binary(100, 10**6, 10**5, span=10**5)
    program = compiled(variant.source, variant.options, "-arch=compute_80")
    assert "mma.sync.aligned.m16n8k32.row.col.s32.u8.u8.s32" in nvrtc.getPTX(program).decode()


@pytest.mark.parametrize("linear", [True, False])
def test_the_kernel_of_the_benchmark_compiles(linear):
    source = (ROOT / "benchmarks" / "on_chip.cu").read_text("utf-8")
    variant = variants.binary(2000, 100, 4000, span=8000, linear=linear)
    more = "-arch=sm_90", "--ptxas-options=-v"
    program = compiled(variant.source + source, variant.options, *more)
    assert {"on_chip", "sweep"} < {name for name, _, _ in resources(nvrtc.getProgramLog(program))}


@pytest.mark.parametrize("major", [6, 7])
def test_devices_without_byte_products_compile_masked_additions(major):
    if major == 6 and nvrtc.getVersion() >= (13, 0):
        pytest.skip("this NVRTC knows no device of compute capability 6")
    variant = variants.binary(100, 10**6, 10**5)
    architecture = "sm_60" if major == 6 else "sm_75"
    program = compiled(variant.source, variant.options, f"-arch={architecture}")
    assert nvrtc.getCUBIN(program)[:4] == b"\x7fELF"


def test_no_operation_is_fused():
    """The acceptance arithmetic rounds every product, as on the CPU."""
    variant = variants.polynomial("int", 5, distinct=True)

    def ptx(*more):
        program = compiled(variant.source, variant.options, "-arch=compute_80", *more)
        return nvrtc.getPTX(program).decode()

    assert "fma.rn.f64" not in ptx()
    assert "fma.rn.f64" in ptx("-fmad=true")


def names_of(tree):
    """Every dotted name that begins with the module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            name = ast.unparse(node)
            if re.fullmatch(r"cupy(\.\w+)+", name):
                yield name


def test_every_name_of_cupy_exists():
    import cupy

    files = [*(ROOT / "montecarlo").rglob("*.py"), ROOT / "benchmarks" / "gpu.py"]
    names = {name for file in files for name in names_of(ast.parse(file.read_text("utf-8")))}
    assert {"cupy.RawModule", "cupy.cuda.memory.OutOfMemoryError"} <= names
    for name in sorted(names):
        reduce(getattr, name.split(".")[1:], cupy)
    for name in ("occupancyMaxActiveBlocksPerMultiprocessor",):
        assert hasattr(cupy.cuda.driver, name)
    for name in ("getDevice", "getDeviceProperties", "memGetInfo", "driverGetVersion"):
        assert hasattr(cupy.cuda.runtime, name)
    assert hasattr(cupy.RawKernel, "kernel")
    assert hasattr(cupy.cuda.function.Function, "ptr")
    cupy.RawModule(code="", options=variants.OPTIONS, enable_cooperative_groups=True)

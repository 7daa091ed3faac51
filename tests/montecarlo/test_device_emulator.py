"""The emulated device itself: warps, the tensor core, and launches that have to fail."""

import device_emulator
import numpy as np
import pytest
from device_emulator import Emulator, LaunchError

pytestmark = [device_emulator.needed, pytest.mark.heavy]

RNG = np.random.default_rng(0)


def launch(body, *arrays, grid=1, block=32, shared=0, together=False, bounds="", **settings):
    """Run a kernel over the arrays a, b, ... (pointers of their types)."""
    types = {"i": "int", "u": "unsigned", "f": "double"}
    wide = {"i": "long long", "u": "unsigned long long", "f": "double"}
    names = [
        (types if own.dtype.itemsize == 4 else wide)[own.dtype.kind] + f"* {name}"
        for own, name in zip(arrays, "abcdefgh", strict=False)
    ]
    code = f'extern "C" __global__ void {bounds} kernel({", ".join(names)}) {{ {body} }}'
    module = Emulator(**settings).RawModule(
        code=code, options=(), enable_cooperative_groups=together
    )
    module.get_function("kernel")((grid,), (block,), arrays, shared_mem=shared)


@pytest.mark.parametrize("dtype", [np.int32, np.uint64, np.float64])
def test_shuffles_stay_in_their_warp(dtype):
    values = RNG.integers(0, 2**31, 96).astype(dtype) * dtype(3 if dtype != np.int32 else 1)
    swapped, first = np.empty_like(values), np.empty_like(values)
    launch(
        """int t = threadIdx.x;
        b[t] = __shfl_xor_sync(0xFFFFFFFFu, a[t], 5);
        c[t] = __shfl_sync(0xFFFFFFFFu, a[t], t / 32);""",
        values, swapped, first, block=96,
    )  # fmt: skip
    thread = np.arange(96)
    np.testing.assert_array_equal(swapped, values[thread ^ 5])
    np.testing.assert_array_equal(first, values[33 * (thread // 32)])


def test_votes_and_sums_of_a_warp():
    values = RNG.integers(-(2**31), 2**31, 64).astype(np.int32)
    values[32:] = abs(values[32:] // 2)
    found = np.empty((3, 64), np.uint32)
    launch(
        """int t = threadIdx.x;
        b[t] = __ballot_sync(0xFFFFFFFFu, a[t] < 0);
        b[64 + t] = __any_sync(0xFFFFFFFFu, a[t] < 0);
        b[128 + t] = __reduce_add_sync(0xFFFFFFFFu, a[t]);""",
        values, found, block=64,
    )  # fmt: skip
    of_warp = values.reshape(2, 32).astype(np.int64)
    expected = [((of_warp < 0) << np.arange(32)).sum(1), [1, 0], of_warp.sum(1) % 2**32]
    np.testing.assert_array_equal(found, np.repeat(expected, 32, axis=1))


def test_words_and_bytes():
    """Against the definitions of prmt.b32, shf.r.wrap.b32, popc.b32 and bfind.u32."""
    low, high, selector = RNG.integers(0, 2**32, (3, 32), dtype=np.uint32)
    found = np.empty((4, 32), np.uint32)
    launch(
        """int t = threadIdx.x;
        d[t] = __byte_perm(a[t], b[t], c[t]);
        d[32 + t] = __funnelshift_r(a[t], b[t], c[t]);
        d[64 + t] = __popc(c[t]);
        d[96 + t] = __ffs(c[t] << t);""",
        low, high, selector, found,
    )  # fmt: skip
    expected = []
    for t, (a, b, s) in enumerate(zip(low.tolist(), high.tolist(), selector.tolist(), strict=True)):
        source = a.to_bytes(4, "little") + b.to_bytes(4, "little")
        chosen = [(source[s >> 4 * k & 7], s >> 4 * k & 8) for k in range(4)]
        permuted = bytes(255 * (byte >> 7) if sign else byte for byte, sign in chosen)
        shifted = (b << 32 | a) >> s % 32 & 0xFFFFFFFF
        lowest = (s << t & 0xFFFFFFFF & -(s << t)).bit_length()
        expected.append([int.from_bytes(permuted, "little"), shifted, s.bit_count(), lowest])
    np.testing.assert_array_equal(found.T, expected)


def test_the_tensor_core_multiplies_bytes():
    """Fragments laid out and read by the formulas of the PTX ISA, register by register."""
    A, B = RNG.integers(0, 256, (2, 16, 32)), RNG.integers(0, 256, (2, 32, 8))
    C = RNG.integers(-(2**31), 2**31, (2, 16, 8))
    warp, lane, i = np.ogrid[:2, :32, :16]
    group, member = lane >> 2, lane % 4
    row = np.where((i < 4) | ((i >= 8) & (i < 12)), group, group + 8)
    own_a = A[warp, row, 4 * member + (i & 3) + np.where(i < 8, 0, 16)].astype(np.uint8)
    i = i[..., :8]
    own_b = B[warp, 4 * member + (i & 3) + np.where(i < 4, 0, 16), group].astype(np.uint8)
    i = i[..., :4]
    place = warp, np.where(i < 2, group, group + 8), 2 * member + (i & 1)
    sums = C[place].astype(np.int32)
    launch(
        """int t = threadIdx.x;
        int own[4] = {c[4 * t], c[4 * t + 1], c[4 * t + 2], c[4 * t + 3]};
        for (int k = 0; k < 2; ++k)
          multiply_bytes(own, a[4 * t], a[4 * t + 1], a[4 * t + 2], a[4 * t + 3], b[2 * t],
                         b[2 * t + 1]);
        for (int k = 0; k < 4; ++k) c[4 * t + k] = own[k];""",
        own_a.view(np.uint32), own_b.view(np.uint32), sums, block=64,
    )  # fmt: skip
    expected = (C + 2 * A @ B).astype(np.int32)
    np.testing.assert_array_equal(sums, expected[place])


def test_shared_memory_belongs_to_the_block_and_is_never_zero():
    found = np.empty((3, 64), np.uint32)
    launch(
        """unsigned* own = (unsigned*)block_memory;
        unsigned before = own[threadIdx.x];
        __syncthreads();
        own[63 - threadIdx.x] = threadIdx.x + 64 * blockIdx.x;
        __syncthreads();
        a[threadIdx.x + 64 * blockIdx.x] = before == 0xA5A5A5A5u ? own[threadIdx.x] : 0;""",
        found.reshape(-1), block=64, grid=3, shared=256,
    )  # fmt: skip
    np.testing.assert_array_equal(found[:, ::-1].ravel(), np.arange(192))


MEETING = """
if (threadIdx.x == 0) {
  a[1 + blockIdx.x] = blockIdx.x + 7;
  __threadfence();
  atomicAdd(a, 1u);
  while (atomicAdd(a, 0u) < 2) {}
  __threadfence();
}
__syncthreads();
a[3 + 64 * blockIdx.x + threadIdx.x] = __ldcg(a + 2 - blockIdx.x);
"""


def test_blocks_launched_together_may_wait_for_each_other():
    found = np.zeros(3 + 128, np.uint32)
    launch(MEETING, found, grid=2, block=64, together=True)
    assert found[:3].tolist() == [2, 7, 8]
    assert found[3:].tolist() == 64 * [8] + 64 * [7]


BARRIERS = "for (int k = 0; k < 3; ++k) __syncthreads();\n"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            "if (threadIdx.x < 32) __syncthreads();",
            r"deadlock: block 0, thread 0 waits at __syncthreads \(line 1\) for thread 32, at its",
        ),
        (
            "if (threadIdx.x != 40) __syncwarp();",
            r"deadlock: block 0, thread 32 waits at __syncwarp \(line 1\) for thread 40, at its",
        ),
        (
            "if (threadIdx.x % 2) __syncwarp();\nelse a[0] = __shfl_sync(~0u, a[0], 3);",
            r"block 0: thread 1 is at __syncwarp \(line 1\), thread 0 at __shfl_sync \(line 2\)",
        ),
        (
            "if (threadIdx.x < 32) __syncthreads();\nelse __syncthreads();",
            r"thread 32 is at __syncthreads \(line 2\), thread 0 at __syncthreads \(line 1\)",
        ),
        (
            "if (threadIdx.x % 32 < 8) __syncwarp();\nelse __syncthreads();",
            r"deadlock: block 0, thread 0 waits at __syncwarp \(line 1\) for thread 8, at __syncth",
        ),
        (
            "struct alignas(16) Four { unsigned word[4]; };\na[0] = ((Four*)(a + 2))->word[1];",
            r"block 0, thread 0: misaligned address \(line 2\)",
        ),
        ("__shfl_sync(0xFFFFu, 1, 0);", "thread 0: the mask of a warp leaves lanes out"),
        (MEETING, "deadlock: block 0, thread 0 spins on atomicAdd for what nobody does"),
        ("((char*)block_memory)[100] = 0;", "block 0 wrote byte 100 of its 100 bytes of shared"),
        ("if (blockIdx.x == 1) block_memory[500] = 0;", "block 1 wrote byte 4000 of its 100 bytes"),
    ],
)
def test_a_kernel_that_the_device_does_not_survive(body, reason):
    memory = np.zeros(256, np.uint32)
    with pytest.raises(LaunchError, match=f"^kernel: .*{reason}"):
        launch(body, memory, grid=2, block=64, shared=100)
    launch(BARRIERS, grid=2, block=64)  # the next launch finds everything in order


def test_a_write_past_an_array(emulator):
    array = emulator.zeros((3, 4), np.int32)
    launch("a[threadIdx.x % 12] = 1;", array)
    with pytest.raises(LaunchError, match="kernel wrote past the end of argument 1"):
        launch("b[threadIdx.x % 13] = 2;", array, emulator.asarray(array[:2]))


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        ({"block": 48}, "1 blocks of 48 threads"),
        ({"block": 1056}, "1 blocks of 1056 threads"),
        ({"block": 128, "bounds": "__launch_bounds__(64, 2)"}, "a block of 128 threads, 64 at"),
        ({"shared": 49153}, "49153 bytes of shared memory, 49152 at most"),
        ({"grid": 3, "together": True}, "3 blocks at once, 2 at most"),
    ],
)
def test_a_launch_that_the_device_refuses(geometry, reason):
    with pytest.raises(LaunchError, match=reason):
        launch("", **geometry)


def test_arguments_have_the_sizes_of_the_kernel():
    code = 'extern "C" __global__ void kernel(int* a, long long b, float c) { a[0] = b + c; }'
    module = Emulator().RawModule(code=code, options=(), enable_cooperative_groups=False)
    kernel, found = module.get_function("kernel"), np.zeros(1, np.int32)
    kernel((1,), (32,), (found, np.int64(5), np.float32(2)))
    assert found[0] == 7
    for arguments, reason in [
        ((found, np.int64(5)), "2 arguments, not 3"),
        ((found, np.int32(5), np.float32(2)), "argument 1 of the wrong size: 4 bytes, not 8"),
    ]:
        with pytest.raises(LaunchError, match=reason):
            kernel((1,), (32,), arguments)


def test_the_largest_launch():
    """As many fibers as a block may have threads, in every block that is resident."""
    total = np.zeros(1, np.uint64)
    launch(
        "__syncthreads(); atomicAdd(a, threadIdx.x + 1ull);",
        total, grid=4, block=1024, shared=49152, together=True, multiprocessors=2,
    )  # fmt: skip
    assert total[0] == 4 * 1024 * 1025 // 2

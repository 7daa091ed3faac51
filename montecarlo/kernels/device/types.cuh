// Codes of montecarlo/dynamics.py, and the widths of sums.

constexpr int GLAUBER = 0, METROPOLIS = 1, ZERO_TEMPERATURE = 2, PARALLEL = 3;
constexpr int SEQUENTIAL = 0, RANDOM = 1, PERMUTATION = 2;
constexpr int TOGETHER = 3;  // all spins at once

// Visits decided from one pass over the rows: where few spins flip, and where many do.
#ifdef PLANES
constexpr int WINDOW = 16, NARROW = 4;
constexpr bool ONE_WIDTH = true;  // a pass takes as long for one visit as for WINDOW
constexpr int CALM = NARROW;      // visits without a flip from which on WINDOW pays
#else
constexpr int WINDOW = 8, NARROW = 1;
constexpr bool ONE_WIDTH = false;
constexpr int CALM = WINDOW;
#endif
// Blocks of THREADS that a multiprocessor has registers for.
#if defined(PLANES) && (defined(LINEAR) || defined(TABLES_IN_SHARED_MEMORY))
constexpr int RESIDENT = 3;
#else
constexpr int RESIDENT = 2;
#endif
constexpr int SLOTS = WINDOW + 2;  // sums that one pass makes
constexpr int VISITS = 128;        // visits whose random logarithms are made at a time
constexpr int SHARED_BYTES = 3072;  // for `Shared` of sweep.cu, before what a network stages
constexpr u32 ALL_LANES = 0xFFFFFFFFu;
static_assert(SLOTS <= WARP, "the visits of a window are decided by one warp");

template <class T> struct Wide { typedef T type; };
template <> struct Wide<int> { typedef i64 type; };
typedef Wide<SUM>::type TOTAL;

#ifdef __CUDACC__
extern __shared__ __align__(16) double block_memory[];

// Tells the compiler what it cannot see of a pointer that came through shared memory.
template <class T> __device__ inline T* in_global(T* pointer) {
  __builtin_assume(__isGlobal(pointer));
  return pointer;
}

// One more arrival, after all that the block has done; the arrivals, before all it does next.
// Fences beside atomic additions order the same, twice as dear.
#if __CUDA_ARCH__ >= 700
__device__ inline void arrive(u32* counter) {
  asm volatile("red.release.gpu.add.u32 [%0], %1;" ::"l"(counter), "r"(1u) : "memory");
}
__device__ inline u32 arrivals(u32* counter) {
  u32 seen;
  asm volatile("ld.acquire.gpu.u32 %0, [%1];" : "=r"(seen) : "l"(counter) : "memory");
  return seen;
}
#else
__device__ inline void arrive(u32* counter) {
  __threadfence();
  atomicAdd(counter, 1u);
}
__device__ inline u32 arrivals(u32* counter) {
  const u32 seen = atomicAdd(counter, 0u);
  __threadfence();
  return seen;
}
#endif
#else
template <class T> T* in_global(T* pointer) { return pointer; }
#endif

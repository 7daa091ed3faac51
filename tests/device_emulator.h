// CUDA sources as host code: one thread of the machine for each thread of a block, barriers
// for barriers, warps of one thread.

#include <atomic>
#include <barrier>
#include <bit>
#include <cstddef>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#define __global__
#define __device__
#define __launch_bounds__(...)
#define WARP 1

struct Index {
  unsigned x;
};
static thread_local Index threadIdx, blockIdx, blockDim, gridDim;
static thread_local double* block_memory;
static thread_local std::barrier<>* block_barrier;

inline void __syncthreads() {
  if (blockDim.x > 1) block_barrier->arrive_and_wait();
}
inline void __threadfence() { std::atomic_thread_fence(std::memory_order_seq_cst); }
inline unsigned atomicAdd(unsigned* at, unsigned value) {
  if (value == 0) std::this_thread::yield();
  return std::atomic_ref<unsigned>(*at).fetch_add(value);
}
template <class T> T __ldcg(const T* at) { return *at; }
template <class T> T __shfl_xor_sync(unsigned, T value, int) { return value; }
inline long long __double_as_longlong(double x) { return std::bit_cast<long long>(x); }
inline double __longlong_as_double(long long x) { return std::bit_cast<double>(x); }

// Runs a kernel over a grid; -1 if an argument has not the size that the kernel declares.
template <class... A, std::size_t... I>
int launch(void (*kernel)(A...), std::index_sequence<I...>, int grid, int block, long shared,
           int together, void** arguments, const int* sizes, int n_arguments) {
  const std::size_t declared[] = {sizeof(A)...};
  if (n_arguments != (int)sizeof...(A)) return -1;
  for (int k = 0; k < n_arguments; ++k)
    if ((std::size_t)sizes[k] != declared[k]) return -1;
  std::vector<std::thread> threads;
  std::vector<std::unique_ptr<std::barrier<>>> barriers;
  std::vector<std::vector<double>> memories;
  memories.reserve(grid);
  for (int b = 0; b < grid; ++b) {
    barriers.push_back(std::make_unique<std::barrier<>>(block));
    memories.emplace_back(shared / 8 + 1);
    auto body = [=, barrier = barriers[b].get(), memory = memories[b].data()](int t) {
      threadIdx.x = t, blockIdx.x = b, blockDim.x = block, gridDim.x = grid;
      block_memory = memory;
      block_barrier = barrier;
      kernel(*(A*)arguments[I]...);
    };
    if (block == 1 && !together) {
      body(0);
      continue;
    }
    for (int t = 0; t < block; ++t) threads.emplace_back(body, t);
    if (!together) {
      for (auto& thread : threads) thread.join();
      threads.clear();
    }
  }
  for (auto& thread : threads) thread.join();
  return 0;
}

template <class... A>
int launch(void (*kernel)(A...), int grid, int block, long shared, int together, void** arguments,
           const int* sizes, int n_arguments) {
  return launch(kernel, std::index_sequence_for<A...>(), grid, block, shared, together, arguments,
                sizes, n_arguments);
}

#define LAUNCHER(name)                                                                        \
  extern "C" int launch_##name(int grid, int block, long shared, int together, void** arguments, \
                               const int* sizes, int n_arguments) {                           \
    return launch(name, grid, block, shared, together, arguments, sizes, n_arguments);        \
  }

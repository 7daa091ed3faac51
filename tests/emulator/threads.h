// The threads of a launch as threads of the machine, for the thread sanitizer.
//
// It is to see the order that CUDA promises and no other: barriers order memory; atomic
// operations and the exchange of registers in a warp do not, unless a fence stands between.

#include <atomic>
#include <cstdlib>
#include <linux/futex.h>
#include <memory>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

// The sanitizer takes the other model's blocks of variables for something else.
#define OWN static thread_local __attribute__((tls_model("initial-exec")))

OWN Index threadIdx, blockIdx;
OWN double* block_memory;
static Index blockDim, gridDim;

namespace emulator {

// A barrier, of memory too if `ordered`: all that its members did before it comes before all
// that they do after it, and nothing else is ordered by it, as by the barriers and waits of
// the library.  Without, the fences keep the machine in order; the sanitizer does not see them.
struct Turnstile {
  unsigned members, arrived = 0, turn = 0;

  template <bool ordered> void pass() {
    constexpr int arrive = ordered ? __ATOMIC_ACQ_REL : __ATOMIC_RELAXED;
    constexpr int open = ordered ? __ATOMIC_RELEASE : __ATOMIC_RELAXED;
    constexpr int look = ordered ? __ATOMIC_ACQUIRE : __ATOMIC_RELAXED;
    const unsigned now = __atomic_load_n(&turn, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (__atomic_add_fetch(&arrived, 1, arrive) == members) {
      __atomic_store_n(&arrived, 0, __ATOMIC_RELAXED);
      __atomic_thread_fence(__ATOMIC_SEQ_CST);
      __atomic_store_n(&turn, now + 1, open);
      syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, members, nullptr, nullptr, 0);
    } else {
      while (__atomic_load_n(&turn, look) == now)
        syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, now, nullptr, nullptr, 0);
    }
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
  }
};

struct Warp : Registers {
  Turnstile turnstile{LANES};
};

struct Block {
  SharedMemory memory;
  Turnstile turnstile;
  Warp warps[1024 / LANES];
  Block(std::size_t shared, unsigned size) : memory(shared), turnstile{size} {}
};

struct Thread {
  unsigned lane, parity = 0;
  Block* block;
  Warp* warp;
};
OWN Thread own_thread;

inline Thread& self() { return own_thread; }
inline void meet_block(Site) { self().block->turnstile.pass<true>(); }
inline void meet_warp(Site) { self().warp->turnstile.pass<false>(); }
inline void order_warp(Site) { self().warp->turnstile.pass<true>(); }
inline void spin(const char*) { std::this_thread::yield(); }

// Whoever passes a fence has seen what came before the fences that were passed earlier.
inline void order_device() {
  static std::atomic<unsigned> fences;
  fences.fetch_add(1, std::memory_order_acq_rel);
}

inline void refuse(const char* what) {
  std::fprintf(stderr, "block %u, thread %u: %s\n", blockIdx.x, threadIdx.x, what);
  std::_Exit(3);
}

template <class T> T add(T* at, T value) {
  return std::atomic_ref<T>(*at).fetch_add(value, std::memory_order_relaxed);
}

inline bool run(const Launch& launch) {
  gridDim.x = launch.grid;
  blockDim.x = launch.block;
  bool intact = true;
  const unsigned grid = launch.grid, step = launch.together ? grid : 1;
  for (unsigned first = 0; first < grid; first += step) {
    std::vector<std::unique_ptr<Block>> blocks;
    std::vector<std::thread> threads;
    for (unsigned b = first; b < first + step; ++b) {
      blocks.push_back(std::make_unique<Block>(launch.shared, launch.block));
      for (unsigned t = 0; t < (unsigned)launch.block; ++t)
        threads.emplace_back([&launch, b, t, block = blocks.back().get()] {
          threadIdx.x = t, blockIdx.x = b;
          block_memory = (double*)block->memory.begin();
          own_thread = {t % LANES, 0, block, &block->warps[t / LANES]};
          launch.body(launch.data);
        });
    }
    for (auto& thread : threads) thread.join();
    for (unsigned b = 0; b < step; ++b) intact = intact && blocks[b]->memory.intact(first + b);
  }
  return intact;
}

}  // namespace emulator

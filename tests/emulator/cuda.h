// CUDA sources as host code: the words of CUDA that they use, over `fibers.h`, or over
// `threads.h` if THREADS_OF_THE_MACHINE is defined.

#include <bit>
#include <type_traits>
#include <utility>

#include "grid.h"
#ifdef THREADS_OF_THE_MACHINE
#include "threads.h"
#else
#include "fibers.h"
#endif

#define __global__
#define __device__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define HERE int line = __builtin_LINE()

inline void __syncthreads(HERE) { emulator::meet_block({"__syncthreads", line}); }
inline void __threadfence() { emulator::order_device(); }

namespace emulator {

inline void check_mask(unsigned mask) {
  if (mask != 0xFFFFFFFFu) refuse("the mask of a warp leaves lanes out");
}

// What -fsanitize=alignment calls; its argument begins with a place in the source.
extern "C" void __ubsan_handle_type_mismatch_v1_abort(const Site* place, void*) {
  char text[48];
  std::snprintf(text, sizeof text, "misaligned address (line %d)", place->line);
  refuse(text);
}

// A warp's registers: those that every lane shows, once all have done so.
struct Shown {
  unsigned (&word)[6][LANES];

  template <int N> Shown(const unsigned (&own)[N], Site site)
      : word(self().warp->word[self().parity ^= 1]) {
    for (int k = 0; k < N; ++k) __atomic_store_n(&word[k][self().lane], own[k], __ATOMIC_RELAXED);
    meet_warp(site);
  }
  unsigned operator()(int k, unsigned lane) const {
    return __atomic_load_n(&word[k][lane], __ATOMIC_RELAXED);
  }
};

template <class T> T of_lane(unsigned mask, T value, unsigned lane, Site site) {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8);
  check_mask(mask);
  unsigned words[sizeof(T) / 4];
  std::memcpy(words, &value, sizeof(T));
  const Shown shown(words, site);
  for (unsigned k = 0; k < sizeof(T) / 4; ++k) words[k] = shown(k, lane % LANES);
  std::memcpy(&value, words, sizeof(T));
  return value;
}

inline unsigned lanes_where(unsigned mask, bool holds, Site site) {
  check_mask(mask);
  const unsigned own[] = {holds};
  const Shown shown(own, site);
  unsigned found = 0;
  for (unsigned lane = 0; lane < LANES; ++lane) found |= shown(0, lane) << lane;
  return found;
}

// A row of A or a column of B: its halves stand in two registers of four lanes.
struct Line {
  unsigned char byte[32];

  Line(const Shown& shown, int first, int second, unsigned group) {
    for (unsigned t = 0; t < 4; ++t) {
      const unsigned words[] = {shown(first, 4 * group + t), shown(second, 4 * group + t)};
      std::memcpy(byte + 4 * t, words, 4);
      std::memcpy(byte + 16 + 4 * t, words + 1, 4);
    }
  }
};

[[gnu::optimize("tree-vectorize")]] inline unsigned product(const Line& row, const Line& column) {
  unsigned sum = 0;
  for (int i = 0; i < 32; ++i) sum += row.byte[i] * column.byte[i];
  return sum;
}

}  // namespace emulator

inline void __syncwarp(unsigned mask = 0xFFFFFFFFu, HERE) {
  emulator::check_mask(mask);
  emulator::order_warp({"__syncwarp", line});
}

template <class T> T __shfl_xor_sync(unsigned mask, T value, int offset, HERE) {
  return emulator::of_lane(mask, value, emulator::self().lane ^ offset, {"__shfl_xor_sync", line});
}
template <class T> T __shfl_sync(unsigned mask, T value, int lane, HERE) {
  return emulator::of_lane(mask, value, lane, {"__shfl_sync", line});
}

inline unsigned __ballot_sync(unsigned mask, int holds, HERE) {
  return emulator::lanes_where(mask, holds, {"__ballot_sync", line});
}
inline int __any_sync(unsigned mask, int holds, HERE) {
  return emulator::lanes_where(mask, holds, {"__any_sync", line}) != 0;
}

template <class T> T __reduce_add_sync(unsigned mask, T value, HERE) {
  static_assert(std::is_same_v<T, unsigned> || std::is_same_v<T, int>);
  emulator::check_mask(mask);
  const unsigned own[] = {(unsigned)value};
  const emulator::Shown shown(own, {"__reduce_add_sync", line});
  unsigned sum = 0;
  for (unsigned lane = 0; lane < emulator::LANES; ++lane) sum += shown(0, lane);
  return (T)sum;
}

// The tensor core: mma.sync.aligned.m16n8k32.row.col.s32.u8.u8.s32, sums += A B.  With
// g = lane / 4 and t = lane % 4, byte i of a0, a1 is A[g, 4t + i], A[g + 8, 4t + i], of a2, a3
// the same 16 columns on; of b0, b1 B[4t + i, g], B[4t + i + 16, g]; the sums are C[g, 2t],
// C[g, 2t + 1], C[g + 8, 2t], C[g + 8, 2t + 1] (PTX ISA, "Matrix fragments for mma.m16n8k32").
inline void multiply_bytes(int (&sums)[4], unsigned a0, unsigned a1, unsigned a2, unsigned a3,
                           unsigned b0, unsigned b1, HERE) {
  const unsigned own[] = {a0, a1, a2, a3, b0, b1};
  const emulator::Shown shown(own, {"multiply_bytes", line});
  const unsigned g = emulator::self().lane / 4, t = emulator::self().lane % 4;
  const emulator::Line rows[] = {{shown, 0, 2, g}, {shown, 1, 3, g}};
  const emulator::Line columns[] = {{shown, 4, 5, 2 * t}, {shown, 4, 5, 2 * t + 1}};
  for (int k = 0; k < 4; ++k) sums[k] += emulator::product(rows[k / 2], columns[k % 2]);
}

// Adding zero is how a thread looks for what others do.
template <class T> T atomicAdd(T* at, std::type_identity_t<T> value) {
  static_assert(std::is_same_v<T, unsigned> || std::is_same_v<T, unsigned long long> ||
                std::is_same_v<T, int> || std::is_same_v<T, double>);
  if (value == 0) emulator::spin("atomicAdd");
  return emulator::add<T>(at, value);
}

// An addition after a fence, and a look before one.
inline void arrive(unsigned* counter) {
  emulator::order_device();
  emulator::add(counter, 1u);
}
inline unsigned arrivals(unsigned* counter) {
  emulator::spin("arrivals");
  const unsigned seen = emulator::add(counter, 0u);
  emulator::order_device();
  return seen;
}

template <class T> T __ldcg(const T* at) { return *at; }
template <class T> T __ldg(const T* at) { return *at; }
template <class T> T min(T a, T b) { return b < a ? b : a; }
template <class T> T max(T a, T b) { return a < b ? b : a; }
inline int __popc(unsigned x) { return std::popcount(x); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline long long __double_as_longlong(double x) { return std::bit_cast<long long>(x); }
inline double __longlong_as_double(long long x) { return std::bit_cast<double>(x); }

inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
  return (unsigned)(((unsigned long long)high << 32 | low) >> (shift & 31));
}

// PRMT: three bits of a digit of the selector choose one of eight bytes, the fourth takes its
// sign eight times instead.
inline unsigned __byte_perm(unsigned low, unsigned high, unsigned selector) {
  const unsigned long long bytes = (unsigned long long)high << 32 | low;
  unsigned result = 0;
  for (int k = 0; k < 4; ++k) {
    const unsigned digit = selector >> 4 * k & 0xF, byte = bytes >> 8 * (digit & 7) & 0xFF;
    result |= (digit & 8 ? (byte & 0x80 ? 0xFFu : 0u) : byte) << 8 * k;
  }
  return result;
}

// IDP: the sum of c and of products of four bytes, or of two halves of a word and two bytes.
inline unsigned __dp4a(unsigned a, unsigned b, unsigned c) {
  for (int shift = 0; shift < 32; shift += 8) c += (a >> shift & 0xFF) * (b >> shift & 0xFF);
  return c;
}
inline unsigned __dp2a_lo(unsigned a, unsigned b, unsigned c) {
  return c + (a & 0xFFFF) * (b & 0xFF) + (a >> 16) * (b >> 8 & 0xFF);
}

namespace emulator {

// Runs a kernel over a grid: 0, or 1 and a message.
template <class... A, std::size_t... I>
int launch(void (*kernel)(A...), std::index_sequence<I...>, int bound, int grid, int block,
           long shared, int together, void** arguments, const int* sizes, int n_arguments) {
  const std::size_t declared[] = {sizeof(A)...};
  if (n_arguments != (int)sizeof...(A)) {
    std::snprintf(message, sizeof message, "%d arguments, not %zu", n_arguments, sizeof...(A));
    return 1;
  }
  for (int k = 0; k < n_arguments; ++k)
    if ((std::size_t)sizes[k] != declared[k]) {
      std::snprintf(message, sizeof message, "argument %d of the wrong size: %d bytes, not %zu", k,
                    sizes[k], declared[k]);
      return 1;
    }
  if (block > bound) {
    std::snprintf(message, sizeof message, "a block of %d threads, %d at most", block, bound);
    return 1;
  }
  const auto body = [=] { kernel(*(A*)arguments[I]...); };
  typedef decltype(body) Body;
  return !run({grid, block, (std::size_t)shared, together != 0,
               [](const void* data) { (*(Body*)data)(); }, &body});
}

template <class... A, class... T> int launch(void (*kernel)(A...), T... arguments) {
  return launch(kernel, std::index_sequence_for<A...>(), arguments...);
}

}  // namespace emulator

extern "C" const char* launch_message() { return emulator::message; }

#define LAUNCHER(name, bound, ...)                                                             \
  extern "C" int launch_##name(int grid, int block, long shared, int together, void** arguments, \
                               const int* sizes, int n_arguments) {                           \
    return emulator::launch(name, bound, grid, block, shared, together, arguments, sizes, n_arguments); \
  }

// The threads that run one chain: `size` blocks, of which this is block `part`.  Sums over
// all threads go through shared memory within a block and through device memory between
// blocks, which have to be resident together (a cooperative launch).

struct Flip {
  int site = -1, spin = 0;  // the flipped spin and its value before
  bool fresh = false;       // sums over rows have to be made anew all the same
  __device__ bool pending() const { return fresh || site >= 0; }
};

struct Blocks {
  int size, part;
  u32* counter;   // arrivals, shared by the blocks
  u64* exchange;  // (2, size, SLOTS) 8-byte sums, two so that nobody overwrites what is read
};

struct Team {
  const Blocks& blocks;  // in shared memory, as is
  u64* scratch;          // (warps, SLOTS)
  u32 awaited = 0;
  int parity = 0;

  __device__ i64 thread() const { return (i64)blocks.part * blockDim.x + threadIdx.x; }
  __device__ i64 threads() const { return (i64)blocks.size * blockDim.x; }
  __device__ int warps() const { return blocks.size * (blockDim.x / WARP); }
  __device__ int warp() const { return blocks.part * (blockDim.x / WARP) + threadIdx.x / WARP; }
  __device__ bool leads() const { return blocks.part == 0 && threadIdx.x == 0; }

  __device__ void meet() {
    __syncthreads();
    if (blocks.size == 1) return;
    awaited += blocks.size;
    if (threadIdx.x == 0) {
      arrive(blocks.counter);
      while ((int)(arrivals(blocks.counter) - awaited) < 0) {
      }
    }
    __syncthreads();
  }

  // Entry j of this warp's sums.
  template <class T> __device__ void put(int j, T sum) const {
    typedef typename Wide<T>::type Total;
    *(Total*)(scratch + threadIdx.x / WARP * SLOTS + j) = (Total)sum;
  }

  // Adds up the first N entries of `mine`, N a power of two, over the warp and puts them at
  // `slot` and behind.  Lanes fold the entries in halves, each going on with one of them.
  template <int N, class T> __device__ void share(T* mine, int slot) const {
    const int lane = threadIdx.x % WARP;
    int offset = WARP / 2;
#pragma unroll
    for (int half = N / 2; half > 0; half /= 2, offset /= 2) {
      const bool upper = lane & offset;
#pragma unroll
      for (int j = 0; j < half; ++j) {
        const T given = upper ? mine[j] : mine[j + half];
        mine[j] = (upper ? mine[j + half] : mine[j]) + __shfl_xor_sync(ALL_LANES, given, offset);
      }
    }
#pragma unroll
    for (; offset > 0; offset /= 2) mine[0] += __shfl_xor_sync(ALL_LANES, mine[0], offset);
    if (lane % (WARP / N) == 0) put(slot + lane / (WARP / N), mine[0]);
  }

  // What warps have put is complete afterwards: the first n entries, and the last two if
  // `tail`.  Any thread may then `collect` one of these.
  template <class T> __device__ void gather(int n, bool tail = false) {
    __syncthreads();
    if (blocks.size == 1) return;
    parity ^= 1;
    for (int j = threadIdx.x; j < SLOTS; j += blockDim.x)
      if (j < n || (tail && j >= WINDOW)) *entry<T>(blocks.part, j) = of_block<T>(j);
    meet();
  }

  template <class T> __device__ T* entry(int block, int j) const {
    return (T*)(blocks.exchange + (parity * blocks.size + block) * SLOTS + j);
  }

  template <class T> __device__ T of_block(int j) const {
    T sum = 0;
    for (int w = 0; w * WARP < (int)blockDim.x; ++w) sum += *(const T*)(scratch + w * SLOTS + j);
    return sum;
  }

  template <class T> __device__ T collect(int j) const {
    if (blocks.size == 1) return of_block<T>(j);
    T sum = 0;
    for (int b = 0; b < blocks.size; b += 8) {  // eight on their way at a time
      T sums[8];
#pragma unroll
      for (int k = 0; k < 8; ++k) sums[k] = __ldcg(entry<T>(min(b + k, blocks.size - 1), j));
#pragma unroll
      for (int k = 0; k < 8; ++k) sum += b + k < blocks.size ? sums[k] : T(0);
    }
    return sum;
  }
};

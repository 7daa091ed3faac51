// The threads that run one chain: `size` blocks, of which this is block `part`.  Sums over
// all threads go through shared memory within a block and through device memory between
// blocks, which have to be resident together (a cooperative launch).

struct Flip {
  int site = -1, spin = 0;  // the flipped spin and its value before
  bool fresh = false;       // sums over rows have to be made anew all the same
  __device__ bool pending() const { return fresh || site >= 0; }
};

struct Team {
  int size, part;
  u32* counter;    // arrivals, shared by the blocks
  u64* exchange;   // (2, size, SLOTS) 8-byte sums, two so that nobody overwrites what is read
  u64* scratch;    // (warps, SLOTS) in shared memory
  u32 awaited = 0;
  int parity = 0;

  __device__ i64 thread() const { return (i64)part * blockDim.x + threadIdx.x; }
  __device__ i64 threads() const { return (i64)size * blockDim.x; }
  __device__ bool leads() const { return part == 0 && threadIdx.x == 0; }

  __device__ void meet() {
    __syncthreads();
    if (size == 1) return;
    awaited += size;
    if (threadIdx.x == 0) {
      __threadfence();
      atomicAdd(counter, 1u);
      while ((int)(atomicAdd(counter, 0u) - awaited) < 0) {
      }
      __threadfence();
    }
    __syncthreads();
  }

  // Adds up over the team the first n of `mine`, and the last two if `tail`; afterwards any
  // thread may `collect` one of these entries.
  template <class T, int N> __device__ void gather(T (&mine)[N], int n, bool tail = false) {
    const int warp = threadIdx.x / WARP;
#pragma unroll
    for (int j = 0; j < N; ++j) {
      if (j >= n && !(tail && j >= N - 2)) continue;
      for (int offset = WARP / 2; offset > 0; offset /= 2)
        mine[j] += __shfl_xor_sync(0xFFFFFFFFu, mine[j], offset);
      if (threadIdx.x % WARP == 0) ((T*)(scratch + warp * SLOTS + j))[0] = mine[j];
    }
    __syncthreads();
    if (size == 1) return;
    parity ^= 1;
    for (int j = threadIdx.x; j < N; j += blockDim.x) {
      if (j >= n && !(tail && j >= N - 2)) continue;
      typename Wide<T>::type sum = 0;
      for (int w = 0; w * WARP < (int)blockDim.x; ++w) sum += ((T*)(scratch + w * SLOTS + j))[0];
      *(typename Wide<T>::type*)(exchange + (parity * size + part) * SLOTS + j) = sum;
    }
    meet();
  }

  template <class T> __device__ typename Wide<T>::type collect(int j) const {
    typename Wide<T>::type sum = 0;
    if (size == 1) {
      for (int w = 0; w * WARP < (int)blockDim.x; ++w) sum += ((T*)(scratch + w * SLOTS + j))[0];
    } else {
      for (int b = 0; b < size; ++b)
        sum += __ldcg((typename Wide<T>::type*)(exchange + (parity * size + b) * SLOTS + j));
    }
    return sum;
  }
};

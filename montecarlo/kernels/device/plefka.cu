// Sums over rows for the mean-field equations: montecarlo/kernels/parallel/sums.py on a device.
//
// A row sees the spins through c_k = sum_i row_i^k cumulants[k, i] and adds row_i^k B_{P-k}(c)
// to sum k of site i, B the complete Bell polynomials.  A block takes a slice of the rows of
// one chain, TILE rows at a time: its threads share out first the rows, whose B stay in shared
// memory, and then the sites.  Slices are fixed by the number of rows alone and added in order,
// so the bits depend neither on the device nor on the chains beside.

// Powers of an entry that differ from row to row: the odd ones for +-1, else all.
#ifdef BINARY
constexpr int POWERS = (ORDER + 1) / 2;
__device__ constexpr int exponent(int p) { return 2 * p + 1; }
#else
constexpr int POWERS = ORDER;
__device__ constexpr int exponent(int p) { return p + 1; }
#endif
// Rows of a thread in the first half of a tile, and its sites in the second: as many as keep
// the sums of all powers in registers.
constexpr int SITES = POWERS <= 2 ? 4 : POWERS <= 4 ? 2 : 1;
constexpr int ROWS = ORDER < 7 ? SITES : 1;
constexpr int PARTS = 4;  // threads that share the rows of a tile for the same sites

#ifdef __CUDACC__
extern __shared__ double block_memory[];
#endif

__device__ constexpr double binomial(int n, int k) {
  return k == 0 || k == n ? 1.0 : binomial(n - 1, k - 1) + binomial(n - 1, k);
}

struct Tile {
  const void* rows;         // of one sample: (spin, 32-bit word) or (spin, row)
  const double* cumulants;  // of one chain: (ORDER, spin)
  const double* common;     // (ORDER,): sums of the cumulants over spins
  double* values;           // (POWERS, TILE) in shared memory: B_{P - exponent}
  i64 n_rows, width, first;  // width of a spin's rows: words or entries
  int n_spins;

#ifdef BINARY
  __device__ void overlaps(i64 row, double (&c)[POWERS][ROWS]) const {
    const u32* bits = (const u32*)rows + (row >> 5);
    for (int p = 0; p < POWERS; ++p)
      for (int r = 0; r < ROWS; ++r) c[p][r] = -common[exponent(p) - 1];
#pragma unroll 1
    for (int i = 0; i < n_spins; ++i) {
      const u32 word = bits[i * width] >> (row & 31);
#pragma unroll
      for (int p = 0; p < POWERS; ++p) {
        const double twice = 2.0 * cumulants[(exponent(p) - 1) * (i64)n_spins + i];
#pragma unroll
        for (int r = 0; r < ROWS; ++r)
          if ((word >> r) & 1u) c[p][r] += twice;
      }
    }
  }
#else
  struct alignas(sizeof(ENTRY) * ROWS) Chunk {
    ENTRY row[ROWS];
  };

  __device__ Chunk chunk(int site, i64 row) const {
    return *(const Chunk*)((const ENTRY*)rows + site * width + row);
  }

  __device__ void overlaps(i64 row, double (&c)[POWERS][ROWS]) const {
    for (int p = 0; p < POWERS; ++p)
      for (int r = 0; r < ROWS; ++r) c[p][r] = 0.0;
#pragma unroll 1
    for (int i = 0; i < n_spins; ++i) {
      const Chunk own = chunk(i, row);
      double power[ROWS];
#pragma unroll
      for (int r = 0; r < ROWS; ++r) power[r] = 1.0;
#pragma unroll
      for (int p = 0; p < POWERS; ++p) {
        const double kappa = cumulants[p * (i64)n_spins + i];
#pragma unroll
        for (int r = 0; r < ROWS; ++r) {
          power[r] *= (double)own.row[r];
          c[p][r] += power[r] * kappa;
        }
      }
    }
  }
#endif

  // B_n = sum_k C(n-1, k-1) c_k B_{n-k} of row r of the ROWS.
  __device__ void bell(const double (&c)[POWERS][ROWS], int r, double (&b)[ORDER + 1]) const {
    b[0] = 1.0;
#pragma unroll
    for (int n = 1; n <= ORDER; ++n) {
      b[n] = 0.0;
#pragma unroll
      for (int k = 1; k <= n; ++k) {
#ifdef BINARY
        const double own = k & 1 ? c[k >> 1][r] : common[k - 1];
#else
        const double own = c[k - 1][r];
#endif
        b[n] += binomial(n - 1, k - 1) * own * b[n - k];
      }
    }
  }

  // The values of all rows of the tile; rows past the last add nothing.
  __device__ void fill(double (&totals)[ORDER + 1]) const {
#pragma unroll 1
    for (int at = threadIdx.x * ROWS; at < TILE; at += blockDim.x * ROWS) {
      double c[POWERS][ROWS];
      if (first + at < n_rows) overlaps(first + at, c);
#pragma unroll
      for (int r = 0; r < ROWS; ++r) {
        const bool real = first + at + r < n_rows;
        double b[ORDER + 1];
        if (real) bell(c, r, b);
#pragma unroll
        for (int k = 0; k <= ORDER; ++k)
          if (real) totals[k] += b[ORDER - k];
#pragma unroll
        for (int p = 0; p < POWERS; ++p)
          values[p * TILE + at + r] = real ? b[ORDER - exponent(p)] : 0.0;
      }
    }
  }

#ifdef BINARY
  // Sums of the values over the set bits of sites site, site + step, ...
  __device__ void add(int part, int site, int step, double (&sums)[POWERS][SITES]) const {
#pragma unroll 1
    for (int w = part; w < TILE / 32; w += PARTS) {
      const i64 at = first / 32 + w;
      if (at >= width) break;
      u32 word[SITES];
#pragma unroll
      for (int s = 0; s < SITES; ++s) {
        const int i = site + s * step;
        word[s] = i < n_spins ? ((const u32*)rows)[i * width + at] : 0u;
      }
#pragma unroll 4
      for (int b = 0; b < 32; ++b) {
#pragma unroll
        for (int p = 0; p < POWERS; ++p) {
          const double value = values[p * TILE + 32 * w + b];
#pragma unroll
          for (int s = 0; s < SITES; ++s)
            if ((word[s] >> b) & 1u) sums[p][s] += value;
        }
      }
    }
  }
#else
  __device__ void add(int part, int site, int step, double (&sums)[POWERS][SITES]) const {
#pragma unroll 1
    for (int at = part * ROWS; at < TILE; at += PARTS * ROWS) {
      if (first + at >= width) break;
#pragma unroll
      for (int s = 0; s < SITES; ++s) {
        const int i = site + s * step;
        if (i >= n_spins) continue;
        const Chunk own = chunk(i, first + at);
#pragma unroll
        for (int r = 0; r < ROWS; ++r) {
          const double x = (double)own.row[r];
          double power = 1.0;
#pragma unroll
          for (int p = 0; p < POWERS; ++p) {
            power *= x;
            sums[p][s] += power * values[p * TILE + at + r];
          }
        }
      }
    }
  }
#endif
};

// partial: (chain, slice, PARTS, POWERS, spin); totals: (chain, slice, ORDER + 1).
extern "C" __global__ void __launch_bounds__(THREADS, 2)
row_sums(const void* rows, i64 n_rows, i64 width, int n_spins, const int* samples,
         const double* cumulants, const double* common, int n_chains, int n_slices,
         double* partial, double* totals) {
  // Chains of one slice run beside each other and share its rows through the cache.
  const i64 chain = blockIdx.x % n_chains, slice = blockIdx.x / n_chains;
  const i64 n_tiles = (n_rows + TILE - 1) / TILE;
  const i64 begin = slice * n_tiles / n_slices, end = (slice + 1) * n_tiles / n_slices;
  const i64 own = chain * n_slices + slice;
#ifdef BINARY
  const void* sample = (const u32*)rows + (i64)samples[chain] * n_spins * width;
#else
  const void* sample = (const ENTRY*)rows + (i64)samples[chain] * n_spins * width;
#endif
  Tile tile{sample, cumulants + chain * ORDER * n_spins, common + chain * ORDER, block_memory,
            n_rows, width, 0, n_spins};
  partial += own * PARTS * POWERS * n_spins;
  double mine[ORDER + 1] = {};
  const int step = (n_spins + SITES - 1) / SITES;
  for (i64 t = begin; t < end; ++t) {
    tile.first = t * TILE;
    tile.fill(mine);
    __syncthreads();
#pragma unroll 1
    for (int item = threadIdx.x; item < PARTS * step; item += blockDim.x) {
      const int part = item / step, site = item % step;
      double sums[POWERS][SITES] = {};
      tile.add(part, site, step, sums);
#pragma unroll
      for (int p = 0; p < POWERS; ++p)
#pragma unroll
        for (int s = 0; s < SITES; ++s) {
          const int i = site + s * step;
          if (i >= n_spins) continue;
          double& sum = partial[(part * POWERS + p) * (i64)n_spins + i];
          sum = t == begin ? sums[p][s] : sum + sums[p][s];
        }
    }
    __syncthreads();
  }
  for (int k = 0; k <= ORDER; ++k) block_memory[k * blockDim.x + threadIdx.x] = mine[k];
  __syncthreads();
  for (int k = threadIdx.x; k <= ORDER; k += blockDim.x) {
    double total = 0.0;
    for (int t = 0; t < (int)blockDim.x; ++t) total += block_memory[k * blockDim.x + t];
    totals[own * (ORDER + 1) + k] = total;
  }
}

// fields: (chain, ORDER + 1, spin): entry 0 the sum of B_P on every site, else sum k.
extern "C" __global__ void __launch_bounds__(THREADS)
add_slices(const double* partial, const double* totals, int n_spins, i64 n_chains, int n_slices,
           double* fields) {
  const i64 n_items = n_chains * (ORDER + 1) * n_spins;
  for (i64 at = (i64)blockIdx.x * blockDim.x + threadIdx.x; at < n_items;
       at += (i64)gridDim.x * blockDim.x) {
    const i64 chain = at / n_spins / (ORDER + 1);
    const int k = (int)(at / n_spins % (ORDER + 1)), i = (int)(at % n_spins);
    double total = 0.0, sum = 0.0;
    for (int slice = 0; slice < n_slices; ++slice) {
      const i64 own = chain * n_slices + slice;
      total += totals[own * (ORDER + 1) + k];
      for (int p = 0; p < POWERS; ++p)
        for (int part = 0; part < PARTS && exponent(p) == k; ++part)
          sum += partial[((own * PARTS + part) * POWERS + p) * n_spins + i];
    }
#ifdef BINARY
    fields[at] = k & 1 ? 2.0 * sum - total : total;
#else
    fields[at] = k > 0 ? sum : total;
#endif
  }
}

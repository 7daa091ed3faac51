// The rows of hebbian/patterns.py made where they are used.  One thread makes one entry or
// one word of 32 rows of (sample, spin); keys are those of `hebbian.streams`, per sample.

struct Source {
  const u32 *pattern_keys, *example_keys;  // (sample, 2)
  u64 faithful;   // 2^32 (1 + r)/2: words below it are true copies
  u64 positive;   // 2^32 (1 - d)/2 of diluted archetypes; 0 means fair signs
  i64 n_examples;

  __device__ int archetype(i64 sample, int spin, i64 pattern) const {
    const u32* key = pattern_keys + 2 * sample;
    if (positive == 0) {
      u32 x[4] = {(u32)spin, (u32)(pattern / 128), 0u, 0u};
      philox(key[0], key[1], x);
      return (x[pattern % 128 / 32] >> (pattern % 32)) & 1u ? 1 : -1;
    }
    u32 x[4] = {(u32)spin, (u32)(pattern / 4), 0u, 0u};
    philox(key[0], key[1], x);
    const u64 word = x[pattern % 4];
    return word < positive ? 1 : word < 2 * positive ? -1 : 0;
  }

  // Signs of the examples 4 call ... 4 call + 3.
  __device__ void signs(i64 sample, int spin, i64 pattern, i64 call, int (&chi)[4]) const {
    const u32* key = example_keys + 2 * sample;
    u32 x[4] = {(u32)spin, (u32)pattern, (u32)call, 0u};
    philox(key[0], key[1], x);
    for (int a = 0; a < 4; ++a) chi[a] = x[a] < faithful ? 1 : -1;
  }

  // Entry `row` of the network that stores every example, or the archetypes (no examples).
  __device__ int single(i64 sample, int spin, i64 row) const {
    if (n_examples == 0) return archetype(sample, spin, row);
    const i64 pattern = row / n_examples, a = row % n_examples;
    int chi[4];
    signs(sample, spin, pattern, a / 4, chi);
    return chi[a % 4] * archetype(sample, spin, pattern);
  }

  __device__ i64 summed(i64 sample, int spin, i64 pattern) const {
    i64 total = 0;
    for (i64 first = 0; first < n_examples; first += 4) {
      int chi[4];
      signs(sample, spin, pattern, first / 4, chi);
      for (int a = 0; a < 4 && first + a < n_examples; ++a) total += chi[a];
    }
    return total * archetype(sample, spin, pattern);
  }
};

// Fair signs without examples take whole words of the generator.
__device__ inline u32 row_word(const Source& source, i64 sample, int spin, i64 word, i64 n_rows) {
  const i64 left = n_rows - 32 * word;
  if (left <= 0) return 0u;
  u32 bits = 0u;
  if (source.n_examples == 0 && source.positive == 0) {
    u32 x[4] = {(u32)spin, (u32)(word / 4), 0u, 0u};
    philox(source.pattern_keys[2 * sample], source.pattern_keys[2 * sample + 1], x);
    bits = x[word % 4];
  } else {
    for (int r = 0; r < 32 && r < left; ++r)
      bits |= (source.single(sample, spin, 32 * word + r) > 0 ? 1u : 0u) << r;
  }
  return left >= 32 ? bits : bits & ((1u << left) - 1u);
}

extern "C" __global__ void draw_bits(const u32* pattern_keys, const u32* example_keys,
                                     u64 faithful, u64 positive, i64 n_examples, i64 n_rows,
                                     int n_spins, int n_samples, u32* bits) {
  const Source source{pattern_keys, example_keys, faithful, positive, n_examples};
  const i64 n_words = 8 * ((n_rows + 255) / 256), total = n_samples * n_words * n_spins;
  for (i64 at = (i64)blockIdx.x * blockDim.x + threadIdx.x; at < total;
       at += (i64)gridDim.x * blockDim.x) {
    const i64 word = at % n_words, site = at / n_words;
    bits[at] = row_word(source, site / n_spins, (int)(site % n_spins), word, n_rows);
  }
}

// Rows of ENTRY, padded with zeros to `width`; `summed` adds the examples of an archetype.
extern "C" __global__ void draw_rows(const u32* pattern_keys, const u32* example_keys,
                                     u64 faithful, u64 positive, i64 n_examples, int summed,
                                     i64 n_rows, i64 width, int n_spins, int n_samples,
                                     ENTRY* rows) {
  const Source source{pattern_keys, example_keys, faithful, positive, n_examples};
  const i64 total = n_samples * width * n_spins;
  for (i64 at = (i64)blockIdx.x * blockDim.x + threadIdx.x; at < total;
       at += (i64)gridDim.x * blockDim.x) {
    const i64 row = at % width, site = at / width, sample = site / n_spins;
    const int spin = (int)(site % n_spins);
    rows[at] = row >= n_rows ? 0
               : summed      ? (ENTRY)source.summed(sample, spin, row)
                             : (ENTRY)source.single(sample, spin, row);
  }
}

// Sums of row^2 over rows for every spin of every sample: what a spin adds to its own field.
// A warp takes a spin.
extern "C" __global__ void sum_squares(const ENTRY* rows, i64 width, i64 n_sites, i64* squares) {
  const i64 thread = (i64)blockIdx.x * blockDim.x + threadIdx.x;
  for (i64 site = thread / WARP; site < n_sites; site += (i64)gridDim.x * blockDim.x / WARP) {
    i64 total = 0;
    for (i64 row = thread % WARP; row < width; row += WARP) {
      const i64 c = rows[site * width + row];
      total += c * c;
    }
    for (int offset = WARP / 2; offset > 0; offset /= 2)
      total += __shfl_xor_sync(0xFFFFFFFFu, total, offset);
    if (thread % WARP == 0) squares[site] = total;
  }
}

// Even power sums of every row: even[sample, k - 1, row] = sum_i row_i^(2 k), k = 1 ... half.
extern "C" __global__ void sum_powers(const ENTRY* rows, i64 width, int n_spins, int n_samples,
                                      int half, double* even) {
  for (i64 at = (i64)blockIdx.x * blockDim.x + threadIdx.x; at < n_samples * width;
       at += (i64)gridDim.x * blockDim.x) {
    const i64 sample = at / width, row = at % width;
    for (int k = 0; k < half; ++k) {
      double total = 0.0;
      for (int i = 0; i < n_spins; ++i) {
        const double c = (double)rows[(sample * n_spins + i) * width + row];
        double power = c * c;
        for (int factor = 0; factor < k; ++factor) power *= c * c;
        total += power;
      }
      even[(sample * half + k) * width + row] = total;
    }
  }
}

// Rows +-1: packed bits, and the level u = (M + N)/2 of every row of a chain.
// One chunk is ROWS rows of one thread; LEVEL holds 0..N, VALUE the tabulated interaction,
// SUM a thread's share of a field.

constexpr bool TOTALS = true;  // besides the fields: the sums of A and of B over rows

struct Network {
  const u32* bits;  // (spin, word) of 32 rows; bits past the last row are 0
  const VALUE *signed_table, *common_table;
  const double* interaction;
  LEVEL* levels;
  double weight, field_weight;
  i64 n_rows, n_words;
  int n_spins;

  __device__ Network(const void* rows, const void* first, const void* second, const double* third,
                     double weight_, double field_weight_, i64 n_rows_, int n_spins_, i64 sample,
                     i64 chain, void* state, double*, bool)
      : signed_table((const VALUE*)first), common_table((const VALUE*)second), interaction(third),
        weight(weight_), field_weight(field_weight_), n_rows(n_rows_),
        n_words(2 * ((n_rows_ + 63) / 64)), n_spins(n_spins_) {
    bits = (const u32*)rows + sample * n_spins * n_words;
    levels = (LEVEL*)state + chain * 32 * n_words;
  }

  __device__ i64 n_chunks() const { return n_words * (32 / ROWS); }

#ifdef TABLES_IN_SHARED_MEMORY
  __device__ void stage(char* memory) {
    VALUE* copy = (VALUE*)memory;
    for (int u = threadIdx.x; u <= n_spins; u += blockDim.x) {
      copy[u] = signed_table[u];
      copy[n_spins + 1 + u] = common_table[u];
    }
    signed_table = copy;
    common_table = copy + n_spins + 1;
  }
#else
  __device__ void stage(char*) {}
#endif

  struct alignas(sizeof(LEVEL) * ROWS < 16 ? sizeof(LEVEL) * ROWS : 16) Chunk {
    LEVEL level[ROWS];
  };

  __device__ u32 chunk_bits(int site, i64 chunk) const {
    const i64 row = chunk * ROWS;
    return bits[site * n_words + (row >> 5)] >> (row & 31);
  }

  __device__ u32 valid(i64 chunk) const {
    const i64 left = n_rows - chunk * ROWS;
    return left >= 32 ? 0xFFFFFFFFu : left <= 0 ? 0u : (1u << left) - 1u;
  }

  __device__ void prepare(i64 start, i64 step, const signed char* spins) {
    for (i64 chunk = start; chunk < n_chunks(); chunk += step) {
      u32 count[ROWS] = {};
      const u32 mask = valid(chunk);
      for (int i = 0; i < n_spins; ++i) {
        const u32 agree = (spins[i] > 0 ? chunk_bits(i, chunk) : ~chunk_bits(i, chunk)) & mask;
#pragma unroll
        for (int r = 0; r < ROWS; ++r) count[r] += (agree >> r) & 1u;
      }
      Chunk own;
#pragma unroll
      for (int r = 0; r < ROWS; ++r) own.level[r] = (LEVEL)count[r];
      ((Chunk*)levels)[chunk] = own;
    }
  }

  // Carries a pending flip into the rows and sums A over the set bits of W sites.
  template <int W>
  __device__ void pass(i64 start, i64 step, Flip flip, const int* sites, int n,
                       const signed char*, SUM (&sums)[W + 2]) {
    for (i64 chunk = start; chunk < n_chunks(); chunk += step) {
      u32 word[W + 1];
#pragma unroll
      for (int j = 0; j < W; ++j) word[j] = j < n ? chunk_bits(sites[j], chunk) : 0u;
      Chunk own = ((const Chunk*)levels)[chunk];
      if (flip.pending()) {
        const u32 mask = valid(chunk), turned = flip.site < 0 ? 0u : chunk_bits(flip.site, chunk);
        const int change = flip.site < 0 ? 0 : flip.spin;
        SUM first = 0, second = 0;
#pragma unroll
        for (int r = 0; r < ROWS; ++r) {
          if ((mask >> r) & 1u) {
            own.level[r] += (LEVEL)((turned >> r) & 1u ? -change : change);
            first += signed_table[own.level[r]];
            second += common_table[own.level[r]];
          }
        }
        ((Chunk*)levels)[chunk] = own;
        sums[W] += first;
        sums[W + 1] += second;
      }
      if (W > 0) {
        VALUE part[W + 1] = {};
#pragma unroll
        for (int r = 0; r < ROWS; ++r) {
          const VALUE a = signed_table[own.level[r]];
#pragma unroll
          for (int j = 0; j < W; ++j)
            if (word[j] & (1u << r)) part[j] += a;
        }
#pragma unroll
        for (int j = 0; j < W; ++j) sums[j] += part[j];
      }
    }
  }

  __device__ double field(TOTAL positive, TOTAL first, TOTAL second, int, int s) const {
    const TOTAL total = 2 * positive - first - s * second;
    return field_weight * (double)total;
  }

  __device__ double row_energy(i64 start, i64 step) const {
    double total = 0.0;
    for (i64 chunk = start; chunk < n_chunks(); chunk += step)
      for (int r = 0; r < ROWS && chunk * ROWS + r < n_rows; ++r)
        total += interaction[levels[chunk * ROWS + r]];
    return total;
  }
  __device__ double energy(double total) const { return -weight * total; }
};

// Integer rows with a two-body interaction: the overlap M of every row of a chain.

constexpr bool TOTALS = false;

struct Network {
  const ENTRY* rows;  // (spin, row), padded with zeros to a multiple of ROWS
  const i64* squares;
  double self_energy, weight, field_weight;
  int* overlaps;
  i64 width;
  int n_spins;

  __device__ Network(const void* all_rows, const void* first, const void*, const double* third,
                     double weight_, double field_weight_, i64 n_rows, int n_spins_, i64 sample,
                     i64 chain, void* state, double*)
      : squares((const i64*)first + sample * n_spins_), self_energy(third[sample]),
        weight(weight_), field_weight(field_weight_), width((n_rows + ROWS - 1) / ROWS * ROWS),
        n_spins(n_spins_) {
    rows = (const ENTRY*)all_rows + sample * n_spins * width;
    overlaps = (int*)state + chain * width;
  }

  __device__ i64 n_chunks() const { return width / ROWS; }
  __device__ void stage() const {}

  struct alignas(sizeof(ENTRY) * ROWS < 16 ? sizeof(ENTRY) * ROWS : 16) Chunk {
    ENTRY row[ROWS];
  };

  struct alignas(16) Overlaps {
    int row[ROWS];
  };

  __device__ Chunk chunk_rows(int site, i64 chunk) const {
    return ((const Chunk*)(rows + site * width))[chunk];
  }

  __device__ void prepare(i64 start, i64 step, const signed char* spins) {
    for (i64 chunk = start; chunk < n_chunks(); chunk += step) {
      Overlaps own = {};
      for (int i = 0; i < n_spins; ++i) {
        const Chunk site_rows = chunk_rows(i, chunk);
#pragma unroll
        for (int r = 0; r < ROWS; ++r) own.row[r] += spins[i] * (int)site_rows.row[r];
      }
      ((Overlaps*)overlaps)[chunk] = own;
    }
  }

  // Carries a pending flip into the overlaps and sums row * overlap for W sites.
  template <int W>
  __device__ void pass(const Team& team, Flip flip, const int* sites, int n,
                       const signed char*) {
    SUM sums[W + 1] = {};
    for (i64 chunk = team.thread(); chunk < n_chunks(); chunk += team.threads()) {
      Overlaps own = ((const Overlaps*)overlaps)[chunk];
      if (flip.site >= 0) {
        const Chunk turned = chunk_rows(flip.site, chunk);
#pragma unroll
        for (int r = 0; r < ROWS; ++r) own.row[r] -= 2 * flip.spin * (int)turned.row[r];
        ((Overlaps*)overlaps)[chunk] = own;
      }
#pragma unroll
      for (int j = 0; j < W; ++j) {
        if (j < n) {
          const Chunk site_rows = chunk_rows(sites[j], chunk);
#pragma unroll
          for (int r = 0; r < ROWS; ++r) sums[j] += (SUM)site_rows.row[r] * own.row[r];
        }
      }
    }
    if constexpr (W > 0) team.share<W>(sums, 0);
  }

  __device__ double field(TOTAL sum, TOTAL, TOTAL, int site, int s) const {
    const TOTAL total = sum - s * squares[site];
    return field_weight * (double)total;
  }

  __device__ double row_energy(i64 start, i64 step) const {
    double total = 0.0;
    for (i64 chunk = start; chunk < n_chunks(); chunk += step)
      for (i64 row = chunk * ROWS; row < (chunk + 1) * ROWS; ++row)
        total += (double)overlaps[row] * (double)overlaps[row];
    return total;
  }
  __device__ double energy(double total) const { return -weight * HALF * (total - self_energy); }
};

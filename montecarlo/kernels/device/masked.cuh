// Fields of rows +-1 by masked additions of tabulated values, a thread four rows at a time:
// for interactions in floating point, and for devices that multiply no matrices of bytes.
// VALUE holds the tabulated interaction, SUM a thread's share of a field.

struct Network : BinaryRows {
  __device__ Network(const void* rows, const void* first, const void* second, const double* third,
                     double weight, double field_weight, i64 n_rows, int n_spins, i64 sample,
                     i64 chain, void* state, double*)
      : BinaryRows(rows, first, second, third, weight, field_weight, n_rows, n_spins, sample,
                   chain, state) {}

  __device__ void stage() const { stage_tables(); }

  struct alignas(4 * sizeof(LEVEL)) Four {
    LEVEL level[4];
  };

  // Four bits of a site, one a byte.
  __device__ u32 four_bits(int site, i64 four) const {
    return (bits[site * n_words + four / 8] >> (four % 8)) & EACH_BYTE;
  }

  // Carries a pending flip into the rows and sums A over the set bits of W sites.
  template <int W>
  __device__ void pass(const Team& team, Flip flip, const int* sites, int n, const signed char*) {
    SUM sums[W + 1] = {}, totals[2] = {};
    for (i64 four = team.thread(); four < 8 * n_words; four += team.threads()) {
      Four own = ((const Four*)levels)[four];
      if (flip.pending()) {
        const u32 mask = valid(n_rows - four / 8 * 32) >> (four % 8);
        const u32 turned = flip.site < 0 ? 0u : four_bits(flip.site, four);
        const int change = flip.site < 0 ? 0 : flip.spin;
#pragma unroll
        for (int r = 0; r < 4; ++r) {
          if ((mask >> (8 * r)) & 1u) {
            own.level[r] += (LEVEL)((turned >> (8 * r)) & 1u ? -change : change);
            totals[0] += table_a()[own.level[r]];
            totals[1] += table_b()[own.level[r]];
          }
        }
        ((Four*)levels)[four] = own;
      }
      u32 word[W + 1];
#pragma unroll
      for (int j = 0; j < W; ++j) word[j] = j < n ? four_bits(sites[j], four) : 0u;
#pragma unroll
      for (int r = 0; r < 4 && W > 0; ++r) {
        const VALUE value = table_a()[own.level[r]];
#pragma unroll
        for (int j = 0; j < W; ++j)
          if (word[j] & (1u << (8 * r))) sums[j] += value;
      }
    }
    if constexpr (W > 0) team.share<W>(sums, 0);
    if (flip.pending()) team.share<2>(totals, WINDOW);
  }

  __device__ double field(TOTAL positive, TOTAL first, TOTAL second, int, int s) const {
    const TOTAL total = 2 * positive - first - s * second;
    return field_weight * (double)total;
  }
};

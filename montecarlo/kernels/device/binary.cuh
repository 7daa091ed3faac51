// Rows +-1: packed bits, and the level u = (M + N)/2 of every row of a chain.
//
// LEVEL holds 0..N.  The level of the row at bit 8 b + k of a word stands at 4 k + b of the 32
// levels of that word: four levels beside each other belong to the bits that
// (word >> k) & EACH_BYTE leaves, one a byte.

constexpr bool TOTALS = true;  // besides the fields: the sums of A and of B over rows
constexpr u32 EACH_BYTE = 0x01010101u;
constexpr int TILE = 8;  // words of a tile, 256 rows; words of a spin are padded to tiles

struct BinaryRows {
  const u32* bits;  // (spin, word) of 32 rows; bits past the last row are 0
  const VALUE *signed_table, *common_table;
  const double* interaction;
  LEVEL* levels;
  double weight, field_weight;
  i64 n_rows, n_words;
  int n_spins;

  __device__ BinaryRows(const void* rows, const void* first, const void* second,
                        const double* third, double weight_, double field_weight_, i64 n_rows_,
                        int n_spins_, i64 sample, i64 chain, void* state)
      : signed_table((const VALUE*)first), common_table((const VALUE*)second), interaction(third),
        weight(weight_), field_weight(field_weight_), n_rows(n_rows_),
        n_words((n_rows_ + 32 * TILE - 1) / (32 * TILE) * TILE), n_spins(n_spins_) {
    bits = (const u32*)rows + sample * n_spins * n_words;
    levels = (LEVEL*)state + chain * 32 * n_words;
  }

  // The bits of a word that are rows, where `left` rows are left.
  __device__ static u32 valid(i64 left) {
    return left >= 32 ? 0xFFFFFFFFu : left <= 0 ? 0u : (1u << left) - 1u;
  }

  // Entries of the tables, at a place that is known when this is compiled.
#ifdef TABLES_IN_SHARED_MEMORY
  __device__ static VALUE* staged() { return (VALUE*)((char*)block_memory + SHARED_BYTES); }
  __device__ const VALUE* table_a() const { return staged(); }
  __device__ const VALUE* table_b() const { return staged() + n_spins + 1; }
  __device__ int table_bytes() const { return 2 * (n_spins + 1) * sizeof(VALUE); }
  __device__ void stage_tables() const {
    for (int u = threadIdx.x; u <= n_spins; u += blockDim.x) {
      staged()[u] = signed_table[u];
      staged()[n_spins + 1 + u] = common_table[u];
    }
  }
#else
  __device__ const VALUE* table_a() const { return signed_table; }
  __device__ const VALUE* table_b() const { return common_table; }
  __device__ int table_bytes() const { return 0; }
  __device__ void stage_tables() const {}
#endif

  // A thread counts the spins that agree with 32 rows at a time, in binary digits: carry-save
  // adders take eight of them to one carry beyond the third digit.
  static constexpr int BYTES = sizeof(LEVEL) == 4 ? 3 : (int)sizeof(LEVEL);

  __device__ static void add(u32& carry, u32& digit, u32 a, u32 b) {
    const u32 differs = digit ^ a;
    carry = (digit & a) | (differs & b);
    digit = differs ^ b;
  }

  __device__ void prepare(i64 start, i64 step, const signed char* spins) {
    for (i64 word = start; word < n_words; word += step) {
      u32 digit[8 * BYTES] = {};
      for (int first = 0; first < n_spins; first += 8) {
        u32 agree[8];
#pragma unroll
        for (int j = 0; j < 8; ++j) {
          const int i = first + j < n_spins ? first + j : first;
          const u32 row_bits = bits[i * n_words + word];
          agree[j] = first + j >= n_spins ? 0u : spins[i] > 0 ? row_bits : ~row_bits;
        }
        u32 twos[4], fours[2], carry;
#pragma unroll
        for (int j = 0; j < 4; ++j) add(twos[j], digit[0], agree[2 * j], agree[2 * j + 1]);
#pragma unroll
        for (int j = 0; j < 2; ++j) add(fours[j], digit[1], twos[2 * j], twos[2 * j + 1]);
        add(carry, digit[2], fours[0], fours[1]);
#pragma unroll
        for (int p = 3; p < 8 * BYTES; ++p) {
          const u32 next = digit[p] & carry;
          digit[p] ^= carry;
          carry = next;
        }
      }
      const u32 mask = valid(n_rows - 32 * word);
      for (int k = 0; k < 8; ++k) {
        u32 byte[BYTES] = {};
#pragma unroll
        for (int p = 0; p < 8 * BYTES; ++p)
          byte[p / 8] |= (((digit[p] & mask) >> k) & EACH_BYTE) << (p % 8);
#pragma unroll
        for (int b = 0; b < 4; ++b) {
          u32 level = 0;
#pragma unroll
          for (int q = 0; q < BYTES; ++q) level |= ((byte[q] >> (8 * b)) & 0xFFu) << (8 * q);
          levels[32 * word + 4 * k + b] = (LEVEL)level;
        }
      }
    }
  }

  __device__ double row_energy(i64 start, i64 step) const {
    double total = 0.0;
    for (i64 at = start; at < 32 * n_words; at += step) {
      const i64 row = at / 32 * 32 + at % 4 * 8 + at % 32 / 4;
      if (row < n_rows) total += interaction[levels[at]];
    }
    return total;
  }
  __device__ double energy(double total) const { return -weight * total; }
};

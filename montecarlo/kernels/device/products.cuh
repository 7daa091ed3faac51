// Fields of rows +-1 as products of matrices of bytes.
//
// A warp takes a tile of 256 rows and 16 sites at a time.  The sum over rows of a bit times
// the value A(u) of the row is, byte by byte of A, the product of a (16 x 256) matrix of bits
// and a (256 x 8) matrix: its first PLANES columns are the bytes of A less its least value,
// `offset`, the next one is ones, for what was taken off.  A bit is a byte 2^k of the words as
// they are, (word & EACH_BYTE << k), so that four sums for k = 0 ... 3 are kept apart and
// shifted at the end; words are shifted once for k = 4 ... 7.  With LINEAR values A(u) is
// unit u + offset, and the bytes are those of u.  Sums are exact modulo 2^64, and so are fields.
//
// Lane 4 g + t holds words 2 t and 2 t + 1 of a tile: the bits of sites g and g + 8, the values
// of the rows at bits k = g, and column g of the second matrix, for which the lanes of a warp
// trade values through shared memory.

constexpr int SUMS = 4;            // k = 0 ... 3
constexpr int FLUSH = 1 << 14;     // tiles whose sums fit 31 bits
constexpr int LANE_STRIDE = 24;    // of t in the traded bytes, 16 of them used: other banks
constexpr int PLANE_STRIDE = 100;  // of a plane
static_assert(2LL * 32 * 255 * 8 * FLUSH < 1LL << 31, "sums of a tile do not fit");

#ifdef __CUDACC__
// Adds to a (16 x 8) matrix the product of a (16 x 32) and a (32 x 8) matrix of bytes, which
// the lanes of a warp hold as PTX lays out for mma.m16n8k32.
__device__ inline void multiply_bytes(int (&sums)[4], u32 a0, u32 a1, u32 a2, u32 a3, u32 b0,
                                      u32 b1) {
  asm volatile(
      "mma.sync.aligned.m16n8k32.row.col.s32.u8.u8.s32 "
      "{%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+r"(sums[0]), "+r"(sums[1]), "+r"(sums[2]), "+r"(sums[3])
      : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
}
#endif

struct Network : BinaryRows {
  u64 offset, unit;
  u64 more_a, more_b;  // what the sums of A and of B lack; padding has bits 0 and level 0

  __device__ Network(const void* rows, const void* first, const void* second, const double* third,
                     double weight, double field_weight, i64 n_rows, int n_spins, i64 sample,
                     i64 chain, void* state, double*)
      : BinaryRows(rows, first, second, third, weight, field_weight, n_rows, n_spins, sample,
                   chain, state),
        offset((u64)(i64)signed_table[n_spins + 1]), unit((u64)(i64)signed_table[n_spins + 2]) {
#ifdef LINEAR
    more_a = offset * (u64)n_rows;
    more_b = (u64)(i64)common_table[0] * (u64)n_rows;
#else
    const u64 padding = 32 * n_words - n_rows;
    more_a = offset * (u64)n_rows - padding * (u64)(i64)signed_table[0];
    more_b = 0 - padding * (u64)(i64)common_table[0];
#endif
  }

  // Columns of ones and of zeros, 16 words each; then the weights of the columns, and behind
  // them what warps trade.
  __device__ u32* constant() const {
    return (u32*)((char*)block_memory + SHARED_BYTES + (table_bytes() + 15) / 16 * 16);
  }

  __device__ void stage() const {
    stage_tables();
    for (int j = threadIdx.x; j < 32; j += blockDim.x) constant()[j] = j < 16 ? EACH_BYTE : 0u;
    for (int c = threadIdx.x; c < 8; c += blockDim.x)
      weights()[c] = c < PLANES ? unit << (8 * c) : c == PLANES ? offset : 0;
  }

  __device__ static int group() { return threadIdx.x % WARP / 4; }
  __device__ static int column_pair() { return threadIdx.x % 4; }

  // (PLANES, t, k, word): the bytes of four values each, of this warp.
  __device__ u32* traded() const {
    return constant() + 48 + threadIdx.x / WARP * PLANES * PLANE_STRIDE +
           column_pair() * LANE_STRIDE;
  }

  // This lane's column of the second matrix: (k, word).
  __device__ const u32* column() const {
    return group() < PLANES    ? traded() + group() * PLANE_STRIDE
           : group() == PLANES ? constant()
                               : constant() + 16;
  }

  __device__ u64* weights() const { return (u64*)(constant() + 32); }

  // The levels of four rows.
  struct alignas(4 * sizeof(LEVEL)) Four {
    u32 word[sizeof(LEVEL)];
  };

  // Four bytes in the places of four levels: word h of them.
  __device__ static u32 spread(u32 bytes, int h) {
    if constexpr (sizeof(LEVEL) == 1) return bytes;
    return __byte_perm(bytes, 0u, h ? 0x4342 : 0x4140);
  }

  // The entry of a table for one of four rows.  A product of bytes makes the address: the
  // logical instructions are what a tile waits for.
  __device__ static VALUE entry(const VALUE* table, const Four& own, int b) {
    constexpr u32 size = sizeof(VALUE);
    u32 at;
    if constexpr (sizeof(LEVEL) == 1) at = __dp4a(own.word[0], size << (8 * b), 0u);
    else at = __dp2a_lo(own.word[b / 2], size << (b % 2 * 8), 0u);
    return *(const VALUE*)((const char*)table + at);
  }
  __device__ VALUE a(const Four& own, int b) const { return entry(table_a(), own, b); }
  __device__ VALUE b(const Four& own, int r) const { return entry(table_b(), own, r); }

  // Bytes q = 0 ... 3 of four words, each in one word.
  __device__ static void transpose(const u32 (&v)[4], u32* bytes) {
    const u32 low0 = __byte_perm(v[0], v[1], 0x5140), low1 = __byte_perm(v[2], v[3], 0x5140);
    const u32 high0 = __byte_perm(v[0], v[1], 0x7362), high1 = __byte_perm(v[2], v[3], 0x7362);
    bytes[0] = __byte_perm(low0, low1, 0x5410);
    bytes[1] = __byte_perm(low0, low1, 0x7632);
    bytes[2] = __byte_perm(high0, high1, 0x5410);
    bytes[3] = __byte_perm(high0, high1, 0x7632);
  }

  // The bytes of the values of four rows.
  __device__ void planes(const Four& own, u32 (&bytes)[8]) const {
#ifdef LINEAR
    if constexpr (sizeof(LEVEL) == 1) {
      bytes[0] = own.word[0];
    } else {
      bytes[0] = __byte_perm(own.word[0], own.word[1], 0x6420);
      bytes[1] = __byte_perm(own.word[0], own.word[1], 0x7531);
    }
#else
    u32 low[4], high[4] = {};
#pragma unroll
    for (int b = 0; b < 4; ++b) {
      const VALUE value = a(own, b);
      low[b] = (u32)value;
      if constexpr (PLANES > 4) high[b] = (u32)((u64)value >> 32);
    }
    transpose(low, bytes);
    if constexpr (PLANES > 4) transpose(high, bytes + 4);
#endif
  }

  // Carries the flip of `spin`, or none if that is 0, into those of four rows that are `real`,
  // and adds up what the field of every spin needs of them.
  __device__ void turn(Four& own, u32 real, u32 turned, u32 spin, u64 (&totals)[2]) const {
#pragma unroll
    for (int h = 0; h < (int)sizeof(LEVEL); ++h)
      own.word[h] += spin * (spread(real, h) - 2 * spread(turned, h));
#ifdef LINEAR
    if constexpr (sizeof(LEVEL) == 1) totals[0] += __dp4a(own.word[0], EACH_BYTE, 0u);
    else totals[0] += __dp2a_lo(own.word[0], EACH_BYTE, __dp2a_lo(own.word[1], EACH_BYTE, 0u));
#else
    VALUE first = 0, second = 0;
#pragma unroll
    for (int r = 0; r < 4; ++r) {
      first += a(own, r);
      second += b(own, r);
    }
    totals[0] += (u64)(i64)first;
    totals[1] += (u64)(i64)second;
#endif
  }

  struct alignas(8) Words {
    u32 x, y;
  };

  // This lane's words of a site in the warp's first tile.
  __device__ const Words* words(const Team& team, int site) const {
    const u32* own = in_global(bits) + (i64)site * (int)n_words;
    return (const Words*)own + team.warp() * (TILE / 2) + column_pair();
  }

  // Adds the products of one tile.
  __device__ void multiply(int (&sums)[SUMS][4], const Four (&own)[2], Words low, Words high,
                           u32* mine, const u32* column) const {
    u32 bytes[2][8];
    planes(own[0], bytes[0]);
    planes(own[1], bytes[1]);
#pragma unroll
    for (int p = 0; p < PLANES; ++p)
      *(Words*)(mine + p * PLANE_STRIDE) = {bytes[0][p], bytes[1][p]};
    __syncwarp();
    struct alignas(16) Column {
      u32 word[8][2];
    };
    const Column right = *(const Column*)column;
    __syncwarp();
#pragma unroll
    for (int half = 0; half < 2; ++half) {
#pragma unroll
      for (int k = 0; k < SUMS; ++k) {
        const u32 mask = EACH_BYTE << k;
        multiply_bytes(sums[k], low.x & mask, high.x & mask, low.y & mask, high.y & mask,
                       right.word[4 * half + k][0], right.word[4 * half + k][1]);
      }
      low.x >>= 4, low.y >>= 4, high.x >>= 4, high.y >>= 4;
    }
  }

  __device__ void add_shifted(u64 (&fields)[2], const int (&sums)[SUMS][4]) const {
    u64 entry[4] = {};
#pragma unroll
    for (int k = 0; k < SUMS; ++k)
#pragma unroll
      for (int c = 0; c < 4; ++c) entry[c] += (u32)sums[k][c] >> k;
    const u64 first = weights()[2 * column_pair()], second = weights()[2 * column_pair() + 1];
    fields[0] += entry[0] * first + entry[1] * second;
    fields[1] += entry[2] * first + entry[3] * second;
  }

  // Carries a pending flip into the rows and sums A over the set bits of n <= W sites.  What
  // the next tile needs is on its way while one is worked at.
  template <int W>
  __device__ void pass(const Team& team, Flip flip, const int* sites, int n, const signed char*) {
    const int g = group(), warp = team.warp(), step = team.warps();
    const int n_tiles = (int)n_words / TILE, rows = (int)n_rows;
    const u32 spin = flip.site >= 0 ? flip.spin : 0;
    int tile = warp;
    const bool pending = flip.pending(), flipped = flip.site >= 0;
    const Words* low = words(team, W > 0 ? sites[g < n ? g : 0] : 0);
    const Words* high = words(team, W > 0 ? sites[g + 8 < n ? g + 8 : 0] : 0);
    const Words* turned = words(team, flipped ? flip.site : 0);
    Four* place = (Four*)in_global(levels) + (i64)(warp * TILE + 2 * column_pair()) * 8 + g;
    u32* const mine = traded() + 2 * g;
    const u32* const right = column();

    Four next[2] = {};
    Words next_low = {}, next_high = {}, next_turned = {};
    const auto load = [&] {
      next[0] = place[0];
      next[1] = place[8];
      if (W > 0) next_low = *low, next_high = *high;
      if (flipped) next_turned = *turned;
    };
    if (tile < n_tiles) load();

    u64 fields[2] = {}, totals[2] = {};
    while (tile < n_tiles) {
      int sums[SUMS][4] = {};
      const int end = tile + FLUSH * step < n_tiles ? tile + FLUSH * step : n_tiles;
      for (; tile < end; tile += step) {
        Four own[2] = {next[0], next[1]};
        const Words own_low = next_low, own_high = next_high, own_turned = next_turned;
        Four* const own_place = place;
        const i64 stride = tile + step < n_tiles ? step * (TILE / 2) : 0;  // or once again
        place += 16 * stride;
        low += stride, high += stride, turned += stride;
        load();
        if (pending) {
          Words real = {EACH_BYTE, EACH_BYTE};
          if (tile == n_tiles - 1) {
            const int left = rows - 32 * (TILE * tile + 2 * column_pair());
            real = {valid(left) >> g & EACH_BYTE, valid(left - 32) >> g & EACH_BYTE};
          }
          turn(own[0], real.x, own_turned.x >> g & EACH_BYTE, spin, totals);
          turn(own[1], real.y, own_turned.y >> g & EACH_BYTE, spin, totals);
          own_place[0] = own[0];
          own_place[8] = own[1];
        }
        if (W > 0) multiply(sums, own, own_low, own_high, mine, right);
      }
      if (W > 0) add_shifted(fields, sums);
    }
    if (W > 0) {
#pragma unroll
      for (int c = 0; c < 2; ++c) {
        fields[c] += __shfl_xor_sync(ALL_LANES, fields[c], 1);
        fields[c] += __shfl_xor_sync(ALL_LANES, fields[c], 2);
        if (column_pair() == 0) team.put(g + 8 * c, (i64)fields[c]);
      }
    }
    if (pending) team.share<2>(totals, WINDOW);
  }

  __device__ double field(i64 positive, i64 first, i64 second, int, int s) const {
    const u64 a = unit * (u64)first + more_a, b = (u64)second + more_b;
    const i64 total = (i64)(2 * (u64)positive - a - (u64)(i64)s * b);
    return field_weight * (double)total;
  }
};

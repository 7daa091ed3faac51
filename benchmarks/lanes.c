/* Heat bath of 32 chains of one network, a chain a lane: the yardstick of kernels that do so.
 *
 * Two-body networks of rows xi = 1, 0, -1: h_i = (sum_mu xi_i M_mu - k_i s_i) / N with k_i rows
 * that are not 0.  The rows of a site are listed, plus before minus, so that a row is added
 * whole, all lanes at once, in 16 bits as long as those hold the sum.  Where none is 0 half of
 * the rows are enough: with xi = 2 b - 1, B_mu = sum_j b_j s_j and S = sum_j s_j
 *
 *     sum_mu xi_i M_mu = 4 sum_{b_i = 1} B_mu - 2 sum_mu B_mu - (2 n_plus - K) S,
 *
 * and overlaps are the B_mu.  Random numbers are those of
 * montecarlo/kernels/shared/philox.py, four visits from a counter; u (1 + 2^y) < 1 in single
 * precision.
 */
#include "lanes.h"

#define ROUNDS 10

typedef struct {
  int64_t n;
  int64_t most;          /* rows whose sum 16 bits hold */
  const int64_t *starts; /* (n + 1,), of the rows of a site */
  const int64_t *plus;   /* (n,), how many of them are plus */
  const uint16_t *rows;
} network;

/* Keys of all rounds, even lanes apart from odd ones: a product of 32 bits takes 64. */
typedef struct {
  wide k0[ROUNDS][PARTS][2], k1[ROUNDS][PARTS][2];
} schedule;

static void expand(const uint32_t (*keys)[2], schedule *s) {
  for (int r = 0; r < ROUNDS; r++)
    for (int lane = 0; lane < CHAINS; lane++) {
      const int part = lane / WIDTH, odd = lane % 2, at = lane % WIDTH / 2;
      s->k0[r][part][odd][at] = (uint32_t)(keys[lane][0] + r * 0x9E3779B9u);
      s->k1[r][part][odd][at] = (uint32_t)(keys[lane][1] + r * 0xBB67AE85u);
    }
}

/* Words of the visits 4 c to 4 c + 3.  High halves of x hold what nothing reads. */
static inline void philox(const schedule *s, uint32_t c, uint64_t sweep, words out[4][PARTS]) {
  const wide zero = {0};
  wide x[4][PARTS][2];
  EVERY(part) for (int odd = 0; odd < 2; odd++) {
    x[0][part][odd] = zero + c;
    x[1][part][odd] = zero + (uint32_t)sweep;
    x[2][part][odd] = zero + (sweep >> 32);
    x[3][part][odd] = zero;
  }
#pragma GCC unroll 10
  for (int r = 0; r < ROUNDS; r++)
    EVERY(part) _Pragma("GCC unroll 2") for (int odd = 0; odd < 2; odd++) {
      const wide p0 = product(x[0][part][odd], 0xD2511F53);
      const wide p1 = product(x[2][part][odd], 0xCD9E8D57);
      x[0][part][odd] = (p1 >> 32) ^ x[1][part][odd] ^ s->k0[r][part][odd];
      x[2][part][odd] = (p0 >> 32) ^ x[3][part][odd] ^ s->k1[r][part][odd];
      x[1][part][odd] = p1;
      x[3][part][odd] = p0;
    }
  for (int visit = 0; visit < 4; visit++)
    EVERY(part) {
      const wide *pair = x[visit][part];
      out[visit][part] = (words)((pair[0] & 0xFFFFFFFF) | (pair[1] << 32));
    }
}

/* 2^y to 1e-7; far from 0 it may be any large or small number. */
static inline floats power_of_two(floats y) {
#ifdef __AVX512F__
  const floats whole = (floats)_mm512_roundscale_ps((__m512)y, 0);
#else
  for (int lane = 0; lane < WIDTH; lane++)
    y[lane] = y[lane] > 120 ? 120 : y[lane] < -120 ? -120 : y[lane];
  const floats shifted = y + 12582912.0f, whole = shifted - 12582912.0f;
#endif
  const floats f = y - whole;
  floats p = f * 1.339086336e-3f + 9.676031918e-3f;
  p = p * f + 5.550357114e-2f;
  p = p * f + 2.402210749e-1f;
  p = p * f + 6.931471880e-1f;
  p = p * f + 1.0f;
#ifdef __AVX512F__
  return (floats)_mm512_scalef_ps((__m512)p, (__m512)whole);
#else
  return (floats)((ints)p + ((ints)shifted << 23)); /* the low bits of shifted count from 0 */
#endif
}

/* 1 or -1, the spins that heat bath chooses; y = slope * sum. */
static inline ints heat_bath(ints sum, floats slope, words word) {
  const floats y = __builtin_convertvector(sum, floats) * slope;
  const floats u = __builtin_convertvector(word, floats) * 0x1p-32f + 0x1p-33f;
  return -1 - 2 * (u * power_of_two(y) + u < 1.0f);
}

/* Sum of listed rows. */
static inline void add(const uint16_t *row, const uint16_t *stop, int64_t most,
                       const pairs (*overlaps)[PAIRS], ints sum[PARTS]) {
  EVERY(part) sum[part] = (ints){0};
  while (row < stop) {
    const uint16_t *pause = stop - row > most ? row + most : stop;
    pairs few[PAIRS] = {{0}};
    for (; row < pause; row++) EVERY_TWO(pair) few[pair] += overlaps[*row][pair];
    EVERY(part) sum[part] += part_of(few[part / 2], part % 2);
  }
}

/* What the overlaps do not say: sums over rows and over sites, of networks without 0. */
typedef struct {
  ints rows[PARTS], sites[PARTS];
} totals;

/* sum_mu xi_i M_mu. */
static inline void field(const network *net, int64_t i, int binary, const pairs (*overlaps)[PAIRS],
                         const totals *total, ints sum[PARTS]) {
  const uint16_t *row = net->rows + net->starts[i], *stop = net->rows + net->starts[i + 1];
  const uint16_t *minus = row + net->plus[i];
  const int32_t balance = 2 * (minus - row) - (stop - row);
  ints a[PARTS], b[PARTS];
  add(row, minus, net->most, overlaps, a);
  if (binary) {
    EVERY(part) sum[part] = 4 * a[part] - 2 * total->rows[part] - balance * total->sites[part];
  } else {
    add(minus, stop, net->most, overlaps, b);
    EVERY(part) sum[part] = a[part] - b[part];
  }
}

/* A step is 0 where the lane keeps its spin. */
static inline void flip(const network *net, int64_t i, int binary, pairs (*overlaps)[PAIRS],
                        totals *total, const ints step[PARTS]) {
  const uint16_t *row = net->rows + net->starts[i], *stop = net->rows + net->starts[i + 1];
  const uint16_t *minus = row + net->plus[i];
  const int32_t n_plus = net->plus[i];
  pairs x[PAIRS];
  EVERY_TWO(pair) x[pair] = paired(step[2 * pair], step[2 * pair + 1]);
  for (; row < minus; row++) EVERY_TWO(pair) overlaps[*row][pair] += x[pair];
  if (binary)
    EVERY(part) {
      total->rows[part] += n_plus * step[part];
      total->sites[part] += step[part];
    }
  else
    for (; row < stop; row++) EVERY_TWO(pair) overlaps[*row][pair] -= x[pair];
}

static int64_t folded(const ints a[PARTS]) {
  int64_t sum = 0;
  for (int lane = 0; lane < CHAINS; lane++) sum += a[lane / WIDTH][lane % WIDTH];
  return sum;
}

static inline __attribute__((always_inline)) int64_t
sweeps(const network *net, int binary, const uint32_t (*keys)[2], const floats *given,
       bytes (*spins)[PARTS], pairs (*overlaps)[PAIRS], totals *kept, int64_t first,
       int64_t last) {
  schedule s;
  expand(keys, &s);
  floats slope[PARTS];
  totals total = *kept;
  ints flips[PARTS] = {{0}};
  EVERY(part) slope[part] = given[part];
  for (int64_t sweep = first; sweep < last; sweep++)
    for (int64_t block = 0; block < net->n; block += 4) {
      words word[4][PARTS];
      philox(&s, block / 4, sweep, word);
      const int64_t stop = block + 4 < net->n ? block + 4 : net->n;
      for (int64_t i = block; i < stop; i++) {
        const int32_t k = net->starts[i + 1] - net->starts[i];
        ints sum[PARTS], step[PARTS];
        field(net, i, binary, overlaps, &total, sum);
        EVERY(part) {
          const ints old = widened(spins[i][part]);
          step[part] = heat_bath(sum[part] - k * old, slope[part], word[i - block][part]) - old;
        }
        if (!any(step)) continue;
        EVERY(part) {
          spins[i][part] += narrowed(step[part]);
          flips[part] -= step[part] != 0;
        }
        flip(net, i, binary, overlaps, &total, step);
      }
    }
  *kept = total;
  return folded(flips);
}

int64_t lanes(int64_t n, int64_t most, int64_t binary, const int64_t *starts, const int64_t *plus,
              const uint16_t *rows, const uint32_t (*keys)[2], const floats *slope,
              bytes (*spins)[PARTS], pairs (*overlaps)[PAIRS], totals *total, int64_t first,
              int64_t last) {
  const network net = {n, most, starts, plus, rows};
  return binary ? sweeps(&net, 1, keys, slope, spins, overlaps, total, first, last)
                : sweeps(&net, 0, keys, slope, spins, overlaps, total, first, last);
}

/* Parts of a visit alone, returning what keeps the compiler from leaving them out. */

int64_t lanes_random(int64_t n, const uint32_t (*keys)[2], int64_t n_sweeps) {
  schedule s;
  expand(keys, &s);
  ints all[PARTS] = {{0}};
  for (int64_t sweep = 0; sweep < n_sweeps; sweep++)
    for (int64_t block = 0; block < n; block += 4) {
      words word[4][PARTS];
      philox(&s, block / 4, sweep, word);
      for (int visit = 0; visit < 4; visit++) EVERY(part) all[part] ^= (ints)word[visit][part];
    }
  return folded(all);
}

int64_t lanes_fields(int64_t n, int64_t most, int64_t binary, const int64_t *starts,
                     const int64_t *plus, const uint16_t *rows, const pairs (*overlaps)[PAIRS],
                     const totals *total, int64_t n_sweeps) {
  const network net = {n, most, starts, plus, rows};
  ints all[PARTS] = {{0}}, sum[PARTS];
  for (int64_t sweep = 0; sweep < n_sweeps; sweep++)
    for (int64_t i = 0; i < n; i++) {
      if (binary)
        field(&net, i, 1, overlaps, total, sum);
      else
        field(&net, i, 0, overlaps, total, sum);
      EVERY(part) all[part] ^= sum[part];
    }
  return folded(all);
}

/* Of n sites whose fields and words are given. */
int64_t lanes_acceptance(int64_t n, const floats *slope, const bytes (*spins)[PARTS],
                         const ints (*fields)[PARTS], const words (*word)[PARTS],
                         int64_t n_sweeps) {
  ints flips[PARTS] = {{0}};
  for (int64_t sweep = 0; sweep < n_sweeps; sweep++)
    for (int64_t i = 0; i < n; i++)
      EVERY(part) {
        const ints old = widened(spins[i][part]);
        flips[part] -= heat_bath(fields[i][part], slope[part], word[i][part]) != old;
      }
  return folded(flips);
}

/* Heat bath of 32 chains of one network, a chain a lane: the yardstick of kernels that do so.
 *
 * Two-body networks of rows 1, 0, -1: h_i = (sum_mu xi_i M_mu - k_i s_i) / N with k_i rows
 * that are not 0.  The rows of a site are listed, plus before minus, so that a row is added
 * whole, all lanes at once.  Where none is 0 a sum over plus rows is enough: the total over
 * all rows is kept.  Random numbers are those of montecarlo/kernels/shared/philox.py, four
 * visits from a counter; u (1 + 2^y) < 1 in single precision.
 */
#include <stdint.h>
#ifdef __AVX512F__
#include <immintrin.h>
#endif

#define CHAINS 32
#define ROUNDS 10

typedef int32_t ints __attribute__((vector_size(64)));
typedef uint32_t words __attribute__((vector_size(64)));
typedef uint64_t wide __attribute__((vector_size(64)));
typedef float floats __attribute__((vector_size(64)));
typedef int16_t shorts __attribute__((vector_size(32)));
typedef int8_t bytes __attribute__((vector_size(16)));

typedef struct {
  int64_t n;
  const int64_t *starts; /* (n + 1,), of the rows of a site */
  const int64_t *plus;   /* (n,), how many of them are plus */
  const uint16_t *rows;
} network;

/* The compiler takes a conversion over two sizes lane by lane. */
static inline ints widened(bytes x) {
#ifdef __AVX512F__
  return (ints)_mm512_cvtepi8_epi32((__m128i)x);
#else
  return __builtin_convertvector(__builtin_convertvector(x, shorts), ints);
#endif
}

static inline bytes narrowed(ints x) {
#ifdef __AVX512F__
  return (bytes)_mm512_cvtepi32_epi8((__m512i)x);
#else
  return __builtin_convertvector(__builtin_convertvector(x, shorts), bytes);
#endif
}

/* Keys of all rounds, even lanes apart from odd ones: a product of 32 bits takes 64. */
typedef struct {
  wide k0[ROUNDS][4], k1[ROUNDS][4];
} schedule;

static void expand(const uint32_t (*keys)[2], schedule *s) {
  for (int r = 0; r < ROUNDS; r++)
    for (int lane = 0; lane < CHAINS; lane++) {
      const int part = 2 * (lane / 16) + lane % 2, at = lane % 16 / 2;
      s->k0[r][part][at] = (uint32_t)(keys[lane][0] + r * 0x9E3779B9u);
      s->k1[r][part][at] = (uint32_t)(keys[lane][1] + r * 0xBB67AE85u);
    }
}

/* The product of the low halves. */
static inline wide product(wide x, uint32_t factor) {
#ifdef __AVX512F__
  return (wide)_mm512_mul_epu32((__m512i)x, _mm512_set1_epi64(factor));
#else
  return (x & 0xFFFFFFFF) * factor;
#endif
}

/* Words of the visits 4 c to 4 c + 3: out[visit][half of the lanes].  High halves of x hold
 * what nothing reads. */
static inline void philox(const schedule *s, uint32_t c, uint64_t sweep, words out[4][2]) {
  const wide zero = {0};
  wide x[4][4];
  for (int part = 0; part < 4; part++) {
    x[0][part] = zero + c;
    x[1][part] = zero + (uint32_t)sweep;
    x[2][part] = zero + (sweep >> 32);
    x[3][part] = zero;
  }
#pragma GCC unroll 10
  for (int r = 0; r < ROUNDS; r++)
#pragma GCC unroll 4
    for (int part = 0; part < 4; part++) {
      const wide p0 = product(x[0][part], 0xD2511F53), p1 = product(x[2][part], 0xCD9E8D57);
      x[0][part] = (p1 >> 32) ^ x[1][part] ^ s->k0[r][part];
      x[2][part] = (p0 >> 32) ^ x[3][part] ^ s->k1[r][part];
      x[1][part] = p1;
      x[3][part] = p0;
    }
#pragma GCC unroll 4
  for (int visit = 0; visit < 4; visit++)
#pragma GCC unroll 2
    for (int half = 0; half < 2; half++)
      out[visit][half] =
          (words)((x[visit][2 * half] & 0xFFFFFFFF) | (x[visit][2 * half + 1] << 32));
}

/* 2^y to 1e-7; far from 0 it may be any large or small number. */
static inline floats power_of_two(floats y) {
#ifdef __AVX512F__
  const floats whole = (floats)_mm512_roundscale_ps((__m512)y, 0);
#else
  for (int lane = 0; lane < 16; lane++)
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

static inline int any(ints a, ints b) {
#ifdef __AVX512F__
  return _mm512_test_epi32_mask((__m512i)(a | b), (__m512i)(a | b)) != 0;
#else
  const wide either = (wide)(a | b);
  uint64_t found = 0;
  for (int j = 0; j < 8; j++) found |= either[j];
  return found != 0;
#endif
}

/* sum_mu xi_i M_mu of both halves of the lanes. */
static inline void field(const network *net, int64_t i, int binary, const ints (*overlaps)[2],
                         const ints total[2], ints sum[2]) {
  const uint16_t *row = net->rows + net->starts[i], *stop = net->rows + net->starts[i + 1];
  const uint16_t *minus = row + net->plus[i];
  ints a = {0}, b = {0};
  for (; row < minus; row++) {
    a += overlaps[*row][0];
    b += overlaps[*row][1];
  }
  if (binary) {
    a = 2 * a - total[0];
    b = 2 * b - total[1];
  } else
    for (; row < stop; row++) {
      a -= overlaps[*row][0];
      b -= overlaps[*row][1];
    }
  sum[0] = a;
  sum[1] = b;
}

/* A step is 0 where the lane keeps its spin. */
static inline void flip(const network *net, int64_t i, ints (*overlaps)[2], ints total[2],
                        const ints step[2]) {
  const uint16_t *row = net->rows + net->starts[i], *stop = net->rows + net->starts[i + 1];
  const uint16_t *minus = row + net->plus[i];
  const int32_t balance = 2 * (minus - row) - (stop - row);
  const ints a = step[0], b = step[1];
  total[0] += balance * a;
  total[1] += balance * b;
  for (; row < minus; row++) {
    overlaps[*row][0] += a;
    overlaps[*row][1] += b;
  }
  for (; row < stop; row++) {
    overlaps[*row][0] -= a;
    overlaps[*row][1] -= b;
  }
}

static inline __attribute__((always_inline)) int64_t
sweeps(const network *net, int binary, const uint32_t (*keys)[2], const floats *given,
       bytes (*spins)[2], ints (*overlaps)[2], ints *totals, int64_t first, int64_t last) {
  schedule s;
  expand(keys, &s);
  const floats slope[2] = {given[0], given[1]};
  ints total[2] = {totals[0], totals[1]}, flips[2] = {{0}, {0}};
  for (int64_t sweep = first; sweep < last; sweep++)
    for (int64_t block = 0; block < net->n; block += 4) {
      words word[4][2];
      philox(&s, block / 4, sweep, word);
      const int64_t stop = block + 4 < net->n ? block + 4 : net->n;
      for (int64_t i = block; i < stop; i++) {
        const int32_t k = net->starts[i + 1] - net->starts[i];
        ints sum[2], step[2];
        field(net, i, binary, overlaps, total, sum);
        for (int half = 0; half < 2; half++) {
          const ints old = widened(spins[i][half]);
          step[half] = heat_bath(sum[half] - k * old, slope[half], word[i - block][half]) - old;
        }
        if (!any(step[0], step[1])) continue;
        for (int half = 0; half < 2; half++) {
          spins[i][half] += narrowed(step[half]);
          flips[half] -= step[half] != 0;
        }
        flip(net, i, overlaps, total, step);
      }
    }
  int64_t n_flips = 0;
  for (int half = 0; half < 2; half++) {
    totals[half] = total[half];
    for (int lane = 0; lane < 16; lane++) n_flips += flips[half][lane];
  }
  return n_flips;
}

int64_t lanes(int64_t n, int64_t binary, const int64_t *starts, const int64_t *plus,
              const uint16_t *rows, const uint32_t (*keys)[2], const floats *slope,
              bytes (*spins)[2], ints (*overlaps)[2], ints *totals, int64_t first, int64_t last) {
  const network net = {n, starts, plus, rows};
  return binary ? sweeps(&net, 1, keys, slope, spins, overlaps, totals, first, last)
                : sweeps(&net, 0, keys, slope, spins, overlaps, totals, first, last);
}

/* Parts of a visit alone, returning what keeps the compiler from leaving them out. */

static int64_t folded(const ints a[2]) {
  int64_t sum = 0;
  for (int lane = 0; lane < 16; lane++) sum += a[0][lane] + a[1][lane];
  return sum;
}

int64_t lanes_random(int64_t n, const uint32_t (*keys)[2], int64_t n_sweeps) {
  schedule s;
  expand(keys, &s);
  ints all[2] = {{0}, {0}};
  for (int64_t sweep = 0; sweep < n_sweeps; sweep++)
    for (int64_t block = 0; block < n; block += 4) {
      words word[4][2];
      philox(&s, block / 4, sweep, word);
      for (int visit = 0; visit < 4; visit++)
        for (int half = 0; half < 2; half++) all[half] ^= (ints)word[visit][half];
    }
  return folded(all);
}

int64_t lanes_fields(int64_t n, int64_t binary, const int64_t *starts, const int64_t *plus,
                     const uint16_t *rows, const ints (*overlaps)[2], const ints *total,
                     int64_t n_sweeps) {
  const network net = {n, starts, plus, rows};
  ints all[2] = {{0}, {0}}, sum[2];
  for (int64_t sweep = 0; sweep < n_sweeps; sweep++)
    for (int64_t i = 0; i < n; i++) {
      if (binary)
        field(&net, i, 1, overlaps, total, sum);
      else
        field(&net, i, 0, overlaps, total, sum);
      for (int half = 0; half < 2; half++) all[half] ^= sum[half];
    }
  return folded(all);
}

/* Of n sites whose fields and words are given. */
int64_t lanes_acceptance(int64_t n, const floats *slope, const bytes (*spins)[2],
                         const ints (*fields)[2], const words (*word)[2], int64_t n_sweeps) {
  ints flips[2] = {{0}, {0}};
  for (int64_t sweep = 0; sweep < n_sweeps; sweep++)
    for (int64_t i = 0; i < n; i++)
      for (int half = 0; half < 2; half++) {
        const ints old = widened(spins[i][half]);
        flips[half] -= heat_bath(fields[i][half], slope[half], word[i][half]) != old;
      }
  return folded(flips);
}

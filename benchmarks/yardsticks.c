/* Heat-bath sweeps written by hand in C: the yardsticks of the compiled kernels.
 *
 * hopfield: the field from the overlaps, int8 rows of a spin side by side, left to the
 * compiler's vectoriser.  dense4: P = 4, distinct sites, rows packed as bits and added
 * under masks.  Random numbers from xoshiro256+, acceptance from exp.
 */
#include <math.h>
#include <stdint.h>
#ifdef __AVX512F__
#include <immintrin.h>
#endif

static uint64_t state[4] = {0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 7};

static inline double uniform(void) {
  const uint64_t result = state[0] + state[3], t = state[1] << 17;
  state[2] ^= state[0];
  state[3] ^= state[1];
  state[1] ^= state[2];
  state[0] ^= state[3];
  state[2] ^= t;
  state[3] = (state[3] << 45) | (state[3] >> 19);
  return (result >> 11) * 0x1.0p-53;
}

#ifdef __AVX512F__
/* Sixteen 32-bit lanes added in pairs to eight of 64 bits. */
static inline __m512i pairs(__m512i x) {
  return _mm512_add_epi64(_mm512_cvtepi32_epi64(_mm512_castsi512_si256(x)),
                          _mm512_cvtepi32_epi64(_mm512_extracti64x4_epi64(x, 1)));
}
#endif

/* rows[i][mu]; h_i = (sum_mu xi_i M_mu - K s_i) / N */
int64_t hopfield(const int8_t *rows, int8_t *spins, int32_t *overlaps, int64_t n, int64_t k,
                 double T, int64_t sweeps) {
  int64_t flips = 0;
  for (int64_t sweep = 0; sweep < sweeps; sweep++)
    for (int64_t i = 0; i < n; i++) {
      const int8_t *row = rows + i * k;
      int32_t sum = 0;
      for (int64_t mu = 0; mu < k; mu++) sum += row[mu] * overlaps[mu];
      const double h = (double)(sum - k * spins[i]) / n;
      const int8_t s = uniform() < 1 / (1 + exp(-2 * h / T)) ? 1 : -1;
      if (s != spins[i]) {
        const int32_t change = 2 * s;
        for (int64_t mu = 0; mu < k; mu++) overlaps[mu] += change * row[mu];
        spins[i] = s;
        flips++;
      }
    }
  return flips;
}

/* The same with couplings kept (times N, whole numbers) and local fields maintained. */
int64_t hopfield_fields(const float *couplings, int8_t *spins, float *fields, int64_t n, double T,
                        int64_t sweeps) {
  int64_t flips = 0;
  for (int64_t sweep = 0; sweep < sweeps; sweep++)
    for (int64_t i = 0; i < n; i++) {
      const int8_t s = uniform() < 1 / (1 + exp(-2 * fields[i] / (n * T))) ? 1 : -1;
      if (s != spins[i]) {
        const float change = 2 * s, *row = couplings + i * n;
        for (int64_t j = 0; j < n; j++) fields[j] += change * row[j];
        spins[i] = s;
        flips++;
      }
    }
  return flips;
}

/* bits[i][w], M_mu in overlaps (int16), 3 A = M^3 - 3 (N - 2) M in values, both padded to
 * 64 words; common = sum_mu 3 B.  h_i = (scale / 6) (sum_mu eta_i 3 A - s_i sum_mu 3 B). */
int64_t dense4(const uint64_t *bits, int8_t *spins, int16_t *overlaps, int32_t *values, int64_t n,
               int64_t k, double scale, double T, int64_t sweeps) {
  const int64_t words = (k + 63) / 64, flush = 128;
  const int32_t linear = 8 - 3 * (int32_t)n;
  int64_t total = 0, squares = 0, flips = 0;
  for (int64_t r = 0; r < k; r++) {
    values[r] = overlaps[r] * (overlaps[r] * overlaps[r] + linear);
    total += values[r];
    squares += overlaps[r] * overlaps[r];
  }
  for (int64_t sweep = 0; sweep < sweeps; sweep++)
    for (int64_t i = 0; i < n; i++) {
      const uint64_t *row = bits + i * words;
      int64_t positive = 0;
      for (int64_t start = 0; start < words; start += flush) {
        const int64_t stop = start + flush < words ? start + flush : words;
#ifdef __AVX512F__
        __m512i a = _mm512_setzero_si512(), b = a, c = a, d = a;
        for (int64_t w = start; w < stop; w++) {
          const uint64_t word = row[w];
          const int32_t *v = values + 64 * w;
          a = _mm512_mask_add_epi32(a, (__mmask16)word, a, _mm512_loadu_si512(v));
          b = _mm512_mask_add_epi32(b, (__mmask16)(word >> 16), b, _mm512_loadu_si512(v + 16));
          c = _mm512_mask_add_epi32(c, (__mmask16)(word >> 32), c, _mm512_loadu_si512(v + 32));
          d = _mm512_mask_add_epi32(d, (__mmask16)(word >> 48), d, _mm512_loadu_si512(v + 48));
        }
        const __m512i sums[4] = {a, b, c, d};
        __m512i wide = _mm512_setzero_si512();
        for (int j = 0; j < 4; j++) wide = _mm512_add_epi64(wide, pairs(sums[j]));
        positive += _mm512_reduce_add_epi64(wide);
#else
        for (int64_t w = start; w < stop; w++)
          for (int j = 0; j < 64; j++)
            positive += values[64 * w + j] & -(int32_t)((row[w] >> j) & 1);
#endif
      }
      const int64_t common = 3 * squares + k * (linear - 2);
      const double h = scale / 6 * (double)(2 * positive - total - spins[i] * common);
      const int8_t s = uniform() < 1 / (1 + exp(-2 * h / T)) ? 1 : -1;
      if (s == spins[i]) continue;
      total = squares = 0;
#ifdef __AVX512BW__
      __m512i totals = _mm512_setzero_si512(), all_squares = totals;
#endif
      for (int64_t w = 0; w < words; w++) {
        const int64_t stop = 64 * (w + 1) < k ? 64 : k - 64 * w;
#ifdef __AVX512BW__
        if (stop == 64) {
          const __m512i two = _mm512_set1_epi16(2 * s), line = _mm512_set1_epi32(linear);
          __m512i sum = _mm512_setzero_si512(), square = sum;
          for (int half = 0; half < 2; half++) {
            int16_t *at = overlaps + 64 * w + 32 * half;
            const __mmask32 mask = (__mmask32)(row[w] >> (32 * half));
            __m512i m = _mm512_loadu_si512(at);
            m = _mm512_mask_add_epi16(_mm512_sub_epi16(m, two), mask, m, two);
            _mm512_storeu_si512(at, m);
            for (int quarter = 0; quarter < 2; quarter++) {
              const __m512i x = _mm512_cvtepi16_epi32(
                  quarter ? _mm512_extracti64x4_epi64(m, 1) : _mm512_castsi512_si256(m));
              const __m512i z = _mm512_mullo_epi32(x, x);
              const __m512i v = _mm512_mullo_epi32(x, _mm512_add_epi32(z, line));
              _mm512_storeu_si512(values + 64 * w + 32 * half + 16 * quarter, v);
              sum = _mm512_add_epi32(sum, v);
              square = _mm512_add_epi32(square, z);
            }
          }
          totals = _mm512_add_epi64(totals, pairs(sum));
          all_squares = _mm512_add_epi64(all_squares, pairs(square));
          continue;
        }
#endif
        for (int64_t j = 0; j < stop; j++) {
          const int64_t r = 64 * w + j;
          overlaps[r] += (row[w] >> j) & 1 ? 2 * s : -2 * s;
          values[r] = overlaps[r] * (overlaps[r] * overlaps[r] + linear);
          total += values[r];
          squares += overlaps[r] * overlaps[r];
        }
      }
#ifdef __AVX512BW__
      total += _mm512_reduce_add_epi64(totals);
      squares += _mm512_reduce_add_epi64(all_squares);
#endif
      spins[i] = s;
      flips++;
    }
  return flips;
}

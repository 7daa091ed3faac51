/* 32 lanes in registers of the machine's width, and what plain C does not say of them well. */
#include <stdint.h>
#ifdef __AVX2__
#include <immintrin.h>
#endif
#ifdef __AVX512F__
#define SIZE 64 /* bytes of a register */
#else
#define SIZE 32
#endif

#define CHAINS 32
#define WIDTH (SIZE / 4)
#define PARTS (CHAINS / WIDTH)
#define PAIRS (PARTS / 2)
#define EVERY(part) _Pragma("GCC unroll 4") for (int part = 0; part < PARTS; part++)
#define EVERY_TWO(pair) _Pragma("GCC unroll 2") for (int pair = 0; pair < PAIRS; pair++)

typedef int32_t ints __attribute__((vector_size(SIZE)));
typedef uint32_t words __attribute__((vector_size(SIZE)));
typedef uint64_t wide __attribute__((vector_size(SIZE)));
typedef float floats __attribute__((vector_size(SIZE)));
typedef int16_t pairs __attribute__((vector_size(SIZE)));
typedef int16_t shorts __attribute__((vector_size(SIZE / 2)));
typedef int8_t bytes __attribute__((vector_size(SIZE / 4)));

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

/* Of the 16-bit lanes of two parts, one of them. */
static inline ints part_of(pairs x, int high) {
#if defined(__AVX512F__)
  return (ints)_mm512_cvtepi16_epi32(high ? _mm512_extracti64x4_epi64((__m512i)x, 1)
                                          : _mm512_castsi512_si256((__m512i)x));
#elif defined(__AVX2__)
  return (ints)_mm256_cvtepi16_epi32(high ? _mm256_extracti128_si256((__m256i)x, 1)
                                          : _mm256_castsi256_si128((__m256i)x));
#else
  ints part;
  for (int lane = 0; lane < WIDTH; lane++) part[lane] = x[WIDTH * high + lane];
  return part;
#endif
}

/* Lanes that fit 16 bits. */
static inline pairs paired(ints low, ints high) {
#if defined(__AVX512F__)
  const __m256i a = _mm512_cvtepi32_epi16((__m512i)low), b = _mm512_cvtepi32_epi16((__m512i)high);
  return (pairs)_mm512_inserti64x4(_mm512_castsi256_si512(a), b, 1);
#elif defined(__AVX2__)
  const __m256i mixed = _mm256_packs_epi32((__m256i)low, (__m256i)high);
  return (pairs)_mm256_permute4x64_epi64(mixed, 0xD8);
#else
  pairs x;
  for (int lane = 0; lane < 2 * WIDTH; lane++)
    x[lane] = lane < WIDTH ? low[lane] : high[lane - WIDTH];
  return x;
#endif
}

/* The product of the low halves. */
static inline wide product(wide x, uint32_t factor) {
#if defined(__AVX512F__)
  return (wide)_mm512_mul_epu32((__m512i)x, _mm512_set1_epi64(factor));
#elif defined(__AVX2__)
  return (wide)_mm256_mul_epu32((__m256i)x, _mm256_set1_epi64x(factor));
#else
  return (x & 0xFFFFFFFF) * factor;
#endif
}

/* Whether any lane of any part is not 0. */
static inline int any(const ints x[PARTS]) {
  ints either = {0};
  EVERY(part) either |= x[part];
#if defined(__AVX512F__)
  return _mm512_test_epi32_mask((__m512i)either, (__m512i)either) != 0;
#elif defined(__AVX2__)
  return !_mm256_testz_si256((__m256i)either, (__m256i)either);
#else
  int32_t found = 0;
  for (int lane = 0; lane < WIDTH; lane++) found |= either[lane];
  return found != 0;
#endif
}

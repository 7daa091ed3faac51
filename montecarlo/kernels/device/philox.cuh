// Philox4x32-10 and the random logarithms of montecarlo/kernels/shared/philox.py, operation by
// operation; compiled without contraction to fused multiply-adds, every bit is the same.

typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;

__device__ inline void philox(u32 k0, u32 k1, u32 (&x)[4]) {
  for (int round = 0; round < 10; ++round) {
    const u64 p0 = (u64)0xD2511F53u * x[0], p1 = (u64)0xCD9E8D57u * x[2];
    x[0] = (u32)(p1 >> 32) ^ x[1] ^ k0;
    x[1] = (u32)p1;
    x[2] = (u32)(p0 >> 32) ^ x[3] ^ k1;
    x[3] = (u32)p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
}

// log(u / (1 - u)) if symmetric, else log(u), of u = (word + 1/2) / 2^32.
__device__ inline double random_logarithm(u32 word, bool symmetric) {
  const double scale = 8589934592.0, odd = (double)word * 2.0 + 1.0;
  const double ratio = odd / (symmetric ? scale - odd : scale);
  const i64 bits = __double_as_longlong(ratio);
  double exponent = (double)((bits >> 52) - 1023);
  double mantissa = __longlong_as_double((bits & 0x000FFFFFFFFFFFFFll) | 0x3FF0000000000000ll);
  if (mantissa > 1.4142135623730951) {
    mantissa = 0.5 * mantissa;
    exponent = exponent + 1.0;
  }
  // log(mantissa) = 2 artanh(t) with |t| < 0.1716: eleven terms reach 1e-17.
  const double t = (mantissa - 1.0) / (mantissa + 1.0), z = t * t;
  double tail = 1.0 / 21.0;
  tail = tail * z + 1.0 / 19.0;
  tail = tail * z + 1.0 / 17.0;
  tail = tail * z + 1.0 / 15.0;
  tail = tail * z + 1.0 / 13.0;
  tail = tail * z + 1.0 / 11.0;
  tail = tail * z + 1.0 / 9.0;
  tail = tail * z + 1.0 / 7.0;
  tail = tail * z + 1.0 / 5.0;
  tail = tail * z + 1.0 / 3.0;
  const double log_mantissa = 2.0 * t + 2.0 * t * z * tail;
  return exponent * 6.93147180369123816490e-01 +
         (exponent * 1.90821492927058770002e-10 + log_mantissa);
}

// The logarithms of the visits first ... first + count - 1 (first a multiple of 4), shared out
// among the threads of a block.
__device__ inline void fill_logarithms(const u32* key, u64 sweep, bool symmetric, int first,
                                       int count, double* logs) {
  for (int group = threadIdx.x; 4 * group < count; group += blockDim.x) {
    u32 x[4] = {(u32)(first / 4 + group), (u32)sweep, (u32)(sweep >> 32), 0u};
    philox(key[0], key[1], x);
    for (int lane = 0; lane < 4; ++lane)
      logs[4 * group + lane] = random_logarithm(x[lane], symmetric);
  }
}

// Word of visit v for the order of the sites (purpose 1).
__device__ inline u32 order_word(const u32* key, u64 sweep, u32 visit) {
  u32 x[4] = {visit / 4, (u32)sweep, (u32)(sweep >> 32), 1u};
  philox(key[0], key[1], x);
  return x[visit % 4];
}

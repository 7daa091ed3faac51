// Integer rows with ORDER >= 3 bodies.  With DISTINCT sites a chain keeps the odd power sums
// of every row, exactly, and the elementary symmetric polynomials made of them at a flip;
// without, the first power sum.  Sums over rows are doubles: the same in any order while
// they stay below 2^53.

constexpr bool TOTALS = false;
constexpr int ODD = DISTINCT ? (ORDER + 1) / 2 : 1;  // power sums 1, 3, ... of a row

struct Network {
  const ENTRY* rows;   // (spin, row), padded with zeros to a multiple of ROWS
  const double* even;  // (order / 2, row): power sums 2, 4, ..., which no flip changes
  double weight, field_weight;
  i64* overlaps;   // (ODD, row)
  double* values;  // (ORDER, row): e_1 ... e_ORDER
  i64 width;
  int n_spins;

  __device__ Network(const void* all_rows, const void*, const void*, const double* third,
                     double weight_, double field_weight_, i64 n_rows, int n_spins_, i64 sample,
                     i64 chain, void* state, double* polynomials)
      : weight(weight_), field_weight(field_weight_), width((n_rows + ROWS - 1) / ROWS * ROWS),
        n_spins(n_spins_) {
    rows = (const ENTRY*)all_rows + sample * n_spins * width;
    even = third + sample * (ORDER / 2) * width;
    overlaps = (i64*)state + chain * ODD * width;
    values = polynomials + chain * ORDER * width;
  }

  __device__ i64 n_chunks() const { return width; }
  __device__ void stage() const {}

  // Newton's identities, k e_k = e_{k-1} p_1 - e_{k-2} p_2 + ...
  __device__ void refresh(i64 row) {
    double e[ORDER + 1], p[ORDER + 1];
    e[0] = 1.0;
#pragma unroll
    for (int k = 1; k <= ORDER; ++k) {
      p[k] = k & 1 ? (double)overlaps[(k >> 1) * width + row] : even[((k >> 1) - 1) * width + row];
      e[k] = 0.0;
      double sign = 1.0;
#pragma unroll
      for (int power = 1; power <= k; ++power) {
        e[k] += sign * (e[k - power] * p[power]);
        sign = -sign;
      }
      e[k] /= k;
      values[(k - 1) * width + row] = e[k];
    }
  }

  __device__ void prepare(i64 start, i64 step, const signed char* spins) {
    for (i64 row = start; row < width; row += step) {
      i64 power_sum[ODD] = {};
      for (int i = 0; i < n_spins; ++i) {
        i64 c = rows[i * width + row], power = c;
#pragma unroll
        for (int k = 0; k < ODD; ++k) {
          power_sum[k] += spins[i] * power;
          power *= c * c;
        }
      }
#pragma unroll
      for (int k = 0; k < ODD; ++k) overlaps[k * width + row] = power_sum[k];
      if (DISTINCT) refresh(row);
    }
  }

  template <int W>
  __device__ void pass(const Team& team, Flip flip, const int* sites, int n,
                       const signed char* spins) {
    SUM sums[W + 1] = {};
    for (i64 row = team.thread(); row < width; row += team.threads()) {
      if (flip.site >= 0) {
        const i64 c = rows[flip.site * width + row];
        i64 power = c;
#pragma unroll
        for (int k = 0; k < ODD; ++k) {
          overlaps[k * width + row] -= 2 * flip.spin * power;
          power *= c * c;
        }
        if (DISTINCT) refresh(row);
      }
      if (W > 0) {
        double e[ORDER];
        if (DISTINCT) {
#pragma unroll
          for (int k = 1; k < ORDER; ++k) e[k] = values[(k - 1) * width + row];
        } else {
          e[0] = (double)overlaps[row];
        }
#pragma unroll
        for (int j = 0; j < W; ++j) {
          if (j < n) {
            const double x = (double)(rows[sites[j] * width + row] * spins[j]);
            sums[j] += term(e, x);
          }
        }
      }
    }
    if constexpr (W > 0) team.share<W>(sums, 0);
  }

  __device__ static double power(double base, int exponent) {
    double result = base;
#pragma unroll 1
    for (int k = 1; k < exponent; ++k) result *= base;
    return result;
  }

  // What a row adds to s_i h_i: x e_{P-1} of the other spins, or half the change of M^P.
  __device__ double term(const double (&e)[ORDER], double x) const {
    double inner = 1.0;
    if (DISTINCT) {
#pragma unroll
      for (int k = 1; k < ORDER; ++k) inner = e[k] - x * inner;
      return inner * x;
    }
    const double other = e[0] - x;
    return 0.5 * (power(other + x, ORDER) - power(other - x, ORDER));
  }

  __device__ double field(TOTAL sum, TOTAL, TOTAL, int, int s) const {
    return (double)s * field_weight * sum;
  }

  __device__ double row_energy(i64 start, i64 step) const {
    double total = 0.0;
    for (i64 row = start; row < width; row += step) {
      if (DISTINCT) {
        total += values[(ORDER - 1) * width + row];
      } else {
        total += power((double)overlaps[row], ORDER);
      }
    }
    return total;
  }
  __device__ double energy(double total) const { return -weight * total; }
};

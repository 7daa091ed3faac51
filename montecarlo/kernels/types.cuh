// Codes of montecarlo/dynamics.py, and the widths of sums.

constexpr int GLAUBER = 0, METROPOLIS = 1, ZERO_TEMPERATURE = 2, PARALLEL = 3;
constexpr int SEQUENTIAL = 0, RANDOM = 1, PERMUTATION = 2;
constexpr int TOGETHER = 3;  // all spins at once
constexpr int WINDOW = 8;          // visits decided from one pass over the rows, at most
constexpr int SLOTS = WINDOW + 2;  // sums that one pass makes
constexpr int VISITS = 256;        // visits whose random logarithms are made at a time

template <class T> struct Wide { typedef T type; };
template <> struct Wide<int> { typedef i64 type; };
typedef Wide<SUM>::type TOTAL;

#ifdef __CUDACC__
extern __shared__ double block_memory[];
#endif

// Sweeps of many chains: the contract of montecarlo/kernels/__init__.py.
//
// A chain is run by a team of blocks; rows are split over its threads.  Fields are sums over
// all rows, so the cost of a visit is one pass over the rows and one meeting of the team.
// Both are shared by WINDOW visits at a time: fields of the next WINDOW visits are summed as
// if none of them flipped, and the visits before the first one that does are valid.  Its flip
// is carried into the rows by the next pass.  Visits are decided one by one in the order of
// the contract, so the spins do not depend on the window, the threads or the blocks.

extern "C" __global__ void __launch_bounds__(THREADS, 2)
prepare(const void* rows, const void* first, const void* second, const double* third,
        double weight, double field_weight, i64 n_rows, int n_spins, const int* samples,
        void* state, double* values, const signed char* spins, int team_size) {
  const i64 chain = blockIdx.x / team_size, part = blockIdx.x % team_size;
  Network network(rows, first, second, third, weight, field_weight, n_rows, n_spins,
                  samples[chain], chain, state, values, false);
  network.prepare(part * blockDim.x + threadIdx.x, (i64)team_size * blockDim.x,
                  spins + (i64)blockIdx.x * n_spins);
}

// What a block keeps in shared memory besides the tables.
struct Shared {
  double logs[VISITS];
  u64 scratch[THREADS / WARP * SLOTS];
  TOTAL totals[2];
  int sites[VISITS];
  signed char spins[VISITS];
  signed char turns[WINDOW];
};
static_assert(WARP == 1 || sizeof(Shared) <= 8192, "more than SHARED_BYTES of gpu.py");

struct Chain {
  Network& network;
  Team& team;
  Shared& shared;
  signed char* spins;  // this block's copies: the configuration, the next one, the visits
  signed char* next;
  int* visits;
  const u32* key;
  int rule, order;
  double half_T;
  Flip flip;
  int quiet, last_gap;  // visits since the last flip, and between the last two
  i64 flips;

  __device__ bool turns(double h, int s, double x) const {
    const bool heat_bath = rule == GLAUBER || rule == PARALLEL;
    const double toward = heat_bath ? (double)s : -1.0;
    return s * h <= toward * half_T * x &&
           (h != 0.0 || rule == METROPOLIS || (heat_bath && s * x > 0.0));
  }

  // Decides the n <= W visits from number `at` of the present ones on; returns how many of
  // them come before the first flip, n if none flips.
  template <int W> __device__ int visit(int at, int n) {
    SUM sums[W + 2] = {};
    const bool fresh = TOTALS && flip.pending();
    network.pass<W>(team.thread(), team.threads(), flip, shared.sites + at, n, shared.spins + at,
                    sums);
    team.gather(sums, n, fresh);
    for (int j = threadIdx.x; j < n || j == 0; j += blockDim.x) {
      const TOTAL first = fresh ? team.collect<SUM>(W) : shared.totals[0];
      const TOTAL second = fresh ? team.collect<SUM>(W + 1) : shared.totals[1];
      if (j < n) {
        const int s = shared.spins[at + j];
        const TOTAL own = team.collect<SUM>(j);
        const double h = network.field(own, first, second, shared.sites[at + j], s);
        shared.turns[j] = turns(h, s, shared.logs[at + j]);
      }
      if (fresh && j == 0) {
        shared.totals[0] = first;
        shared.totals[1] = second;
      }
    }
    __syncthreads();
    flip = Flip();
    for (int j = 0; j < n; ++j)
      if (shared.turns[j]) return j;
    return n;
  }

  // The sites of a sweep's visits, where they are not 0 ... N-1.
  __device__ void choose_sites(u64 sweep) {
    const u32 n = network.n_spins;
    __syncthreads();
    if (order == RANDOM) {
      for (u32 v = threadIdx.x; v < n; v += blockDim.x)
        visits[v] = (int)(((u64)order_word(key, sweep, v) * n) >> 32);
    } else if (threadIdx.x == 0) {
      for (u32 v = 0; v < n; ++v) visits[v] = v;
      for (u32 v = 0; v < n; ++v) {
        const u32 other = v + (u32)(((u64)order_word(key, sweep, v) * (n - v)) >> 32);
        const int kept = visits[v];
        visits[v] = visits[other];
        visits[other] = kept;
      }
    }
  }

  // Random logarithms, sites and spins of the visits from `begin` on; returns their number.
  __device__ int begin_visits(u64 sweep, int begin) {
    const int left = network.n_spins - begin, count = left < VISITS ? left : VISITS;
    __syncthreads();
    if (rule != ZERO_TEMPERATURE)
      fill_logarithms(key, sweep, rule != METROPOLIS, begin, count, shared.logs);
    for (int v = threadIdx.x; v < count; v += blockDim.x) {
      const bool listed = order == RANDOM || order == PERMUTATION;
      const int site = listed ? visits[begin + v] : begin + v;
      if (rule == ZERO_TEMPERATURE) shared.logs[v] = 0.0;
      shared.sites[v] = site;
      shared.spins[v] = spins[site];
    }
    __syncthreads();
    return count;
  }

  // A spin may be visited again among the present visits.
  __device__ void update_visits(int count) {
    __syncthreads();  // everybody has read the spin that flips
    for (int v = threadIdx.x; v < count; v += blockDim.x)
      if (shared.sites[v] == flip.site) shared.spins[v] = -flip.spin;
    __syncthreads();
  }

  __device__ void one_by_one(u64 sweep) {
    if (order != SEQUENTIAL) choose_sites(sweep);
    for (int begin = 0; begin < network.n_spins; begin += VISITS) {
      const int count = begin_visits(sweep, begin);
      for (int v = 0; v < count;) {
        const bool wide = quiet + last_gap >= WINDOW;
        const int n = !wide ? 1 : count - v < WINDOW ? count - v : WINDOW;
        const int before = wide ? visit<WINDOW>(v, n) : visit<1>(v, n);
        v += before;
        quiet += before;
        if (before == n) continue;
        flip.site = shared.sites[v];
        flip.spin = shared.spins[v];
        if (threadIdx.x == 0) spins[flip.site] = -flip.spin;
        if (order == RANDOM) update_visits(count);
        ++v;
        ++flips;
        last_gap = quiet;
        quiet = 0;
      }
    }
  }

  // Fields of the old configuration, then all spins at once and the state made anew.
  __device__ void all_at_once(u64 sweep) {
    for (int begin = 0; begin < network.n_spins; begin += VISITS) {
      const int count = begin_visits(sweep, begin);
      for (int v = 0; v < count; v += WINDOW) {
        const int n = count - v < WINDOW ? count - v : WINDOW;
        visit<WINDOW>(v, n);
        for (int j = 0; j < n; ++j) flips += shared.turns[j];
        for (int j = threadIdx.x; j < n; j += blockDim.x) {
          const int s = shared.spins[v + j];
          next[begin + v + j] = shared.turns[j] ? -s : s;
        }
      }
    }
    __syncthreads();
    for (int i = threadIdx.x; i < network.n_spins; i += blockDim.x) spins[i] = next[i];
    __syncthreads();
    network.prepare(team.thread(), team.threads(), spins);
    flip.fresh = true;
  }

  __device__ void measure(signed char* snapshot, double* energy) {
    if (flip.pending()) visit<0>(0, 0);
    __syncthreads();
    if (team.part == 0)
      for (int i = threadIdx.x; i < network.n_spins; i += blockDim.x) snapshot[i] = spins[i];
    double total[1] = {network.row_energy(team.thread(), team.threads())};
    team.gather(total, 1);
    if (team.leads()) *energy = network.energy(team.collect<double>(0));
    __syncthreads();
  }
};

extern "C" __global__ void __launch_bounds__(THREADS, 2)
sweep(const void* rows, const void* first, const void* second, const double* third,
      double weight, double field_weight, i64 n_rows, int n_spins, const int* samples,
      void* state, double* values, signed char* spins, signed char* next, int* visits,
      int team_size, u32* counters, u64* exchange, const u32* keys, const double* temperatures,
      i64 n_temperatures, int rule, int order, i64 first_sweep, i64 n_measurements, i64 stride,
      signed char* snapshots, double* energies, i64* flips) {
  Shared& shared = *(Shared*)block_memory;
  const i64 chain = blockIdx.x / team_size, copy = (i64)blockIdx.x * n_spins;
  Team team{team_size, (int)(blockIdx.x % team_size), counters + chain,
            exchange + chain * 2 * team_size * SLOTS, shared.scratch};
  Network network(rows, first, second, third, weight, field_weight, n_rows, n_spins,
                  samples[chain], chain, state, values, order == TOGETHER);
  network.stage((char*)block_memory + sizeof(Shared));
  __syncthreads();
  Chain run{network, team, shared, spins + copy, next + copy, visits + copy, keys + 2 * chain,
            rule, order, 0.0, Flip(), 0, 0, 0};
  run.flip.fresh = true;
  bool fixed = false;
  for (i64 k = 0; k < n_measurements; ++k) {
    for (i64 j = k * stride; j < (k + 1) * stride && !fixed; ++j) {
      const i64 flipped = run.flips;
      if (rule != ZERO_TEMPERATURE)
        run.half_T = 0.5 * temperatures[chain * n_temperatures + (n_temperatures > 1 ? j : 0)];
      if (order == TOGETHER) run.all_at_once(first_sweep + j);
      else run.one_by_one(first_sweep + j);
      // A descent that visited every site and flipped none stays where it is.
      fixed = rule == ZERO_TEMPERATURE && order != RANDOM && run.flips == flipped;
    }
    run.measure(snapshots + (chain * n_measurements + k) * n_spins,
                energies + chain * n_measurements + k);
  }
  if (team.leads()) flips[chain] += run.flips;
}

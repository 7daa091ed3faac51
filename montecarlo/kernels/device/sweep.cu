// Sweeps of many chains: the contract of montecarlo/kernels/__init__.py.
//
// A chain is run by a team of blocks; rows are split over its threads.  Fields are sums over
// all rows, so the cost of a visit is one pass over the rows and one meeting of the team.
// Both are shared by WINDOW visits at a time, NARROW where many spins flip: fields of the next
// visits are summed as if none of them flipped, and the visits before the first one that does
// are valid.  Its flip is carried into the rows by the next pass.  Visits are decided one by one in the order of
// the contract, so the spins do not depend on the window, the threads or the blocks.

extern "C" __global__ void __launch_bounds__(THREADS, 2)
prepare(const void* rows, const void* first, const void* second, const double* third,
        double weight, double field_weight, i64 n_rows, int n_spins, const int* samples,
        void* state, double* values, const signed char* spins, int team_size) {
  const i64 chain = blockIdx.x / team_size, part = blockIdx.x % team_size;
  Network(rows, first, second, third, weight, field_weight, n_rows, n_spins, samples[chain], chain,
          state, values)
      .prepare(part * blockDim.x + threadIdx.x, (i64)team_size * blockDim.x,
                  spins + (i64)blockIdx.x * n_spins);
}

// What a block keeps in shared memory besides what the network stages there.  Registers are
// for the rows: what no thread changes is here, and a pass has its own copy of the network.
struct alignas(16) Shared {
  double logs[VISITS];
  u64 scratch[THREADS / WARP * SLOTS];
  TOTAL totals[2];
  Network network;
  Blocks blocks;
  signed char* configuration;  // of this block, the next one, and the sites of the visits
  signed char* next;
  int* visits;
  const u32* key;
  int move, site_order;
  int sites[VISITS];
  u32 turning;  // bit j: visit j of the window flips its spin
  signed char spins[VISITS];
};
static_assert(sizeof(Shared) <= SHARED_BYTES, "and SHARED_BYTES of gpu.py");

struct Chain {
  Shared& shared;
  Team team;
  double half_T;
  Flip flip;
  int quiet, last_gap;  // visits since the last flip, and between the last two
  i64 flips;

  __device__ Network network() const { return shared.network; }

  __device__ bool turns(double h, int s, double x) const {
    const int move = shared.move;
    const bool heat_bath = move == GLAUBER || move == PARALLEL;
    const double toward = heat_bath ? (double)s : -1.0;
    return s * h <= toward * half_T * x &&
           (h != 0.0 || move == METROPOLIS || (heat_bath && s * x > 0.0));
  }

  // Decides the n <= W visits from number `at` of the present ones on; returns those that
  // would flip their spin, of which only the first is valid unless spins move together.
  template <int W> __device__ u32 visit(int at, int n) {
    const bool fresh = TOTALS && flip.pending();
    network().template pass<W>(team, flip, shared.sites + at, n, shared.spins + at);
    team.gather<TOTAL>(n, fresh);
    if (threadIdx.x < WARP) {
      const int j = threadIdx.x;
      bool turning = false;
      TOTAL own = 0;
      if (j < n || (fresh && j >= WINDOW && j < SLOTS)) own = team.collect<TOTAL>(j);
      if (fresh) {
        const TOTAL first = __shfl_sync(ALL_LANES, own, WINDOW);
        const TOTAL second = __shfl_sync(ALL_LANES, own, WINDOW + 1);
        if (j == 0) shared.totals[0] = first, shared.totals[1] = second;
        __syncwarp();
      }
      if (j < n) {
        const int s = shared.spins[at + j];
        const double h = network().field(own, shared.totals[0], shared.totals[1],
                                         shared.sites[at + j], s);
        turning = turns(h, s, shared.logs[at + j]);
      }
      const u32 all = __ballot_sync(ALL_LANES, turning);
      if (j == 0) shared.turning = all;
    }
    __syncthreads();
    flip = Flip();
    return shared.turning;
  }

  __device__ bool listed() const { return shared.site_order == RANDOM || shared.site_order == PERMUTATION; }

  // The sites of a sweep's visits, where they are not 0 ... N-1: drawn anew for each, or in
  // the order that exchanges one after the other leave, which one thread carries out.
  __device__ void choose_sites(u64 sweep) {
    const int n = shared.network.n_spins;
    const bool shuffled = shared.site_order == PERMUTATION;
    int* const visits = shared.visits;
    __syncthreads();
    for (int v = threadIdx.x; v < n; v += blockDim.x)
      visits[v] = shuffled ? v : (int)(((u64)order_word(shared.key, sweep, v) * n) >> 32);
    for (int begin = 0; shuffled && begin < n; begin += VISITS) {
      const int end = begin + VISITS < n ? begin + VISITS : n;
      for (int v = begin + threadIdx.x; v < end; v += blockDim.x)
        shared.sites[v - begin] =
            v + (int)(((u64)order_word(shared.key, sweep, v) * (u32)(n - v)) >> 32);
      __syncthreads();
      for (int v = begin; v < end && threadIdx.x == 0; ++v) {
        const int other = shared.sites[v - begin], kept = visits[v];
        visits[v] = visits[other];
        visits[other] = kept;
      }
      __syncthreads();
    }
  }

  // Random logarithms, sites and spins of the visits from `begin` on; returns their number.
  __device__ int begin_visits(u64 sweep, int begin) {
    const int left = shared.network.n_spins - begin, count = left < VISITS ? left : VISITS;
    __syncthreads();
    if (shared.move != ZERO_TEMPERATURE)
      fill_logarithms(shared.key, sweep, shared.move != METROPOLIS, begin, count, shared.logs);
    for (int v = threadIdx.x; v < count; v += blockDim.x) {
      const int site = listed() ? shared.visits[begin + v] : begin + v;
      if (shared.move == ZERO_TEMPERATURE) shared.logs[v] = 0.0;
      shared.sites[v] = site;
      shared.spins[v] = shared.configuration[site];
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

  // Visits one by one; if spins move together, fields of the old configuration first, then
  // all spins at once and the state made anew.
  __device__ void sweep(u64 number) {
    const bool together = shared.site_order == TOGETHER;
    if (listed()) choose_sites(number);
    for (int begin = 0; begin < shared.network.n_spins; begin += VISITS) {
      const int count = begin_visits(number, begin);
      for (int v = 0; v < count;) {
        const bool wide = together || quiet + last_gap >= CALM;
        const int most = wide ? WINDOW : NARROW, n = count - v < most ? count - v : most;
        const u32 turning = wide || ONE_WIDTH ? visit<WINDOW>(v, n) : visit<NARROW>(v, n);
        if (together) {
          flips += __popc(turning);
          for (int j = threadIdx.x; j < n; j += blockDim.x) {
            const int s = shared.spins[v + j];
            shared.next[begin + v + j] = (turning >> j) & 1u ? -s : s;
          }
          v += n;
          continue;
        }
        const int before = turning ? __ffs(turning) - 1 : n;
        v += before;
        quiet += before;
        if (before == n) continue;
        flip.site = shared.sites[v];
        flip.spin = shared.spins[v];
        if (threadIdx.x == 0) shared.configuration[flip.site] = -flip.spin;
        if (shared.site_order == RANDOM) update_visits(count);
        ++v;
        ++flips;
        last_gap = quiet;
        quiet = 0;
      }
    }
    if (together) move();
  }

  __device__ void move() {
    __syncthreads();
    for (int i = threadIdx.x; i < shared.network.n_spins; i += blockDim.x) shared.configuration[i] = shared.next[i];
    __syncthreads();
    network().prepare(team.thread(), team.threads(), shared.configuration);
    team.meet();  // others read what a thread has prepared
    flip.fresh = true;
  }

  __device__ void measure(signed char* snapshot, double* energy) {
    if (flip.pending()) visit<0>(0, 0);
    __syncthreads();
    if (shared.blocks.part == 0)
      for (int i = threadIdx.x; i < shared.network.n_spins; i += blockDim.x)
        snapshot[i] = shared.configuration[i];
    double total[1] = {network().row_energy(team.thread(), team.threads())};
    team.share<1>(total, 0);
    team.gather<double>(1);
    if (team.leads()) *energy = network().energy(team.collect<double>(0));
    __syncthreads();
  }
};

extern "C" __global__ void __launch_bounds__(THREADS, RESIDENT)
sweep(const void* rows, const void* first, const void* second, const double* third,
      double weight, double field_weight, i64 n_rows, int n_spins, const int* samples,
      void* state, double* values, signed char* spins, signed char* next, int* visits,
      int team_size, u32* counters, u64* exchange, const u32* keys, const double* temperatures,
      i64 n_temperatures, int move, int site_order, i64 first_sweep, i64 n_measurements, i64 stride,
      signed char* snapshots, double* energies, i64* flips) {
  Shared& shared = *(Shared*)block_memory;
  const i64 chain = blockIdx.x / team_size, copy = (i64)blockIdx.x * n_spins;
  if (threadIdx.x == 0) {
    shared.network = Network(rows, first, second, third, weight, field_weight, n_rows, n_spins,
                             samples[chain], chain, state, values);
    shared.blocks = {team_size, (int)(blockIdx.x % team_size), counters + chain,
                     exchange + chain * 2 * team_size * SLOTS};
    shared.configuration = spins + copy;
    shared.next = next + copy;
    shared.visits = visits + copy;
    shared.key = keys + 2 * chain;
    shared.move = move;
    shared.site_order = site_order;
  }
  __syncthreads();
  shared.network.stage();
  __syncthreads();
  Chain run{shared, Team{shared.blocks, shared.scratch}, 0.0, Flip(), 0, 0, 0};
  run.flip.fresh = true;
  bool fixed = false;
  for (i64 k = 0; k < n_measurements; ++k) {
    for (i64 j = k * stride; j < (k + 1) * stride && !fixed; ++j) {
      const i64 flipped = run.flips;
      if (move != ZERO_TEMPERATURE)
        run.half_T = 0.5 * temperatures[chain * n_temperatures + (n_temperatures > 1 ? j : 0)];
      run.sweep(first_sweep + j);
      // A descent that visited every site and flipped none stays where it is.
      fixed = move == ZERO_TEMPERATURE && site_order != RANDOM && run.flips == flipped;
    }
    run.measure(snapshots + (chain * n_measurements + k) * n_spins,
                energies + chain * n_measurements + k);
  }
  if (run.team.leads()) flips[chain] += run.flips;
}

// The products of a pass, look-ups included, of rows that never leave the chip.

extern "C" __global__ void __launch_bounds__(THREADS, RESIDENT)
on_chip(const void* first, const void* second, int n_spins, int n, u64* out) {
  Network& shared = ((Shared*)block_memory)->network;
  if (threadIdx.x == 0)
    shared = Network(nullptr, first, second, nullptr, 1.0, 1.0, 256, n_spins, 0, 0, nullptr,
                     nullptr);
  __syncthreads();
  shared.stage();
  __syncthreads();
  const Network network = shared;
  // Levels about N/2, as those of rows that are not retrieved.
  u64 levels = 0;
  for (int b = 0; b < 4; ++b)
    levels |= (u64)(n_spins / 2 + (threadIdx.x + b) % 8) << 8 * sizeof(LEVEL) * b;
  Network::Four own[2];
  for (int h = 0; h < (int)sizeof(LEVEL); ++h) own[0].word[h] = own[1].word[h] = levels >> 32 * h;
  u32 word = 2654435761u * threadIdx.x;
  int sums[SUMS][4] = {};
  for (int t = 0; t < n; ++t) {
    Network::Words low, high;
    low.x = word = word * 1664525u + 1013904223u;
    low.y = word << 7, high.x = word >> 5, high.y = word ^ 0x55555555u;
    own[0].word[0] ^= 1u, own[1].word[0] ^= 2u;
    network.multiply(sums, own, low, high, network.traded() + 2 * Network::group(),
                     network.column());
  }
  u64 fields[2] = {};
  network.add_shifted(fields, sums);
  out[blockIdx.x * blockDim.x + threadIdx.x] = fields[0] + fields[1];
}

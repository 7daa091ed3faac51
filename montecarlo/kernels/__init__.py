"""The kernel contract.

A kernel sees lowered arrays alone; models, rules and labels stay outside.  Letters of
axes: c chain, r row, i spin, w word of 64 rows, k measurement.

**Network** (shared by all chains of one disorder sample, read-only): one of the three
lowered forms of `montecarlo.lowering`, chosen by the rows and the interaction.

* ``Binary``: rows +-1, any interaction.  The number of rows that agree with spin i is
  all that changes, so the interaction is tabulated over the level
  ``u = (M + N)/2`` in 0..N of a row with overlap M.
* ``Quadratic``: integer rows (blanks, sums of examples), two-body interaction.
* ``Polynomial``: integer rows, three bodies or more.  Distinct sites are sums over the
  power sums ``p_k = sum_i (row_i s_i)^k`` (Newton's identities); odd k follow the spins,
  even k are constant.

**State** (one chain, changed in place): spins (i,) int8, +-1, and the integers that the
network's form keeps up to date.  They are exact: no drift, whatever the run's length.

**Field**: ``h_i = (H(s_i = -1) - H(s_i = +1)) / 2``, so that a flip costs
``2 s_i h_i``.  Sites are visited in the order 0..N-1, one visit of each is a sweep.
With the random logarithm x of (chain, sweep, site) of `montecarlo.kernels.philox`:

* heat bath (Glauber): ``s_i = +1`` where ``h_i > (T/2) x``, x = log(u/(1-u)); at zero
  field the sign of -x, a fair coin at every T;
* Metropolis: flip where ``s_i h_i <= -(T/2) x``, x = log(u);
* zero temperature: ``s_i = sign(h_i)``, unchanged at zero field.

u has 32 bits: an event of probability below 2**-33 never happens.

**run(network, state, key, T, rule, first_sweep, n_measurements, stride, snapshots,
energies) -> flips**: does ``n_measurements`` times ``stride`` sweeps and then writes the
spins to snapshots[k] and the energy H to energies[k].  Sweep numbers continue from
``first_sweep``: the bits depend on the key and the sweep, not on how a run is cut.

`montecarlo.kernels.reference` is this contract in plain numpy, from the definitions;
`montecarlo.kernels.cpu` is the compiled one.
"""

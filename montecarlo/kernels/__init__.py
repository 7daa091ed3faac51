"""The kernel contract.

A kernel sees lowered arrays alone; models, rules and labels stay outside.  Letters of
axes: c chain, r row, i spin, w word of 64 rows, k measurement.

**Network** (shared by all chains of one disorder sample, read-only): one of the forms of
`montecarlo.kernels.single.forms`, chosen by the rows, the interaction and the cost of a visit.

* ``Overlaps``: rows +-1, two-body interaction: the field is a signed sum of the overlaps.
* ``IntegerOverlaps``: integer rows (blanks, sums of examples), two-body interaction.
* ``Layered``: two-body interaction, a coupling for each pair of layers: the field is a signed sum
  of the values of a layer, which are the overlaps of the rows with all layers, mixed.
* ``Couplings``: two-body interaction; the fields are kept, a flip updates all of them.
* ``Tables``: rows +-1, a polynomial of any degree.  The number of rows that agree with spin i is
  all that changes, so the interaction is tabulated over the level
  ``u = (M + N)/2`` in 0..N of a row with overlap M.
* ``Polynomials``: integer rows, three bodies or more.  Distinct sites are sums over the
  power sums ``p_k = sum_i (row_i s_i)^k`` (Newton's identities); odd k follow the spins,
  even k are constant.  So are pairs of unequal strengths whose sums leave 62 bits.
* ``Weighted``: rows +-1 of unequal strengths, likewise; pairs where sums leave 62 bits.
* ``Histograms``: rows +-1, any interaction that is tabulated over the level, outer function
  identity or logarithm.  How many rows are at each level, and how many of them are +1 on spin
  i, is all that matters of them: whole numbers, which binary digits of the levels give.

**Sums** over rows are integers and exact while 62 bits hold them.  Those of tabulated interactions
are floating sums over the levels from the lowest up, of whole numbers of rows times values of the
table: a field depends neither on the order of the rows nor on threads, and is the same number
before and after its spin flips.  The logarithm is never that of a difference: both its sums have
positive terms alone, in units of powers of two that keep the largest in range.

**State** (one chain, changed in place): spins (i,) int8, +-1, and what the network's form keeps
up to date of them.  The spins determine a state: all else is exact integers, or is made anew at
every flip, so that nothing drifts, and a state made of the spins of another goes on with the
same bits, in any form.  Files keep spins alone.

**Field**: ``h_i = (H(s_i = -1) - H(s_i = +1)) / 2``, so that a flip costs
``2 s_i h_i``; ``(w/2) ln(S_+/S_-)`` where the outer function is the logarithm and ``S_+``,
``S_-`` are the sums of F over rows with the spin up and down.  A sweep is N visits, numbered
v = 0..N-1.  Visit v goes to site v (sequential), to a random site, or to entry v of a random
permutation of the sites; the last two are made of the words of purpose 1 of (chain, sweep) by
integer products and shifts alone, so that every device repeats them
(`montecarlo.kernels.shared.philox.fill_sites`).
With the random logarithm x of (chain, sweep, visit) of `montecarlo.kernels.shared.philox`:

* heat bath (Glauber): ``s_i = +1`` where ``h_i > (T/2) x``, x = log(u/(1-u)); at zero
  field the sign of -x, a fair coin at every T;
* Metropolis: flip where ``s_i h_i <= -(T/2) x``, x = log(u): a spin at zero field flips;
* zero temperature: ``s_i = sign(h_i)``, unchanged at zero field.  A sweep that visits
  every site and flips none certifies a fixed point, and so does a look at all fields
  after a sweep without a flip at random sites; no later sweep changes anything, and a
  kernel may skip them;
* parallel: all spins at once, ``s_i = +1`` where ``h_i > (T/2) x``, x = log(u/(1-u)) of
  (chain, sweep, i), in the fields above of the previous configuration; where there are
  slopes, or values in the place of the rows, these make the fields (`hebbian.memory`).
  Zero field: the coin, but at T = 0 the spin as it is where the memory keeps it;
* parallel with a diagonal: the same with ``h_i = 2 w sum_r row_i M_r``, two literal bodies
  alone: -dH/ds_i, the interaction of the spin with itself included;
* layers: as parallel, one layer of `Memory.layers` after the other in the fields of the
  configuration that the one before has left.

u has 32 bits: an event of probability below 2**-33 never happens.

**run(network, state, key, T, move, first_sweep, n_measurements, stride, snapshots,
energies, site_order=SEQUENTIAL) -> flips**: does ``n_measurements`` times ``stride`` sweeps
and then writes the spins to snapshots[k] and the energy H to energies[k].  T is a number,
or holds a temperature for each of these sweeps.  Sweep numbers continue from
``first_sweep``: the bits depend on the key and the sweep, not on how a run is cut.

**period(network, state) -> int**: 1 if the zero-temperature dynamics (the parallel one
for a parallel kernel) leaves the configuration as it is, 2 if parallel dynamics returns to
it after two steps, else 0.  Spins at zero field count as at rest.  The state is of no use
afterwards.

**Many chains** of one sample may be in the hands of one call (`montecarlo.kernels.chains`): then
an axis c stands in front of spins, keys, T, snapshots and energies, and the bits of a chain
are those that it has alone.

=========================  =====================================================
`kernels.shared`           random words, exact tables, and this contract in plain numpy
                           from the definitions (``reference``)
`kernels.single`           one chain, visited spin by spin (``visits``), a file a form
`kernels.many`             many chains, visited spin by spin: one in every lane (``visits``)
`kernels.chains`           many chains in lanes, or one after the other: what takes less time
`kernels.parallel`         all spins of many chains at once (``steps``), with that axis c
`kernels.lanes`            vector code that both are made of
`kernels.device`           any dynamics on a CUDA device, the chains of several samples
=========================  =====================================================
"""

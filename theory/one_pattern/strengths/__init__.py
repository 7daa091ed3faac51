r"""Patterns of unequal strengths :math:`g_\mu`, of which pattern 0 is retrieved.

In units of the strength g of the retrieved pattern, energies and temperatures in those of g, a
network is one of strength 1 in the noise of patterns of strengths :math:`v = g_\mu/g`:

* P >= 3: crosstalk knows their second moment alone.  The network is the uniform one at the load
  :math:`\alpha \langle v^2 \rangle` and the temperature T/g;
* P = 2: :math:`\rho = \alpha \langle v^2/(1 - v\chi)^2 \rangle q`, the `crosstalk` of a spectrum.
  Where a stronger pattern would condense by itself, :math:`v_{\max} \chi \ge 1`, the state of the
  weaker one ends.

`quadrature` sums over many strengths by few, `laws` are laws of strengths, `fading` inverts the
noise of a palimpsest in closed form, `spectrum` makes a `theory.one_pattern.crosstalk` of them,
`closure` changes the units, `left_out` is of the patterns of one finite network.
"""

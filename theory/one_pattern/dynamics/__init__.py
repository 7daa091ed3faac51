r"""The exact law of retrieval in large networks: one spin in the noise of its own past.

In the gauge of the retrieved archetype every site obeys, for a field h(t) that sets s(t + 1),

.. math:: h(t) = u S(t) + \sum_{t' \le t} R(t, t') s(t') + \varphi(t), \qquad
          \langle \varphi(t) \varphi(t') \rangle = V(t, t'),

:math:`S = \frac P2 \tilde n^{P-1}` as in the static theory; the noise :math:`\varphi` is Gaussian.
V and R follow from the correlation C(t, t') and the response G(t, t') of this same spin.

====================  ================================================================
`correlations`        V and R of C and G, time after time
`passes`              one step of many trajectories, compiled
`draws`               random numbers of a population, shared by all points
`population`          trajectories that share their order parameters
`sampled`             several populations, whose scatter is the sampling error
`unloaded`            no load: no noise and no memory, nothing to sample
`closed`              statistical neurodynamics, the closed approximation
`border`              the boundary of the basin of attraction, with any of them
====================  ================================================================

Sources: E. Gardner, B. Derrida, P. Mottishaw, J. Physique 48, 741 (1987),
doi:10.1051/jphys:01987004805074100 (the first steps); A. During, A. C. C. Coolen, D. Sherrington,
arXiv:cond-mat/9805073; A. C. C. Coolen, arXiv:cond-mat/0006011; H. Eissfeller, M. Opper,
doi:10.1103/PhysRevLett.68.2094 (sampling); arXiv:2506.00851 and arXiv:2604.03115 (P >= 3, all and
distinct indices).
"""

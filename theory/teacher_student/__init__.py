"""A student that stores weak examples of one teacher.

As long as it does not know the teacher (m = 0) its examples are so many stored patterns, and its
states are those of `theory.one_pattern`.  Knowing the teacher is another thing at order 2, where
`pair` has the equations, `isotherm` every solution of them at one temperature, `branches` their
grids and `pair_lines` where they begin and end; at order 3 and more it is retrieval of a single
pattern in a network of another load and temperature, `scaled`.  `closure` offers both to the
public functions, and `supervised` is what a student knows that is told more.
"""

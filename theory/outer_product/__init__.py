"""Outer-product memories: their error, and which weights make it least.

=============  ======================================================================
`error`        the error at any frequencies, weights, classes, dimensions, samples
`weights`      the best weights
`crosstalk`    the probability that a wrong class is the loudest
`quadrature`   averages over lengths of embeddings and over what has been seen
=============  ======================================================================
"""

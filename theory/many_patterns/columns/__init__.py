"""Averages over the column of K pattern entries that one spin of a diluted network sees.

`law` is the distribution of an entry, `averages` what is averaged with it; `enumeration`,
`fourier`, `halves` and `leading` do it each in its own domain, and `choice` picks one.
"""

"""Averages over one site: of a spin in a Gaussian field, and over the mean of its examples."""

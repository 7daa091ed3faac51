"""Assemblies of Hebbian networks: layers that store patterns together, replica symmetric."""

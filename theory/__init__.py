"""What statistical mechanics predicts. No sampling, no plotting."""

from .solve import solve

__all__ = ["solve"]

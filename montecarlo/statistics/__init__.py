"""Means, errors and diagnostics of series: small, exact where possible, flagged where too short."""

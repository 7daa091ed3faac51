"""The kernel contract on a CUDA device."""

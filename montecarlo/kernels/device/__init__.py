"""The kernel contract on a CUDA device: experimental, compiled and emulated alone."""

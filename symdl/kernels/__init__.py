"""Backends: the oracle, NumPy and Numba."""

"""Kernels as C: the generated Python source, translated."""

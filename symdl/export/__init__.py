"""Kernels as files of their own: Python with Numba, or C; with documentation and a self-test."""

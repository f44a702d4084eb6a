"""Kernels beside peers: every workload of the table, timed in turns."""

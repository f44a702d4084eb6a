"""Numeric evidence about plain callables: derivatives, points to try, comparisons, reports.

Nothing of symdl is imported here, so what this folder finds is independent of what it checks.
"""

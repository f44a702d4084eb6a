"""NumPy expressions: Python's own syntax tree, of which only what is listed here has a meaning."""

"""From SymPy: sizes, scalar formulas, matrix and array expressions."""

"""How a result is shown: matrix, index and LaTeX notation."""

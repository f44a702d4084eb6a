"""LaTeX formulas: tokens, and a parser that makes the syntax tree of every grammar."""

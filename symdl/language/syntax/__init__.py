"""Formulas in writing: a syntax tree that several grammars share, and what it means in tensors."""

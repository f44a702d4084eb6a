"""Rewriting of index equations: rules as data, normal forms, structure, cost."""

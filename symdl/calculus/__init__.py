"""Derivatives: one pullback for every equation, one sweep for every program."""

"""Derivations step by step, at the level at which they are taught."""

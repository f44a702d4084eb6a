"""Measurements against peers, one command each; the tables are in the README."""

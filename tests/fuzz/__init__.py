"""A differential fuzzer: random programs, each evaluated in several independent ways."""

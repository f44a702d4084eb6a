"""Proofs in writing, and a checker of theirs that shares no rewriting with the prover."""

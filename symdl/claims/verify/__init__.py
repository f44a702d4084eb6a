"""Claims judged: proved, refuted, supported or undecided."""

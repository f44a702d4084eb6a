"""Each peer's formulation of the workloads, in one short file."""

"""Entries of sides over sizes that are numbers, as elements of a field in which 0 is decided."""

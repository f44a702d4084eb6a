"""The language: index equations over tensors whose sizes are symbols."""

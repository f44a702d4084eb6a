"""Primitives: functions of whole matrices that no index equation can say; one file each."""

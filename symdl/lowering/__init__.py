"""From equations to loops: stable forms, contraction order, fusion, buffers."""

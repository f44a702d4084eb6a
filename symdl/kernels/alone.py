"""A compiled module of scipy.linalg without the rest of it.

Numba looks for `scipy.linalg.cython_blas` in every process. The import of all of `scipy.linalg`
takes a tenth of a second and loads nothing else that kernels use.
"""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec

import scipy


def load_alone(name: str) -> None:
    """Load `scipy.linalg.name`, if it is there and isn't loaded yet."""
    whole = f"scipy.linalg.{name}"
    spec = PathFinder.find_spec(whole, [f"{folder}/linalg" for folder in scipy.__path__])
    if whole not in sys.modules and spec and spec.loader:
        sys.modules[whole] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules[whole])

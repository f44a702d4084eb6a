"""What the numbers were measured on."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("symdl", "numpy", "numba", "llvmlite", "scipy", "jax", "jaxlib", "torch", "pytensor",
            "numexpr", "casadi", "symjit")


def machine() -> dict[str, str]:
    """The processor, the system and the packages' versions."""
    return {"processor": processor(), "cores": str(os.cpu_count()), "system": platform.platform(),
            "python": platform.python_version(), **{p: installed(p) for p in PACKAGES}}


def installed(package: str) -> str:
    """A package's version."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def processor() -> str:
    """The processor's name, where the system tells it."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()

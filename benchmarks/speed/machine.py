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
    return {"processor": processor(), "cores": str(os.cpu_count()), "load": f"{load():.1f}",
            "system": platform.platform(), "python": platform.python_version(),
            **{p: installed(p) for p in PACKAGES}}


def load() -> float:
    """How many processes were waiting to run in the last minute, where the system tells it."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def busy(clock: str, threads: list[int]) -> str:
    """A warning where others use the machine and the numbers will show it; else nothing."""
    if load() < (os.cpu_count() or 1) / 2 or (clock == "processor" and max(threads) == 1):
        return ""
    return (f"the machine is busy, {load():.1f} processes want to run: take these ratios "
            "with care, or use --clock processor with one thread")


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

"""Exact derivatives of tensor formulas over symbolic sizes, compiled into fast kernels.

Every public name is imported at its first use; the table of names is `symdl._public`.
"""

from typing import Any

from symdl._public import FOLDERS, PUBLIC, resolve, scalar

__version__ = "0.1.0"
__all__ = sorted([*FOLDERS, *PUBLIC])


def __getattr__(name: str) -> Any:
    """Import a public name at its first use (PEP 562)."""
    address = f"{__name__}.{name}" if name in FOLDERS else PUBLIC.get(name) or scalar(name)
    if address is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}{_hint(name)}")
    value = globals()[name] = resolve(address)
    return value


def _hint(name: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, __all__, n=1)
    return f". Did you mean {close[0]!r}?" if close else ""


def __dir__() -> list[str]:
    return [*__all__, "__version__"]

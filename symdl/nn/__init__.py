"""Layers, losses and optimisers: compositions of the language's operators and nothing else.

A layer is a function of tensors; its parameters are arguments. Every scalar function of the
catalogue is an activation here, too: `nn.relu`, `nn.gelu`, ...
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "convolution": ("conv2d",),
    "dot_product": ("attention", "attention_weights"),
    "init": ("glorot_uniform", "he_normal"),
    "linear": ("dense", "embedding"),
    "losses": ("binary_cross_entropy", "cross_entropy", "huber", "mae", "mse"),
    "normalisation": ("batch_norm", "layer_norm"),
    "optimisers": ("Moments", "adam", "moments", "sgd", "velocities"),
    "parameters": ("load", "save"),
    "pooling": ("avg_pool2d", "max_pool2d"),
    "recurrent": ("lstm", "rnn"),
}
_HOMES_ELSEWHERE = {
    "symdl.language.functions.softmax": ("log_softmax", "logsumexp", "softmax"),
}
_ADDRESSES = {name: f"symdl.nn.{home}" for home, names in _HOMES.items() for name in names}
_ADDRESSES |= {name: home for home, names in _HOMES_ELSEWHERE.items() for name in names}
__all__ = sorted([*_ADDRESSES, "init"])


def __getattr__(name: str) -> Any:
    """Import a name at its first use (PEP 562)."""
    if name == "init":
        value: Any = import_module("symdl.nn.init")
    elif name in _ADDRESSES:
        value = getattr(import_module(_ADDRESSES[name]), name)
    elif not name.startswith("_") and name in _activations():
        value = getattr(import_module("symdl.language.operators"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}{_hint(name)}")
    globals()[name] = value
    return value


def _activations() -> Any:
    return import_module("symdl.language.scalars").CATALOGUE


def _hint(name: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, [*_ADDRESSES, *_activations()], n=1)
    return f". Did you mean {close[0]!r}?" if close else ""


def __dir__() -> list[str]:
    return sorted({*__all__, *_activations()})

"""Every construct of the language as a function that writes one line of a draft."""

from tests.fuzz.constructs import (  # noqa: F401 - each module enters its constructs
    choices,
    elementwise,
    matrices,
    recurrences,
    reductions,
    shapes,
    windows,
)
from tests.fuzz.constructs.registry import CONSTRUCTS

__all__ = ["CONSTRUCTS"]

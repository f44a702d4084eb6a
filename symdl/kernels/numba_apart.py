"""Loops whose arrays never overlap, compiled so that LLVM knows it.

Without it a loop over many arrays first compares all their addresses, or isn't vectorised.
"""

from __future__ import annotations

from typing import Any

from numba.core.compiler import CompilerBase, DefaultPassBuilder


class Apart(CompilerBase):
    """Numba's compiler, told that a function's arguments share no memory."""

    def define_pipelines(self) -> list[Any]:
        """The usual passes."""
        self.state.flags.noalias = True
        return [DefaultPassBuilder.define_nopython_pipeline(self.state)]

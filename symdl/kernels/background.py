"""A program that answers through NumPy while it is compiled in the background."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from threading import Event, Lock, Thread
from typing import Any

from symdl.kernels.backends import Program
from symdl.kernels.compiled import Compiled
from symdl.kernels.widened import Widened
from symdl.language.errors import SymdlError

Arguments = tuple[list[Any], list[Any], tuple[int, ...]]


class Background:
    """A program of which there are two: one at once, and one when it is compiled.

    Compiling begins when the first answer has been given, or is waited for.

    Parameters
    ----------
    compiled, meanwhile : callable
        Make them. The first one is called in a thread of its own.
    """

    def __init__(self, compiled: Callable[[], Program], meanwhile: Callable[[], Program]) -> None:
        self._compiled, self._other = compiled, meanwhile
        self._done, self._wanted, self._given = Event(), Event(), Event()
        self._program: Program | None = None
        self._error: Exception | None = None
        self._example: Arguments | None = None
        self._thread = Thread(target=self._work, name="symdl-compile", daemon=True)
        self._started = Lock()

    def _start(self) -> None:
        """Begin to compile, once."""
        if self._started.acquire(blocking=False):
            self._thread.start()

    def _work(self) -> None:
        try:
            program = self._compiled()
            if not (isinstance(program, (Compiled, Widened)) and program.prepare()):
                self._wanted.set()
                self._given.wait()
                assert self._example is not None
                program.run(*self._example)
            self._program = program
        except Exception as error:  # said at the next call
            self._error = error
        finally:
            self._example = None
            self._done.set()

    @cached_property
    def _meanwhile(self) -> Program:
        return self._other()

    @property
    def current(self) -> Program:
        """The compiled program if it is there, else this one.

        Raises
        ------
        SymdlError
            If it couldn't be compiled.
        """
        if self._error is not None:
            raise SymdlError(f"compiling in the background failed: {self._error}") from self._error
        return self._program or self

    @property
    def text(self) -> str:
        """The source of the program that answers at once."""
        return self._meanwhile.text

    def wait(self, seconds: float | None) -> bool:
        """Wait until it is compiled; whether it is."""
        self._start()
        return self._done.wait(seconds)

    def run(self, arrays: Sequence[Any], outputs: Sequence[Any], sizes: tuple[int, ...]) -> None:
        """Compute into the outputs."""
        if self._wanted.is_set() and not self._given.is_set():
            self._example = ([a.copy() for a in arrays], [a.copy() for a in outputs], sizes)
            self._given.set()
        self._meanwhile.run(arrays, outputs, sizes)
        self._start()

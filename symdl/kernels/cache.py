"""Where kernels' source files and Numba's compiled code live on disk.

The folder is `kernels` in `SYMDL_CACHE_DIR`, else in the user's cache folder, else a temporary
one where neither can be written; only its user may enter it. A source file is named by the hash
of its content, written beside and moved into place, and read back before use: two writers write
the same file, and a torn one is replaced. Numba's files are sealed by their checksums, since a
torn one would break a program that loads it: files without a seal are removed.
"""

from __future__ import annotations

import atexit
import os
import pickle
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from hashlib import blake2b
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import sympy

T = TypeVar("T")
SUM = 24
"""The length of a checksum."""


def cache_folder() -> Path:
    """The folder for kernels, private to its user."""
    chosen = os.environ.get("SYMDL_CACHE_DIR")
    if chosen:
        return _private(Path(chosen).expanduser() / "kernels") or _temporary()
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        home = Path(base) if base else Path.home() / ".cache"
    except RuntimeError:
        return _temporary()
    return _private(home / "symdl" / "kernels") or _temporary()


def _private(folder: Path) -> Path | None:
    """The folder, if it can be made and written and belongs to the user alone."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
        if hasattr(os, "getuid") and status.st_uid != os.getuid():
            return None
        if status.st_mode & 0o077:
            folder.chmod(0o700)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        return None
    return folder


@cache
def _temporary() -> Path:
    """A folder that is removed when the process ends."""
    folder = tempfile.mkdtemp(prefix="symdl-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def loaded(text: str) -> ModuleType:
    """The module of a source text, from its file in the cache folder."""
    name = f"symdl_kernel_{_digest(text.encode() + _helpers())}"
    if name not in sys.modules:
        path = cache_folder() / f"{name}.py"
        if not _holds(path, text):
            _write(path, text.encode())
        sys.modules[name] = executed(text, name, str(path))
        _drop_torn(sys.modules[name])
    return sys.modules[name]


def remembered(key: Sequence[object], make: Callable[[], T]) -> T:
    """A value that the key and symdl's own source determine, from its file in the cache folder.

    The file is a checksum and the value, pickled; one that is torn is made again.
    """
    said = repr((*key, sys.version, sympy.__version__)).encode()
    path = cache_folder() / f"program_{_digest(said + _own_source())}.pkl"
    try:
        content = path.read_bytes()
    except OSError:
        content = b""
    if len(content) > SUM and content[:SUM] == _digest(content[SUM:]).encode():
        value: T = pickle.loads(content[SUM:])  # as private as the code beside it
        return value
    value = make()
    pickled = pickle.dumps(value)
    _write(path, _digest(pickled).encode() + pickled)
    return value


@cache
def _own_source() -> bytes:
    """A checksum of what makes source of expressions."""
    total = blake2b(digest_size=12)
    for folder in ("language", "algebra", "lowering", "kernels"):
        for path in sorted((Path(__file__).parent.parent / folder).rglob("*.py")):
            total.update(path.read_bytes())
    return total.digest()


def executed(text: str, name: str, file: str) -> ModuleType:
    """A module made from its text."""
    module = ModuleType(name)
    module.__file__ = file
    exec(compile(text, file, "exec"), module.__dict__)  # generated here, never a user's
    return module


def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=12).hexdigest()


@cache
def _helpers() -> bytes:
    """The source of what kernels import: Numba's cache doesn't look at it."""
    folder = Path(__file__).parent
    files = sorted([*folder.glob("numba_*.py"), *folder.glob("numba_*/*.py")])
    return b"".join(path.read_bytes() for path in files)


def _holds(path: Path, text: str) -> bool:
    try:
        return path.read_text(encoding="utf-8") == text
    except (OSError, UnicodeDecodeError):
        return False


def _write(path: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    os.replace(temporary, path)


def seal(module: ModuleType) -> None:
    """Vouch for the files in which Numba keeps a module's compiled code."""
    sums = "".join(f"{_sum(path)}\n" for path in _compiled_files(module))
    path = _seal_path(module)
    if sums and not _holds(path, sums):
        _write(path, sums.encode())


def _drop_torn(module: ModuleType) -> None:
    """Remove the files of compiled code that nothing vouches for."""
    try:
        sealed = set(_seal_path(module).read_text(encoding="utf-8").splitlines())
    except (OSError, UnicodeDecodeError):
        sealed = set()
    for path in _compiled_files(module):
        if _sum(path) not in sealed:
            path.unlink(missing_ok=True)


def _sum(path: Path) -> str:
    """A file's checksum and name; without the checksum where another process removed it."""
    try:
        return f"{_digest(path.read_bytes())} {path.name}"
    except FileNotFoundError:
        return path.name


def _seal_path(module: ModuleType) -> Path:
    return Path(str(module.__file__)).with_suffix(".sums")


def _compiled_files(module: ModuleType) -> Iterator[Path]:
    functions = (getattr(value, "stats", None) for value in vars(module).values())
    folders = {Path(stats.cache_path) for stats in functions if stats and stats.cache_path}
    for folder in sorted(folders):
        yield from sorted(folder.glob(f"{module.__name__}.*.nb[ic]"))

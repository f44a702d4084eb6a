"""Where kernels' source files and Numba's compiled code live on disk.

The folder is `SYMDL_CACHE_DIR`, else `symdl` in the user's cache folder, else a private
temporary folder where neither can be written. A file is named by the hash of its content,
written beside and moved into place, and read back before use: two writers write the same
file, and a torn one is replaced.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
from functools import cache
from hashlib import blake2b
from pathlib import Path
from types import ModuleType


def cache_folder() -> Path:
    """The folder for kernels, private to its user."""
    chosen = os.environ.get("SYMDL_CACHE_DIR")
    if chosen:
        return _private(Path(chosen).expanduser()) or _temporary()
    base = os.environ.get("XDG_CACHE_HOME")
    try:
        home = Path(base) if base else Path.home() / ".cache"
    except RuntimeError:
        return _temporary()
    return _private(home / "symdl") or _temporary()


def _private(folder: Path) -> Path | None:
    """The folder, if it can be made and written and belongs to the user."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if hasattr(os, "getuid") and folder.stat().st_uid != os.getuid():
            return None
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        return None
    return folder


@cache
def _temporary() -> Path:
    return Path(tempfile.mkdtemp(prefix="symdl-"))


def loaded(text: str) -> ModuleType:
    """The module of a source text, imported from its file in the cache folder."""
    name = f"symdl_kernel_{blake2b(text.encode(), digest_size=12).hexdigest()}"
    if name in sys.modules:
        return sys.modules[name]
    path = cache_folder() / f"{name}.py"
    if not _holds(path, text):
        _write(path, text)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    code = compile(text, str(path), "exec")
    exec(code, module.__dict__)  # the text is generated here, never a user's
    sys.modules[name] = module
    return module


def _holds(path: Path, text: str) -> bool:
    try:
        return path.read_text(encoding="utf-8") == text
    except (OSError, UnicodeDecodeError):
        return False


def _write(path: Path, text: str) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(temporary, path)

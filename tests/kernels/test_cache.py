"""The cache folder: whose it is, where it is, and that whatever happens to it a kernel runs."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba.core import event

import symdl as sd
from symdl.kernels import cache

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
import numpy as np
import symdl as sd
from numba.core import event

n = sd.dims("n")
x = sd.tensor("x", n)
f = sd.compile(sd.sum(sd.tanh(x)) * {factor})
with event.install_recorder("numba:compile") as compiled:
    value = f(x=np.ones(3))
assert abs(value - 3 * {factor} * np.tanh(1)) < 1e-12
print("compiled" if compiled.buffer else "loaded")
"""


def start(folder, factor=2, program=PROGRAM, **variables):
    environment = {**os.environ, "SYMDL_CACHE_DIR": str(folder), **variables}
    return subprocess.Popen(
        [sys.executable, "-c", program.format(factor=factor)], cwd=ROOT, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finished(process):
    out, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return out.strip()


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A folder in which a process has left a kernel."""
    folder = tmp_path_factory.mktemp("cache")
    assert finished(start(folder)) == "compiled"
    return folder / "kernels"


def test_a_second_process_loads_what_the_first_one_compiled(filled):
    assert finished(start(filled.parent)) == "loaded"


def test_a_second_process_needs_nothing_of_what_lowers(filled):
    program = PROGRAM + (
        "assert not [m for m in sys.modules if m.startswith('symdl.lowering')]\n"
        "assert 'scipy.linalg' not in sys.modules\n")
    assert finished(start(filled.parent, program=program)) == "loaded"


def test_the_folder_is_private(filled):
    assert stat.S_IMODE(filled.stat().st_mode) == 0o700


def test_two_processes_may_write_at_once(tmp_path):
    both = [start(tmp_path, 3) for _ in range(2)]
    assert {finished(p) for p in both} <= {"compiled", "loaded"}
    assert len(list(tmp_path.rglob("*.py"))) == 1
    assert not list(tmp_path.rglob("*.tmp"))


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a kernel as a new process would; whether it was compiled or loaded."""
    monkeypatch.setenv("SYMDL_CACHE_DIR", str(tmp_path))
    x = sd.tensor("x", sd.dims("n"))
    program = sd.sum(sd.cos(x)) * 5

    def start_afresh():
        kernel = sd.compile(program)
        sys.modules.pop(kernel.program.module.__name__, None)
        kernel = sd.compile(program)
        with event.install_recorder("numba:compile") as compiled:
            assert kernel(x=np.zeros(3)) == 15
        return "compiled" if compiled.buffer else "loaded"

    return start_afresh


TEARS = {"half": lambda x: x[: len(x) // 2], "a byte": lambda x: x[:-5] + b"@" + x[-4:]}


@pytest.mark.parametrize("tear", TEARS)
@pytest.mark.parametrize(("pattern", "then"), [
    ("*.py", "loaded"), ("*.pkl", "loaded"), ("*.nbi", "compiled"), ("*.nbc", "compiled"),
    ("*.sums", "compiled")])
def test_torn_files_are_replaced(run, tmp_path, pattern, then, tear):
    assert run() == "compiled"
    assert run() == "loaded"
    found = list(tmp_path.rglob(pattern))
    assert found
    for path in found:
        path.write_bytes(TEARS[tear](path.read_bytes()))
    assert run() == then
    assert run() == "loaded"


def test_compiled_code_that_nothing_vouches_for_is_not_loaded(run, tmp_path):
    """As after a process that ended while it wrote."""
    run()
    for path in tmp_path.rglob("*.sums"):
        path.unlink()
    assert run() == "compiled"


@pytest.fixture
def unusable(tmp_path):
    """A path under which nothing can be made, whoever asks."""
    path = tmp_path / "file"
    path.write_text("not a folder")
    return path / "below"


def test_where_no_home_can_be_written_a_temporary_folder_serves(unusable):
    home = {"SYMDL_CACHE_DIR": "", "HOME": str(unusable), "XDG_CACHE_HOME": str(unusable)}
    assert finished(start("", **home)) == "compiled"


@pytest.mark.parametrize("name", ["SYMDL_CACHE_DIR", "XDG_CACHE_HOME"])
def test_a_folder_that_cannot_be_made_is_passed_over(unusable, monkeypatch, name):
    monkeypatch.delenv("SYMDL_CACHE_DIR", raising=False)
    monkeypatch.setenv(name, str(unusable))
    folder = cache.cache_folder()
    assert folder.is_dir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert unusable not in folder.parents


def test_the_environment_moves_the_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SYMDL_CACHE_DIR", str(tmp_path))
    assert cache.cache_folder() == tmp_path / "kernels"
    monkeypatch.delenv("SYMDL_CACHE_DIR")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.cache_folder() == tmp_path / "symdl" / "kernels"


def test_a_folder_that_others_may_enter_is_closed(tmp_path, monkeypatch):
    folder = tmp_path / "kernels"
    folder.mkdir()
    folder.chmod(0o777)
    monkeypatch.setenv("SYMDL_CACHE_DIR", str(tmp_path))
    assert stat.S_IMODE(cache.cache_folder().stat().st_mode) == 0o700


def test_a_folder_of_another_user_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setenv("SYMDL_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    assert tmp_path not in cache.cache_folder().parents


def test_a_changed_helper_is_another_kernel(tmp_path, monkeypatch):
    monkeypatch.setenv("SYMDL_CACHE_DIR", str(tmp_path))
    text = "kernel = workspace = None\n"
    first = cache.loaded(text)
    monkeypatch.setattr(cache, "_helpers", lambda: b"changed")
    assert cache.loaded(text) is not first


def test_what_the_key_determines_is_made_once(tmp_path, monkeypatch):
    monkeypatch.setenv("SYMDL_CACHE_DIR", str(tmp_path))
    made = []

    def make():
        made.append(len(made))
        return ("value", made[-1])

    assert cache.remembered(("a", 1), make) == cache.remembered(("a", 1), make) == ("value", 0)
    assert cache.remembered(("a", 2), make) == ("value", 1)
    monkeypatch.setattr(cache, "_own_source", lambda: b"another version")
    assert cache.remembered(("a", 1), make) == ("value", 2)


@pytest.mark.parametrize("tear", [lambda x: x[:-1], lambda x: b"", lambda x: x[:26],
                                  lambda x: x[:-3] + b"@" + x[-2:]])
def test_what_is_torn_is_made_again(tmp_path, monkeypatch, tear):
    monkeypatch.setenv("SYMDL_CACHE_DIR", str(tmp_path))
    cache.remembered(("a",), lambda: 1)
    path, = tmp_path.rglob("*.pkl")
    path.write_bytes(tear(path.read_bytes()))
    assert cache.remembered(("a",), lambda: 2) == 2
    assert cache.remembered(("a",), lambda: 3) == 2


def test_a_change_of_the_source_is_another_version(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "symdl", tmp_path / "symdl", ignore=shutil.ignore_patterns("*.pyc"))
    print_version = ("from symdl.kernels import cache; print(cache._own_source().hex())")

    def version():
        return subprocess.run([sys.executable, "-c", print_version], cwd=tmp_path, check=True,
                              env={**os.environ, "PYTHONPATH": str(tmp_path)},
                              capture_output=True, text=True).stdout

    first = version()
    assert version() == first
    path = tmp_path / "symdl" / "lowering" / "fuse.py"
    path.write_text(path.read_text() + "\n")
    assert version() != first


def test_programs_that_differ_in_their_arguments_only_are_kept_apart(tmp_path, monkeypatch):
    monkeypatch.setenv("SYMDL_CACHE_DIR", str(tmp_path))
    n = sd.dims("n")
    x, y = sd.tensor("x", n), sd.tensor("y", n)
    one, two = np.ones(3), 2 * np.ones(3)
    for inputs, total in (([x, y], 4), ([y, x], 5)):
        assert sd.compile((x + 2 * y)[0], inputs=inputs)(two, one) == total
    assert sd.compile(x + y, dtype="float32")(one.astype("f4"), two.astype("f4")).dtype == "f4"
    assert sd.compile(x + y)(one, two).dtype == "f8"


def test_numba_and_scipy_work_as_if_scipy_had_been_loaded_whole(filled):
    program = PROGRAM + (
        "import scipy.linalg.cython_blas\n"
        "from scipy.linalg import cython_blas, inv\n"
        "from numba import njit\n"
        "assert 'dgemm' in cython_blas.__pyx_capi__\n"
        "assert abs(inv(np.eye(2) * 2)[0, 0] - 0.5) < 1e-15\n"
        "assert njit(lambda a: np.dot(a, a))(np.full((2, 2), 1.0))[0, 0] == 2\n"
        "assert njit(lambda a: np.linalg.inv(a))(np.eye(2))[0, 0] == 1\n")
    assert finished(start(filled.parent, program=program)) == "loaded"

"""Parameters on disk: nested dicts and lists of arrays in one `.npz` file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import Any
from zipfile import ZipFile, is_zipfile

import numpy as np
from numpy.typing import NDArray

from symdl.language.errors import SymdlError

Tree = Any  # an array, or a dict or list of trees


def save(path: str | PathLike[str], parameters: Tree) -> None:
    """Write parameters to a file that `load` and `numpy.load` read.

    Parameters
    ----------
    path : path-like
        The file; it is overwritten.
    parameters : dict or list of arrays, nested
        An array's key in the file joins the keys and places on the way to it:
        ``{"hidden": [{"W": ...}]}`` gives "hidden/0/W". A tuple is saved as a list.

    Raises
    ------
    SymdlError
        If a key is a number or no text, holds a slash or is empty, a dict or list is empty, or
        an array holds no numbers: such a file could not be read back as it was.
    """
    arrays = dict(_flat(parameters, ()))
    with ZipFile(Path(path), "w") as archive:
        for key, array in arrays.items():
            with archive.open(f"{key}.npy", "w", force_zip64=True) as file:
                np.lib.format.write_array(file, array, allow_pickle=False)


def load(path: str | PathLike[str]) -> Tree:
    """Read parameters that `save` wrote.

    Parameters
    ----------
    path : path-like
        The file.

    Returns
    -------
    dict or list of ndarray, nested

    Raises
    ------
    SymdlError
        If the file is no `.npz` archive of arrays of numbers.
    """
    tree: dict[str, Any] = {}
    if not is_zipfile(path):
        Path(path).stat()  # a missing file says so
        raise SymdlError(f"{path} holds no parameters: it is no .npz archive")
    with np.load(Path(path), allow_pickle=False) as archive:
        for key in archive.files:
            *way, last = key.split("/")
            branch = tree
            for part in way:
                branch = branch.setdefault(part, {})
            branch[last] = archive[key]
    return _with_lists(tree)


def _flat(tree: Tree, way: tuple[str, ...]) -> Iterator[tuple[str, NDArray[Any]]]:
    if isinstance(tree, Mapping):
        branches = [(_key(key), branch) for key, branch in tree.items()]
    elif isinstance(tree, (list, tuple)):
        branches = [(str(k), branch) for k, branch in enumerate(tree)]
    elif not way:
        raise SymdlError("parameters are a dict or list of arrays, not a single one")
    else:
        array = np.asarray(tree)
        if array.dtype.kind not in "biufc":
            raise SymdlError(f"the parameter {'/'.join(way)} is no array of numbers: {tree!r}")
        yield "/".join(way), array
        return
    if not branches:
        raise SymdlError(f"nothing to save in {'/'.join(way) or 'the parameters'}: it is empty")
    for key, branch in branches:
        yield from _flat(branch, (*way, key))


def _key(key: object) -> str:
    if not isinstance(key, str) or not key or "/" in key or key.isdecimal():
        raise SymdlError(f"a parameter's name is text without a slash and no number, not {key!r}")
    return key


def _with_lists(tree: Tree) -> Tree:
    if not isinstance(tree, dict):
        return tree
    branches = {key: _with_lists(branch) for key, branch in tree.items()}
    if all(key.isdecimal() for key in branches):
        return [branches[key] for key in sorted(branches, key=int)]
    return branches

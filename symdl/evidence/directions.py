"""Directions to differentiate along: random ones of every scale, single entries, halves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.random import Generator

from symdl.evidence.line import Array, Point


def random_directions(
    variables: Point, number: int, generator: Generator
) -> tuple[dict[str, Array], dict[str, Array]]:
    """Draw a random direction, on two scales.

    Every entry moves by 0.5 to 1.5 of its scale, with a random sign, so none is overlooked.

    Parameters
    ----------
    variables : mapping of str to ndarray
        The arrays that may move.
    number : int
        The number of the direction: even ones come by the scale of the array first.
    generator : numpy.random.Generator
        The source of randomness.

    Returns
    -------
    tuple of dict
        The same signs and weights, in units of each array's largest entry and of each entry;
        the second is for a point whose entries differ by orders of magnitude.
    """
    weights = {
        name: generator.choice((-1.0, 1.0), x.shape) * generator.uniform(0.5, 1.5, x.shape)
        for name, x in variables.items()
    }
    by_array = {name: weights[name] * _array_scale(x) for name, x in variables.items()}
    by_entry = {name: weights[name] * _entry_scale(x) for name, x in variables.items()}
    return (by_entry, by_array) if number % 2 else (by_array, by_entry)


def entry_directions(
    variables: Point, most: int, generator: Generator
) -> Iterator[tuple[str, tuple[dict[str, Array], dict[str, Array]]]]:
    """Choose single entries and the directions that move only them.

    Parameters
    ----------
    variables : mapping of str to ndarray
        The arrays that may move.
    most : int
        How many entries are chosen: all of the small arrays, random ones of the others.
    generator : numpy.random.Generator
        The source of randomness.

    Yields
    ------
    tuple of str and directions
        The label of the entry, and its direction on two scales.
    """
    by_size = sorted(variables, key=lambda name: variables[name].size)
    for position, name in enumerate(by_size):
        x = variables[name]
        share = min(x.size, most // (len(by_size) - position))
        most -= share
        for flat in np.sort(generator.choice(x.size, share, replace=False)) if share else ():
            index = np.unravel_index(flat, x.shape)
            by_array, by_entry = (
                {name: _only(scale, index)} for scale in (_array_scale(x), _entry_scale(x))
            )
            yield label_of(by_array), (by_array, by_entry)


def split(direction: Point) -> tuple[dict[str, Array], dict[str, Array]] | None:
    """Split a direction into two halves, each moving half of the entries.

    Parameters
    ----------
    direction : mapping of str to ndarray
        The direction.

    Returns
    -------
    tuple of dict, or None
        The two halves, or None if only one entry moves.
    """
    moves = sum(int(np.count_nonzero(d)) for d in direction.values())
    if moves < 2:
        return None
    first: dict[str, Array] = {}
    second: dict[str, Array] = {}
    room = moves // 2
    for name, d in direction.items():
        rank = np.cumsum(d.ravel() != 0).reshape(d.shape)
        first[name] = np.where(rank <= room, d, 0.0)
        second[name] = np.where(rank <= room, 0.0, d)
        room = max(0, room - int(np.count_nonzero(d)))
    return first, second


def label_of(direction: Point) -> str:
    """Name the first entry that a direction moves.

    Parameters
    ----------
    direction : mapping of str to ndarray
        The direction.

    Returns
    -------
    str
        The entry, such as "W[2, 1]", or the bare name of a scalar.
    """
    name, d = next((name, d) for name, d in direction.items() if d.any())
    place = ", ".join(str(i) for i in np.argwhere(d)[0])
    return f"{name}[{place}]" if place else name


def _array_scale(x: Array) -> Array:
    largest = np.abs(x).max(initial=0.0)
    return np.full(x.shape, largest or 1.0)


def _entry_scale(x: Array) -> Array:
    return np.where(x == 0, _array_scale(x), np.abs(x))


def _only(scale: Array, index: tuple[np.intp, ...]) -> Array:
    direction = np.zeros(scale.shape)
    direction[index] = scale[index]
    return direction
